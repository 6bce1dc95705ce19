#!/usr/bin/env bats
# chat-view.bats - chat-view: raw pictures in a window, under Xvfb.

load ../helper
load ../window
load ../cage

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	windows
	ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=30:d=1 \
		-pix_fmt yuv420p clip.y4m
	head -1 clip.y4m >head.part
	tail -c $((6 + 115200)) clip.y4m >last.part # the last FRAME
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	D=$BATS_FILE_TMPDIR
	name=w$BATS_TEST_NUMBER
}

# view ARGUMENT ... - chat-view in the background, pid being its id, that reads
# what is written to descriptor 8; it shows a picture.
view() {
	mkfifo in
	chat-view -n "$name" "$@" <in 2>err &
	pid=$!
	exec 8>in
	cat "$D/head.part" "$D/last.part" >&8
	wait_for 20 visible "$name"
}

# shot FILE - what the window shows.
shot() {
	xwd -silent -name "$name" | convert xwd:- "$1"
}

# want FILE [FILTER] - what the last picture should look like.
want() {
	{ cat "$D/head.part" "$D/last.part"; } | ffmpeg -v error -f yuv4mpegpipe -i - \
		-vf "scale=in_color_matrix=bt601:out_range=full,format=rgb24${2:+,$2}" \
		-y "$1"
}

# alike A B - are they, as two ways to convert and scale are?
alike() {
	local d
	d=$(compare -metric RMSE "$1" "$2" null: 2>&1 |
		sed 's/.*(\(.*\))/\1/')
	awk "BEGIN { exit !($d < ${3:-0.03}) }"
}

# seen FILE [DIFFERENCE] - does the window show what is in FILE by now?
seen() {
	shot got.png && alike got.png "$1" "${2-}"
}

# managed - is there a window manager?
managed() {
	xprop -root _NET_SUPPORTED | grep -q _NET_WM_STATE_FULLSCREEN
}

# titled TITLE - has the window that one?
titled() {
	xprop -name "$1" WM_CLASS | grep -q '"'
}

# light - how bright the window is, in percent.
light() {
	shot png:- | convert - -format '%[fx:round(100*mean)]' info:
}

bright() {
	[ "$(light)" -gt 40 ]
}

# size - the window's.
size() {
	xwininfo -name "$name" | awk '/Width:|Height:/ { printf "%s ", $2 }'
}

has_size() {
	[ "$(size)" = "$1 $2 " ]
}

# over CODE - does it end with that code, soon?
over() {
	local code=0
	wait_for 20 ended "$pid"
	wait "$pid" || code=$?
	pid=
	[ "$code" = "$1" ] || { echo "ended with $code: $(cat err)"; return 1; }
}

@test "view: the window shows the picture, in its size" {
	view -v
	has_size 320 240
	want want.png
	wait_for 10 seen want.png
	exec 8>&-
	over 0
	[ "$(cat err)" = 'chat-view: 1 pictures shown, 0 dropped' ]
}

@test "view: the title: -n, the peer's name, else chat" {
	name=alice
	mkfifo in
	CHAT_PEER=alice chat-view <in 2>err &
	pid=$!
	exec 8>in
	cat "$D/head.part" "$D/last.part" >&8
	wait_for 20 visible "$name"
	exec 8>&-
	over 0
	(unset CHAT_PEER; exec chat-view) <in 2>err &
	pid=$!
	exec 8>in
	cat "$D/head.part" "$D/last.part" >&8
	name=chat
	wait_for 20 visible "$name"
	exec 8>&-
	over 0
	# whatever a peer is called
	chat-view -n $'a\eb"' <in 2>err &
	pid=$!
	exec 8>in
	cat "$D/head.part" "$D/last.part" >&8
	name='a^[b"'
	wait_for 20 visible "$name"
	xprop -name "$name" WM_CLASS >class
	grep -qxF 'WM_CLASS(STRING) = "a^[b\"", "a^[b\""' class
	exec 8>&-
	over 0
	SDL_VIDEO_X11_WMCLASS=mine chat-view -n other <in 2>err &
	pid=$!
	exec 8>in
	cat "$D/head.part" "$D/last.part" >&8
	name=other
	wait_for 20 visible "$name"
	xprop -name "$name" WM_CLASS >class
	grep -qxF 'WM_CLASS(STRING) = "mine", "mine"' class
}

