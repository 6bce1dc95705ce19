# window.bash - a window system of the tests' own, and calls that show windows.

# What window systems' libraries leave behind is not ours.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
unset WAYLAND_DISPLAY

# windows - begin a window system; it ends with the file or the test, by the
# xvfb.pid it leaves in this folder.
windows() {
	: >display.no
	setsid Xvfb -noreset -r -displayfd 7 -screen 0 1024x768x24 \
		-nolisten tcp 7<>display.no >xvfb.log 2>&1 3>&- &
	echo $! >xvfb.pid
	disown
	wait_for 20 test -s display.no
	DISPLAY=:$(cat display.no)
	export DISPLAY SDL_RENDER_DRIVER=software
	unset SDL_VIDEODRIVER
}

teardown_file() {
	sessions_end "$BATS_FILE_TMPDIR"
}

teardown() {
	sessions_end "$BATS_TEST_TMPDIR"
	jobs_end
}

# sessions_end FOLDER - kill what is left of those whose pid files are there.
sessions_end() {
	local p
	for p in "$1"/*.pid; do
		[ ! -e "$p" ] || kill -KILL -- "-$(cat "$p")" 2>/dev/null || :
	done
}

# visible TITLE - is there a window?
visible() {
	xwininfo -name "$1" 2>/dev/null | grep -q 'Map State: IsViewable'
}

# opened NAME - the same, whatever its title says behind the name.
opened() {
	visible "$1" || xwininfo -root -tree | grep -qF "\"$1 ("
}

# press NAME KEY - in that window.  It may go before the key is up again, and
# the next one would find it down.
press() {
	local code=0
	xdotool search --name "^$1( \(.*\))?\$" key "$2" || code=$?
	xdotool keyup "$2"
	return $code
}

# quit NAME - q in that window, until it is gone: one may come before there is
# anybody to see it.
quit() {
	wait_for 30 opened "$1"
	wait_for 20 pressed "$1"
}

pressed() {
	press "$1" q || :
	! opened "$1"
}

# begin WHO COMMAND ... - in a session of its own, as WHO; its pid in WHO.pid,
# what it prints and says in WHO.out and WHO.err.
begin() {
	local who=$1
	shift
	CHAT_HOME=$PWD/$who env --default-signal=INT setsid "$@" \
		>"$who.out" 2>"$who.err" </dev/null 3>&- &
	echo $! >"$who.pid"
}

# none WHO - nothing is left of it.
none() {
	! pgrep -s "$(cat "$1.pid")" >/dev/null
}

# ends WHO CODE - so, with nothing left behind, nothing printed, and nothing
# said by a sanitizer.
ends() {
	local code=0
	wait_for 60 none "$1" || { ps -o pid,args -s "$(cat "$1.pid")"; return 1; }
	wait "$(cat "$1.pid")" || code=$?
	[ "$code" = "$2" ] || { echo "$1: $code"; cat ./*.err; return 1; }
	[ ! -s "$1.out" ] || { echo "$1 prints:"; cat "$1.out"; return 1; }
	grep -E 'ERROR: |runtime error' "$1.err" && return 1
	rm "$1.pid"
}

# seers - alice and bob, who know each other, and no programs but the kit's; $small
# are the options of a camera.
seers() {
	couple
	unset CHAT_CAM CHAT_ENCODE CHAT_DECODE CHAT_VIEW CHAT_SOUND
	small='-d test -g 160x120'
	port=
}

# listens ARGUMENT ... - bob, on a port that becomes $port.
listens() {
	rm -f bob.err # another call's
	begin bob chat-video -n bob -lvy -s 127.0.0.1 "$@" 0
	port=$(port bob.err)
}

# calls ARGUMENT ... - alice.
calls() {
	begin alice chat-video -n alice -v "$@" 127.0.0.1 "$port"
}
