#!/usr/bin/env bats
# Where secrets are, and where they no longer are, while programs run: tests/tool/memory
# reads all memory of them, as somebody could who has broken in.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	! sanitized || skip 'sanitizers'
	"$ROOT/tests/tool/memory" $$ <<<'what bash holds, as it reads this' >/dev/null ||
		skip 'no memory can be read'
}

# holds FILE PID ... - is one of FILE's secrets in one of these?
holds() {
	local secrets=$1
	shift
	"$ROOT/tests/tool/memory" "$@" <"$secrets" >found
}

@test "an identity is in no memory of a conversation" {
	couple
	cat alice/id bob/id | grep '=$' >secrets
	[ "$(wc -l <secrets)" = 2 ]
	mkfifo a.in b.in
	CHAT_HOME=$PWD/bob setsid chat-talk -lv -n bob -s 127.0.0.1 0 \
		<b.in >b.out 2>b.err 3>&- &
	bob=$!
	exec 6>b.in
	p=$(port b.err)
	CHAT_HOME=$PWD/alice setsid chat-talk -n alice 127.0.0.1 "$p" \
		<a.in >a.out 2>a.err 3>&- &
	alice=$!
	exec 5>a.in
	echo hello >&5
	wait_text b.out hello
	all_run $bob chat-net chat-join chat-open chat-text chat-seal
	all_run $alice chat-join chat-open chat-text chat-seal
	all=$(family $alice; family $bob)
	# shellcheck disable=SC2086 # a list of numbers
	run holds secrets $all
	cat found
	[ "$status" = 1 ]
	exec 5>&- 6>&-
	wait $alice
	wait $bob
	tries "$(wc -w <<<"$all")"
}

@test "it is found where it still is: in a handshake" {
	home alice
	grep '=$' alice/id >secrets
	mkfifo in
	CHAT_HOME=$PWD/alice chat-handshake -r responder -w 60 true \
		6<>in 7>/dev/null 2>err 3>&- &
	pid=$!
	wait_for 10 pgrep -P $pid
	# shellcheck disable=SC2046 # a list of numbers
	found_it() { holds secrets $(family $pid); }
	wait_for 10 found_it
	grep chat-handshake found
	kill $pid
	tries 1
}

@test "no identity, code or passphrase is on a command line or in the environment" {
	home alice
	home bob
	cat alice/id bob/id | grep '=$' >secrets
	chat-keygen -c >code
	cp code said
	sed 's/^[0-9]*-//' code >>secrets
	# What each program of both sides was called with, from the beginning to the end.
	CHAT_HOME=$PWD/alice strace -fqqo alice.calls -s 9999 -v -e trace=execve \
		chat-talk -lv -n alice -s 127.0.0.1 -C code 0 \
		</dev/null >a.out 2>a.err 3>&- &
	pid=$!
	echo hello | CHAT_HOME=$PWD/bob strace -fqqo bob.calls -s 9999 -v \
		-e trace=execve chat-talk -n bob -C said 127.0.0.1 "$(port a.err)" \
		2>b.err
	wait $pid
	grep -q hello a.out
	run ! grep -Ff secrets alice.calls bob.calls
	n=$(cat alice.calls bob.calls | grep -c 'execve.*chat-')
	[ "$n" -ge 12 ]
	grep -qF "CHAT_HOME=$PWD/alice" alice.calls
	tries "$n"
}
