#!/usr/bin/env bats
# chat-meet: rooms, paths, sentences and codes; relays and peers that lie.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ask='dd bs=99 count=1 <&6 2>/dev/null'
}

# relay OPTION ... - start one on a free port: $relay (its pid) and $at.
relay() {
	rm -f relay.err
	chat-relay "$@" "${port:-0}" 2>relay.err 3>&- </dev/null &
	relay=$!
	port=$(port relay.err)
	at=127.0.0.1:$port
}

# meet OPTION ... PLACE PROGRAM ... - a listener in the background: $pid.
meet() {
	chat-meet -l "$@" >out 2>err 3>&- </dev/null &
	pid=$!
}

lab() {
	[ -w /dev/net/tun ] && [ "$(id -u)" = 0 ] || skip 'no namespaces here'
	run timeout 60 "$ROOT/tests/tool/meetlab" "$@"
	echo "$output"
	[ "$status" = 0 ]
}

@test 'a stream through the relay, its variables, and who is who' {
	relay
	export CHAT_PEER=old CHAT_PATH=old CHAT_ROOM=old
	meet -R 4721@$at sh -c "env; $ask; echo pong >&7"
	waits 1
	run --separate-stderr chat-meet -R 4721@$at sh -c "env
		echo ping >&7; $ask"
	[ "$status" = 0 ]
	[[ $stderr =~ ^'chat-meet: relayed '[0-9]+' ms'$ ]]
	echo "$output" | grep -q '^pong$'
	for v in PROTO=TCP CHAT_ROLE=initiator CHAT_HOST=@$at \
		CHAT_PATH=relayed TCPREMOTEIP=127.0.0.1 TCPREMOTEPORT=$port; do
		echo "$output" | grep -q "^$v$"
	done
	code $pid
	[ "$status" = 0 ]
	grep -q '^ping$' out
	grep -q '^CHAT_ROLE=responder$' out
	run grep -E '^CHAT_(PEER|HOST|ROOM)=|=old' out
	[ "$status" = 1 ]
}

@test 'datagrams through the relay: in order, as they are' {
	relay
	meet -Ru 4721@$at sh -c "$ask >first; $ask >second; cat first >&7; $ask >&7"
	waits 1
	run --separate-stderr chat-meet -Ru 4721@$at sh -c "printf one >&7
		printf two >&7; $ask; echo three >&7; $ask; echo \$PROTO"
	[ "$status" = 0 ]
	[ "$output" = $'onethree\nUDP' ]
	code $pid
	[ "$status" = 0 ]
	[ "$(cat second)" = two ]
}

@test 'the chat itself: right and wrong codes' {
	couple
	relay
	echo 4721-adult-maritime-kiwi >code
	cp code code2
	for u in '' -u; do
		cp code code1
		CHAT_HOME=alice meet -R $u 4721@$at chat-handshake $u -c code1 \
			sh -c 'echo $CHAT_PEER; chat-join ${0:+-u} cat' "$u"
		waits 1
		cp code code2
		CHAT_HOME=bob run chat-meet -R $u 4721@$at \
			chat-handshake $u -c code2 true
		[ "$status" = 0 ]
		wait_text err 'connected to bob'
		kill $pid 2>/dev/null || :
		wait $pid || :
		cp code code1
		CHAT_HOME=alice meet -R $u 4721@$at chat-handshake $u -c code1 true
		waits 1
		echo 4721-adult-maritime-adult >code2
		CHAT_HOME=bob run chat-meet -R $u 4721@$at \
			chat-handshake $u -c code2 true
		[ "$status" = 98 ]
		[[ $output =~ 'the codes differ' ]]
		code $pid
		[ "$status" = 98 ]
	done
}

