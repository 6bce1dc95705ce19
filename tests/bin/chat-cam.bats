#!/usr/bin/env bats
# chat-cam: what can be said without a camera; tests/vm has the cameras.

bats_require_minimum_version 1.5.0

setup() {
	load ../helper
	[ -x "$ROOT/bin/chat-cam" ] || skip 'chat-cam is left out here'
	cd "$BATS_TEST_TMPDIR" || return
	picage=$ROOT/build/tests/picage
	[ -x "$picage" ] || make -C "$ROOT" -s -o build/flags build/tests/picage
}

@test "usage: an invalid option, size, rate, number" {
	local bad
	for bad in -x operand "-d test operand" "-g 640" "-g x" "-g 640x" \
		"-g x480" "-g 640X480" "-g 15x480" "-g 640x8193" "-g 640x480x2" \
		"-g -640x480" "-r 0" "-r 241" "-r 29.97" "-r" "-n 0" "-n -1" \
		"-n 99999999999999999999" "-f" "-f h264" "-L operand"; do
		# shellcheck disable=SC2086
		trio 100 "usage: chat-cam |^chat-cam: -[gnrf] [^ ]*: not a (size|number of pictures|y4m|$)|: not y4m or mjpeg" \
			chat-cam $bad || {
			echo "for: $bad"
			return 1
		}
	done
}

@test "the stream's line and every byte of three pictures" {
	chat-cam -d test -g 17x19 -r 240 -n 3 >out
	[ "$(head -1 out)" = "YUV4MPEG2 W17 H19 F240:1 Ip A1:1 C420jpeg" ]
	[ "$(grep -aoE 'FRAME XT=[0-9]{16}$' out | wc -l)" = 3 ]
	[ "$(wc -c <out)" = $((42 + 3 * (26 + 17 * 19 + 2 * 9 * 10))) ]
}

@test "options given twice: the later ones" {
	chat-cam -d /nowhere -g 1x1 2>/dev/null && return 1
	chat-cam -d /nowhere -g 64x48 -n 9 -r 5 -f mjpeg \
		-d test -g 32x16 -n 1 -r 50 -f y4m >out
	[ "$(head -1 out)" = "YUV4MPEG2 W32 H16 F50:1 Ip A1:1 C420jpeg" ]
	[ "$(grep -aoc '^FRAME' out)" = 1 ]
}

@test "each picture shows the time of its XT=, and none comes twice" {
	chat-cam -d test -g 640x480 -r 60 -n 30 | "$picage" >ages
	[ "$(wc -l <ages)" = 30 ]
	awk '$1 != $2 || $1 <= last || $3 < 0 { exit 1 } { last = $1 }' ages
}

@test "ffmpeg takes every picture, and its coder's loss leaves the time" {
	chat-cam -d test -g 640x480 -r 60 -n 30 |
		ffmpeg -v error -i - -c:v libx264 -preset ultrafast -b:v 300k \
			-f matroska - |
		ffmpeg -v error -i - -vsync passthrough -f yuv4mpegpipe - |
		"$picage" >ages
	[ "$(wc -l <ages)" = 30 ]
	awk '$2 <= last { exit 1 } { last = $2 }' ages
}

# After a pause of the reader one picture may be old, the one that was under
# way; the next is the newest there is.
@test "a slow reader gets fewer pictures, not later ones" {
	chat-cam -d test -g 640x480 -r 60 -n 6 | "$picage" 2 900 >ages
	cat ages
	awk 'NR == 2 { paused = $1 }
		NR == 4 { exit !($1 - paused > 700000) }' ages
}

@test "a reader that leaves ends it quietly" {
	run --separate-stderr bash -c \
		'chat-cam -d test | head -c 99999 | wc -c; echo ${PIPESTATUS[0]}'
	[ "$output" = $'99999\n141' ]
	[ -z "$stderr" ]
}

@test "a reader that leaves, SIGPIPE being ignored" {
	run --separate-stderr bash -c 'trap "" PIPE
		chat-cam -d test | head -c 99999 >/dev/null; echo ${PIPESTATUS[0]}'
	[ "$output" = 111 ]
	[ "$stderr" = "chat-cam: stdout: Broken pipe" ]
}

@test "a full disk, no stdout, a stdout that cannot be written" {
	trio 111 'stdout: No space left' bash -c 'chat-cam -d test >/dev/full'
	trio 111 'stdout: Bad file' bash -c 'chat-cam -d test >&-'
	trio 111 'stdout: No space left' bash -c 'chat-cam -L >/dev/full'
	chat-cam -d test -n 1 <&- 2>&- | "$picage"
}

@test "into a socket, and a file" {
	chat-cam -d test -n 5 >file
	"$picage" <file | wc -l | grep -qx 5
	python3 -c '
import socket, subprocess, sys
a, b = socket.socketpair()
p = subprocess.Popen(["chat-cam", "-d", "test", "-n", "5"], stdout=b)
b.close()
while d := a.recv(65536):
    sys.stdout.buffer.write(d)
sys.exit(p.wait())' | "$picage" >ages
	[ "$(wc -l <ages)" = 5 ]
}

@test "not into a terminal" {
	run script -qec 'chat-cam -d test -n 1' /dev/null
	[ "$status" = 100 ]
	[[ $output == *"stdout is a terminal: pipe it into chat-view"* ]]
}

@test "it dies by SIGINT" {
	run bash -c 'sh -c "echo \$\$ >pid; exec chat-cam -d test" |
		{ head -c 9999; kill -INT "$(cat pid)"; cat; } >/dev/null
		echo ${PIPESTATUS[0]}'
	[ "$output" = 130 ]
}

@test "the test picture is not JPEG" {
	trio 100 'the test picture is not JPEG' chat-cam -d test -f mjpeg
}

@test "no such device, and what is not a camera" {
	local f
	mkfifo fifo
	: >file
	trio 100 'no device ./none: chat-cam -L lists' \
		chat-cam -d ./none
	trio 100 'no device ./file/none:' chat-cam -d ./file/none
	for f in fifo file /dev/null . /dev/full; do
		trio 100 "$f is not a camera: chat-cam -L lists" chat-cam -d $f ||
			return
	done
	trio 100 'no device :' chat-cam -d ''
	trio 100 'is not a camera|no device .*\^\[\[2J' chat-cam -d $'\033[2J'
}

@test "-L is a table that ends with the test picture" {
	run --separate-stderr chat-cam -L
	[ "$status" = 0 ]
	[[ ${lines[0]} =~ ^DEVICE\ +FORM\ +SIZE\ +NAME\ +FPS$ ]]
	[[ ${lines[-1]} =~ ^test\ +YU12\ +16x16-8192x8192\ +built-in\ .*\ 1-240$ ]]
}

@test "it links libv4l2 and no libsodium" {
	run ldd "$ROOT/bin/chat-cam"
	[[ $output == *libv4l2.so* ]]
	[[ $output != *sodium* ]]
}
