#!/usr/bin/env bats
# chat-video.bats - chat-video and chat-look: a whole call, camera to window.

load ../helper
load ../window

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	windows
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	seers
}

# stops - a camera that gives some pictures, and then hangs.
stops='chat-cam -d test -g 160x120 -n 5; sleep 1000 | cat'

# more FILE BYTES - does it hold more?
more() {
	[ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$2" ]
}

@test "video: both ways, windows with the names; q ends it for both" {
	listens $small
	calls $small
	wait_for 20 visible bob
	quit alice
	ends bob 0
	ends alice 0
	grep -q 'connected to alice' bob.err
	grep -q 'connected to bob' alice.err
	[ "$(grep -hc 'chat-view: [1-9][0-9]* pictures shown.*age' \
		alice.err bob.err | tr -d '\n')" = 11 ]
}

@test "video: a side that is stopped: the other's window says poor path, until it goes on" {
	listens $small
	calls $small
	wait_for 20 visible alice
	wait_for 20 visible bob
	kill -STOP -- "-$(cat bob.pid)"
	wait_for 20 visible 'bob (poor path)'
	wait_for 20 old bob ', poor path'
	kill -CONT -- "-$(cat bob.pid)"
	wait_for 20 visible bob
	quit alice
	ends bob 0
	ends alice 0
}

# old NAME WORD - does the window say that its picture is?
old() {
	xwininfo -root -tree | grep -qE "\"$1 \(no picture for [5-9] s$2\)\""
}

@test "video: a camera that hangs: the other's picture gets old, with no word of the path" {
	CHAT_CAM=$stops listens
	calls $small
	wait_for 20 visible bob
	wait_for 20 old bob ''
	quit alice
	ends bob 0
	ends alice 0
}

# paints COLOUR - a camera before a wall of it.
paints() {
	echo "ffmpeg -v error -re -f lavfi -i color=$1:s=160x120:r=30 \
		-pix_fmt yuv420p -f yuv4mpegpipe -"
}

# corner TITLE COLOUR [X Y] - is it in that window's corner, or there?
corner() {
	[ "$(xwd -silent -name "$1" | convert xwd:- -crop "1x1+${3-140}+${4-103}" \
		-format '%[fx:round(r*2)]%[fx:round(g*2)]%[fx:round(b*2)]' \
		info:)" = "$2" ]
}

@test "video: -I: one's own picture in the corner of the other's" {
	CHAT_CAM=$(paints red) listens -I
	CHAT_CAM=$(paints blue) calls
	wait_for 20 visible alice
	wait_for 20 visible bob
	xdotool search --name '^alice$' windowmove 0 0
	wait_for 20 corner alice 200
	wait_for 20 corner alice 002 20 20
	wait_for 20 corner bob 200 20 20
	corner bob 200
	quit alice
	ends bob 0
	ends alice 0
	# The window is killed: the camera's half goes on.
	listens -I $small
	calls $small
	wait_for 20 visible alice
	kill -KILL "$(member "$(cat bob.pid)" chat-view)"
	wait_for 20 visible bob
	quit bob
	ends alice 0
	ends bob 111
}

@test "video: the caller closes the window" {
	listens $small
	calls $small
	quit bob
	ends alice 0
	ends bob 0
}

@test "video: the pictures are the other's camera's" {
	CHAT_VIEW="$ROOT/build/tests/picage >b.ages" listens $small
	CHAT_VIEW="$ROOT/build/tests/picage >a.ages" \
		CHAT_CAM='chat-cam -d test -g 320x240 -n 20' calls
	ends alice 0
	ends bob 0
	# The times drawn are those carried, but for what drawing takes.
	for f in a.ages b.ages; do
		awk '{ d = $1 - $2; n += $2 > 0 && d * d < 4e6 }
			END { print n, NR; exit !(n > 5 && n == NR) }' $f
	done
}

@test "video: ^C ends it for both: 0 there, the signal here" {
	for sig in INT HUP; do
		listens $small
		calls $small
		wait_for 20 visible alice
		wait_for 20 visible bob
		kill -$sig -- "-$(cat alice.pid)"
		ends alice $((128 + $(kill -l $sig)))
		ends bob 0
	done
}

@test "video: ^C, by chat-join's id alone" {
	listens $small
	calls $small
	wait_for 20 visible alice
	kill -TERM "$(cat alice.pid)"
	ends alice 143
	ends bob 0
}

# catches WHO - the program that hangs up has begun, and catches SIGTERM.
catches() {
	local p caught
	p=$(pgrep -s "$(cat "$1.pid")" -x chat-text) &&
		caught=$(awk '$1 == "SigCgt:" { print $2 }' "/proc/$p/status") &&
		[ $((16#$caught & 1 << 14)) != 0 ]
}

@test "video: hung up before any picture: no stage says that it had none" {
	listens $small
	calls -R
	quit bob
	ends alice 0
	ends bob 0
	run ! grep -E 'empty|broke off|ended before' bob.err alice.err
	grep -qx 'alice hung up' bob.err
	listens -R
	calls -R
	wait_for 20 catches bob
	kill -TERM "$(cat bob.pid)"
	ends bob 143
	ends alice 0
	run ! grep -E 'empty|broke off|ended before' bob.err alice.err
	grep -qx 'bob hung up' alice.err
}

@test "video: -S and -R; -S needs no window system" {
	DISPLAY='' listens -S $small
	calls -R
	quit bob
	ends alice 0
	ends bob 0
	listens -R
	DISPLAY='' calls -S $small
	quit alice
	ends alice 0
	ends bob 0
	grep -q 'pictures shown' bob.err
	run ! grep -q 'pictures shown' alice.err
}

@test "video: what cannot be is said" {
	export CHAT_HOME=$PWD/alice
	trio 100 usage chat-video
	trio 100 usage chat-video -RS host
	trio 100 usage chat-video a b c
	trio 100 usage chat-video -l 1 2
	trio 100 usage chat-video -x
	trio 100 usage chat-look -RS
	trio 100 usage chat-look x
	DISPLAY='' trio 100 'no window system to show pictures in: -S sends only$' \
		chat-video -d test host
	trio 100 'chat-cam: /dev/null is not a camera' chat-video -d /dev/null host
	trio 100 '^chat-cam: -g 0: not a size' chat-video -d test -g 0 host
	trio 100 '^chat-cam: -g 0: not a size' chat-video -g 0 host
	trio 100 '-b 1: not a number of kbit/s' chat-video -d test -b 1 host
	trio 100 'host.invalid' chat-video -d test host.invalid
}

@test "video: no camera: this side receives only" {
	[ ! -e /dev/video0 ] || skip 'there is a camera'
	listens $small
	calls
	quit bob
	ends alice 0
	ends bob 0
	grep -qx 'chat-video: no camera here: this side receives only' alice.err
	trio 100 'chat-cam: no camera is here' chat-video -S 127.0.0.1
}

@test "video: nobody there" {
	trio 111 'no answer by UDP: 127.0.0.1 refuses it$' env \
		CHAT_HOME="$PWD/alice" chat-video $small -w 2 127.0.0.1 9
	trio 99 'chat-net: nobody called|in time' env CHAT_HOME="$PWD/alice" \
		chat-video $small -w 1 -ly -s 127.0.0.1 9
}

@test "video: a spoken code; the wrong key" {
	rm alice/peers bob/peers
	echo 7-adult-maritime-kiwi | tee alice/code >bob/code
	listens -C bob/code $small
	calls -C alice/code $small
	quit bob
	ends alice 0
	ends bob 0
	rm alice/peers
	home carol
	knows alice carol 127.0.0.1
	listens $small -w 5
	calls $small -p carol
	ends alice 98
	ends bob 99
}

@test "video: -C shows the other what to type; port 0; -s" {
	listens -c $small
	wait_text bob.err '^the code to tell the other side: [0-9]+(-[a-z]+){3}$'
	grep -qx "the other side types: chat-video -c 127.0.0.1 $port" bob.err
	kill -INT -- "-$(cat bob.pid)"
	ends bob 130
}

@test "video: other programs in place of ours" {
	listens $small
	CHAT_CAM='ffmpeg -v error -re -f lavfi -i testsrc2=s=160x120:r=30 -t 2 \
		-pix_fmt yuv420p -f yuv4mpegpipe -' \
		CHAT_VIEW='cat >view.y4m' \
		CHAT_DECODE='tee got.ivf | chat-decode' calls
	ends alice 0
	ends bob 0
	more view.y4m 1000
	[ "$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames \
		-of csv=p=0 got.ivf)" -gt 5 ]
}

@test "video: a coder that knows no wishes ends with the call too" {
	CHAT_ENCODE='ffmpeg -v error -f yuv4mpegpipe -i - -c:v libvpx \
		-deadline realtime -cpu-used -8 -lag-in-frames 0 -g 15 \
		-flush_packets 1 -f ivf -' listens $small
	calls $small
	quit bob
	ends alice 0
	ends bob 0
}

@test "video: a camera that hangs: closing the frozen window ends it for both" {
	CHAT_CAM=$stops listens
	calls $small
	quit bob
	ends alice 0
	ends bob 0
	listens $small
	CHAT_CAM=$stops calls
	quit alice
	ends bob 0
	ends alice 0
}

@test "video: a camera or a coder that never gave a picture holds nobody up" {
	for hangs in CHAT_CAM CHAT_ENCODE; do
		export $hangs='sleep 1000'
		listens $small
		unset $hangs
		calls $small
		quit alice
		ends bob 0
		ends alice 0
		listens $small
		export $hangs='sleep 1000'
		calls $small
		unset $hangs
		quit bob
		ends bob 0
		ends alice 0
	done
}

@test "video: ^C, and a signal to chat-join alone, with a camera that hangs" {
	for sig in INT TERM; do
		listens $small
		CHAT_CAM=$stops calls
		wait_for 20 visible alice
		wait_for 20 visible bob
		[ $sig = TERM ] && to=$(cat alice.pid) || to=-$(cat alice.pid)
		kill -$sig -- "$to"
		ends alice $((128 + $(kill -l $sig)))
		ends bob 0
	done
}

@test "video: what is typed during a call is run by no shell" {
	CHAT_VIEW='cat >b.y4m' CHAT_CAM='chat-cam -d test -g 160x120 -n 60' \
		listens
	CHAT_HOME=$PWD/alice CHAT_VIEW='cat >a.y4m' \
		"$ROOT/tests/tool/expect" 'connected to bob' 'touch important\rrm -i i' \
		over 'next\r' 'read <next>' '' -- sh -c "
			chat-video -d test -g 160x120 127.0.0.1 $port
			echo code \$? over
			IFS= read -r line; echo \"read <\$line>\"" >screen
	grep -q 'code 0 over' screen
	# It is text, and bob has it.
	grep -q 'alice: touch important' bob.out
	: >bob.out
	ends bob 0
	# By a signal too.
	listens $small
	CHAT_HOME=$PWD/alice "$ROOT/tests/tool/expect" 'connected to bob' \
		'touch x\r' 'touch x' '!until grep -q "alice: touch x" bob.out; do :; done
			pkill -TERM -s "$(cat call.sid)" chat-join' \
		over 'next\r' 'read <next>' '' -- sh -c "
			echo \$\$ >call.sid
			chat-video -R 127.0.0.1 $port
			echo code \$? over
			IFS= read -r line; echo \"read <\$line>\"" >screen
	grep -q 'code 143 over' screen
	grep -q 'alice: touch x' bob.out
	: >bob.out
	ends bob 0
}

@test "video: bytes that nobody asked for go nowhere" {
	listens -S $small
	CHAT_HOME=$PWD/alice chat-call -u -n alice 127.0.0.1 "$port" \
		chat-join -L sh -c 'echo BYTES | chat-frame -k bytes; cat >/dev/null' \
		2>alice.err
	ends bob 0
	run ! grep BYTES bob.err
}

@test "video: a caller without chat-link is told so, and told apart" {
	listens -S $small
	a=0
	CHAT_HOME=$PWD/alice chat-call -u -n alice 127.0.0.1 "$port" \
		chat-join -u sh -c 'echo TEXT | chat-frame -m 1184
			chat-frame -d -m 1184 >/dev/null' 2>alice.err || a=$?
	[ "$a" = 98 ]
	grep -q 'the other side speaks chat-link: -L' alice.err
	ends bob 98
}

@test "video: a stage that fails loses its half of the call, and is told at its end" {
	for stage in DECODE VIEW; do
		export CHAT_$stage='exit 3'
		listens $small
		unset CHAT_$stage
		calls $small
		quit bob
		ends alice 0
		ends bob 111
	done
	CHAT_DECODE='chat-decode; kill -SEGV $$' listens $small
	calls $small
	quit bob
	ends alice 0
	ends bob 111
	listens $small
	CHAT_CAM=/none calls
	quit bob
	ends alice 111
	ends bob 0
	grep -q '/none: not found' alice.err
}

@test "video: killed without a word: the other side notices" {
	listens $small
	calls $small
	wait_for 20 visible alice
	kill -KILL -- "-$(cat alice.pid)"
	ends alice 137
	ends bob 99
	grep -q 'lost touch with alice' bob.err
}

# lab OPTION ... - alice calls bob in two namespaces.
lab() {
	run "$ROOT/tests/tool/lab" -w 60 "$@" -- \
		"until grep -q listening bob.err; do sleep .05; done
		export CHAT_HOME=$PWD/alice CHAT_VIEW='cat >a.y4m'
		exec chat-video -d test -g 160x120 -p bob -w 3 -v \$LAB_B 2>alice.err" \
		"export CHAT_HOME=$PWD/bob CHAT_VIEW='cat >b.y4m'
		export CHAT_CAM='chat-cam -d test -g 160x120 -n 90'
		exec chat-video -lvyw 5 2>bob.err"
}

@test "video: two hosts, 50 ms and loss both ways" {
	"$ROOT/tests/tool/lab" -- : : || skip 'no lab here'
	lab delay=25 loss=5
	[ "$status" = 0 ] || { echo "$output"; cat ./*.err; return 1; }
	for f in a b; do
		[ "$(grep -ac '^FRAME\|FRAME XT' $f.y4m)" -gt 5 ]
	done
}

@test "video: a path that carries no UDP" {
	"$ROOT/tests/tool/lab" -- : : || skip 'no lab here'
	lab loss=100
	[ "$status" = 99 ]
	grep -q 'no answer by UDP from 10.77.0.2$' alice.err
}
