#!/usr/bin/env bats
# Somebody between the two, or the other side gone wrong: never an unverified
# byte on stdout, the right codes, one sentence, nobody left hanging.
# ATTACK_LONG=1: every bit of every byte, and a minute's stop.

load ../helper

teardown() {
	jobs_end
	ip netns del "chat-a$$" 2>/dev/null || :
	ip netns del "chat-b$$" 2>/dev/null || :
}

# proxy [OPTION ...] MODE - all its sessions went as they must.
proxy() {
	local good=0 said=$BATS_TEST_TMPDIR/proxy
	"$ROOT/tests/tool/proxy" "$@" >"$said" || good=1
	cat "$said"
	tries "$(sed -n 's/^tries //p' "$said")"
	return $good
}

# sweep MODE [OPTION ...] - under sanitizers, which are slow, every ninth only.
sweep() {
	local step=1
	! sanitized || step=9
	proxy -s $step "$@"
}

@test "any one bit of a session flipped is noticed" {
	sweep -b $((${ATTACK_LONG:-0} ? 8 : 1)) flip
}

@test "a session cut at any byte is noticed by both" {
	sweep cut
}

@test "one direction cut at any byte is noticed" {
	sweep half
}

@test "a message or record dropped, repeated, swapped or reflected is noticed" {
	proxy units
}

@test "an offer, a mode or a choice that was edited breaks the handshake" {
	sweep offer
}

@test "what was right once is wrong the next time" {
	proxy replay
}

@test "two sessions never produce the same bytes" {
	proxy twice
}

@test "what was said, names and keys are not on the wire" {
	proxy bare
}

@test "a caller with the wrong listener sends no third message" {
	proxy wrong
}

# pair [COMMAND ...] - bob listens and alice calls, with chat-talk, each line of
# whom is a FIFO: 5 is alice's, 6 bob's.  Their pids: $alice and $bob.
pair() {
	couple
	mkfifo a.in b.in
	CHAT_HOME=$PWD/bob setsid chat-talk -lv -n bob -s 127.0.0.1 0 \
		<b.in >b.out 2>b.err &
	bob=$!
	exec 6>b.in
	p=$(port b.err)
	CHAT_HOME=$PWD/alice setsid chat-talk -n alice 127.0.0.1 "$p" \
		<a.in >a.out 2>a.err &
	alice=$!
	exec 5>a.in
	wait_text a.err 'connected to bob'
	wait_text b.err 'connected to alice'
}

# The programs at each side of it.
programs='chat-net chat-join chat-open chat-text chat-seal'

# ends - both do, within a few seconds, and nobody is left; codes in $a and $b.
ends() {
	a=0 b=0
	for pid in $alice $bob; do
		wait_for 8 ended "$pid" ||
			{ echo "$pid stays"; kill -KILL "$pid"; return 1; }
	done
	wait $alice || a=$?
	wait $bob || b=$?
	for pid in "$@"; do
		wait_for 5 ended "$pid" ||
			{ echo "$pid of $* stays"; return 1; }
	done
}

@test "any program of a conversation killed: both end, one sentence, no orphan" {
	for who in $programs; do
		mkdir "$BATS_TEST_TMPDIR/$who"
		cd "$BATS_TEST_TMPDIR/$who"
		BATS_TEST_TMPDIR=$PWD pair
		all_run $bob $programs
		all=$(family $bob)
		kill -KILL "$(member $bob $who)"
		# shellcheck disable=SC2086
		ends $all || { echo "$who"; cat a.err b.err; false; }
		exec 5>&- 6>&-
		[ "$a" = 98 ] || { echo "$who: $a"; cat a.err; false; }
		[ "$(grep -vc '^connected' a.err)" = 1 ]
		grep -qE 'the line to bob was cut|bob broke off the conv' a.err
		[[ $b =~ ^(111|137)$ ]] || { echo "$who: $b"; cat b.err; false; }
		[ ! -s a.out ]
		[ ! -s b.out ]
	done
}