@test "view: -o: an old picture is darker, and the title says how old, until the next" {
	trio 100 '^chat-view: -o 0: not a number of seconds' chat-view -o 0
	mkfifo lines
	exec 7<>lines
	want want.png
	view -o 1 -y 7 7>&7
	plain=$name
	wait_for 10 titled "$plain (no picture for 1 s)"
	name="$plain (no picture for 2 s)"
	wait_for 10 titled "$name"
	[ "$(light)" -lt 25 ]
	echo path poor >&7
	wait_for 10 titled "$plain (no picture for 3 s, poor path)"
	tail -c $((6 + 115200)) "$D/clip.y4m" >&8
	name="$plain (poor path)"
	wait_for 10 titled "$name"
	wait_for 10 bright
	echo path good >&7
	wait_for 10 titled "$plain"
	exec 8>&-
	over 0
	[ ! -s err ]
}

@test "view: -e: an empty stream is no fault" {
	: >empty
	chat-view -e <empty
	echo YUV4MPEG2 W64 H64 >head
	trio 98 '^chat-view: stdin: it ended before the first picture$' \
		chat-view -e <head
}

# corner - what is in the window's lower right corner: COLOUR.
corner() {
	[ "$(shot png:- | convert - -crop 1x1+299+215 -format \
		'%[fx:round(r*2)]%[fx:round(g*2)]%[fx:round(b*2)]' info:)" = "$1" ]
}

# frames COLOUR - a stream of one picture of it, 64 by 48.
frames() {
	ffmpeg -v error -f lavfi -i "color=$1:s=64x48:r=1:d=1" -pix_fmt yuv420p \
		-f yuv4mpegpipe -
}

@test "view: -I: pictures of one's own in a corner, whatever becomes of them" {
	trio 100 '77: descriptor is not open' chat-view -I 77
	mkfifo own
	exec 7<>own
	want want.png
	view -I 7 7<own
	wait_for 10 seen want.png
	frames red >&7
	wait_for 10 corner 200
	frames blue >&7
	wait_for 10 corner 002
	# half of one, and the other pictures go on
	frames lime | head -c 1000 >&7
	tail -c $((6 + 115200)) "$D/clip.y4m" >&8
	corner 002
	frames lime | tail -c +1001 >&7
	wait_for 10 corner 020
	# what is none: the corner is free
	echo YUV4MPEG2 W1 >&7
	wait_for 10 seen want.png
	exec 8>&-
	over 0
	[ ! -s err ]
}

@test "view: -y: the title has a word for a poor path, by lines on a descriptor" {
	trio 100 '77: descriptor is not open' chat-view -y 77
	mkfifo lines
	exec 7<>lines
	view -y 7 7>&7
	plain=$name
	# Others, one too long, one in pieces.
	printf 'age 20000\npath poorer\npath %s\npath po' "$(head -c 5000 /dev/zero |
		tr '\0' x)" >&7
	printf 'or\n' >&7
	name="$plain (poor path)"
	wait_for 20 visible "$name"
	run ! visible "$plain"
	want want.png
	wait_for 10 seen want.png
	echo path good >&7
	wait_for 20 visible "$plain"
	exec 8>&-
	over 0
	[ ! -s err ]
}

@test "view: -y: an end there is not the pictures'" {
	echo path good >lines
	view -y 7 7<lines
	want want.png
	wait_for 10 seen want.png
	exec 8>&-
	over 0
}

@test "view: q ends it, and the writer sees it" {
	{
		code=0
		ffmpeg -nostdin -v quiet -re -stream_loop -1 -i "$D/clip.y4m" \
			-f yuv4mpegpipe - || code=$?
		echo "$code" >writer
	} | chat-view -n "$name" 2>err &
	pid=$!
	wait_for 20 visible "$name"
	press "$name" q || : # it may be gone before the key is up again
	over 0
	wait_for 20 test -s writer
	[ "$(cat writer)" != 0 ]
}

