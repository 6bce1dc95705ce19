#!/usr/bin/env bats
# Whom to trust: every row of the table, with the codes and sentences of both
# sides, and what stands in peers afterwards.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	home alice
	home bob
	home carol
	: >alice/peers
	: >bob/peers
}

# meet 'LISTENER OPTIONS' 'CALLER OPTIONS' [HOST] - bob waits, alice calls, at
# HOST (127.0.0.1); no terminal, except that of $at_a or $at_b (arguments of
# tests/expect).  Their codes in $b and $a, what they say in b.err and a.err.
meet() {
	local pid p run=(setsid -w)
	rm -f b.err
	[ -z "${at_b+x}" ] || run=("$ROOT/tests/expect" "${at_b[@]}" --)
	# shellcheck disable=SC2086 # options
	CHAT_HOME=$PWD/bob "${run[@]}" chat-net -lv -s 127.0.0.1 0 \
		chat-handshake -n bob $1 sh -c 'echo "$CHAT_PEER" >b.peer' \
		>b.err 2>&1 &
	pid=$!
	p=$(port b.err | tr -d '\r')
	run=(setsid -w)
	[ -z "${at_a+x}" ] || run=("$ROOT/tests/expect" "${at_a[@]}" --)
	a=0 b=0
	# shellcheck disable=SC2086
	CHAT_HOME=$PWD/alice "${run[@]}" chat-net "${3-127.0.0.1}" "$p" \
		chat-handshake -n alice $2 sh -c 'echo "$CHAT_PEER" >a.peer' \
		>a.err 2>&1 || a=$?
	wait $pid || b=$?
	sed -i 's/\r$//' a.err b.err
	sed -i '/^chat-net: /d' b.err
}

