#!/usr/bin/env bats
# chat-decode.bats - chat-decode: VP8 in IVF, or JPEGs, to raw pictures.

load ../helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=30:d=3 \
		-pix_fmt yuv420p clip.y4m
	chat-encode -b 500 <clip.y4m >clip.ivf
	ffmpeg -v error -f lavfi -i testsrc2=s=48x32:r=30:d=0.1 \
		-pix_fmt yuv420p tiny.y4m
	chat-encode -b 100 <tiny.y4m >tiny.ivf
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	D=$BATS_FILE_TMPDIR
}

# raw FILE ARGUMENT ... - its pictures alone, as ffmpeg decodes or reads them.
raw() {
	ffmpeg -nostdin -v error -i "$1" -fps_mode passthrough -pix_fmt yuv420p \
		-f rawvideo -
}

# ivf EXPRESSION - rewrite the IVF on stdin: in python, head is its header, pics
# the list of its pictures as (pts, bytes), to be changed in place.
ivf() {
	python3 -c '
import sys, struct
d = sys.stdin.buffer.read()
head, pics, at = bytearray(d[:32]), [], 32
while at < len(d):
    n, pts = struct.unpack("<IQ", d[at:at + 12])
    pics.append((pts, d[at + 12:at + 12 + n]))
    at += 12 + n
exec(sys.argv[1])
o = sys.stdout.buffer
o.write(head)
for pts, p in pics:
    o.write(struct.pack("<IQ", len(p), pts) + p)
' "$1"
}

@test "decode: every picture of a file, as ffmpeg decodes it" {
	chat-decode -v <"$D/clip.ivf" >a.y4m 2>err
	[ "$(cat err)" = 'chat-decode: 90 pictures shown, 0 too late, 0 not whole' ]
	raw a.y4m | cmp - <(raw "$D/clip.ivf")
}

@test "decode: VP8 that ffmpeg coded" {
	ffmpeg -v error -i "$D/clip.y4m" -c:v libvpx -b:v 500k f.ivf
	chat-decode -v <f.ivf >a.y4m 2>err
	[[ $(cat err) = *': 90 pictures shown, 0 too late, 0 not whole' ]]
	raw a.y4m | cmp - <(raw f.ivf)
	# ffmpeg's time base is 1/30: no capture time
	run ! grep -aq XT= a.y4m
}

@test "decode: the capture time goes through" {
	ivf 'pics = [(1700000000123456 + 40000 * i, p[1])
for i, p in enumerate(pics)]' <"$D/clip.ivf" | chat-decode >a.y4m
	grep -aoE 'FRAME XT=[0-9]+' a.y4m | sed 's/.*=//' |
		cmp - <(seq 1700000000123456 40000 1700000003683456)
}

@test "decode: JPEGs of every subsampling, with video's range of values" {
	for f in yuvj420p yuvj422p yuvj444p yuvj440p yuvj411p; do
		case $f in
		# what ffmpeg's coder lacks is made by libjpeg's
		yuvj440p | yuvj411p)
			x=2x1,1x1,1x1
			[ $f = yuvj440p ] && x=1x2,1x1,1x1
			[ $f = yuvj411p ] && x=4x1,1x1,1x1
			ffmpeg -v error -y -i "$D/clip.y4m" -frames:v 3 p%d.ppm
			rm -f a.mjpeg
			for i in 1 2 3; do
				convert p$i.ppm -quality 92 \
					-sampling-factor $x jpg:- >>a.mjpeg
			done
			n=3
			;;
		*)
			ffmpeg -v error -y -i "$D/clip.y4m" -q:v 2 -pix_fmt $f \
				a.mjpeg
			n=90
			;;
		esac
		chat-decode -v <a.mjpeg >a.y4m 2>err
		[[ $(cat err) = *": $n pictures shown, 0 too late, 0 not whole" ]]
		p=$(likeness psnr a.y4m "$D/clip.y4m")
		echo "$f $p"
		# a quarter of the colour is all that 4:1:1 has
		above "$p" "$([ $f = yuvj411p ] && echo 30 || echo 36)"
	done
}

