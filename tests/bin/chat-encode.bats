#!/usr/bin/env bats
# chat-encode.bats - chat-encode: raw pictures to VP8 in IVF.

load ../helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=30:d=5 \
		-pix_fmt yuv420p clip.y4m
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	clip=$BATS_FILE_TMPDIR/clip.y4m
}

# count FILE - pictures in it, as the real ffprobe decodes them.
count() {
	ffprobe -v error -count_frames -show_entries stream=nb_read_frames \
		-of csv=p=0 "$1"
}

# times FILE - the time of each picture, in microseconds.
times() {
	ffprobe -v error -show_entries packet=pts -of csv=p=0 "$1" |
		tr -d ,
}

# keys FILE - the times of the key pictures.
keys() {
	ffprobe -v error -show_entries packet=pts,flags -of csv=p=0 "$1" |
		sed -n 's/,K.*//p'
}

# timed FIRST STEP - stdin's pictures told to be that many us apart.
timed() {
	python3 -c '
import sys
first, step = int(sys.argv[1]), int(sys.argv[2])
i, o = sys.stdin.buffer, sys.stdout.buffer
head = i.readline()
w, h = (int(x[1:]) for x in head.split()[1:3])
o.write(head)
n = 0
while i.readline():
    o.write(b"FRAME XT=%d\n" % (first + n * step))
    o.write(i.read(w * h * 3 // 2))
    o.flush()
    n += 1
' "$@"
}

@test "encode: a file: every picture, at the rate asked for, alike" {
	chat-encode -v -b 500 <"$clip" >a.ivf 2>err
	[ "$(cat err)" = 'chat-encode: 150 pictures coded, 3 of them key pictures; 0 dropped' ]
	[ "$(count a.ivf)" = 150 ]
	size=$(stat -c %s a.ivf) # 5 s of 500 kbit/s are 312,500
	[ "$size" -gt 250000 ]
	[ "$size" -lt 375000 ]
	s=$(likeness ssim a.ivf "$clip")
	echo "ssim $s"
	above "$s" 0.97
}

@test "encode: ffmpeg writes into it, and reads from it" {
	ffmpeg -v error -re -i "$clip" -t 1 -f yuv4mpegpipe - |
		chat-encode -v 2>err | ffmpeg -v error -i - -c copy a.ivf
	[[ $(cat err) =~ ^'chat-encode: '([0-9]+)' pictures coded, '.*' '([0-9]+)' dropped'$ ]]
	[ "$(count a.ivf)" = "${BASH_REMATCH[1]}" ]
	[ $((BASH_REMATCH[1] + BASH_REMATCH[2])) = 30 ]
}

@test "encode: the capture time is the time of the coded picture" {
	timed 1700000000123456 40000 <"$clip" >t.y4m
	chat-encode <t.y4m >a.ivf
	times a.ivf >got
	seq 1700000000123456 40000 1700000006083456 | cmp - got
	# and every key picture comes within 2 s of the one before
	[ "$(keys a.ivf | tr '\n' ' ')" = "1700000000123456 1700000002123456 1700000004123456 " ]
}

@test "encode: without capture times a file has the stream's own" {
	chat-encode <"$clip" >a.ivf
	[ "$(times a.ivf | sed -n '1p;31p;91p' | tr '\n' ' ')" = '0 1000000 3000000 ' ]
}

@test "encode: without capture times a live picture has that of its coming" {
	before=$(date +%s%6N)
	head -c 1000000 "$clip" >part # 8 pictures and a piece
	# shellcheck disable=SC2002 # a pipe is what makes it live
	cat part | { chat-encode 2>err || echo $? >code; } | cat >a.ivf
	[ "$(cat code)" = 98 ]
	after=$(date +%s%6N)
	times a.ivf >got
	[ -s got ]
	while read -r t; do
		[ "$t" -ge "$before" ]
		[ "$t" -le "$after" ]
	done <got
}

@test "encode: times that stand still, jump and go back do no harm" {
	timed 1700000000000000 0 <"$clip" >still.y4m
	chat-encode -b 300 <still.y4m >a.ivf
	[ "$(count a.ivf)" = 150 ]
	timed 1700000000000000 -40000 <"$clip" >back.y4m
	chat-encode -b 300 <back.y4m >a.ivf
	[ "$(times a.ivf | wc -l)" = 150 ]
	timed 1000000 3600000000 <"$clip" >hours.y4m
	chat-encode -b 300 <hours.y4m >a.ivf
	[ "$(count a.ivf)" = 150 ]
}

@test "encode: a key picture when asked on -K, and not more than that" {
	mkfifo in ask
	chat-encode -K 5 <in 5<>ask >a.ivf &
	pid=$!
	exec 6>in
	timed 1700000000000000 40000 <"$clip" >t.y4m
	one=$((26 + 320 * 240 * 3 / 2)) # its line, FRAME XT=1700000000000000
	head=$(head -1 t.y4m | wc -c)
	head -c $((head + 5 * one)) t.y4m >&6
	wait_for 10 five a.ivf 5
	echo k >ask # asks twice in one breath: one picture
	echo k >ask
	tail -c +$((head + 5 * one + 1)) t.y4m | head -c $((5 * one)) >&6
	exec 6>&-
	wait $pid
	[ "$(keys a.ivf | tr '\n' ' ')" = '1700000000000000 1700000000200000 ' ]
}

# five FILE N - has it N pictures by now?
five() {
	[ "$(times "$1" | wc -l)" -ge "$2" ]
}

@test "encode: -K says what the path has: fewer bits, and no key by the clock" {
	mkfifo ask
	exec 5<>ask
	chat-encode -K 5 <"$clip" >full.ivf
	[ "$(keys full.ivf | wc -l)" -gt 1 ]
	printf 'r 150\n' >&5
	chat-encode -K 5 <"$clip" >low.ivf
	[ "$(keys low.ivf | wc -l)" = 1 ]
	[ "$(count low.ivf)" = 150 ]
	[ "$(stat -c %s low.ivf)" -lt $(($(stat -c %s full.ivf) / 2)) ]
	# More than -b it is never, and lines that say nothing are nothing.
	printf 'r 999999999999\nr \nr x\n' >&5
	chat-encode -K 5 -b 200 <"$clip" >capped.ivf
	[ "$(stat -c %s capped.ivf)" -lt $(($(stat -c %s full.ivf) / 2)) ]
}

@test "encode: when -K comes to its end nobody looks any more" {
	chat-encode -K 5 5</dev/null <"$clip" >a.ivf
	[ ! -s a.ivf ]
	# Live, too: with a source that goes on.
	mkfifo ask
	chat-cam -d test | chat-encode -K 5 5<ask | cat >a.ivf &
	pid=$!
	exec 6>ask
	wait_for 10 test -s a.ivf
	exec 6>&-
	wait $pid
	[ "$(keys a.ivf | wc -l)" -ge 1 ]
}

@test "encode: a new header within the stream changes the size" {
	ffmpeg -v error -f lavfi -i testsrc=s=179x99:r=30:d=0.5 -pix_fmt yuv420p \
		odd.y4m
	cat "$clip" odd.y4m >two.y4m
	chat-encode <two.y4m >a.ivf
	chat-decode -v <a.ivf >b.y4m 2>err
	[[ $(cat err) = *' 165 pictures shown, 0 too late, 0 not whole' ]]
	[ "$(grep -aoE 'YUV4MPEG2 W[0-9]+ H[0-9]+' b.y4m | tr '\n' ,)" = \
		'YUV4MPEG2 W320 H240,YUV4MPEG2 W179 H99,' ]
}

@test "encode: live, the rate holds whatever is before the camera" {
	ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=30:d=6 \
		-vf noise=alls=60:allf=t -pix_fmt yuv420p noise.y4m
	timed 1700000000000000 33333 <noise.y4m >t.y4m
	# shellcheck disable=SC2002 # a pipe is what makes it live
	cat t.y4m | chat-encode -v -b 200 2>err | cat >a.ivf
	[[ $(cat err) =~ ([0-9]+)' pictures coded, '.*' '([0-9]+)' dropped' ]]
	[ $((BASH_REMATCH[1] + BASH_REMATCH[2])) = 180 ]
	[ "$(count a.ivf)" = "${BASH_REMATCH[1]}" ]
	# 6 s of 200 kbit/s are 150,000 bytes
	size=$(stat -c %s a.ivf)
	echo "size $size: $(cat err)"
	[ "$size" -lt 195000 ]
	# a file is to be whole instead
	chat-encode -b 200 <t.y4m >b.ivf
	[ "$(count b.ivf)" = 180 ]
}

@test "encode: odd sides" {
	ffmpeg -v error -f lavfi -i testsrc=s=99x75:r=30:d=1 -pix_fmt yuv420p \
		odd.y4m
	chat-encode <odd.y4m >a.ivf
	[ "$(count a.ivf)" = 30 ]
	above "$(likeness ssim a.ivf odd.y4m)" 0.97
}

@test "encode: a slow reader gets fewer pictures, never later ones" {
	mkfifo out
	timed 1 1 <"$clip" >t.y4m
	# shellcheck disable=SC2002 # a pipe is what makes it live
	cat t.y4m | chat-encode -v 2>err >out &
	pid=$!
	exec 7<out
	# The reader has not begun: the pipe fills, and the coder with it.
	wait_for 10 waiting $pid
	cat <&7 >a.ivf
	wait $pid
	[[ $(cat err) =~ ([0-9]+)' pictures coded, '.*' '([0-9]+)' dropped' ]]
	[ "${BASH_REMATCH[2]}" -gt 0 ]
	[ $((BASH_REMATCH[1] + BASH_REMATCH[2])) = 150 ]
	[ "$(count a.ivf)" = "${BASH_REMATCH[1]}" ]
	# what was coded can be decoded, whatever was dropped before it
	chat-decode -v <a.ivf 2>&1 >/dev/null | grep -q ' 0 not whole'
}

# waiting PID - is it asleep in poll?
waiting() {
	grep -q 'poll' "/proc/$1/wchan"
}

@test "encode: -I: each picture small, on a pipe that is read" {
	ffmpeg -v error -f lavfi -i testsrc2=s=640x360:r=30:d=1 \
		-pix_fmt yuv420p big.y4m
	mkfifo own
	cat own >own.y4m &
	chat-encode -I 4 <big.y4m 4>own >a.ivf
	wait $!
	[[ $(ffprobe -v error -count_frames -of csv=p=0 -show_entries \
		stream=nb_read_frames,width,height own.y4m) = 320,180,[1-9]* ]]
	# The first one, as others make it small.
	ffmpeg -v error -i own.y4m -frames:v 1 -f yuv4mpegpipe first.y4m
	ffmpeg -v error -i big.y4m -frames:v 1 -s 320x180 -sws_flags area \
		-pix_fmt yuv420p -f yuv4mpegpipe one.y4m
	p=$(likeness psnr first.y4m one.y4m)
	echo "$p dB"
	above "$p" 40
	chat-encode <"$clip" >a.ivf
	# Coding is the same, whoever reads: that waits, is gone, or is no pipe.
	exec 7<>own
	chat-encode -I 4 <"$clip" 4>own | cmp - a.ivf
	exec 7<&-
	chat-encode -I 4 <"$clip" 4> >(:) | cmp - a.ivf
	chat-encode -I 4 <"$clip" 4>file | cmp - a.ivf
	[ ! -s file ]
	# Sides that cannot be made small.
	ffmpeg -v error -f lavfi -i testsrc=s=2000x16:r=5:d=1 -pix_fmt yuv420p \
		long.y4m
	chat-encode -I 4 <long.y4m 4>own.y4m >/dev/null
	chat-encode -I 4 <long.y4m 4> >(wc -c >bytes) >/dev/null
	wait_for 10 grep -qx 0 bytes
}

@test "encode: what is wrong with the input is said" {
	: >empty
	trio 98 '^chat-encode: stdin: it is empty$' chat-encode <empty
	trio 98 '^chat-encode: stdin: not a YUV4MPEG2 stream$' \
		chat-encode <"$ROOT/Makefile"
	trio 98 'not a YUV4MPEG2' chat-encode < <(head -c 10000 /dev/urandom)
	trio 98 'size of its pictures is absurd' \
		chat-encode < <(echo YUV4MPEG2 W65535 H65535)
	trio 98 'not 4:2:0' chat-encode < <(echo YUV4MPEG2 W64 H64 C444)
	trio 98 'ended before the first picture' \
		chat-encode < <(echo YUV4MPEG2 W64 H64)
	trio 98 'cut within a picture' \
		chat-encode < <(printf 'YUV4MPEG2 W64 H64\nFRAME\nabc')
	trio 98 "its picture's line is malformed" \
		chat-encode < <(printf 'YUV4MPEG2 W64 H64\nFRAME%0300d' 0)
	trio 98 'cut within a picture' \
		chat-encode < <(printf 'YUV4MPEG2 W64 H64\nFRAME')
}

@test "encode: what follows the last whole picture decides the code" {
	head -c 1000000 "$clip" >part
	run --separate-stderr sh -c 'chat-encode <part >a.ivf'
	[ "$status" = 98 ]
	[[ $stderr = *'cut within a picture' ]]
	[ "$(count a.ivf)" = 8 ]
}

@test "encode: usage" {
	for o in -x '-b 9' '-b 100001' '-b x' '-I 99' '-K 99' '-K 2' '-K x' operand; do
		# shellcheck disable=SC2086
		trio 100 '^(chat-encode: -|usage: )|: (invalid|unknown|option)' \
			chat-encode $o </dev/null ||
			{ [ "$status" = 100 ] && [ -z "$output" ]; }
	done
}

@test "encode: descriptors that are closed or full" {
	run --separate-stderr sh -c 'chat-encode <"$1" >/dev/full' - "$clip"
	[ "$status" = 111 ]
	[[ $stderr = *'stdout: No space left'* ]]
	run sh -c 'chat-encode <"$1" >&-' - "$clip"
	[ "$status" = 111 ]
	run sh -c 'chat-encode <&-'
	[ "$status" = 111 ]
	run bash -c 'chat-encode <"$1" | head -c 10 >/dev/null
		echo ${PIPESTATUS[0]}' - "$clip"
	[ "$output" = 141 ]
}