@test "each program of a conversation has at most 8 MiB" {
	! sanitized || skip 'sanitizers'
	cd "$BATS_TEST_TMPDIR"
	pair
	seq 20000 >&5
	seq 20000 >&6
	wait_text a.out 'bob: 20000$'
	wait_text b.out 'alice: 20000$'
	n=0
	for pid in $(family $alice) $(family $bob); do
		read -r name <"/proc/$pid/comm"
		kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' \
			"/proc/$pid/status")
		echo "$name $kib KiB"
		[ "$kib" -le 8192 ]
		n=$((n + 1))
	done
	[ $n -ge 8 ]
	exec 5>&- 6>&-
	ends
	[ "$a $b" = '0 0' ]
}

@test "stopped for a while and resumed: it lives" {
	cd "$BATS_TEST_TMPDIR"
	pair
	all_run $bob $programs
	all=$(family $bob)
	# shellcheck disable=SC2086
	kill -STOP $all
	seq 1000 >&5
	# shellcheck disable=SC2015
	read -rt "$((${ATTACK_LONG:-0} ? 60 : 3))" <> <(:) || :
	# shellcheck disable=SC2086
	kill -CONT $all
	wait_text b.out 'alice: 1000$'
	echo and back >&6
	wait_text a.out 'bob: and back$'
	exec 5>&- 6>&-
	ends
	[ "$a $b" = '0 0' ]
	[ "$(wc -l <b.out)" = 1000 ]
}

@test "a machine gone without a word: 99 in 30 to 45 seconds, on both sides" {
	cd "$BATS_TEST_TMPDIR"
	[ "$(id -u)" = 0 ] && ip netns add "chat-a$$" 2>/dev/null ||
		skip 'no network namespaces'
	ip netns add "chat-b$$"
	ip -n "chat-a$$" link add veth0 type veth peer name veth0 \
		netns "chat-b$$"
	for x in a b; do
		ip -n "chat-$x$$" addr add "10.9.8.$((0x$x))/24" dev veth0
		ip -n "chat-$x$$" link set veth0 up
	done
	home alice
	home bob
	knows alice bob 10.9.8.11
	knows bob alice 127.0.0.1
	mkfifo a.in b.in
	CHAT_HOME=$PWD/bob setsid ip netns exec "chat-b$$" chat-talk -lv \
		-n bob 0 <b.in >b.out 2>b.err &
	bob=$!
	exec 6>b.in
	p=$(port b.err)
	CHAT_HOME=$PWD/alice setsid ip netns exec "chat-a$$" chat-talk \
		-n alice 10.9.8.11 "$p" <a.in >a.out 2>a.err &
	alice=$!
	exec 5>a.in
	wait_text b.err 'connected to alice'
	# A line from bob is an answer.
	echo hello >&6
	wait_text a.out hello
	ip -n "chat-a$$" link set veth0 down
	start=$SECONDS
	echo 'are you there?' >&5
	a=0 b=0
	wait $alice || a=$?
	took=$((SECONDS - start))
	wait $bob || b=$?
	exec 5>&- 6>&-
	echo "$a after $took s, $b after $((SECONDS - start)) s"
	cat a.err b.err
	[ "$a $b" = '99 99' ]
	[ "$took" -ge 28 ]
	[ $((SECONDS - start)) -le 47 ]
	grep -q '^chat-open: lost touch with bob$' a.err
	grep -q '^chat-open: lost touch with alice$' b.err
	# On a slow machine alice waited for bob a moment.
	[ "$(grep -vc '^waiting for ' a.err)" = 4 ]
	[ "$(grep -v '^chat-open: ' a.err |
		grep -A1 '^the last line may not have arrived:$' | tail -1)" = '> are you there?' ]
}

# stranger COMMAND - somebody calls bob, who listens with -lr, and does this to
# the connection on 6 and 7; bob goes on waiting.
stranger() {
	setsid chat-net 127.0.0.1 "$p" sh -c "$1" >/dev/null 2>&1 &
}

