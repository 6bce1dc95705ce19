#!/usr/bin/env bats
# chat-join: a program between chat-open and chat-seal.

load ../helper

K='chacha20poly1305 hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo='
usage='^usage: chat-join '

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
}

# both 'BOB: PROGRAM' 'ALICE: PROGRAM' - joined by a session; their codes in $b
# and $a, what they print and say in b.out, b.err, a.out, a.err.
both() {
	rm -f b.err
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake -n bob \
		chat-join $1 >b.out 2>b.err </dev/null &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" chat-handshake -n alice \
		chat-join $2 >a.out 2>a.err || a=$?
	wait $pid || b=$?
	sed -i '/^chat-net: \|^connected to /d' a.err b.err
}

# with TEXT - a program.
with() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

# alone ARGS - with keys that open nothing, and a connection that is none.
alone() {
	mkfifo net 2>/dev/null || :
	chat-join "$@" 6</dev/null 7>/dev/null 8< <(echo "$K") 9< <(echo "$K")
}

@test "data both ways, the user's own on 3 and 5, ends true" {
	with ./bobs 'cat <&0 >&5; echo from bob'
	with ./alices 'cat <&3; exec >&-; cat >&5'
	seq 100000 >in
	both ./bobs ./alices <in
	[ "$b $a" = '0 0' ]
	cmp in b.out
	[ "$(cat a.out)" = 'from bob' ]
	[ ! -s a.err ]
	[ ! -s b.err ]
}

@test "each of the three has what it needs and no more" {
	with ./list 'ls /proc/$$/fd >list.$$; tr "\n" " " <list.$$ >&5
		exec >&-; cat >/dev/null'
	both ./list ./list </dev/null
	[ "$b $a" = '0 0' ]
	for out in a.out b.out; do
		# 10 and more are the shell's own and the test's.
		[ "$(tr ' ' '\n' <$out | grep -x . | tr -d '\n')" = 01235 ] ||
			{ cat $out; false; }
	done
}

@test "who had nothing to say is not blamed for who left before" {
	with ./late 'cat >&5
		p=$(cat bob.pid)
		while kill -0 $p && ! grep -q "^State:.Z" /proc/$p/status; do
			sleep 0.01
		done 2>/dev/null'
	with ./leaves 'echo $PPID >bob.pid; echo made'
	both ./leaves ./late
	[ "$b $a" = '0 0' ] || { cat a.err b.err; false; }
	[ "$(cat a.out)" = made ]
	[ -z "$(cat a.err b.err)" ]
	# A byte that nobody took is one.
	echo 'echo lost' >>late
	both ./leaves ./late
	[ "$b $a" = '0 111' ]
	[ "$(cat a.err)" = 'not all was delivered' ]
}

@test "the program's code is the code, unless the line was cut" {
	with ./seven 'exec >&-; cat >/dev/null; exit 7'
	with ./fine 'exec >&-; cat >/dev/null'
	both ./seven ./fine
	[ "$b $a" = '7 0' ] || { cat a.err b.err; false; }
	both ./fine ./fine
	[ "$b $a" = '0 0' ]
}

@test "a program that cannot be run: 126 and 127, a sentence, both sides end" {
	with ./fine 'exec >&-; cat >/dev/null'
	both ./nothing ./fine
	# The caller's data may have lost its reader.
	[[ "$b $a" =~ ^127\ (0|98|111)$ ]]
	[ "$(cat b.err)" = 'chat-join: ./nothing: No such file or directory' ]
	: >nothing
	both ./nothing ./fine
	[[ "$b $a" =~ ^126\ (0|98|111)$ ]]
	[ "$(cat b.err)" = 'chat-join: ./nothing: Permission denied' ]
}

@test "with no descriptors 6 to 9, or bad options" {
	for fd in 6 7 8 9; do
		trio 100 "^chat-join: descriptor $fd is not open" \
			bash -c "chat-join true 6</dev/null 7>/dev/null \
			8</dev/null 9</dev/null $fd<&-"
	done
	trio 100 "$usage" chat-join
	trio 100 "$usage" chat-join -b
	trio 100 'invalid option' chat-join -Z true 2>/dev/null ||
		[[ $stderr =~ 'invalid option' ]]
}

@test "a connection that was never one: 98, or the keys are refused" {
	run -98 --separate-stderr alone cat
	[ "$stderr" = 'the line to the other side was cut' ]
	run -100 --separate-stderr chat-join cat 6</dev/null 7>/dev/null \
		8</dev/null 9</dev/null
	[[ $stderr =~ the\ session\ key\ on\ [89]\ is\ in\ no\ pipe ]]
}

