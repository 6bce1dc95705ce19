#!/usr/bin/env bats
# Whom to trust: every row of the table, with the codes and sentences of both
# sides, and what stands in peers afterwards.

load ../helper

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
# tests/tool/expect).  Their codes in $b and $a, what they say in b.err and a.err.
meet() {
	local pid p run=(setsid -w)
	rm -f b.err
	[ -z "${at_b+x}" ] || run=("$ROOT/tests/tool/expect" "${at_b[@]}" --)
	# shellcheck disable=SC2086 # options
	CHAT_HOME=$PWD/bob "${run[@]}" chat-net -lv -s 127.0.0.1 0 \
		chat-handshake -n bob $1 sh -c 'echo "$CHAT_PEER" >b.peer' \
		>b.err 2>&1 &
	pid=$!
	p=$(port b.err | tr -d '\r')
	run=(setsid -w)
	[ -z "${at_a+x}" ] || run=("$ROOT/tests/tool/expect" "${at_a[@]}" --)
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
	knows alice bob 127.0.0.1
	knows bob alice
	meet '' ''
	got 0 0 "$ok" "$ok"
	[ "$(cat a.peer b.peer)" = "$(printf 'bob\nalice')" ]
	holds alice "bob $bob 127.0.0.1"
	holds bob "alice $alice"
}

@test "the name is the one I know, not the one suggested" {
	printf 'robert %s 127.0.0.1\n' "$bob" >alice/peers
	knows bob alice
	meet '' ''
	got 0 0 "$ok" 'connected to robert .*'
	[ "$(cat a.peer)" = robert ]
}

@test "unknown caller, no terminal: declined on both sides" {
	knows alice bob 127.0.0.1
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
	got 98 98 'chat-handshake: 127.0.0.1 does not know this key' \
		'.* has an unknown key, .*'
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
	got 0 0 "the words of alice's key, not compared: [a-z ]*.alice is remembered in $PWD/bob/peers.$ok" \
		"the words of bob's key, not compared: [a-z ]*.bob is remembered in $PWD/alice/peers.$ok"
	[[ $(cat a.err) == *"not compared: $(chat-keygen -l "$bob")"* ]]
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
	knows alice bob 127.0.0.1
	meet -t ''
	got 0 0 "another alice is known already: this one is alice2.*.alice2 is remembered .*" "$ok"
	[ "$(cat b.peer)" = alice2 ]
	holds bob "alice $carol
alice2 $alice"
}

@test "-t: a suggested name cannot be an address, a host, or what acts on a terminal" {
	knows bob alice
	for case in $'\e[2J\aevil/../x|J-evil----x' ' |peer' '|peer' \
		'192.0.2.1|peer' '::1|peer' 'fe80::1|fe80--1' \
		'bob.example|bob-example' '4bob|bob' '-_bob|bob' \
		'ünïcode|n-code' \
		"x$(printf '%0200d' 0)|x$(printf '%031d' 0)"; do
		: >alice/peers
		rm -f b.err
		CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake \
			-n "${case%|*}" true >b.err 2>&1 &
		p=$(port b.err)
		CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" \
			chat-handshake -t sh -c 'echo "$CHAT_PEER"' >a.out 2>a.err
		wait $!
		name=$(cut -d' ' -f1 alice/peers)
		[ "$name" = "${case#*|}" ]
		[ "$(cat a.out)" = "$name" ]
		run ! grep -q $'\e' a.err
	done
	tries 11
}

@test "-t: two who suggest no name are peer and peer2" {
	knows bob alice
	knows carol alice
	for who in bob carol; do
		rm -f b.err
		CHAT_HOME=$PWD/$who chat-net -lv -s 127.0.0.1 0 chat-handshake \
			-n '' true >b.err 2>&1 &
		p=$(port b.err)
		CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" \
			env CHAT_HOST=$who.example chat-handshake -t true
		wait $!
	done
	holds alice "peer $bob bob.example
peer2 $carol carol.example"
}