@test "decode: grey JPEGs, and those of odd sides" {
	ffmpeg -v error -f lavfi -i testsrc=s=99x75:r=30:d=1 -pix_fmt yuv420p \
		odd.y4m
	ffmpeg -v error -i odd.y4m -q:v 2 -pix_fmt yuvj420p a.mjpeg
	chat-decode <a.mjpeg >a.y4m
	above "$(likeness psnr a.y4m odd.y4m)" 36
	ffmpeg -v error -i odd.y4m -frames:v 1 o.png
	for x in 1x1 2x1 1x2 2x2; do
		convert o.png -quality 95 -sampling-factor $x,1x1,1x1 o.jpg
		chat-decode <o.jpg >$x.y4m
	done
	for x in 1x1 2x1 1x2; do
		above "$(likeness psnr $x.y4m 2x2.y4m)" 36
	done
	ffmpeg -v error -i odd.y4m -vf format=gray -frames:v 1 g.png
	convert g.png g.jpg
	chat-decode -v <g.jpg >g.y4m 2>err
	[[ $(cat err) = *': 1 pictures shown'* ]]
	above "$(likeness psnr g.y4m g.png)" 36
}

@test "decode: a JPEG without tables, as webcams send them" {
	ffmpeg -v error -i "$D/clip.y4m" -frames:v 2 -q:v 2 -huffman default \
		-pix_fmt yuvj422p a.mjpeg
	python3 - <<-'E'
		import re
		d = open('a.mjpeg', 'rb').read()
		o, n = b'', 0
		i = 0
		while i < len(d):
		    if d[i:i + 2] == b'\xff\xc4':
		        i += 2 + int.from_bytes(d[i + 2:i + 4], 'big')
		        n += 1
		    else:
		        o += d[i:i + 1]
		        i += 1
		assert n
		open('b.mjpeg', 'wb').write(o)
	E
	chat-decode <a.mjpeg >a.y4m
	chat-decode <b.mjpeg >b.y4m
	cmp a.y4m b.y4m
}

@test "decode: after a damaged picture the last good one is held" {
	chat-decode <"$D/clip.ivf" >good.y4m
	raw good.y4m >good
	one=$((320 * 240 * 3 / 2))
	# of 90 pictures 0 and 60 are key pictures; 20 is cut short
	ivf 'pics[20] = (pics[20][0], pics[20][1][:len(pics[20][1]) // 2])' \
		<"$D/clip.ivf" >cut.ivf
	chat-decode -v <cut.ivf >a.y4m 2>err
	[[ $(cat err) = *': 50 pictures shown, 0 too late, 40 not whole' ]]
	raw a.y4m | cmp - <(head -c $((20 * one)) good; tail -c $((30 * one)) good)
	# nothing but a part of a key picture: nothing up to the next one
	ivf 'pics[0] = (0, pics[0][1][:-20])' <"$D/clip.ivf" >cut.ivf
	chat-decode -v <cut.ivf >a.y4m 2>err
	[[ $(cat err) = *': 30 pictures shown, 0 too late, 60 not whole' ]]
	raw a.y4m | cmp - <(tail -c $((30 * one)) good)
	# one without bytes is a damaged one
	ivf 'pics[1] = (0, b"")' <"$D/clip.ivf" | chat-decode -v 2>err |
		cat >a.y4m
	[[ $(cat err) = *', 59 not whole' ]]
	# a stream that begins in the middle
	ivf 'pics = pics[30:]' <"$D/clip.ivf" >cut.ivf
	chat-decode -v <cut.ivf >a.y4m 2>err
	[[ $(cat err) = *': 30 pictures shown, 0 too late, 30 not whole' ]]
	raw a.y4m | cmp - <(tail -c $((30 * one)) good)
}

@test "decode: an empty stream is a fault, but not with -e" {
	: >empty
	trio 98 '^chat-decode: stdin: it is empty$' chat-decode <empty
	run --separate-stderr chat-decode -e <empty
	[ "$status" = 0 ]
	[ -z "$output$stderr" ]
	head -c 10 "$D/tiny.ivf" >cut
	trio 98 '^chat-decode: stdin: it was cut within a picture$' chat-decode -e <cut
}

@test "decode: a picture cut anywhere is shown right or not at all" {
	chat-decode <"$D/tiny.ivf" | raw - >good
	one=$((48 * 32 * 3 / 2))
	len=$(ivf 'print(len(pics[0][1]), file=sys.stderr)' <"$D/tiny.ivf" \
		2>&1 >/dev/null)
	for ((i = 0; i < len; i += 7)); do
		ivf "pics = [(0, pics[0][1][:$i])]" <"$D/tiny.ivf" >cut.ivf
		chat-decode <cut.ivf >a.y4m
		[ ! -s a.y4m ] || tail -c $one a.y4m | cmp - <(head -c $one good)
	done
}

