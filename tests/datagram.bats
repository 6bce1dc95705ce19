#!/usr/bin/env bats
# Handshakes and sessions over UDP.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	home alice
	home bob
}

# friends - each knows the other.
friends() {
	knows alice bob
	knows bob alice
}

# listens OPTION ... -- COMMAND ... - bob waits on a free port: $pid and $port,
# what he says in b.err and prints in b.out.
listens() {
	local opts=()
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	rm -f b.err
	CHAT_HOME=$PWD/bob setsid chat-net -luv -m chat1 -s 127.0.0.1 0 \
		chat-handshake -un bob "${opts[@]}" "$@" >b.out 2>b.err 3>&- &
	pid=$!
	port=$(port b.err)
}

# calls OPTION ... -- COMMAND ... - alice calls him; her code in $a, his in $b.
calls() {
	local opts=()
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	a=0 b=0
	CHAT_HOME=$PWD/alice setsid -w chat-net -u 127.0.0.1 "$port" \
		chat-handshake -un alice "${opts[@]}" "$@" >a.out 2>a.err 3>&- \
		</dev/null || a=$?
	wait $pid || b=$?
	sed -i '/^chat-net: /d' b.err
}

# codes LISTENER CALLER - of the last call.
codes() {
	[ "$b $a" = "$1 $2" ] || { echo "$b $a"; cat b.err a.err; return 1; }
}

# A sign of life under the key that is all zero.
zero=01000000000000001e8d8924594cfe1aec7351f6b0110f3e

@test "nobody is sent more than came from there; a short opening gets nothing" {
	listens -w 3 -- true
	read -r sent came n < <("$ROOT/tests/udp" opening "$port" 00)
	[ "$n" -ge 3 ] && [ "$came" -le "$sent" ] && [ $((came % 97)) = 0 ]
	b=0
	wait $pid || b=$?
	[ "$b" = 99 ]
	listens -w 3 -- true
	[ "$("$ROOT/tests/udp" opening "$port" 00 1199)" = '1200 0 0' ]
	b=0
	wait $pid || b=$?
	[ "$b" = 99 ]
}

@test "before there is a key nothing is taken for the session's" {
	listens -w 2 -- true
	"$ROOT/tests/udp" opening "$port" $zero
	b=0
	wait $pid || b=$?
	[ "$b" = 99 ]
	grep -q 'chat-handshake: 127.0.0.1 did not answer in time' b.err
	exec {fd}< <("$ROOT/tests/udp" answer 0 $zero 3>&-)
	read -r port <&$fd
	export CHAT_HOME=$PWD/alice
	trio 99 'did not answer in time' chat-net -u 127.0.0.1 "$port" \
		chat-handshake -uw 2 true
}

@test "declined by either side: both end and say so" {
	knows alice bob
	listens -- true
	calls -- true
	codes 98 98
	grep -q 'has an unknown key, .*: declined' b.err
	[ "$(<a.err)" = 'chat-handshake: bob does not know this key' ]
	rm alice/peers
	knows bob alice
	listens -- true
	calls -- true
	codes 98 98
	grep -q 'has an unknown key, .*: declined' a.err
	[ "$(<b.err)" = 'chat-handshake: alice does not know this key' ]
}

@test "codes: right, wrong, on one side only" {
	echo 7-adult-maritime-kiwi | tee alice/code >bob/code
	listens -c bob/code -- printenv CHAT_PEER
	calls -c alice/code -- printenv CHAT_PEER
	codes 0 0
	[ "$(<a.out) $(<b.out)" = 'bob alice' ] && [ ! -e bob/code ]
	rm alice/peers bob/peers
	echo 7-adult-maritime-kiwi >alice/code
	echo 7-adult-maritime-ragtime >bob/code
	listens -c bob/code -- true
	calls -c alice/code -- true
	codes 98 98
	[ "$(<a.err)" = 'chat-handshake: the codes differ: agree on a new one' ]
	grep -q '(127.0.0.1 used this one up)$' b.err
	[ ! -e alice/code ] && [ ! -e bob/code ] && [ ! -e bob/peers ]
	echo 7-adult-maritime-kiwi | tee alice/code >bob/code
	listens -c bob/code -- true
	calls -- true
	codes 98 98
	grep -q 'wants a spoken code' a.err
	grep -q 'called without a code' b.err
	[ -e bob/code ]
}

@test "handshakes where 30 % are lost each way" {
	"$ROOT/tests/lab" -- : : || skip 'no lab here'
	"$ROOT/tests/shake" -n 6 -l 30
	"$ROOT/tests/shake" -c -n 4 -l 30
}