@test "view: closing the window ends it" {
	view
	python3 - "$name" <<-'E'
		import ctypes, subprocess, sys
		x = ctypes.CDLL('libX11.so.6')
		x.XOpenDisplay.restype = ctypes.c_void_p
		x.XInternAtom.restype = ctypes.c_ulong
		d = ctypes.c_void_p(x.XOpenDisplay(None))
		class Event(ctypes.Structure):
		    _fields_ = [('type', ctypes.c_int), ('serial', ctypes.c_ulong),
		        ('send', ctypes.c_int), ('display', ctypes.c_void_p),
		        ('window', ctypes.c_ulong), ('kind', ctypes.c_ulong),
		        ('format', ctypes.c_int), ('data', ctypes.c_long * 5),
		        ('pad', ctypes.c_long * 16)]
		w = int(subprocess.check_output(['xdotool', 'search', '--name',
		    '^' + sys.argv[1] + '$']).split()[0])
		e = Event(type=33, window=w, format=32,
		    kind=x.XInternAtom(d, b'WM_PROTOCOLS', 0))
		e.data[0] = x.XInternAtom(d, b'WM_DELETE_WINDOW', 0)
		x.XSendEvent(d, ctypes.c_ulong(w), 0, ctypes.c_long(0),
		    ctypes.byref(e))
		x.XSync(d, 0)
	E
	over 0
}

@test "view: m mirrors, -m begins so" {
	view
	want plain.png
	want flip.png hflip
	wait_for 10 seen plain.png
	press "$name" m
	wait_for 10 seen flip.png
	press "$name" m
	wait_for 10 seen plain.png
	exec 8>&-
	over 0
	rm in
	view -m
	wait_for 10 seen flip.png
}

@test "view: f is full screen, the aspect kept; Escape is back" {
	# it is the window manager that makes it so
	jwm >jwm.log 2>&1 3>&- &
	wait_for 20 managed
	view
	want full.png scale=1024:768
	want plain.png
	press "$name" f
	wait_for 10 has_size 1024 768
	wait_for 10 seen full.png 0.08
	press "$name" Escape
	wait_for 10 has_size 320 240
	wait_for 10 seen plain.png
	exec 8>&-
	over 0
	rm in
	view -f
	wait_for 10 has_size 1024 768
	wait_for 10 seen full.png 0.08
}

@test "view: a window somebody resized keeps the aspect, and its size" {
	view
	xdotool search --name "^$name\$" windowsize 640 240
	wait_for 10 has_size 640 240
	want wide.png 'pad=640:240:160:0'
	wait_for 10 seen wide.png
	# it does not follow the pictures any more
	ffmpeg -v error -f lavfi -i color=red:s=160x240:r=1:d=1 \
		-pix_fmt yuv420p red.y4m
	cat red.y4m >&8
	convert -size 160x240 xc:red -gravity center -background black \
		-extent 640x240 red.png
	wait_for 10 seen red.png
	has_size 640 240
}

@test "view: follows a new size within the stream, and odd sides" {
	view
	ffmpeg -v error -f lavfi -i testsrc=s=175x99:r=1:d=1 -pix_fmt yuv420p \
		odd.y4m
	cat odd.y4m >&8
	wait_for 10 has_size 175 99
	ffmpeg -v error -i odd.y4m -y \
		-vf scale=in_color_matrix=bt601:out_range=full,format=rgb24 o.png
	wait_for 10 seen o.png 0.12
}

@test "view: a picture larger than the screen, and pixels that are not square" {
	ffmpeg -v error -f lavfi -i color=blue:s=2048x1024:r=1:d=1 \
		-pix_fmt yuv420p big.y4m
	ffmpeg -v error -f lavfi -i color=blue:s=200x200:r=1:d=1,setsar=2/1 \
		-pix_fmt yuv420p flat.y4m
	view
	cat big.y4m >&8
	wait_for 10 has_size 1024 512
	cat flat.y4m >&8
	wait_for 10 has_size 400 200
}

@test "view: the newest picture is shown, late ones are dropped" {
	mkfifo in
	chat-view -v -n "$name" -p last.png <in 2>err &
	pid=$!
	cat "$D/clip.y4m" >in
	over 0
	[[ $(cat err) =~ ^'chat-view: '([0-9]+)' pictures shown, '([0-9]+)' dropped'$ ]]
	[ $((BASH_REMATCH[1] + BASH_REMATCH[2])) = 30 ]
	want want.png
	alike last.png want.png
	# of a file all are shown
	chat-view -v <"$D/clip.y4m" 2>err
	[ "$(cat err)" = 'chat-view: 30 pictures shown, 0 dropped' ]
}