@test "decode: a stream cut anywhere is 98, and what was whole is shown" {
	size=$(stat -c %s "$D/tiny.ivf")
	ends=$(ivf 'a = 32
print(a, file=sys.stderr)
for p in pics:
    a += 12 + len(p[1])
    print(a, file=sys.stderr)' <"$D/tiny.ivf" 2>&1 >/dev/null)
	for ((i = 0; i < size; i += 5)); do
		code=0
		head -c $i "$D/tiny.ivf" >cut.ivf
		chat-decode <cut.ivf >a.y4m 2>err || code=$?
		want=98
		grep -qx $i <<<"$ends" && want=0
		[ $code = $want ] || { echo "$i: $code"; return 1; }
		n=$(awk -v i=$i '$1 <= i && NR > 1 { n++ } END { print n + 0 }' \
			<<<"$ends")
		got=$(($(stat -c %s a.y4m) / (48 * 32 * 3 / 2)))
		[ $got = "$n" ]
	done
}

@test "decode: the same of JPEGs" {
	ffmpeg -v error -i "$D/tiny.y4m" -frames:v 2 a.mjpeg
	size=$(stat -c %s a.mjpeg)
	for ((i = 1; i < size; i += 13)); do
		code=0
		head -c $i a.mjpeg >cut.mjpeg
		chat-decode <cut.mjpeg >a.y4m 2>err || code=$?
		[ $code = 98 ] && grep -qE 'cut within|malformed' err || {
			echo "$i: $code"
			# the first one's end is an end
			[ $code = 0 ] && ends=$((${ends:-0} + 1))
			[ "$ends" = 1 ]
		}
	done
	# a damaged one among good ones is left out
	python3 - <<-'E'
		d = bytearray(open('a.mjpeg', 'rb').read())
		e = d.index(b'\xff\xd9')
		one = d[:e + 2]
		broken = one[:e - 60] + b'\xff\xd9'
		open('three', 'wb').write(one + broken + one)
	E
	chat-decode -v <three >a.y4m 2>err
	[[ $(cat err) = *': 2 pictures shown, 0 too late, 1 not whole' ]]
}

@test "decode: a new size within the stream begins with a new header" {
	chat-decode <"$D/tiny.ivf" >tiny.y4m
	cat "$D/clip.ivf" >two.ivf
	tail -c +33 "$D/tiny.ivf" >>two.ivf
	chat-decode <two.ivf >a.y4m
	chat-decode <"$D/clip.ivf" | cat - tiny.y4m | cmp - a.y4m
}

@test "decode: absurd sizes are refused before memory is taken" {
	ivf 'head[12:16] = b"\xff\xff\xff\xff"' <"$D/clip.ivf" >a.ivf
	trio 98 '^chat-decode: stdin: the size of its pictures is absurd$' \
		chat-decode <a.ivf
	# in the picture: 16,383 by 16,383, 8,192 by 8,192, 15 by 15
	for s in b'"\xff\x3f\xff\x3f"' b'"\x00\x20\x00\x20"' b'"\x0f\0\x0f\0"'; do
		ivf "p = bytearray(pics[0][1]); p[6:10] = $s
pics = [(0, bytes(p)), (1, pics[1][1])]" <"$D/clip.ivf" >a.ivf
		run --separate-stderr bash -c \
			'ulimit -v "$1"; chat-decode -v <a.ivf' - "$(limit)"
		[ "$status" = 0 ]
		[ -z "$output" ]
		[ "$stderr" = 'chat-decode: 0 pictures shown, 0 too late, 2 not whole' ]
	done
	# in a JPEG: 65,500 by 65,500
	ffmpeg -v error -i "$D/tiny.y4m" -frames:v 1 a.jpg
	python3 - <<-'E'
		d = bytearray(open('a.jpg', 'rb').read())
		i = d.index(b'\xff\xc0')
		d[i + 5:i + 9] = b'\xff\xdc\xff\xdc'
		open('b.jpg', 'wb').write(d)
	E
	run --separate-stderr bash -c \
		'ulimit -v "$1"; chat-decode -v <b.jpg' - "$(limit)"
	[ "$status" = 0 ]
	[[ $stderr = *' 0 pictures shown'*' 1 not whole' ]]
	# and a length: 4 GiB
	ivf 'pics = []' <"$D/clip.ivf" >a.ivf
	printf '\377\377\377\377\0\0\0\0\0\0\0\0' >>a.ivf
	trio 98 'its picture is too large' chat-decode <a.ivf
}

# limit - KiB of address space for a program that should need little; ASan needs
# all there is.
limit() {
	if sanitized; then
		echo unlimited
	else
		echo 200000
	fi
}

@test "decode: random and changed bytes: a picture, none, or 98" {
	python3 - <<-'E'
		import random, subprocess, os
		D = os.environ['BATS_FILE_TMPDIR']
		r = random.Random(1)
		ok = bytes(open(D + '/tiny.ivf', 'rb').read())
		jpg = subprocess.run(['ffmpeg', '-v', 'error', '-i',
		    D + '/tiny.y4m', '-f', 'mjpeg', '-'],
		    capture_output=True, check=True).stdout
		for i in range(150):
		    d = bytearray((ok, jpg)[i % 2])
		    for _ in range(r.randint(1, 20)):
		        d[r.randrange(len(d))] = r.randrange(256)
		    if i % 10 == 0:
		        d = d[:32] + r.randbytes(3000)
		    p = subprocess.run('chat-decode', input=d,
		        capture_output=True, timeout=60)
		    assert p.returncode in (0, 98), (i, p)
		    assert len(p.stderr.splitlines()) == (p.returncode == 98), p
	E
}

@test "decode: a slow reader gets fewer pictures, and the newest" {
	mkfifo out
	ivf 'pics = [(1000 + i, p[1]) for i, p in enumerate(pics)]' \
		<"$D/clip.ivf" >t.ivf
	# shellcheck disable=SC2002 # a pipe is what makes it live
	cat t.ivf | chat-decode -v 2>err >out &
	pid=$!
	exec 7<out
	wait_for 10 drained $pid
	cat <&7 >a.y4m
	wait $pid
	# the one that was under way, and the last
	[[ $(cat err) = *': 2 pictures shown, 88 too late, 0 not whole' ]]
	[ "$(grep -aoE 'FRAME XT=[0-9]+' a.y4m | tail -1)" = 'FRAME XT=1089' ]
}

@test "decode: a reader that leaves is noticed, though no picture comes" {
	mkfifo in
	bash -c '{ chat-decode <in; echo $? >code; } | :' 3>&- &
	pid=$!
	exec 7>in
	wait_for 10 test -s code
	exec 7>&-
	wait "$pid"
	[ "$(cat code)" = 141 ]
}

# drained PID - has it read its input to the end?  It may have ended since: what
# is left to write fits the pipe.
drained() {
	! ended "$1" || return 0
	[ "$(awk '$1 == "rchar:" { print $2 }' "/proc/$1/io")" -ge \
		"$(stat -c %s t.ivf)" ] && grep -q poll "/proc/$1/wchan"
}

@test "decode: what is wrong with the input is said" {
	: >empty
	trio 98 '^chat-decode: stdin: it is empty$' chat-decode <empty
	trio 98 'it is neither IVF nor JPEG$' chat-decode <"$ROOT/Makefile"
	trio 98 'malformed JPEG' chat-decode < <(printf '\377\377')
	ivf 'head[8:12] = b"VP90"' <"$D/clip.ivf" >a.ivf
	trio 98 'its pictures are not VP8' chat-decode <a.ivf
	ivf 'head[4] = 1' <"$D/clip.ivf" >a.ivf
	trio 98 'its IVF is of another version' chat-decode <a.ivf
	ivf 'head[16:20] = b"\0\0\0\0"' <"$D/clip.ivf" >a.ivf
	trio 98 'it has no time base' chat-decode <a.ivf
}

@test "decode: usage" {
	trio 100 '^usage: chat-decode' chat-decode operand </dev/null
	run --separate-stderr chat-decode -x
	[ "$status" = 100 ]
	[ -z "$output" ]
	[[ $stderr = *usage:* ]]
}

@test "decode: descriptors that are closed or full" {
	run --separate-stderr sh -c 'chat-decode <"$1" >/dev/full' - "$D/clip.ivf"
	[ "$status" = 111 ]
	[[ $stderr = *'stdout: No space left'* ]]
	run sh -c 'chat-decode <"$1" >&-' - "$D/clip.ivf"
	[ "$status" = 111 ]
	run sh -c 'chat-decode <&-'
	[ "$status" = 111 ]
	run bash -c 'chat-decode <"$1" | head -c 10 >/dev/null
		echo ${PIPESTATUS[0]}' - "$D/clip.ivf"
	[ "$output" = 141 ]
}