@test "a suggested name that is another's NAME or HOST, in whatever case, gets a number" {
	knows alice bob 127.0.0.1
	for line in "ALICE $carol" "carol $carol Alice"; do
		echo "$line" >bob/peers
		meet -t ''
		got 0 0 '.*another alice is known already: this one is alice2.*' "$ok"
		[ "$(cat b.peer)" = alice2 ]
	done
}

@test "a suggested name pins no host: the friend's own host still has his key" {
	# carol answers as bob.example; the name that comes of it is not that host.
	echo "bob $bob bob.example" >alice/peers
	knows carol alice
	rm -f b.err
	CHAT_HOME=$PWD/carol chat-net -lv -s 127.0.0.1 0 chat-handshake \
		-n bob.example true >b.err 2>&1 &
	p=$(port b.err)
	CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" chat-handshake -t true
	wait $!
	rm -f b.err
	CHAT_HOME=$PWD/carol chat-net -lv -s 127.0.0.1 0 chat-handshake \
		-n bob.example true >b.err 2>&1 &
	pid=$!
	p=$(port b.err)
	run -98 --separate-stderr env CHAT_HOME="$PWD/alice" chat-net 127.0.0.1 \
		"$p" env CHAT_HOST=bob.example chat-handshake true
	wait $pid || :
	[[ $stderr =~ WRONG\ KEY:\ bob.example ]]
}

