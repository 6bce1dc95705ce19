#!/usr/bin/env bats
# A relay that is not honest: it can refuse its service, and nothing else.  It has
# the power of mallory with two relays, of which alice is at one and bob at the
# other, as if they were the same.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	couple
	home mallory
	sed -i 's/ 127.0.0.1//' alice/peers bob/peers
	export CHAT_MEET=relayed,nolan
}

# relays - two of them: $one and $two, with $pid1 and $pid2.
relays() {
	chat-relay 0 2>relay1 3>&- </dev/null &
	pid1=$!
	chat-relay 0 2>relay2 3>&- </dev/null &
	pid2=$!
	one=127.0.0.1:$(port relay1) two=127.0.0.1:$(port relay2)
}

# between ROOM FILTER END - mallory at the first relay as the listener, passing
# what comes on to the second, where she calls; what alice says goes through FILTER.
# When bob has said all she waits for alice's end (END wait), or not.
between() {
	chat-meet -lR "$1@$one" sh -c "exec 8<&6 9>&7
		chat-meet -R $1@$two sh -c '$2 <&8 >&7 & cat <&6 >&9; $3'" \
		2>mallory.err >mallory.out 3>&- </dev/null &
	m=$!
}

@test 'roles swapped: neither goes on' {
	"$ROOT/tests/tool/rogue" swap >port 3>&- &
	wait_text port .
	at=127.0.0.1:$(cat port)
	chat-meet -lR 4721@$at sh -c 'echo met' >out 2>err 3>&- </dev/null &
	pid=$!
	trio 111 'not a relay' timeout 20 chat-meet -R 4721@$at sh -c 'echo met'
	wait_text err 'not a relay'
	[ ! -s out ]
	kill $pid
}

@test 'strangers paired: their keys are not those that are wanted' {
	"$ROOT/tests/tool/rogue" strangers >port 3>&- &
	wait_text port .
	at=127.0.0.1:$(cat port)
	echo "carol $mallory" >>bob/peers
	# bob waits for carol, alice calls bob.
	CHAT_HOME=bob chat-keygen -rk carol | grep carol >rooms
	CHAT_HOME=bob chat-meet -lR -f rooms @$at chat-handshake \
		sh -c 'echo met' >out 2>err 3>&- </dev/null &
	pid=$!
	CHAT_HOME=alice chat-keygen -r bob | grep '^c' >rooms2
	CHAT_HOME=alice trio 98 'bob hung up|not authentic' \
		chat-meet -R -f rooms2 @$at chat-handshake sh -c 'echo met'
	code $pid
	[ "$status" = 98 ]
	grep -q 'not authentic' err
	[ ! -s out ]
}

@test 'the relay splices itself in: sealed bytes pass, and changed ones do not' {
	for filter in cat 'stdbuf -o0 tr "\\000" "\\001"'; do
		relays
		last='wait'
		[ "$filter" = cat ] || last='kill $!'
		between 4721 "$filter" "$last"
		waits 1 $pid1 relay1
		echo adult-maritime-kiwi | tee code1 >code2
		echo hello | CHAT_HOME=bob chat-meet -lR 4721@$two \
			chat-handshake -c code2 chat-join -b chat-text -q -i 3 -o 5 \
			>out 2>err 3>&- &
		pid=$!
		waits 1 $pid2 relay2
		run bash -c "echo a secret word | CHAT_HOME=alice chat-meet -R \
			4721@$one chat-handshake -c code1 chat-join -b chat-text \
			-q -i 3 -o 5"
		caller=$status
		echo "$output"
		code $pid
		if [ "$filter" = cat ]; then
			[ "$caller$status" = 00 ]
			grep -q 'alice: a secret word' out
			[[ $output =~ 'bob: hello' ]]
		else
			[ "$caller" = 98 ]
			[ "$status" = 98 ]
			[ ! -s out ]
		fi
		kill $pid1 $pid2
		wait $m || :
	done
	tries 2
}

@test 'the relay guesses a code: one guess at each side, and both are told' {
	relays
	echo adult-maritime-kiwi | tee code1 >code2
	echo adult-maritime-adult | tee guess1 >guess2
	CHAT_HOME=bob chat-meet -lR 4721@$two chat-handshake -c code2 \
		sh -c 'echo met' >out 2>err 3>&- </dev/null &
	pid=$!
	waits 1 $pid2 relay2
	CHAT_HOME=mallory chat-meet -lR 4721@$one chat-handshake -c guess1 \
		sh -c 'echo met' >out1 2>err1 3>&- </dev/null &
	m=$!
	waits 1 $pid1 relay1
	CHAT_HOME=alice trio 98 'the codes differ' \
		chat-meet -R 4721@$one chat-handshake -c code1 sh -c 'echo met'
	CHAT_HOME=mallory trio 98 'the codes differ' \
		chat-meet -R 4721@$two chat-handshake -c guess2 sh -c 'echo met'
	for p in $pid $m; do
		code $p
		[ "$status" = 98 ]
	done
	grep -q 'the codes differ' err
	[ ! -s out ]
	[ ! -s out1 ]
	# Both codes are spent: there is no second guess.
	[ ! -s code1 ]
	[ ! -s code2 ]
	[ "$(cat alice/peers bob/peers | grep -c "$mallory")" = 0 ]
	tries 2
}

@test 'the relay is bob, to a caller by name: it learns nothing and is nobody' {
	relays
	CHAT_HOME=alice chat-keygen -r bob >rooms
	room=$(awk '/^c/ { print $2; exit }' rooms)
	echo "alice $alice" >mallory/peers
	# In her own name, and as bob without the secret of the two.
	for name in '' alice; do
		CHAT_HOME=mallory chat-meet -lR $room@$one \
			env ${name:+CHAT_ROOM=$name} chat-handshake -t \
			sh -c 'echo met $CHAT_PEERKEY' >out 2>err 3>&- </dev/null &
		pid=$!
		waits 1 $pid1 relay1
		CHAT_HOME=alice trio 98 'bob|authentic' chat-meet -R -f rooms @$one \
			chat-handshake sh -c 'echo met'
		code $pid
		[ "$status" = 98 ]
		[ ! -s out ]
		run grep -F "$alice" err
		[ "$status" = 1 ]
	done
	tries 2
}