@test 'sentences and codes' {
	relay
	trio 99 'nobody came' chat-meet -w 1 4721@$at true
	trio 99 'nobody came' chat-meet -l -w 1 4721@$at true
	trio 99 'nobody came' chat-meet -lr -w 1 4721@$at true
	run --separate-stderr chat-meet -w 3 4721@$at true
	[ "$status" = 99 ]
	[ "$stderr" = $'waiting for the other side\nchat-meet: nobody came' ]
	[ -z "$output" ]
	trio 111 '127.0.0.1 port 1: cannot connect: Connection refused' \
		chat-meet -L 4721@127.0.0.1:1 true
	trio 100 'nobody.invalid: no such host|cannot be looked up' \
		chat-meet -L 4721@nobody.invalid true
	for bad in 4721x@$at 1234567890@$at @$at 47.21@$at; do
		trio 100 'a room is 1 to 9 digits' chat-meet $bad true
	done
	trio 100 '0: not a port number' chat-meet 4721@127.0.0.1:0 true
	trio 100 'nonsense: no such address' chat-meet -s nonsense 4721@$at true
	trio 100 'no relay is named' chat-meet 4721@ true
	run --separate-stderr chat-meet 4721@$at
	[ "$status" = 100 ]
	run --separate-stderr chat-meet -k 4721@$at true
	[ "$status" = 100 ]
	meet -L 4721@$at true
	waits 1
	trio 111 'room 4721 is taken: agree on a new code' \
		chat-meet -lL 4721@$at true
	trio 98 'the other side waits for a stream, not for datagrams' \
		chat-meet -uL 4721@$at true
	run chat-meet -R 4721@$at sh -c 'exit 7'
	[ "$status" = 7 ]
	code $pid
	[ "$status" = 0 ]
}

@test 'a relay that cannot be looked up: a caller says so at once' {
	! sanitized || skip 'sanitizers'
	# A thread's stack would be as large.
	trio 111 '^chat-meet: cannot look up 127.0.0.1: ' \
		prlimit --stack=70368744177664 chat-meet -L 4721@127.0.0.1 true
}

@test 'the other kind, for datagrams' {
	relay
	meet -Lu 4721@$at true
	waits 1
	trio 98 'the other side waits for datagrams .chat-video., not for a stream' \
		chat-meet -L 4721@$at true
	kill $pid
}

@test '-d: what the other side types, which names the relay' {
	relay
	run --separate-stderr chat-meet -l -w 1 -d 'chat-talk -c %a' 4721@$at true
	[ "$status" = 99 ]
	[[ $stderr == "the other side types: chat-talk -c @$at"$'\n'* ]]
}

@test '-q: a number that is free' {
	relay
	run chat-meet -q $at
	[ "$status" = 0 ]
	[[ $output =~ ^[1-9][0-9]{3}$ ]]
	trio 111 'cannot connect' chat-meet -q 127.0.0.1:1
}

@test '-lk: one after another; the room is entered again' {
	relay
	meet -lkR 4721@$at sh -c "$ask >&7"
	for word in one two three; do
		waits 1
		run --separate-stderr chat-meet -R 4721@$at sh -c "echo $word >&7; $ask"
		[ "$status" = 0 ]
		[ "$output" = $word ]
	done
	kill $pid
	code $pid
	[ "$status" = 143 ]
	waits 0
}

@test '-lk: four of a room at once; a call at the port has its place' {
	relay
	meet -kvR -p 0 4721@$at sh -c "$ask >&7; cat <&6"
	own=$(port err)
	for n in 1 2 3 4; do
		waits 1
		mkfifo hold$n
		chat-meet -R 4721@$at sh -c "echo $n >&7; $ask >got$n; cat hold$n" \
			2>/dev/null 3>&- </dev/null &
		wait_text got$n $n
	done
	waits 1
	trio 111 'the other side left while connecting' \
		timeout 20 chat-meet -R 4721@$at sh -c "echo 5 >&7; $ask"
	run --separate-stderr timeout 20 chat-net 127.0.0.1 $own \
		sh -c "echo direct >&7; $ask"
	[ "$output" = direct ]
	# When one has left there is a place again.
	echo >hold2
	left() { [ "$(grep -c 'ended with 0' err)" = 2 ]; }
	wait_for 10 left
	waits 1
	run --separate-stderr timeout 20 chat-meet -R 4721@$at \
		sh -c "echo 6 >&7; $ask"
	[ "$output" = 6 ]
	for n in 1 3 4; do echo >hold$n; done
	kill $pid
}

