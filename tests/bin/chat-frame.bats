#!/usr/bin/env bats
# chat-frame: text, bytes and pictures into frames, and out of them again.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
}

# there_and_back FILE OPTION ... - FILE, through frames, comes out the same.
there_and_back() {
	local file=$1
	shift
	chat-frame "$@" <"$file" >frames
	chat-frame -d -r "$@" <frames >out
	cmp "$file" out
}

# frame KIND FLAGS NUMBER PIECE PIECES TEXT - one frame by hand.
frame() {
	local LC_ALL=C
	# shellcheck disable=SC2059 # the format is made here
	printf "$1\\x$(printf %02x "$2")\\x$(printf %02x $((${#6} / 256)))$(
		)\\x$(printf %02x $((${#6} % 256)))\\0\\0\\0\\x$(printf %02x "$3")$(
		)\\0\\x$(printf %02x "$4")\\0\\x$(printf %02x "$5")$(
		)\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0%s" "$6"
}

@test "lines: any bytes, any length, through both kinds of path" {
	printf 'a\0b\n\0\n\n\n\xff\xfe\nlast\0' >A
	seq 10000 >B
	head -c 300000 /dev/urandom >C
	{ head -c 1000000 /dev/zero | tr '\0' x; echo; } >D
	for f in A B C D /dev/null; do
		there_and_back $f
		there_and_back $f -m 1184
		there_and_back $f -m 257
	done
}

@test "bytes" {
	head -c 3000000 /dev/urandom >A
	for f in A /dev/null; do
		there_and_back $f -k bytes
		there_and_back $f -k bytes -m 1184
	done
}

@test "a line of 16 MiB, and one byte more" {
	{ head -c 16777215 /dev/zero | tr '\0' x; echo; } >A
	there_and_back A
	there_and_back A -m 1184
	there_and_back A -m 257
	{ printf x; cat A; } >B
	trio 100 'longer than 16777216 bytes' chat-frame <B
}

@test "the bytes of a frame" {
	echo hi | chat-frame | head -c 16 | od -An -tx1 | tr -d '\n' >got
	[ "$(cat got)" = \
		' 74 00 00 03 00 00 00 00 00 00 00 01 00 00 00 00' ]
	[ "$(echo hi | chat-frame | tail -c 24 | head -c 1)" = e ]
	# The time is now, to a minute.
	at=$((16#$(echo hi | chat-frame | od -An -j16 -N8 -tx1 | tr -d ' \n')))
	now=$(date +%s)
	[ $((at / 1000000)) -le "$now" ]
	[ $((at / 1000000)) -gt $((now - 60)) ]
}

@test "shown as chat-text shows it" {
	printf 'h\xc3\xa9\x1b[31m\n\xff\nend' >A
	chat-frame <A | chat-frame -d -t %Y -n bob >out
	y=$(date +%Y)
	printf '%s bob: h\xc3\xa9^[[31m\n%s bob: \\xff\n%s bob: end\n' \
		"$y" "$y" "$y" | cmp - out
}

@test "each kind to its descriptor; kinds without one are let pass" {
	{ frame t 0 0 0 1 hello; frame b 0 0 0 2 by; frame k 0 0 0 1 ''
	frame a 0 0 0 1 sound; frame b 0 0 1 2 t; frame e 0 0 0 1 ''; } >frames
	chat-frame -d -r -o t=5 -o b=6 -o k=7 -o a=8 <frames 5>t 6>b 7>k 8>a
	[ "$(cat t) $(cat b) $(cat k) $(cat a)" = 'hello byt k sound' ]
	[ "$(chat-frame -d -r <frames)" = hellobyt ]
	[ "$(chat-frame -d -r -k bytes <frames)" = byt ]
	[ "$(chat-frame -d -r -k bytes -o t=5 <frames 5>&1)" = hellobyt ]
}

@test "every cut of a stream: 98, and nothing that is not whole" {
	printf 'one\ntwo\n' | chat-frame >frames
	size=$(stat -c %s frames)
	for ((at = 0; at < size; at++)); do
		run --separate-stderr chat-frame -d -r < <(head -c $at frames)
		[ "$status" = 98 ]
		[[ $stderr == 'chat-frame: the frames broke off' ]]
		case $output in '' | one | $'one\ntwo') ;; *) false ;; esac
	done
	[ "$(chat-frame -d -r <frames)" = $'one\ntwo' ]
	# In silence; but not what is malformed.
	run --separate-stderr chat-frame -d -qr < <(head -c 20 frames)
	[ "$status" = 98 ]
	[ -z "$stderr$output" ]
	trio 98 'malformed frame' chat-frame -dq < <(head -c 100 /dev/zero)
}

@test "what breaks a rule on a stream: 98 and nothing of it" {
	while read -r what; do
		: >frames
		IFS=';' read -ra all <<<"$what"
		for one in "${all[@]}"; do
			# shellcheck disable=SC2086 # words
			set -- $one
			frame "$1" "$2" "$3" "$4" "$5" "${6-}" >>frames
		done
		run --separate-stderr chat-frame -d -r <frames
		[ "$status" = 98 ] && [ -z "$output" ] &&
			[[ $stderr == 'chat-frame: malformed frame'* ]] ||
			{ echo "$what: $status $output $stderr"; false; }
	done <<-'X'
		x 0 0 0 1 what
		t 1 0 0 1 flag
		t 0 1 0 1 number
		t 0 0 1 2 piece
		t 0 0 0 0 none
		t 0 0 2 2 index
		t 0 0 0 2 twice;t 0 0 0 2 twice
		t 0 0 0 3 skip;t 0 0 2 3 skip
		t 0 0 0 2 other;t 0 0 1 3 other
		t 0 0 0 2 number;t 0 1 1 2 other
		t 0 0 0 2;t 0 0 1 2 empty
		t 0 0 0 2 short;t 0 0 1 2 longer
		t 0 0 0 3 even;t 0 0 1 3 not;t 0 0 2 3 x
		t 0 0 0 2 amid;e 0 0 0 1
		e 0 2 0 1
		e 0 0 0 2
		e 2 0 0 1
		e 0 0 0 1 text
		e 0 0 0 1;t 0 0 0 1 after
		e 0 0 0 1;e 0 0 0 1
		k 0 0 0 1 text
	X
}

# Two VP8 pictures of 320x320, a key picture and one that is none; and an IVF
# stream of pictures given as $key or $delta, with pts in steps of STEP (1).
key=$'\x10ab\x9d\x01\x2a\x40\x01\x40\x01key'
delta=$'\x11abdelta'
ivf() {
	local n=0 LC_ALL=C p
	printf 'DKIF\0\0\x20\0VP80\x40\x01\x40\x01\x40\x42\x0f\0\x01\0\0\0'
	printf '\0\0\0\0\0\0\0\0'
	for p; do
		n=$((n + ${STEP-1}))
		# shellcheck disable=SC2059 # the format is made here
		printf "\\x$(printf %02x ${#p})\\0\\0\\0\\x$(printf %02x $n)"
		printf '\0\0\0\0\0\0\0%s' "$p"
	done
}

@test "ivf: pictures and their times, there and back" {
	ivf "$key" "$delta" "$delta" "$key" "$delta" >A
	there_and_back A -k ivf
	there_and_back A -k ivf -m 1184
	chat-frame -k ivf <A | chat-frame -d -o i=5 5>out
	cmp A out
}

@test "ivf from ffmpeg, and for it" {
	ffmpeg -loglevel error -f lavfi -i testsrc=d=2:s=320x240 -c:v libvpx \
		-g 10 -deadline realtime A.ivf
	ffmpeg -loglevel error -i A.ivf -f rawvideo A.raw
	for m in 4072 1184; do
		chat-frame -k ivf -m $m <A.ivf | chat-frame -d -m $m -k ivf >B.ivf
		ffmpeg -loglevel error -y -i B.ivf -fps_mode passthrough \
			-f rawvideo B.raw
		cmp A.raw B.raw
	done
}

@test "mjpeg from ffmpeg, there and back" {
	ffmpeg -loglevel error -f lavfi -i testsrc=d=2:s=640x480 -q:v 2 \
		-f mjpeg A
	there_and_back A -k mjpeg
	there_and_back A -k mjpeg -m 1184
	there_and_back /dev/null -k mjpeg
}

@test "key pictures go twice where frames may be lost, behind what follows" {
	ivf "$key" "$delta" >A
	chat-frame -k ivf -m 1184 <A >frames
	# 37 bytes of a key picture's frame, 32 of the other's, e
	[ "$(stat -c %s frames)" = $((37 + 32 + 37 + 24)) ]
	cmp <(head -c 37 frames) <(tail -c +$((1 + 37 + 32)) frames | head -c 37)
	[ "$(tail -c +38 frames | head -c 1)" = i ]
	chat-frame -k ivf <A >frames
	[ "$(stat -c %s frames)" = $((37 + 32 + 24)) ]
}

@test "after a gap: withheld until the next key picture, which is asked for" {
	{ frame i 1 0 0 1 "$key"; frame i 0 1 0 1 "$delta"
	for n in 3 4 5 6; do frame i 0 $n 0 1 "$delta"; done
	frame i 1 7 0 1 "$key"; frame i 0 8 0 1 "$delta"
	frame e 0 0 0 1 ''; } >frames
	chat-frame -d -v -m 1184 -k ivf -K 5 <frames >out 5>k 2>err
	STEP=0 ivf "$key" "$delta" "$key" "$delta" >want
	cmp want out
	frame k 0 0 0 1 '' | cmp -n 16 - k
	[ "$(stat -c %s k)" = 24 ]
	grep -q 'ivf: 8 whole, 1 incomplete, 0 late, 4 withheld' err
	# The request has no reader: all else goes on.
	exec 6> >(:)
	wait $!
	chat-frame -d -m 1184 -k ivf -K 6 <frames >out
	exec 6>&-
	cmp want out
}

@test "pictures without their key picture are withheld, and what is not a picture" {
	{ frame i 0 0 0 1 "$delta"; frame i 1 1 0 1 "$delta"
	frame i 0 2 0 1 "$key"; frame i 1 3 0 1 ''; frame i 0 4 0 1 x
	frame j 1 0 0 1 no; frame j 0 1 0 1 ''; frame e 0 0 0 1 ''; } >frames
	run --separate-stderr chat-frame -d -v -o i=5 -o j=6 5>&1 6>&1 <frames
	[ "$status" = 0 ]
	[ -z "$output" ]
	[[ $stderr == *'mjpeg: 2 whole, 0 incomplete, 0 late, 2 withheld'* ]]
	[[ $stderr == *'ivf: 5 whole, 0 incomplete, 0 late, 5 withheld'* ]]
}

@test "what is cut or of another kind is not framed to its end" {
	ivf "$key" "$delta" >A
	for ((at = 0; at < $(stat -c %s A); at++)); do
		# at the end of the header and of a picture it may end
		case $at in 32 | 57) continue ;; esac
		run -98 --separate-stderr chat-frame -k ivf < <(head -c $at A)
		[[ $output != *e ]]
	done
	trio 98 'expected JPEG, found IVF' chat-frame -k mjpeg <A
	sed s/VP80/VP90/ A | trio 98 'not VP8' chat-frame -k ivf
	ffmpeg -loglevel error -f lavfi -i testsrc=s=64x64 -frames:v 1 -f mjpeg B
	trio 98 'expected IVF, found JPEG' chat-frame -k ivf <B
	head -c 500 B | trio 98 'cut' chat-frame -k mjpeg
}

@test "pictures that come too late are dropped by -a, text is not" {
	{ frame j 1 0 0 1 x; frame t 0 0 0 1 one
	sleep 0.4 # what follows has waited twice what -a allows
	frame t 0 1 0 1 two; frame i 1 0 0 1 "$key"; frame i 0 1 0 1 "$delta"
	frame e 0 0 0 1 ''; } |
		chat-frame -d -r -v -a 200 -o t=1 -o i=5 -o j=6 -K 7 \
			>out 5>i 6>j 7>k 2>err
	[ "$(cat out)" = onetwo ]
	[ ! -s i ]
	[ ! -s j ]
	[ "$(stat -c %s k)" = 24 ]
	grep -q 'ivf: 2 whole, 0 incomplete, 2 late, 0 withheld' err
}

@test "a path that loses: order kept, gaps passed, bytes and text whole" {
	{ frame b 0 1 0 1 B; frame b 0 0 1 2 2; frame t 0 0 0 2 lost
	frame b 0 3 0 1 D; frame b 0 0 0 2 1; frame b 0 0 0 2 1
	frame b 0 1 0 1 B; frame t 0 1 0 1 text; frame e 0 0 0 1 ''
	frame t 0 2 0 1 more; frame e 0 0 0 1 ''; } >frames
	code=0
	chat-frame -d -r -v -m 1184 -o t=5 <frames >out 5>t 2>err || code=$?
	[ $code = 98 ]
	grep -qx 'chat-frame: 2 messages are missing' err
	[ "$(cat out)" = 12BD ]
	[ "$(cat t)" = textmore ]
	grep -q 'text: 2 whole, 1 incomplete, 0 late' err
	grep -q 'bytes: 3 whole, 1 incomplete, 0 late' err
	run -98 --separate-stderr chat-frame -d -r -m 1184 < <(
		frame b 0 1 0 1 B)
	[ "$output" = B ]
	[[ $stderr == *'broke off' ]]
}

@test "a path that loses: the outputs end with the end, the input is read on" {
	seq 5 | chat-frame -m 1184 >frames
	mkfifo in out
	exec 8<>in
	cat frames >&8
	chat-frame -d -r -m 1184 <in >out 8>&- &
	[ "$(cat out | tr '\n' ' ')" = '1 2 3 4 5 ' ]
	cat frames >&8
	exec 8>&-
	wait $!
}

@test "who takes pictures leaves: it ends, though none come; not for text" {
	mkfifo in
	for how in '-k ivf' '-m 1184 -k mjpeg' '-o i=1'; do
		rm -f code
		bash -c "{ chat-frame -d $how <in; echo \$? >code; } | :" 3>&- &
		pid=$!
		exec 7>in
		wait_for 10 test -s code
		exec 7>&-
		wait "$pid"
		[ "$(cat code)" = 141 ]
	done
	# A wish that nobody reads is left out.
	{ frame k 0 0 0 1 ''; frame i 1 0 0 1 "$key"; frame e 0 0 0 1 ''; } >frames
	exec 6> >(:)
	wait $!
	chat-frame -d -k ivf -o k=6 <frames >out
	exec 6>&-
	STEP=0 ivf "$key" | cmp - out
}

@test "usage" {
	for bad in -x -r '-K 1' '-o t=1' more '-d more'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr chat-frame $bad </dev/null
		[ "$status" = 100 ]
		[ -z "$output" ]
		[[ $stderr == *usage:* ]]
	done
	trio 100 '-k: not text' chat-frame -k x
	trio 100 '-m [^ ]*: not a number of bytes' chat-frame -m 256
	trio 100 '-m [^ ]*: not a number of bytes' chat-frame -m 4073
	trio 100 '-o: not one of' chat-frame -d -o x=1
	trio 100 '-o: not one of' chat-frame -d -o =1
	trio 100 'not a descriptor' chat-frame -d -o t=
	trio 100 'not open' chat-frame -d -o t=9
	trio 100 'not open' chat-frame -d -K 9
	trio 100 '-a 0: not a number of milliseconds' chat-frame -d -a 0
}

@test "full and closed outputs" {
	echo hi | chat-frame >frames
	run -111 --separate-stderr sh -c 'chat-frame >/dev/full <frames'
	[[ $stderr == *'No space left'* ]]
	run -111 --separate-stderr sh -c 'chat-frame -d >/dev/full <frames'
	[[ $stderr == *'No space left'* ]]
	for way in 'chat-frame >&- <frames' 'chat-frame -d >&- <frames' \
		'chat-frame <&-' 'chat-frame -d <&-'; do
		run -111 --separate-stderr sh -c "$way"
		[[ $stderr == *'Bad file descriptor' ]]
	done
	seq 100000 | chat-frame | chat-frame -d -r | head -1 >out
	[ "$(cat out)" = 1 ]
}

@test "-e: ends, with an end, when that descriptor's other end is closed" {
	mkfifo hang in
	exec 8<>in
	chat-frame -e 9 <in >frames 9<hang 8>&- &
	pid=$!
	exec 7>hang
	echo hello >&8
	wait_for 10 test -s frames
	exec 7>&-
	wait "$pid"
	exec 8>&-
	[ "$(chat-frame -d -r <frames)" = hello ]
	trio 100 '9: descriptor is not open' chat-frame -e 9
	trio 100 usage chat-frame -d -e 1
}

@test "the memory of either side stays what it is, however much goes through" {
	[ -z "${SAN-}" ] || skip 'the sanitizers keep what was freed'
	# Pictures of all sizes, every third a key picture, which is kept a while.
	python3 - 20000 >many.ivf <<'P'
import random, struct, sys

out = sys.stdout.buffer
out.write(b'DKIF' + struct.pack('<HHIHHIIQ', 0, 32, int.from_bytes(b'VP80',
    'little'), 640, 480, 1000000, 1, 0))
for i in range(int(sys.argv[1])):
    n = random.Random(i).randint(2000, 2000 if i % 3 else 30000)
    head = b'\x11' if i % 3 else b'\x10\0\0\x9d\x01\x2a\x80\x02\xe0\x01'
    out.write(struct.pack('<IQ', n, 10**15 + i * 33333) + head.ljust(n, b'\0'))
P
	mkfifo in between
	chat-frame -k ivf -m 1184 <in >between 3>&- &
	send=$!
	chat-frame -d -k ivf -m 1184 <between >out 3>&- &
	receive=$!
	exec 5>in
	cat many.ivf >&5 # all but what the pipe holds has gone through
	for p in $send $receive; do
		awk '$1 == "RssAnon:" { print $2; n = $2 }
			END { exit !(n > 0 && n < 900) }' "/proc/$p/status"
	done
	exec 5>&-
	wait $send
	wait $receive
}

@test "kinds that it has no output for are passed over, d among them" {
	{
		printf 'd\0\0\0\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0'
		chat-frame <<<hello
	} >frames
	[ "$(chat-frame -dr <frames)" = hello ]
	[ "$(chat-frame -dr -m 1184 <frames)" = hello ]
}

# lossy CODE TEXT - chat-frame -d of the file frames, on a path that loses.
lossy() {
	run --separate-stderr chat-frame -d -r -m 1184 <frames
	[ "$status" = "$1" ] && [ "$stderr" = "$2" ] || {
		echo "$status: $stderr"
		return 1
	}
}

@test "a datagram that is lost leaves no line out unsaid" {
	local one='chat-frame: 1 message is missing' n last
	printf '%s\n' a b c | chat-frame -m 1184 >all
	n=$((24 + 2))
	last=$((3 * n))
	[ "$(stat -c %s all)" = $((last + 24)) ]
	cp all frames
	lossy 0 ''
	# The first, one between, the last.
	tail -c +$((n + 1)) all >frames
	lossy 98 "$one"
	[ "$output" = $'b\nc' ]
	{ head -c $n all; tail -c +$((2 * n + 1)) all; } >frames
	lossy 98 "$one"
	[ "$output" = $'a\nc' ]
	{ head -c $((2 * n)) all; tail -c 24 all; } >frames
	lossy 98 "$one"
	[ "$output" = $'a\nb' ]
	tail -c 24 all >frames
	lossy 98 'chat-frame: 3 messages are missing'
	# Text and bytes together; and where nobody counted them.
	{ frame t 0 0 0 1 a; frame b 0 0 0 1 b; frame e 0 4 0 1 ''; } >frames
	lossy 98 "$one"
	{ frame t 0 0 0 1 a; frame b 0 0 0 1 b; frame e 0 3 0 1 ''; } >frames
	lossy 0 ''
	{ frame t 0 0 0 1 a; frame e 0 0 0 1 ''; } >frames
	lossy 0 ''
	# Pictures may be lost; who looks at them alone misses no text.
	{ frame j 1 5 0 1 x; frame t 0 0 0 1 a; frame e 0 2 0 1 ''; } >frames
	lossy 0 ''
	{ frame t 0 1 0 1 a; frame e 0 2 0 1 ''; } >frames
	chat-frame -d -m 1184 -k mjpeg <frames
}

@test "the end says how many there were" {
	seq 5 | chat-frame | tail -c 24 | head -c 8 | od -An -tx1 |
		grep -qx ' 65 00 00 00 00 00 00 06'
	chat-frame </dev/null | od -An -tx1 -j4 -N4 | grep -qx ' 00 00 00 01'
	chat-frame -k mjpeg </dev/null | od -An -tx1 -j4 -N4 |
		grep -qx ' 00 00 00 00'
}