# got LISTENER CALLER REGEX REGEX - the codes, and what the two said, all of
# it.
got() {
	[ "$b $a" = "$1 $2" ] && [[ "$(cat b.err)" =~ ^${3//+/\\+}$ ]] &&
		[[ "$(cat a.err)" =~ ^${4//+/\\+}$ ]] ||
		{ echo "bob $b: $(cat b.err)"; echo "alice $a: $(cat a.err)"
		return 1; }
}

# holds WHOSE TEXT - that is all of the peers file.
holds() {
	[ "$(sed 's/ *$//' "$1/peers")" = "$2" ] || { cat "$1/peers"; return 1; }
}

ok='connected to (alice|bob) \([a-z0-9]*\)'

@test "both known: accepted, nothing is written" {
	knows alice bob
	knows bob alice
	meet '' ''
	got 0 0 "$ok" "$ok"
	[ "$(cat a.peer b.peer)" = "$(printf 'bob\nalice')" ]
	holds alice "bob $bob"
	holds bob "alice $alice"
}

@test "the name is the one I know, not the one suggested" {
	printf 'robert %s\n' "$bob" >alice/peers
	knows bob alice
	meet '' ''
	got 0 0 "$ok" 'connected to robert .*'
	[ "$(cat a.peer)" = robert ]
}

@test "unknown caller, no terminal: declined on both sides" {
	knows alice bob
	meet '' ''
	got 98 98 "chat-handshake: 127.0.0.1 has an unknown key, $alice: declined \(-p KEY accepts this key, -t any\)" \
		'chat-handshake: bob does not know this key'
	holds bob ''
	[ ! -e a.peer ]
	[ ! -e b.peer ]
}

@test "unknown listener, no terminal: declined on both sides" {
	knows bob alice
	meet '' ''
	got 98 98 'chat-handshake: alice does not know this key' \
		"chat-handshake: 127.0.0.1 has an unknown key, $bob: declined .*"
	holds alice ''
}

@test "both unknown, no terminal: both decline" {
	meet '' ''
	got 98 98 '.* has an unknown key, .*' '.* has an unknown key, .*'
}

@test "-t on one side: that side remembers, the other declines" {
	meet -t ''
	got 98 98 'chat-handshake: 127.0.0.1 does not know this key' \
		'.* has an unknown key, .*'
	holds bob ''
	meet '' -t
	got 98 98 '.* has an unknown key, .*' \
		'chat-handshake: 127.0.0.1 does not know this key'
	holds alice ''
}

@test "-t on both: remembered, a caller also remembers the host" {
	meet -t -t
	got 0 0 "alice is remembered in $PWD/bob/peers.$ok" \
		"bob is remembered in $PWD/alice/peers.$ok"
	holds alice "bob $bob 127.0.0.1"
	holds bob "alice $alice"
	meet '' ''
	got 0 0 "$ok" "$ok"
	meet -t -t
	got 0 0 "$ok" "$ok"
	holds alice "bob $bob 127.0.0.1"
}

@test "-t: a name that is taken gets a number, and that is said" {
	printf 'alice %s\n' "$carol" >bob/peers
	knows alice bob
	meet -t ''
	got 0 0 "another alice is known already: this one is alice2.alice2 is remembered .*" "$ok"
	[ "$(cat b.peer)" = alice2 ]
	holds bob "alice $carol
alice2 $alice"
}

@test "-t: a suggested name is cut to a name's letters" {
	knows bob alice
	for case in $'\e[2J\aevil/../x|-2J-evil-..-x' ' |peer' \
		'ünïcode|n-code' "$(printf '%0200d' 0)|$(printf '%032d' 0)"; do
		: >alice/peers
		rm -f b.err
		CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake \
			-n "${case%|*}" true >b.err 2>&1 &
		p=$(port b.err)
		CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" \
			chat-handshake -t sh -c 'echo "$CHAT_PEER"' >a.out 2>a.err
		wait $!
		name=$(cut -d' ' -f1 alice/peers)
		[[ $name =~ ^[A-Za-z0-9._-]{1,32}$ ]]
		[ "$(cat a.out)" = "$name" ]
		run ! grep -q $'\e' a.err
	done
	[ "$name" = "$(printf '%032d' 0)" ]
}

@test "-t: who gives no name, or whose name is lost, is called by its address" {
	knows bob alice
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake \
		-n '' true >b.err 2>&1 &
	p=$(port b.err)
	CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" chat-handshake -t true
	wait $!
	holds alice "127.0.0.1 $bob 127.0.0.1"
}

@test "another key at a known host: refused by file and line, -t or not" {
	knows bob alice
	printf '# met in March\n\nbob %s 127.0.0.1\n' "$carol" >alice/peers
	for t in '' -t; do
		meet "$t" "$t"
		got 98 98 'chat-handshake: 127.0.0.1 hung up during the handshake' \
			"chat-handshake: WRONG KEY: 127.0.0.1 has the key $bob, not the one in $PWD/alice/peers:3; somebody may stand in between"
	done
	holds alice "# met in March

bob $carol 127.0.0.1"
}

@test "another key at a host that is a name: refused, -t or not, known or not" {
	knows bob alice
	printf 'LocalHost %s\nrobert %s\n' "$carol" "$bob" >alice/peers
	for t in '' -t; do
		meet "$t" "$t -w 5" localhost
		got 98 98 '.* hung up during the handshake' \
			"chat-handshake: WRONG KEY: localhost has the key .*peers:1; .*"
	done
}

@test "a host with two keys takes either; case does not matter" {
	knows bob alice
	printf 'carol %s LOCALHOST\nbob %s LocalHost\n' "$carol" "$bob" \
		>alice/peers
	meet '' '' localhost
	got 0 0 "$ok" "$ok"
}

@test "a key known from elsewhere is accepted at a new host" {
	knows bob alice
	printf 'bob %s far.example\n' "$bob" >alice/peers
	meet '' ''
	got 0 0 "$ok" "$ok"
	holds alice "bob $bob far.example"
}

@test "-p NAME: that key and no other, whatever the host or -t" {
	knows bob alice
	printf 'carol %s 127.0.0.1\nbob %s\n' "$carol" "$bob" >alice/peers
	meet '' '-p bob'
	got 0 0 "$ok" "$ok"
	meet '' '-t -p carol'
	got 98 98 '.* hung up .*' "chat-handshake: WRONG KEY: 127.0.0.1 has the key $bob, not the one in $PWD/alice/peers:1; .*"
	meet '' '-p dave'
	[ "$a" = 100 ]
	grep -q "^chat-handshake: dave is no key, and no name in $PWD/alice/peers" a.err
}

@test "-p KEY: that key, known or not, and nothing is remembered" {
	knows bob alice
	meet '' "-p $bob"
	got 0 0 "$ok" "$ok"
	[ "$(cat a.peer)" = bob ]
	holds alice ''
	printf 'bob %s\n' "$carol" >alice/peers
	meet '' "-p $bob"
	got 0 0 "$ok" 'connected to bob2 .*'
	holds alice "bob $carol"
	meet '' "-p $carol -t"
	got 98 98 '.* hung up .*' 'chat-handshake: WRONG KEY: .*'
	: >alice/peers
	meet '' "-p $carol -t"
	got 98 98 '.* hung up .*' 'chat-handshake: WRONG KEY: .* not the one of -p; .*'
}

@test "a listener's -p: that caller and no other" {
	knows alice bob
	meet "-p $alice" ''
	got 0 0 "$ok" "$ok"
	meet "-t -p $carol" ''
	got 98 98 "chat-handshake: WRONG KEY: the caller has the key $alice, not the one of -p; .*" \
		'chat-handshake: bob does not know this key'
	knows bob alice
	knows bob carol
	meet '-p alice' ''
	got 0 0 "$ok" "$ok"
	meet '-p carol' ''
	got 98 98 "chat-handshake: WRONG KEY: the caller .* not the one in $PWD/bob/peers:2; .*" \
		'chat-handshake: bob does not know this key'
}

@test "a peers file that went bad is told before any call" {
	knows bob alice
	echo 'bob is here' >alice/peers
	meet '-w 2' ''
	[ "$a" = 100 ]
	grep -q "alice/peers:1: this is no key" a.err
	holds alice 'bob is here'
}

@test "a caller at a terminal is asked: a name, and host, are remembered" {
	knows bob alice
	at_a=('is not known here:' '' 'decline\): ' 'robert\n')
	meet '' ''
	got 0 0 "connected to alice .*" ".*robert is remembered in .*connected to robert .*"
	holds alice "robert $bob 127.0.0.1"
	grep -qF "    $bob" a.err
	words=$(chat-keygen -l "$bob" | tr -s ' \n' ' ')
	[[ "$(tr -s ' \n' ' ' <a.err)" == *"$words"* ]]
	grep -qF '127.0.0.1 answers and has a key that is not known here:' a.err
}

@test "a listener at a terminal is asked; the caller reads that it waits" {
	knows alice bob
	at_b=('decline\): ' 'al\n')
	kill %1 2>/dev/null || :
	wait || :
	meet '' ''
	got 0 0 '.*connected to al .*' "(waiting for bob to accept.)?connected to bob .*"
	holds bob "al $alice"
}

@test "a person who gives no name, or ^D, declines" {
	knows bob alice
	for answer in '\n' '\x04'; do
		at_a=('decline\): ' "$answer")
		meet '' ''
		got 98 98 'chat-handshake: alice does not know this key' \
			'.*chat-handshake: 127.0.0.1 was declined'
		holds alice ''
	done
}

@test "a name that is none, or another's, is asked for again" {
	knows bob alice
	printf 'bob %s\n' "$carol" >alice/peers
	at_a=('decline\): ' 'no/name\n' 'another: ' 'bob\n' 'another: ' 'b2\n')
	meet '' ''
	got 0 0 'connected to alice .*' '.*that name has another key; another: .*connected to b2 .*'
	holds alice "bob $carol
b2 $bob 127.0.0.1"
}

@test "-t, -p, or a wrong key ask nobody" {
	knows bob alice
	at_a=('' '')
	meet '' -t
	got 0 0 "$ok" "bob is remembered .*"
	printf 'bob %s 127.0.0.1\n' "$carol" >alice/peers
	meet '' ''
	got 98 98 '.* hung up .*' '.*WRONG KEY: .*'
}

@test "^C at the question: nobody is left, nothing is remembered" {
	knows bob alice
	at_a=('decline\): ' '\x03')
	meet '' ''
	[ "$a" = 130 ]
	[ "$b" = 98 ]
	holds alice ''
}

@test "who hangs up while a person is asked ends the question" {
	knows bob alice
	at_a=('' '')
	meet '-w 1' ''
	got 99 98 '(waiting.*.)?chat-handshake: 127.0.0.1 did not answer in time' \
		'.*chat-handshake: 127.0.0.1 hung up during the handshake'
	holds alice ''
}