@test "view: -p keeps the last picture, whole or not at all" {
	{ cat "$D/head.part" "$D/last.part"; } >one.y4m
	want want.png
	chat-view -m -p a.png <one.y4m
	[ "$(stat -c %a a.png)" = 600 ]
	[ "$(identify -format '%m %wx%h' a.png)" = 'PNG 320x240' ]
	alike a.png want.png
	# nothing shown: what was there stays
	run chat-view -p a.png <"$D/head.part"
	[ "$status" = 98 ]
	alike a.png want.png
	# cut: the last whole one
	head -c 100000 one.y4m >part
	tail -c +$(($(wc -c <"$D/head.part") + 1)) part >more.y4m
	run bash -c 'cat one.y4m more.y4m | chat-view -p b.png'
	[ "$status" = 98 ]
	alike b.png want.png
	# no way there, no room: neither the file nor a piece of it
	trio 100 'no/such/x.png: No such file' chat-view -p no/such/x.png <one.y4m
	trio 100 ': Is a directory' chat-view -p . <one.y4m
	mkdir small
	run bash -c 'ulimit -f 8; trap "" XFSZ; chat-view -p small/a.png <one.y4m'
	[ "$status" = 111 ]
	[[ $output = *'small/a.png: File too large' ]]
	[ -z "$(ls -A small)" ]
}

@test "view: -v tells the age, where there are capture times" {
	now=$(date +%s%6N)
	{
		cat "$D/head.part"
		for i in 1 2 3; do
			echo "FRAME XT=$((now - 5000000))"
			tail -c 115200 "$D/last.part"
		done
	} >old.y4m
	chat-view -v <old.y4m 2>err
	[[ $(cat err) =~ ' 3 pictures shown, 0 dropped; age '([0-9]+)'.'[0-9]' ms (median), '([0-9]+)'.'[0-9]' ms (99th percentile)'$ ]]
	[ "${BASH_REMATCH[1]}" -ge 5000 ]
	[ "${BASH_REMATCH[2]}" -ge 5000 ]
	# 1970 is not a time of capture
	sed "s/FRAME XT=[0-9]*/FRAME XT=40000/" old.y4m >ancient.y4m
	chat-view -v <ancient.y4m 2>err
	[ "$(cat err)" = 'chat-view: 3 pictures shown, 0 dropped' ]
}

@test "view: the whole way: camera, coder, decoder, window" {
	chat-cam -d test -g 320x240 -n 30 | chat-encode | chat-decode |
		chat-view -v -p a.png 2>err
	[[ $(cat err) =~ ': '[0-9]+' pictures shown, '[0-9]+' dropped; age ' ]]
	[ "$(identify -format '%m %wx%h' a.png)" = 'PNG 320x240' ]
}

@test "view: SIGINT kills it" {
	set -m # or it would begin with SIGINT ignored
	view -p a.png
	set +m
	kill -INT "$pid"
	over 130
	[ ! -e a.png ]
}

@test "view: no window system" {
	: >empty
	(
		unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER
		trio 111 '^chat-view: no window system: DISPLAY and WAYLAND_DISPLAY are unset$' \
			chat-view <empty
	)
	export DISPLAY=:98765
	trio 111 '^chat-view: no window system: .*[^.]$' chat-view <empty
}

@test "view: the window system goes away" {
	windows
	view
	kill "$(cat xvfb.pid)"
	rm xvfb.pid
	over 111
}

