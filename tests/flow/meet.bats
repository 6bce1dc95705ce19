#!/usr/bin/env bats
# Two people who cannot call each other: a code first, then by name; what is sent
# through routers and through a relay; a relay in between.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test 'lab: a code between two routers, then chat-talk bob' {
	[ -w /dev/net/tun ] && [ "$(id -u)" = 0 ] || skip 'no namespaces here'
	home alice
	home bob
	export T=$PWD
	for who in alice bob; do echo 192.0.2.1 >$who/relay; done
	run timeout 60 "$ROOT/tests/tool/meetlab" keep keep delay=5 -- '
		export CHAT_HOME=$T/alice
		until grep -qs "the other side types" $T/bob.err; do sleep .1; done
		sed -n "s/the code to tell the other side: //p" $T/bob.err >$T/code
		echo "hi bob" | chat-talk -n alice -C $T/code
		echo "code $?"
		until [ -e $T/ready ]; do sleep .1; done
		echo "hi again" | chat-talk bob
		echo "code $?"' '
		export CHAT_HOME=$T/bob
		echo "hi alice" | chat-talk -n bob -l -c 2>$T/bob.err
		echo "code $?"
		echo >$T/ready
		echo "hello again" | chat-talk -l'
	echo "$output"
	cat bob.err
	[ "$status" = 0 ]
	grep -q '^bob .* @192.0.2.1$' alice/peers
	[[ $output == *'chat-meet: direct tcp4'* ]]
	[[ $output == *'bob: hi alice'* ]]
	[[ $output == *'alice: hi again'* ]]
	[[ $output == *'bob: hello again'* ]]
	grep -qx 'the other side types: chat-talk -c @192.0.2.1' bob.err
}

@test 'by name, with nobody at the port: rooms of known peers' {
	couple
	relay
	sed -i 's/ 127.0.0.1//' alice/peers
	for u in '' -u; do
		echo hello >said
		CHAT_HOME=bob chat-talk -l $u 0 >out 2>err <said 3>&- &
		pid=$!
		waits 8
		run bash -c "echo hi | CHAT_HOME=alice chat-talk $u bob"
		[ "$status" = 0 ]
		[[ $output == *'connected to bob'* ]]
		[[ $output == *'bob: hello'* ]]
		code $pid
		[ "$status" = 0 ]
		grep -q 'alice: hi' out
		# A direct call is as welcome.
		CHAT_HOME=bob chat-talk -lv $u 0 >out 2>err <said 3>&- &
		pid=$!
		p=$(port err)
		run bash -c "echo hi | CHAT_HOME=alice chat-talk -p bob $u 127.0.0.1 $p"
		[ "$status" = 0 ]
		code $pid
		[ "$status" = 0 ]
		sed -i 's/ 127.0.0.1//' alice/peers
	done
}

@test 'two who call each other meet' {
	couple
	relay
	sed -i 's/ 127.0.0.1//' alice/peers bob/peers
	echo hello | CHAT_HOME=bob chat-talk alice >out 2>err 3>&- &
	pid=$!
	waits 2
	run bash -c 'echo hi | CHAT_HOME=alice chat-talk bob'
	[ "$status" = 0 ]
	code $pid
	[ "$status" = 0 ]
	grep -q 'alice: hi' out
}

@test 'a folder through the relay, changed by nobody' {
	couple
	relay
	mkdir folder got
	head -c 3000000 /dev/urandom >folder/a
	head -c 1000 /dev/urandom >folder/b
	CHAT_HOME=bob chat-recv -lyq -m "$CHAT_RELAY" -d got -P 0 2>err 3>&- </dev/null &
	pid=$!
	waits 8
	CHAT_HOME=alice run chat-send -q -m "$CHAT_RELAY" bob folder
	echo "$output"
	[ "$status" = 0 ]
	code $pid
	[ "$status" = 0 ]
	cmp folder/a got/folder/a
	cmp folder/b got/folder/b
}

@test 'no relay is known; a relay without a name; sentences' {
	couple
	export CHAT_HOME=alice
	unset CHAT_RELAY
	echo 4721-adult-maritime-kiwi >code
	trio 100 'no relay is known: -m, CHAT_RELAY, or alice/relay' \
		chat-talk -C code
	trio 100 'a relay, but whom to meet there' chat-talk @relay.example
	relay
	echo adult-maritime-kiwi >code
	trio 100 'a code without its number' chat-talk -C code @
	trio 100 'carol is neither a key nor a name in' chat-talk -l -p carol
	trio 99 'nobody came' chat-talk -w 1 -m "$CHAT_RELAY" bob
}

