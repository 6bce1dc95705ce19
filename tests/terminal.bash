# terminal.bash - people at terminals, by tmux.

# The sanitizers' search for leaks hangs now and then where a signal comes
# meanwhile, as when chat-join ends the others; and it does not work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0

setup() {
	at_home
}

# at_home - a home without anything of ours.
at_home() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir home
	export HOME=$PWD/home XDG_RUNTIME_DIR=$PWD/home # libpulse makes a folder there
	unset XDG_CONFIG_HOME TMUX
}

# at_devices - and alice and bob, who know each other, and $devices, before a
# command, which say when they are opened.
at_devices() {
	at_home
	couple
	devices="CHAT_VIEW='cat >\$CHAT_HOME/view' \
		CHAT_CAM='echo on >\$CHAT_HOME/lamp; exec chat-cam -d test -g 160x120'"
}

teardown() {
	jobs_end
	tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || :
}

# all_leave - until the terminals, and the server that had them, are gone.
all_leave() {
	local pid
	pid=$(tmux -S "$PWD/tmux" display-message -p '#{pid}')
	tmux -S "$PWD/tmux" kill-server
	wait_for 10 ended "$pid"
}

# at WHO COMMAND - WHO sits at a terminal and runs this; then the code is
# shown, and how the terminal is.
at() {
	command -v tmux >/dev/null || skip 'no tmux'
	cat >"$1.sh" <<-SH
	export CHAT_HOME=$PWD/$1 TZ=UTC
	stty -a >$1.before
	trap : INT
	$2
	echo "code \$?"
	stty -a | cmp - $1.before && echo terminal fine
	read -r wait
	SH
	tmux -S "$PWD/tmux" -f /dev/null new-session -d -s "$1" -x 120 -y 40 \
		"exec bash $1.sh"
}

# screen WHO - what is seen there.
screen() {
	tmux -S "$PWD/tmux" capture-pane -p -J -t "$1" 2>/dev/null
}

# sees WHO REGEX - until a line there matches.
sees() {
	local end=$((SECONDS + 15))
	until screen "$1" | grep -qE -- "$2"; do
		[ "$SECONDS" -lt "$end" ] || { echo "$1 does not see: $2"
			screen "$1"; return 1; }
		read -rt 0.05 <> <(:) || :
	done
}

# key WHO KEY ... - type, as tmux names the keys.
key() {
	local who=$1
	shift
	tmux -S "$PWD/tmux" send-keys -t "$who" "$@"
}

# listens WHO [OPTION ...] - WHO waits at a terminal; the port in $p.
listens() {
	local who=$1
	shift
	at "$who" "chat-talk -lv -n $who -s 127.0.0.1 $* 0"
	at_port "$who"
}

# at_port WHO - the port at which WHO has begun to listen, in $p.
at_port() {
	sees "$1" 'listening on .* port [0-9]+'
	p=$(screen "$1" | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p' |
		head -1)
}
