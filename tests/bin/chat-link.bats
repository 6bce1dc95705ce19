#!/usr/bin/env bats
# chat-link: ranked frames over one path; by itself, two back to back, and under
# chat-join -L.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkfifo ab ba
	cat >frames <<-'PY'
	# frames KIND:NUMBER[:TEXT[:FLAGS]] ... - those frames on stdout.
	import struct, sys
	for a in sys.argv[1:]:
	    k, n, t, f = (a.split(":") + ["", "0"])[:4] if a.count(":") < 2 else \
	        (a.split(":") + ["0"])[:4]
	    t = t.encode()
	    sys.stdout.buffer.write(struct.pack("!BBHIHHIQ", ord(k), int(f), len(t),
	        int(n), 0, 1, 0, 1) + t)
	PY
	cat >heads <<-'PY'
	# heads FILE - the frames in it: KIND NUMBER [TEXT], a line each.
	import struct, sys
	b = open(sys.argv[1], "rb").read()
	while b:
	    k, f, n, num = struct.unpack("!BBHI", b[:8])
	    print(chr(k), num, *filter(None, [b[24:24 + n].decode("latin1")]))
	    b = b[24 + n:]
	PY
}

frames() {
	python3 frames "$@"
}

heads() {
	python3 heads "$1"
}

# pair 'A: WORDS' 'B: WORDS' - two chat-links back to back, with those options;
# 3 and 4 of them are a.in and a.out, b.in and b.out; codes in $a and $b.
pair() {
	a=0 b=0
	# shellcheck disable=SC2086 # lists of words
	timeout 40 chat-link $1 <ba >ab 3<a.in 4>a.out 2>a.err &
	# shellcheck disable=SC2086
	timeout 40 chat-link $2 >ba <ab 3<b.in 4>b.out 2>b.err || b=$?
	wait $! || a=$?
}

@test "chat-link: usage" {
	trio 100 '^usage: chat-link ' chat-link
	trio 100 '^usage: chat-link ' chat-link -i 0 more
	trio 100 'x: not a descriptor' chat-link -i x
	trio 100 '77: descriptor is not open' chat-link -i 77
	trio 100 'not KINDS=FD: 1' chat-link -i 0 -o 1
	trio 100 'not kinds of' chat-link -i 0 -o tz=1
	trio 100 'not kinds of' chat-link -i 0 -o l=1
	trio 100 'a kind twice' chat-link -i 0 -o td=1 -o t=1
	trio 100 'more than 8' chat-link -i 0 -i 0 -i 0 -i 0 -i 0 -i 0 -i 0 \
		-i 0 -i 0
}

@test "chat-link: plain bytes both ways, whole, and both ends 0" {
	head -c 3000000 /dev/urandom >a.in
	head -c 100000 /dev/urandom >b.in
	pair '-i B=3 -o B=4' '-i B=3 -o B=4'
	[ "$a $b" = '0 0' ]
	cmp a.in b.out
	cmp b.in a.out
	[ ! -s a.err ]
	[ ! -s b.err ]
}