@test '-lr: who is not the one ends nothing; a call at the port counts too' {
	relay
	meet -lrvR -p 0 4721@$at sh -c "$ask >line; grep -q right line &&
		echo >&\$CHAT_READY_FD && cat line >&7"
	waits 1
	run chat-meet -R 4721@$at sh -c "echo wrong >&7; $ask"
	[ "$output" != right ]
	waits 1
	own=$(port err)
	run --separate-stderr chat-net 127.0.0.1 $own sh -c "echo right >&7; $ask"
	[ "$output" = right ]
	code $pid
	[ "$status" = 0 ]
	waits 0
}

@test 'a relay that comes back: said once, and joined again' {
	port=$(keep_port)
	relay
	meet -R 4721@$at sh -c "$ask >&7"
	waits 1
	kill $relay
	wait $relay || :
	wait_text err "127.0.0.1 port $port hung up"
	relay
	waits 1
	run --separate-stderr chat-meet -R 4721@$at sh -c "echo hi >&7; $ask"
	[ "$output" = hi ]
	[ "$(grep -c . err)" = 2 ]
}

@test '-U: both kinds, in rooms and at the port' {
	relay
	meet -kvUR -p 0 4721@$at sh -c "echo \$PROTO \$($ask) >&7"
	own=$(port err)
	waits 2
	for n in 1 2; do
		for u in '' -u; do
			want=TCP
			[ -z "$u" ] || want=UDP
			run --separate-stderr timeout 20 chat-meet -R $u 4721@$at \
				sh -c "echo room >&7; $ask"
			[ "$output" = "$want room" ]
			waits 2
			run --separate-stderr timeout 20 chat-net $u 127.0.0.1 $own \
				sh -c "echo chat1 >&7; $ask"
			[ "$output" = "$want chat1" ]
		done
	done
	kill $pid
	code $pid
	[ "$status" = 143 ]
	trio 100 '-U needs -k or -r' chat-meet -lU 4721@$at true
	trio 100 usage chat-meet -lkUu 4721@$at true
	trio 100 '-U needs -k or -r' chat-meet -U 4721@$at true
	# Of a file a capital letter tells.
	a=00112233445566778899aabbccddee
	printf '%s\n' "l ${a}01 ${a}02 0 9999999999 bob" \
		"L ${a}03 ${a}04 0 9999999999 carol" >rooms
	trio 100 'rooms:2: expected a line' chat-meet -l -f rooms @$at true
	chat-meet -lkUR -f rooms @$at sh -c "echo \$PROTO \$CHAT_ROOM >&7" \
		>out 2>err 3>&- </dev/null &
	pid=$!
	waits 2
	run --separate-stderr chat-meet -R ${a}01@$at sh -c "$ask"
	[ "$output" = 'TCP bob' ]
	run --separate-stderr chat-meet -uR ${a}03@$at sh -c "$ask"
	[ "$output" = 'UDP carol' ]
	kill $pid
}

@test '-f: rooms from a file, those whose time it is' {
	relay
	a=00112233445566778899aabbccddee
	echo "l ${a}01 ${a}02 0 9999999999 bob
l ${a}03 ${a}04 0 99 carol
l ${a}05 ${a}06 0 9999999999 -" >rooms
	chat-meet -lR -f rooms @$at sh -c 'env' >out 2>err 3>&- </dev/null &
	pid=$!
	waits 2
	run --separate-stderr chat-meet -R -f <(echo \
		"c ${a}01 ${a}02 0 9999999999 alice") @$at env
	[ "$status" = 0 ]
	echo "$output" | grep -q '^CHAT_ROOM=alice$'
	echo "$output" | grep -q '^CHAT_HOST=alice$'
	code $pid
	grep -q '^CHAT_ROOM=bob$' out
	for bad in 'x' "c ${a}01 ${a}02 0 9" "l ${a}01 ${a}02 0 9 a" \
		"c ${a}0 ${a}02 0 9 a" "c ${a}01 ${a}02 9 0 a" \
		"c ${a}01 ${a}02 0 9 a;b" "c ${a}01 ${a}02 0 9 a b"; do
		echo "$bad" >rooms
		trio 100 'rooms:1: expected a line of chat-keygen -r' \
			chat-meet -f rooms @$at true
	done
	printf 'c' >rooms
	trio 100 'rooms:1: no end of line' chat-meet -f rooms @$at true
	: >rooms
	trio 100 'rooms: no rooms' chat-meet -f rooms @$at true
}