@test "another key at a known host: refused by file and line, -t or not" {
	knows bob alice
	printf '# met in March\n\nbob %s 127.0.0.1\n' "$carol" >alice/peers
	for t in '' -t; do
		meet "$t" "$t"
		got 98 98 'chat-handshake: 127.0.0.1 hung up during the handshake' \
			"chat-handshake: WRONG KEY: 127.0.0.1 has the key $bob, not the one in $PWD/alice/peers:3; somebody may stand in between \(a new key that bob confirms by telephone: chat-keygen -R bob\)"
	done
	holds alice "# met in March

bob $carol 127.0.0.1"
	tries 2
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

@test "an acquaintance at a host that no line has: refused without a person" {
	knows bob alice
	for line in "bob $bob far.example" "bob $bob"; do
		echo "$line" >alice/peers
		meet '' ''
		got 98 98 'chat-handshake: alice does not know this key' \
			'chat-handshake: 127.0.0.1 is bob, who is not known to be there: declined \(-p bob accepts it\)'
		holds alice "$line"
	done
	# Nor by a caller that does not know whom it called.
	rm -f b.err
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake true \
		>b.err 2>&1 &
	p=$(port b.err)
	run -98 --separate-stderr env CHAT_HOME="$PWD/alice" setsid -w chat-net \
		127.0.0.1 "$p" env -u CHAT_HOST chat-handshake true
	wait $! || :
}

@test "-p, -t, or a person's yes accept him, and a line without a host gets this one" {
	knows bob alice
	for how in '-p bob' "-p $bob" -t; do
		printf '# met\nbob %s  \n#\n' "$bob" >alice/peers
		meet '' "$how"
		got 0 0 "$ok" "bob is remembered at 127.0.0.1 in $PWD/alice/peers, line 2.$ok"
		[ "$(tr " " _ <alice/peers)" = "#_met
bob_${bob}_127.0.0.1__
#" ]
		meet '' ''
		got 0 0 "$ok" "$ok"
	done
	echo "bob $bob" >alice/peers
	at_a=('this is bob: go on\? \[y/N\] ' 'y\n')
	meet '' ''
	got 0 0 '(waiting for alice to accept.)?connected to alice .*' \
		'bob answers, who is not known to be at 127.0.0.1.*bob is remembered at .*'
	holds alice "bob $bob 127.0.0.1"
	# Another host is left alone.
	for how in -t ''; do
		echo "bob $bob far.example" >alice/peers
		[ "$how" ] && at_a=('' '') || at_a=('go on\? \[y/N\] ' 'y\n')
		meet '' $how
		[ "$a $b" = '0 0' ]
		grep -q "^bob has another host in $PWD/alice/peers, line 1: to call 127.0.0.1, too, add a line$" a.err
		holds alice "bob $bob far.example"
	done
	echo "bob $bob" >alice/peers
	for no in '\n' 'n\n' '\x04'; do
		at_a=('go on\? \[y/N\] ' "$no")
		meet '' ''
		got 98 98 '(waiting for alice to accept.)?chat-handshake: alice does not know this key' \
			'.*chat-handshake: bob was declined'
		holds alice "bob $bob"
	done
}

@test "what is a NAME and the HOST of another key is not called" {
	knows bob alice
	printf 'localhost %s\n\nbob %s LocalHost\n' "$carol" "$bob" >alice/peers
	meet '-w 3' '' localhost
	[ "$a" = 98 ]
	grep -q "^chat-handshake: localhost is a NAME in $PWD/alice/peers, line 1, and the HOST of another key in line 3: not called$" a.err
	# -p says who is meant.
	meet '' '-p bob' localhost
	got 0 0 "$ok" "$ok"
	# A name and its own host do not conflict.
	echo "localhost $bob localhost" >alice/peers
	meet '' '' localhost
	got 0 0 "$ok" '.*connected to localhost .*'
}

@test "a host that begins with @ pins nobody" {
	knows bob alice
	printf 'carol %s @relay.example\nbob %s @relay.example\n' "$carol" "$bob" >alice/peers
	rm -f b.err
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 chat-handshake true \
		>b.err 2>&1 &
	p=$(port b.err)
	CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" env \
		CHAT_HOST=@relay.example chat-handshake true
	wait $!
}

@test "-p NAME: that key and no other, whatever the host or -t" {
	knows bob alice
	printf 'carol %s 127.0.0.1\nbob %s 127.0.0.1\n' "$carol" "$bob" >alice/peers
	meet '' '-p bob'
	got 0 0 "$ok" "$ok"
	meet '' '-t -p carol'
	got 98 98 '.* hung up .*' "chat-handshake: WRONG KEY: 127.0.0.1 has the key $bob, not the one in $PWD/alice/peers:1; .*"
	meet '' '-p dave'
	[ "$a" = 100 ]
	grep -q "^chat-handshake: dave is neither a key nor a name in $PWD/alice/peers" a.err
	tries 2
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
	knows alice bob 127.0.0.1
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
	grep -q "alice/peers:1: not a key" a.err
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
	knows alice bob 127.0.0.1
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
	at_a=('decline\): ' 'no/name\n' 'another: ' 'bob\n' 'another name: ' 'b2\n')
	meet '' ''
	got 0 0 '(waiting for alice to accept.)?connected to alice .*' '.*bob has another key \(line 1; chat-keygen -R bob forgets it\); another name: .*connected to b2 .*'
	holds alice "bob $carol
b2 $bob 127.0.0.1"
}

@test "-t, -p, or a wrong key ask nobody" {
	knows bob alice
	at_a=('' '')
	meet '' -t
	got 0 0 "$ok" ".*bob is remembered .*"
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

# strangers - two whom nobody knows, both welcoming anybody; each would be
# asked about by its own child of a listener at one terminal.
strangers() {
	rm -f b.err carol.pid dave.pid
	CHAT_HOME=$PWD/bob timeout 60 "$ROOT/tests/tool/expect" "$@" -- \
		chat-net -l${u}rv -s 127.0.0.1 0 chat-handshake ${u:+-u} true \
		>b.err 2>&1 &
	pid=$!
	p=$(port b.err | tr -d '\r')
	for who in carol dave; do
		CHAT_HOME=$PWD/$who setsid chat-net ${u:+-u} 127.0.0.1 "$p" \
			chat-handshake ${u:+-u} -tn $who true >$who.err 2>&1 &
		echo $! >$who.pid
		[ $who = dave ] || wait_text b.err 'not known here'
	done
}

@test "an answer never goes to a caller whose question was not shown" {
	home dave
	dave=${dave//+/\\+}
	u=''
	# The first is asked about and hangs up amid the answer.  The second's
	# question must be shown, whole, and gets nothing of what was typed.
	strangers 'decline\): ' rob rob \
		'!until [ -s dave.pid ]; do :; done; kill "$(cat carol.pid)"' \
		"$dave" '' 'decline\): ' '\n' 'was declined' '\x03'
	b=0
	wait $pid || b=$?
	[ $b = 130 ] || { echo "$b"; cat b.err; return 1; }
	[ ! -s bob/peers ] || { cat b.err bob/peers; return 1; }
	# By datagrams, where the first one's question outlives several repeats.
	u=u
	strangers 'decline\): ' ro ro \
		'!until [ -s dave.pid ]; do :; done; sleep 2.5; printf "\025\n"' \
		"$dave" '' 'decline\): ' '\n' 'was declined' '\x03'
	b=0
	wait $pid || b=$?
	[ $b = 130 ] || { echo "$b"; cat b.err; return 1; }
	[ ! -s bob/peers ] || { cat b.err bob/peers; return 1; }
}

@test "who calls under a known name with a new key: what to do is said" {
	knows alice bob 127.0.0.1
	echo "alice $carol" >bob/peers
	at_b=('decline\): ' 'alice\n' 'another name: ' '\n')
	meet '' ''
	got 98 98 ".*alice is in $PWD/bob/peers, line 1, with another key..If it is the same person on a new machine, end here and run:.    chat-keygen -R alice.A name .*alice has another key \(line 1; chat-keygen -R alice forgets it\); another name:.*" \
		'(waiting.*.)?chat-handshake: bob does not know this key'
	unset at_b
	meet '' ''
	got 98 98 ".*: declined \(alice is in $PWD/bob/peers, line 1, with another key; chat-keygen -R alice forgets that one\)" '.*'
	CHAT_HOME=$PWD/bob run --separate-stderr chat-keygen -R alice
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$stderr" = "chat-keygen: forgot alice $carol ($PWD/bob/peers, line 1)" ]
	holds bob ''
	trio 100 "alice is not in $PWD/bob/peers" env CHAT_HOME="$PWD/bob" chat-keygen -R alice
}

@test "the question shows one's own words, and what to do" {
	knows bob alice
	at_a=('decline\): ' '\n')
	meet '' ''
	text=$(tr -s ' \n' ' ' <a.err)
	[[ $text == *" Ask them by telephone to read these words; if they differ, press Enter. Yours, to read to them: $(chat-keygen -l "$alice") A name "* ]]
}

# crowd LINES WHOSE - so many keys in that peers file.
crowd() {
	awk "BEGIN { for (i = 0; i < $1; i++)
		printf \"p%d %042d0= h%d\\n\", i, i, i }" >>"$2/peers"
}

@test "where 10,000 are known none is learned, by hand it is" {
	crowd 9999 bob
	meet -t "-p $bob"
	[ "$b $a" = '0 0' ]
	[ "$(tail -1 bob/peers)" = "alice $alice" ]
	sed -i '$d' bob/peers
	crowd 1 bob
	sed -i '$s/^p0 0/another 1/' bob/peers
	cp bob/peers before
	meet -t "-p $bob"
	got 98 98 "chat-handshake: $PWD/bob/peers has 10000 lines: no key is \
added to it but by hand" 'bob does not know this key|127.0.0.1 does not know this key'
	cmp bob/peers before
	echo "friend $alice" >>bob/peers
	meet '' "-p $bob"
	[ "$b $a" = '0 0' ]
	[ "$(cat b.peer)" = friend ]
}

@test "a list of 100,000 lines, beyond 4 MiB, written by hand" {
	crowd 100000 bob
	[ "$(stat -c %s bob/peers)" -gt $((4 << 20)) ]
	knows bob alice
	meet '' "-p $bob"
	[ "$b $a" = '0 0' ]
	[ "$(cat b.peer)" = alice ]
	echo "p77 $alice" >>bob/peers
	trio 100 'peers:100002: the name p77 stands in line 78 already' \
		env CHAT_HOME="$PWD/bob" chat-keygen -L
}