@test "chat-link: frames by their kinds, numbers kept, the end last" {
	frames t:0:one b:0:bytes t:1:two d:7 a:3:sound i:0:picture:1 e:0::1 >a.in
	frames e:0 >b.in
	exec 5>b.two
	pair '-i 3 -o tdeaijkb=4' '-i 3 -o tde=4 -o baij=5'
	[ "$a $b" = '0 0' ]
	[ "$(heads b.out)" = 't 0 one
t 1 two
d 7
e 0' ]
	[ "$(heads b.two | sort)" = 'a 3 sound
b 0 bytes
e 0
i 0 picture' ]
	[ "$(heads a.out)" = 'e 0' ]
}

@test "chat-link: a reader that takes its time has all, though the other side has left" {
	head -c 3000000 /dev/urandom >a.in
	: >b.in
	mkfifo slow
	exec 6<>slow
	b=0
	timeout 40 chat-link -i B=3 -o B=4 <ba >ab 3<a.in 4>a.out 2>a.err 6>&- &
	a=$!
	timeout 40 chat-link -i B=3 -o B=4 >ba <ab 3<b.in 4>slow 2>b.err 6>&- &
	code $a
	[ "$status" = 0 ]
	timeout 20 cat <slow >b.out 6>&- &
	exec 6>&-
	wait %2 || b=$?
	[ "$b" = 0 ]
	wait
	cmp a.in b.out
}

@test "chat-link: frames that break off are said to the other side" {
	frames t:0:one >a.in
	mkfifo b.in
	exec 9<>b.in # never ends by itself
	pair '-qi 3 -o tde=4' '-i 3 -o tde=4'
	[ "$a $b" = '98 98' ]
	grep -qx 'the other side broke off the conversation' b.err
	[ ! -s a.err ]
}

@test "chat-link: a malformed frame from a program, or from chat-open, is 98" {
	frames t:0:one >a.in
	head -c 30 /dev/zero >>a.in
	mkfifo b.in
	exec 9<>b.in
	pair '-i 3 -o tde=4' '-qi 3 -o tde=4'
	[ "$a $b" = '98 98' ]
	grep -qx 'a program wrote a malformed frame' a.err
	head -c 100 /dev/urandom >junk
	run --separate-stderr chat-link -i 3 -o t=4 <junk 3< <(sleep 3) 4>out
	[ "$status" = 98 ]
	[ ! -s out ]
}

@test "chat-link: an end from beside all lanes before theirs is a break" {
	frames e:0 >raw
	run --separate-stderr env CHAT_PEER=alice chat-link -i 3 -o t=4 <raw \
		3< <(exec sleep 5) 4>out
	[ "$status" = 98 ]
	[ "$stderr" = 'alice broke off the conversation' ]
	[ ! -s out ]
}

@test "chat-link: a side that does not speak it" {
	run --separate-stderr env CHAT_PEER=alice chat-link -i 3 -o t=4 \
		< <(frames t:0:hello; exec sleep 8) 3< <(exec sleep 8) 4>out
	[ "$status" = 98 ]
	[ "$stderr" = 'alice does not speak chat-link: both need -L, or neither' ]
	[ ! -s out ]
}

@test "chat-link: programs without it say so of one that does" {
	python3 - >l <<-'PY'
	import struct, sys
	sys.stdout.buffer.write(struct.pack("!BBHIHHIQ", ord("l"), 0, 4, 0, 0, 1, 0, 1)
	    + bytes([1, 0, 1, 0]))
	PY
	trio 98 'the other side speaks chat-link: -L' chat-frame -d -m 1184 <l
	trio 98 'the other side speaks chat-link: -L' chat-frame -d <l
}

@test "chat-link: a reader that leaves loses its kinds alone" {
	frames t:0:one b:0:bytes b:1:more t:1:two e:0 >a.in
	frames e:0 >b.in
	mkfifo gone
	exec 6<>gone 5>gone 6>&-
	pair '-i 3 -o tdeb=4' '-i 3 -o tde=4 -o b=5'
	[ "$a $b" = '0 0' ]
	[ "$(heads b.out)" = 't 0 one
t 1 two
e 0' ]
}

@test "chat-link: lines for a coder, lines about the path" {
	frames k:0 t:0:x e:0 >a.in
	mkfifo b.in
	exec 5>b.lines 6>b.state 9<>b.in
	(wait_text b.lines k && wait_text b.lines 'r ' &&
		wait_text b.state rtt= && frames e:0 >&9) 3>&- &
	pair '-i 3 -o tde=4' '-s 6 -i 3 -o tde=4 -o K=5'
	[ "$a $b" = '0 0' ]
	grep -qx k b.lines
	grep -qxE 'r [0-9]+' b.lines
	grep -qE '^rtt=[0-9.]+ queue=[0-9.]+ loss=0\.000 rate=[0-9]+ coder=[0-9]+ sent=[0-9]+ resent=0 repaired=0 given_up=0 mode=alone quiet=' b.state
}

@test "chat-join -L: a conversation, its descriptors and its codes" {
	trio 100 '^usage: chat-join' chat-join -B true
	couple
	CHAT_HOME=$PWD/bob chat-net -luv -s 127.0.0.1 0 chat-handshake -un bob \
		chat-join -Lb chat-text -qr -i 3 -o 5 >b.out 2>b.err <<<'from bob' &
	p=$(port b.err)
	a=0 b=0
	CHAT_HOME=$PWD/alice CHAT_STATE=20 chat-net -u 127.0.0.1 "$p" \
		chat-handshake -un alice chat-join -Lb chat-text -qr -i 3 -o 5 \
		>a.out 2>a.err 20>a.state <<<'from alice' || a=$?
	wait $! || b=$?
	[ "$a $b" = '0 0' ]
	[ "$(cat a.out)" = 'from bob' ]
	[ "$(cat b.out)" = 'from alice' ]
	grep -q '^rtt=' a.state
}

# joined 'BOB: OPTIONS' 'ALICE: OPTIONS' - chat-join -Lb with these words of
# the shell, and chat-text -c $text between; codes in $a and $b.
joined() {
	couple
	a=0 b=0
	CHAT_HOME=$PWD/bob chat-net -luv -s 127.0.0.1 0 chat-handshake -un bob \
		sh -c "exec chat-join -Lb $1 chat-text -cqr ${text-} -i 3 -o 5" \
		>b.out 2>b.err </dev/null &
	bob=$!
	p=$(port b.err)
	CHAT_HOME=$PWD/alice chat-net -u 127.0.0.1 "$p" chat-handshake -un alice \
		sh -c "exec chat-join -Lb $2 chat-text -cqr ${text-} -i 3 -o 5" \
		>a.out 2>a.err </dev/null || a=$?
	wait $bob || b=$?
}

@test "chat-join -r: each rank has a program of its own, and its kinds" {
	trio 100 'not KINDS=COMMAND' chat-join -L -r a true
	trio 100 '^usage: chat-join' chat-join -r a=true true
	# The end of alice's last command is a hang-up.
	head -c 100000 /dev/urandom >file
	joined "-r b='exec chat-frame -d -k bytes >got'" \
		"-r b='chat-frame -k bytes <file; exec >&-; until cmp -s file got; do sleep 0.05; done'"
	[ "$a $b" = '0 0' ]
	cmp file got
	grep -q 'alice hung up' b.err
}

@test "chat-join -r: one that fails beside others loses its kinds alone" {
	# b is still there when a has failed.
	joined "-r i='exec cat >/dev/null'" \
		"-r a='exit 3' -r b='sleep 0.5'"
	[ "$a" = 3 ]
	[ "$b" = 0 ]
	grep -q 'alice hung up' b.err
}

@test "chat-join -r: one that says only by its code that its frames broke off" {
	text=-ay joined -w "-w -r a='exit 98'"
	[ "$a $b" = '98 0' ]
	[ "$(tail -n 1 a.err)" = "chat-join: a command's frames broke off" ]
}

@test "chat-join -Lb: figures do not count as the reason why a call broke off" {
	joined '' "-r i='echo chat-view: 3 pictures shown >&2
		until pkill -PIPE -P \$PPID -x chat-open; do sleep 0.02; done'"
	[ "$a $b" = '98 98' ]
	[ "$(cat a.err)" = 'connected to bob (aes256gcm)
chat-view: 3 pictures shown
bob broke off the conversation' ]
}

@test "chat-join -Lb: what chat-link says is enough" {
	text=-ay joined -w "-w -r i='printf %100s >&1'"
	[ "$a $b" = '98 98' ]
	[ "$(tail -n +2 a.err)" = 'a program wrote a malformed frame' ]
}

@test "chat-join -Lb: a program that fails without its end: its code, not chat-link's" {
	joined '' "sh -c 'exit 111'"
	[ "$a $b" = '111 98' ]
	[ "$(tail -n 1 a.err)" = 'not all was delivered' ]
}

# called ARGS - bob listens with chat-talk -ul, and has nothing to say until
# b.in is written; alice calls him.  Their pids in $bob and $alice.
called() {
	couple
	mkfifo b.in a.in
	exec 8<>b.in 9<>a.in
	CHAT_HOME=$PWD/bob chat-talk -ulrv -s 127.0.0.1 0 <b.in >b.out 2>b.err 8>&- 9>&- 3>&- &
	bob=$!
	p=$(port b.err)
	CHAT_HOME=$PWD/alice chat-talk -ur -p bob 127.0.0.1 "$p" <a.in >a.out \
		2>a.err 8>&- 9>&- 3>&- &
	alice=$!
	wait_text a.err 'connected to bob'
	echo one >&9
	wait_text b.out one
}

@test "chat-talk -u: whoever is killed, both sides are told at once" {
	for who in chat-open chat-link chat-text; do
		rm -rf a.in b.in alice bob a.out b.out b.err
		called
		all_run $alice chat-join chat-open chat-link chat-text
		kill -KILL "$(member $alice $who)"
		start=$SECONDS
		code $alice
		[ "$status" = 111 ]
		grep -qE "$who was ended by signal 9" a.err
		code $bob
		[ "$status" = 98 ]
		grep -q 'alice broke off the conversation' b.err
		[ $((SECONDS - start)) -lt 8 ]
		exec 8>&- 9>&-
	done
}

@test "chat-talk -u: TERM to chat-join is a hang-up there" {
	called
	kill -TERM $alice
	code $alice
	[ "$status" = 143 ]
	code $bob
	[ "$status" = 0 ] || [ "$status" = 98 ]
	exec 8>&- 9>&-
}

@test "chat-send -u: whole, with a receipt, through a path that loses" {
	"$ROOT/tests/tool/lab" -- : : 2>log || skip "$(cat log)"
	couple
	mkdir got
	head -c 2000000 /dev/urandom >file
	export T=$PWD
	run --separate-stderr "$ROOT/tests/tool/lab" -w 80 delay=20 loss=10 rate=20000 -- \
		'until [ -e $T/ready ]; do sleep 0.05; done
		CHAT_HOME=$T/alice chat-send -uqp bob $LAB_B $T/file' \
		'CHAT_HOME=$T/bob chat-recv -ulqyv -d $T/got 2>&1 |
		while read -r l; do case $l in *listening*) : >$T/ready ;; esac; done'
	[ "$status" = 0 ]
	cmp file got/file
}

@test "chat-talk -u: lines in order, none lost, none twice, at 29 % loss" {
	"$ROOT/tests/tool/lab" -- : : 2>log || skip "$(cat log)"
	couple
	export T=$PWD
	run --separate-stderr "$ROOT/tests/tool/lab" -w 80 delay=50 loss=29 -- \
		'until grep -q listening $T/err; do sleep 0.05; done
		seq 100 | while read -r i; do echo $i; sleep 0.02; done |
		CHAT_HOME=$T/alice chat-talk -urp bob $LAB_B' \
		'CHAT_HOME=$T/bob chat-talk -ulrv >$T/got 2>$T/err </dev/null'
	[ "$status" = 0 ]
	seq 100 | cmp - got
}