@test 'a stranger in the room learns nothing: not even who waits' {
	couple
	home mallory
	relay
	CHAT_HOME=bob chat-keygen -rk >rooms
	CHAT_HOME=bob chat-meet -lR -f rooms "@$CHAT_RELAY" chat-handshake true \
		2>err >out 3>&- </dev/null &
	pid=$!
	waits 8
	# As the relay could: it knows the room, and has a key of its own.
	room=$(awk '/alice/ { print $2; exit }' rooms)
	CHAT_HOME=mallory run chat-meet -R "$room@$CHAT_RELAY" \
		chat-handshake -t sh -c 'echo met $CHAT_PEERKEY'
	[ "$status" = 98 ]
	[[ $output != *'met '* ]]
	[[ $output != *"$bob"* ]]
	code $pid
	[ "$status" = 98 ]
	grep -q 'called as if in another room' err
	# And in that mode, without the secret of the two.
	echo "bob $alice" >mallory/peers
	CHAT_HOME=bob chat-meet -lR -f rooms "@$CHAT_RELAY" chat-handshake true \
		2>err >out 3>&- </dev/null &
	pid=$!
	waits 8
	CHAT_HOME=mallory CHAT_ROOM=bob run bash -c "chat-meet -R \
		$room@$CHAT_RELAY env CHAT_ROOM=bob chat-handshake true"
	[ "$status" = 98 ]
	code $pid
	[ "$status" = 98 ]
	grep -q 'is not authentic' err
}

@test 'the relay is killed in a conversation: both sides are told' {
	couple
	relay
	sed -i 's/ 127.0.0.1//' alice/peers
	mkfifo a b
	CHAT_HOME=bob chat-talk -l 0 >out 2>err <b 3>&- &
	bob_pid=$!
	exec 8>b
	waits 8
	CHAT_HOME=alice chat-talk bob >out2 2>err2 <a 3>&- 8>&- &
	alice_pid=$!
	exec 9>a
	wait_text err 'connected to alice'
	wait_text err2 'connected to bob'
	echo hello >&9
	wait_text out 'alice: hello'
	kill -KILL $relay
	for pid in $bob_pid $alice_pid; do
		code $pid
		[ "$status" = 98 ]
	done
	wait_text err 'the line to alice was cut'
	wait_text err2 'the line to bob was cut'
}

@test 'the relay is killed under load: all are told, and those who wait are back' {
	couple
	home carol
	knows carol bob
	knows bob carol
	relay "$(keep_port)"
	sed -i 's/ 127.0.0.1//' alice/peers bob/peers
	"$ROOT/tests/tool/relay" moving "${CHAT_RELAY#*:}" 24 60 >load 2>&1 3>&- &
	load=$!
	pairs() {
		kill -USR1 $relay
		tail -n 1 relay.err | grep -q "pairs $1,"
	}
	wait_for 30 pairs 24
	# One listens at a port of its own and is in a conversation; one waits on.
	CHAT_HOME=carol chat-talk -lk 0 >out3 2>err3 3>&- </dev/null &
	waiting=$!
	waits 8
	mkfifo a b
	CHAT_HOME=bob chat-talk -lp alice 0 >out 2>err <b 3>&- &
	bob_pid=$!
	exec 8>b
	waits 16
	CHAT_HOME=alice chat-talk bob >out2 2>err2 <a 3>&- 8>&- &
	alice_pid=$!
	exec 9>a
	echo hello >&9
	wait_text out 'alice: hello'
	wait_for 30 pairs 25
	kill -KILL $relay
	for pid in $bob_pid $alice_pid; do
		code $pid
		[ "$status" = 98 ]
	done
	wait_text err 'the line to alice was cut'
	wait_text err2 'the line to bob was cut'
	wait_text err3 'hung up'
	kill $load 2>/dev/null || :
	relay "${CHAT_RELAY#*:}"
	waits 8
	run bash -c 'echo back | CHAT_HOME=bob chat-talk carol'
	[ "$status" = 0 ]
	wait_text out3 'bob: back'
	kill $waiting
}

@test 'a listener that waits on, and is met again when its relay is back' {
	couple
	relay "$(keep_port)"
	sed -i 's/ 127.0.0.1//' alice/peers
	CHAT_HOME=bob chat-talk -lk 0 >out 2>err 3>&- </dev/null &
	pid=$!
	waits 8
	run bash -c 'echo one | CHAT_HOME=alice chat-talk bob'
	[ "$status" = 0 ]
	waits 8
	kill -KILL $relay
	wait_text err 'hung up'
	relay "${CHAT_RELAY#*:}"
	waits 8
	run bash -c 'echo two | CHAT_HOME=alice chat-talk bob'
	[ "$status" = 0 ]
	wait_text out 'alice: two'
	kill $pid
}

@test 'chat-talk -c on both sides, nothing else to know' {
	load ../terminal
	couple
	rm alice/peers bob/peers
	relay
	at alice 'chat-talk -l -c -n alice 0'
	sees alice '^the code to tell the other side: [0-9]{4}-'
	text=$(screen alice | sed -n 's/^the code to tell the other side: //p')
	at bob 'chat-talk -c -n bob'
	sees bob '^the code: $'
	key bob "$text" Enter
	sees bob '^connected to alice'
	sees alice '^connected to bob'
	key bob hello Enter
	sees alice 'bob: hello'
	key bob C-d
	sees bob '^code 0$'
	sees alice '^code 0$'
	grep -q "^alice .* @$CHAT_RELAY\$" bob/peers
}