@test "view: hostile streams" {
	: >empty
	trio 98 '^chat-view: stdin: it is empty$' chat-view <empty
	trio 98 'size of its pictures is absurd' \
		chat-view < <(echo YUV4MPEG2 W65535 H65535)
	trio 98 'not a YUV4MPEG2 stream' chat-view < <(head -c 10000 /dev/urandom)
	trio 98 'not 4:2:0' chat-view < <(echo YUV4MPEG2 W64 H64 C422)
	# in the middle of a stream
	for s in 'YUV4MPEG2 W65535 H65535' 'FROME' 'YUV4MPEG2 W64' \
		"$(head -c 300 /dev/zero | tr '\0' x)"; do
		run --separate-stderr bash -c '{ cat "$1/head.part" "$1/last.part"
			echo "$2"; } | chat-view' - "$D" "$s"
		[ "$status" = 98 ]
		[ -z "$output" ]
		[ "$(wc -l <<<"$stderr")" = 1 ]
	done
	# cut anywhere
	printf 'YUV4MPEG2 W16 H16 F30:1\nFRAME\n%0384dFRAME\n%0384d' 0 0 >tiny.y4m
	size=$(stat -c %s tiny.y4m)
	for ((i = 0; i <= size; i += 23)); do
		run bash -c 'head -c "$1" tiny.y4m | chat-view' - $i
		case $i in
		414 | 804) [ "$status" = 0 ] ;;
		*) [ "$status" = 98 ] ;;
		esac
	done
}

@test "view: usage" {
	trio 100 '^usage: chat-view' chat-view operand </dev/null
	for o in -x -n -p; do
		run --separate-stderr chat-view $o
		[ "$status" = 100 ]
		[ -z "$output" ]
		[[ $stderr = *usage:* ]]
	done
	run sh -c 'chat-view <&-'
	[ "$status" = 111 ]
}

@test "view: confined, each thread of it, whatever draws" {
	[ -z "${SAN-}" ] || skip 'the sanitizers need more'
	for SDL_RENDER_DRIVER in software opengl; do
		export SDL_RENDER_DRIVER
		rm -f in
		view
		as_told chat-view
		exec 8>&-
		code "$pid"
		[ "$status" = 0 ]
		! visible "$name" || return 1
	done
}

# emulates - how much of the processor an emulated OpenGL has used, in ticks.
emulates() {
	grep -l llvmpipe "/proc/$pid/task/"*/comm | sed 's/comm$/stat/' |
		xargs -r cat | awk '{ n += $14 + $15 } END { print n + 0 }'
}

@test "view: no emulated graphics processor draws, unless it was asked for" {
	ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=30:d=1 \
		-pix_fmt yuv420p large.y4m
	for driver in none software; do
		export SDL_RENDER_DRIVER=$driver
		[ "$driver" != none ] || unset SDL_RENDER_DRIVER
		rm -f in
		view
		cat large.y4m "$D/head.part" "$D/last.part" >&8
		want want.png
		wait_for 20 seen want.png
		[ "$(emulates)" -lt 5 ]
		exec 8>&-
		over 0
	done
}

@test "view: -U is not confined" {
	view -U
	grep -qx 'Seccomp:	0' "/proc/$pid/status"
}

@test "view: a driver that fails: that is said, and software draws" {
	[ -z "${SAN-}" ] || skip 'the sanitizers want to be loaded first'
	cc -shared -fPIC -x c -o failing.so - <<-'C'
	#define _GNU_SOURCE
	#include <SDL2/SDL.h>
	#include <dlfcn.h>
	SDL_Texture *
	SDL_CreateTexture(SDL_Renderer *r, Uint32 format, int access, int w, int h)
	{
		SDL_RendererInfo info;
		void *real = dlsym(RTLD_NEXT, "SDL_CreateTexture");
		if (SDL_GetRendererInfo(r, &info) == 0 &&
		    !(info.flags & SDL_RENDERER_SOFTWARE)) {
			SDL_SetError("not in here");
			return NULL;
		}
		return ((SDL_Texture * (*)(SDL_Renderer *, Uint32, int, int,
		    int))real)(r, format, access, w, h);
	}
	C
	export SDL_RENDER_DRIVER=opengl
	LD_PRELOAD=$PWD/failing.so view
	want want.png
	wait_for 20 seen want.png
	exec 8>&-
	over 0
	grep -q 'x11, opengl: no picture: not in here: drawn by software from now on; -U shows unconfined$' err
}

@test "view: what the cage may have broken, and by what driver" {
	DISPLAY=:65000 CHAT_VERBOSE=1 \
		trio 111 'this may come of being confined: -U' \
		chat-view -n "$name" <"$D/clip.y4m"
}