@test "where SIGCHLD is ignored, the codes are still heard" {
	run -98 --separate-stderr bash -c "trap '' CHLD; exec chat-join cat" \
		6</dev/null 7>/dev/null 8< <(echo "$K") 9< <(echo "$K")
	[ "$stderr" = 'the line to the other side was cut' ]
}

@test "a program that takes nothing any more ends it all" {
	with ./head 'head -c 5 >&5'
	with ./much 'cat >/dev/null & yes | head -c 3000000'
	both ./head ./much
	[ "$(cat b.out)" = "$(printf 'y\ny\ny')" ]
	[ "$b" = 0 ]
	[[ $a =~ ^(0|98|111|141)$ ]]
}

@test "closed descriptors 0 to 2 harm nothing" {
	with ./fine 'exec >&-; cat >&5'
	with ./call 'exec chat-join ./fine <&- 2>&-'
	with ./hi 'echo hi; exec >&-; cat >&5'
	rm -f b.err
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake \
		./call >b.out 2>b.err &
	p=$(port b.err)
	CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" chat-handshake \
		chat-join ./hi >a.out
	wait $!
	[ "$(cat b.out)" = hi ]
}

@test "each of the three killed: 111 or 98, a sentence, nobody left" {
	with ./wait 'cat >/dev/null'
	for who in chat-open chat-seal wait chat-join; do
		rm -f b.err
		CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake \
			-n bob chat-join ./wait >b.out 2>b.err </dev/null &
		bob=$!
		p=$(port b.err)
		CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" chat-handshake \
			chat-join ./wait >a.out 2>a.err </dev/null &
		alice=$!
		wait_text a.err 'connected to'
		all_run $bob chat-join chat-open chat-seal wait
		kids=$(cat /proc/$bob/task/$bob/children)
		[ "$(wc -w <<<"$kids")" = 3 ]
		kill -KILL "$(member $bob $who)"
		a=0 b=0
		wait $bob || b=$?
		wait $alice || a=$?
		case $who in
		chat-join) [ "$b" = 137 ] ;;
		*) [ "$b" = 111 ] && grep -q "$who was ended by signal 9" b.err
			[ "$(grep -vcE '^(connected to|chat-net)' b.err)" = 1 ]
			;;
		esac || { echo "$who: $b $a"; cat b.err a.err; false; }
		[[ $a =~ ^(0|98|111)$ ]]
		[ "$a" = 0 ] || [ "$(grep -vc '^connected to' a.err)" = 1 ]
		for k in $kids; do
			wait_for 5 test ! -e "/proc/$k"
		done
	done
}

@test "valgrind finds nothing" {
	command -v valgrind >/dev/null || skip 'no valgrind'
	! sanitized || skip 'sanitizers instead'
	with ./cat 'cat'
	run -98 valgrind -q --error-exitcode=77 chat-join ./cat 6</dev/null \
		7>/dev/null 8< <(echo "$K") 9< <(echo "$K")
}

# interrupted SIGNAL PROGRAM ... - alice, whose chat-join runs that, gets the signal
# when something of hers has come to bob, who runs ./bobs; bob's code is in $b.
interrupted() {
	local signal=$1
	shift
	rm -f b.err b.out
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake -n bob \
		chat-join $bobs >b.out 2>b.err </dev/null &
	pid=$!
	p=$(port b.err)
	# A shell's background commands ignore SIGINT.
	CHAT_HOME=$PWD/alice setsid env --default-signal=INT chat-net \
		127.0.0.1 "$p" chat-handshake -n alice chat-join "$@" \
		>a.out 2>a.err <&5 &
	alice=$!
	wait_for 20 eval "$arrived" || { cat a.err b.err; false; }
	kill -"$signal" -- -$alice
	code $pid
	b=$status
	code $alice
}

@test "a signal is a cut: what is cut short never looks whole" {
	mkdir there from
	truncate -s 50G from/much
	with ./bobs 'exec tar x -C there'
	with ./alices 'exec tar c from'
	bobs=./bobs arrived='[ -s there/from/much ]'
	for signal in INT HUP TERM; do
		rm -rf there/from
		interrupted $signal ./alices 5</dev/null
		[ "$b" = 98 ] || { echo "$signal: $b"; cat b.err; false; }
		[ "$status" -gt 128 ]
		grep -qx 'the line to alice was cut' b.err || { cat b.err; false; }
	done
	# Nor with lines, but for those that a person types.
	bobs='-b chat-text -q -r' arrived='[ -s b.out ]'
	mkfifo lines
	for signal in INT HUP TERM; do
		exec 5<>lines
		echo 'a line' >&5
		interrupted $signal -b chat-text -q
		[ "$b" = 98 ] || { echo "$signal: $b"; cat b.err; false; }
		grep -qE '^alice broke off|^the line to alice was cut' b.err
		exec 5>&-
	done
}