@test 'relays that lie, hang up, or say nothing that is known' {
	for lie in garbage hangup version huge role card loopback; do
		rm -f port
		"$ROOT/tests/tool/liar" $lie >port 3>&- &
		wait_text port .
		case $lie in
		garbage | huge | role) code=111 say='not a relay' ;;
		hangup) code=111 say='hung up' ;;
		version) code=100 say='speaks an older .or newer. protocol' ;;
		card) code=98 say="the other side's chat-meet is older" ;;
		loopback) code=99 say='no path to the other side' ;;
		esac
		trio $code "$say" timeout 20 chat-meet -L \
			4721@127.0.0.1:"$(cat port)" true
		[ ! -s probed ]
	done
}

@test 'lab: datagrams through two routers' {
	lab keep open delay=5 -- "chat-meet -u 4721@192.0.2.1 \
		sh -c 'echo hi >&7; $ask; echo \$CHAT_PATH'" \
		"chat-meet -lu 4721@192.0.2.1 sh -c '$ask >&7'"
	[[ $output =~ 'chat-meet: punched '.*$'\nhi\n' ]]
}

@test 'lab: a stream through two routers' {
	lab keep keep delay=5 -- "chat-meet 4721@192.0.2.1 \
		sh -c 'echo hi >&7; $ask; echo \$CHAT_PATH'" \
		"chat-meet -l 4721@192.0.2.1 sh -c '$ask >&7'"
	[[ $output =~ 'chat-meet: direct tcp4 '.*$'\nhi\n' ]]
}

@test 'lab: routers that cannot be passed: relayed' {
	for kind in '' -u; do
		lab keep sym delay=5 -- "chat-meet $kind 4721@192.0.2.1 \
			sh -c 'echo hi >&7; $ask; echo \$CHAT_PATH'" \
			"chat-meet -l $kind 4721@192.0.2.1 sh -c '$ask >&7'"
		[[ $output =~ 'chat-meet: relayed '[0-9]+' ms' ]]
		[[ $output =~ $'\nhi\nrelayed\n' ]]
	done
}

@test 'lab: no UDP: datagrams over its connection, and none is cut' {
	lab block keep delay=5 -- "chat-meet -u 4721@192.0.2.1 \
		sh -c 'printf one >&7; printf two >&7; $ask; echo; $ask'" \
		"chat-meet -lu 4721@192.0.2.1 sh -c '$ask >a; $ask >b
			cat b >&7; cat a >&7'"
	[[ $output == *'relayed (no UDP)'* ]]
	[[ $output =~ $'two\none' ]]
}

@test 'lab: no UDP: what is said after the end is lost, and no error' {
	lab block keep delay=5 -- "chat-meet -u 4721@192.0.2.1 \
		sh -c 'echo hi >&7; $ask; [ \"\$($ask | wc -c)\" = 0 ] || exit
			echo late >&7 && echo later >&7 && echo fine'" \
		"chat-meet -lu 4721@192.0.2.1 sh -c '$ask >&7'"
	[[ $output =~ $'hi\nfine' ]]
}

@test 'lab: IPv6 first' {
	for kind in '' -u; do
		lab sym sym v6=1 delay=5 -- "chat-meet $kind \
			4721@192.0.2.1 sh -c 'echo hi >&7; $ask'" \
			"chat-meet -l $kind 4721@192.0.2.1 sh -c '$ask >&7'"
		[[ $output =~ 'direct '[ut][dc]p6 ]]
	done
}

@test 'lab: one LAN, with and without a line to the relay' {
	for kind in '' -u; do
		for alone in '' alone=1; do
			lab keep keep same=1 $alone -- "chat-meet $kind 4721@192.0.2.1 \
				sh -c 'echo hi >&7; $ask; echo \$CHAT_PATH'" \
				"chat-meet -l $kind 4721@192.0.2.1 sh -c '$ask >&7'"
			[[ $output =~ 'chat-meet: lan ' ]]
			[[ $output =~ $'hi\nlan' ]]
		done
	done
}