@test "callers that say nothing, garbage, a great length, slowly, half: bob waits on" {
	cd "$BATS_TEST_TMPDIR"
	couple
	CHAT_HOME=$PWD/bob setsid chat-net -lrv -s 127.0.0.1 0 \
		chat-handshake -w 3 -n bob true </dev/null >b.out 2>b.err &
	bob=$!
	p=$(port b.err)
	stranger 'cat <&6'
	stranger 'printf "GET / HTTP/1.1\r\n\r\n" >&7; cat <&6'
	stranger 'printf "chat1\003\0\377\377" >&7; cat <&6'
	stranger 'printf "chat1\003\0\0\041" >&7; cat <&6'
	stranger 'printf "chat1\003\007\0\040" >&7; cat <&6'
	stranger 'printf "chat1\0\0\0\040" >&7; cat <&6'
	stranger 'printf "chat1\003\0\0\040%032d" 0 >&7; cat <&6'
	stranger '{ printf "chat1\003\0\0\040"; head -c 32 /dev/zero; } >&7
		cat <&6'
	stranger '{ printf "chat1\003\0\0\040%032d\0\100%064d" 0 0; } >&7
		cat <&6'
	stranger 'for i in 1 2 3 4 5 6 7 8 9; do printf c >&7; sleep 1; done'
	stranger 'yes >&7'
	for n in 0 1 6 7 8 9 20 40 41; do
		stranger "printf 'chat1\\003\\0\\0\\040%032d' 0 | head -c $n >&7"
	done
	# All of them are over, each with a sentence, and bob still waits.
	wait_for 20 sh -c '[ "$(grep -c "^chat-net: child .* ended with" \
		b.err)" = 20 ]' || { cat b.err; false; }
	[ "$(grep -c '^chat-handshake: ' b.err)" = 20 ]
	[ "$(grep -c 'ended with 98$' b.err)" = 17 ] ||
		{ cat b.err; false; }
	[ "$(grep -c 'ended with 99$' b.err)" = 3 ]
	[ "$(grep -c 'does not speak chat' b.err)" -ge 2 ]
	grep -q 'a message of 65535 bytes' b.err
	grep -q 'a message of 33 bytes' b.err
	grep -q 'low order' b.err
	CHAT_HOME=$PWD/alice setsid -w chat-net 127.0.0.1 "$p" \
		chat-handshake -n alice true 2>a.err
	wait $bob
	grep -q 'connected to alice' b.err
	tries 20
}

@test "a listener that answers so: 98 or 99, one sentence, in time" {
	cd "$BATS_TEST_TMPDIR"
	home alice
	while IFS='|' read -r code say want; do
		rm -f b.err
		chat-net -lv -s 127.0.0.1 0 sh -c "$say" 2>b.err >/dev/null &
		pid=$!
		p=$(port b.err)
		CHAT_HOME=$PWD/alice trio "$code" "^chat-handshake: $want" \
			setsid -w chat-net 127.0.0.1 "$p" chat-handshake -w 2 \
			true
		wait $pid || :
	done <<-'TABLE'
	99|exec cat <&6|127.0.0.1 did not answer in time
	98|:|127.0.0.1 hung up during the handshake
	98|printf '\002' >&7|127.0.0.1 hung up during the handshake
	98|head -c 41 <&6; printf '\0' >&7; cat <&6|127.0.0.1 wants a spoken code
	98|head -c 41 <&6; printf 'HTTP/1.1 400' >&7; cat <&6|127.0.0.1 (sent no handshake|does not speak chat)
	98|head -c 41 <&6; printf '\002\377\377' >&7; cat <&6|127.0.0.1 sent no handshake: a message of 65535 bytes
	98|head -c 41 <&6; printf '\002\0\140%096d' 0 >&7; cat <&6|the handshake with 127.0.0.1 is not authentic
	98|head -c 41 <&6; { printf '\001\0\140'; head -c 96 /dev/zero; } >&7; cat <&6|the handshake with 127.0.0.1 is not authentic
	99|head -c 41 <&6; printf '\002\0\140%095d' 0 >&7; cat <&6|127.0.0.1 did not answer in time
	TABLE
}
