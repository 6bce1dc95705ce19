#!/usr/bin/env bats
# Pairing by a spoken code, through chat-talk and chat-handshake.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	home alice
	home bob
	chat-keygen -c >code
	cp code said
}

# listen OPTION ... - alice waits by the code in the file code; $port.
listen() {
	CHAT_HOME=$PWD/alice setsid -w chat-talk -lv -n alice -s 127.0.0.1 \
		-C code "$@" 0 </dev/null >alice.out 2>alice.err &
	alice=$!
	port=$(port alice.err)
}

# call OPTION ... - bob calls by the code in the file said.
call() {
	echo hello | CHAT_HOME=$PWD/bob setsid -w chat-talk -n bob -C said \
		"$@" 127.0.0.1 "$port" >bob.out 2>bob.err
}

@test "a code pairs two strangers, and then serves no more" {
	listen
	call
	wait $alice
	grep -q ' bob: hello$' alice.out
	grep -qx "bob $bob" alice/peers
	grep -qx "alice $alice_key 127.0.0.1" bob/peers ||
		grep -qx "alice $(chat-keygen -y -f alice/id) 127.0.0.1" bob/peers
	[ ! -e code ]
	[ ! -e said ]
}

@test "the next call needs no code, either way round" {
	listen
	call
	wait $alice
	CHAT_HOME=$PWD/bob setsid -w chat-talk -lv -s 127.0.0.1 0 \
		</dev/null >bob.out 2>bob.err &
	local pid=$!
	p=$(port bob.err)
	# Where bob is, alice has not heard: the first time she says who is meant.
	echo again | CHAT_HOME=$PWD/alice setsid -w chat-talk -p bob 127.0.0.1 "$p"
	grep -qx "bob $bob 127.0.0.1" alice/peers
	wait $pid
	grep -q ' alice: again$' bob.out
}

@test "case, blanks for hyphens and the number do not matter" {
	listen
	sed 's/^[0-9]*-//' code | tr 'a-z-' 'A-Z ' >said
	call
	wait $alice
}

@test "a wrong code: 98 on both sides, and who used it up" {
	local a=0 b=0
	listen
	chat-keygen -c >said
	call || b=$?
	wait $alice || a=$?
	[ "$a $b" = '98 98' ]
	grep -q 'the codes differ: agree on a new one' bob.err
	grep -q 'the codes differ: agree on a new one (127.0.0.1 ' alice.err
	[ ! -s alice.out ]
	[ ! -s bob.out ]
	[ ! -e alice/peers ]
	[ ! -e bob/peers ]
	[ ! -e code ]
	tries 1
}

@test "a slip of the pen is not a guess: 100, and the code is still there" {
	local b=0
	listen
	cp code code.copy
	sed 's/-[a-z]*$/-xyzzy/' code >said
	call || b=$?
	[ "$b" = 100 ]
	grep -q xyzzy bob.err
	[ -e code ]
	[ -e said ]
	cp code.copy said
	call
	wait $alice
}

@test "many callers at once: the code is claimed by one" {
	local i pids=() good=0 c
	listen
	cp code right
	for i in 1 2 3 4 5 6 7 8; do
		cp right "said.$i"
		CHAT_HOME=$PWD/bob setsid -w timeout 20 chat-net 127.0.0.1 \
			"$port" chat-handshake -n bob -c "said.$i" \
			sh -c 'echo in' >>in 2>/dev/null &
		pids+=($!)
	done
	for c in "${pids[@]}"; do
		wait "$c" || :
	done
	wait $alice || :
	good=$(grep -c in in || :)
	[ "$good" -le 1 ]
	[ ! -e code ]
	tries 8
}

@test "a port scan and garbage do not use the code up" {
	listen
	: | nc -N 127.0.0.1 "$port"
	head -c 100 /dev/zero | timeout 5 nc -N 127.0.0.1 "$port" || :
	printf 'chat1\3\1\0\40%032d' 0 | timeout 5 nc -N 127.0.0.1 "$port" || :
	[ -e code ]
	call
	wait $alice
}

@test "one side with a code, one without: 98, both say so, none is spent" {
	local b=0
	listen
	echo hi | CHAT_HOME=$PWD/bob setsid -w chat-talk 127.0.0.1 "$port" \
		2>bob.err || b=$?
	[ "$b" = 98 ]
	grep -q 'wants a spoken code' bob.err
	wait_text alice.err 'called without a code'
	[ -e code ]
	call
	wait $alice
}

@test "a name that is taken gets a number, and the user is told" {
	home carol
	sed "s/.*/bob &/" <<<"$carol" >alice/peers
	listen
	call
	wait $alice
	grep -qx "bob2 $bob" alice/peers
	grep -q 'bob2' alice.err
}

@test "a key that is known keeps its name" {
	echo "robert $bob" >alice/peers
	listen
	call
	wait $alice
	[ "$(cat alice/peers)" = "robert $bob" ]
	grep -q ' robert: hello$' alice.out
}

# claims FILE - a caller takes its code from FILE, and meets nobody.
claims() {
	CHAT_HOME=$PWD/bob chat-handshake -r initiator -c "$1" true \
		6</dev/null 7>/dev/null
}

@test "a code is not taken by a link, of which the file would stay" {
	ln -s said link
	trio 100 'link: a symbolic link$' claims link
	[ -L link ]
	[ -e said ]
	ln said hard
	trio 100 'said: not a regular file with one name$' claims said
	[ -e said ]
	rm hard
	mkfifo pipe
	trio 100 'pipe: not a regular file' claims pipe
	trio 100 'alice: not a regular file' claims alice
	trio 98 'other side' claims said
	[ ! -e said ]
	trio 100 'no code, or it has been used up$' claims said
}

@test "/dev/stdin is descriptor 0: read, not removed" {
	trio 98 'other side' claims /dev/stdin <said
	[ -e /dev/stdin ]
	echo 'nonsense' >bad
	trio 100 'code' claims /dev/stdin <bad
	[ -e said ]
}

@test "-c with -k: a code serves once" {
	trio 100 '^usage: ' chat-talk -lkc
}

@test "the listener makes a code and shows it; no terminal: -C" {
	CHAT_HOME=$PWD/alice setsid -w chat-talk -lvc -s 127.0.0.1 0 \
		</dev/null >alice.out 2>alice.err &
	local pid=$!
	port=$(port alice.err)
	grep -oE '[0-9]+(-[a-z]+){3}$' alice.err >said
	grep -q "^the other side types: chat-talk -c 127.0.0.1 $port$" \
		alice.err
	trio 100 'no terminal.*file' env CHAT_HOME="$PWD/bob" setsid -w \
		chat-talk -c 127.0.0.1 "$port"
	call
	wait $pid
}

@test "a person is asked for the code on the terminal" {
	listen
	"$ROOT/tests/tool/expect" 'the code: ' "$(cat code)\\n" 'connected to alice' '' 2004h \
		'\x04' -- env TERM=xterm CHAT_HOME="$PWD/bob" \
		chat-talk -cn bob 127.0.0.1 "$port"
	wait $alice
}

@test "what is on the wire depends on the code in group elements only" {
	# The same code twice and two codes once: the openings and lengths are
	# the same, and no other byte before the verdicts is.
	local i
	for i in 1 2 3; do
		cp code code.keep
		listen
		# shellcheck disable=SC2016 # for that shell
		chat-net -lv -s 127.0.0.1 0 sh -c 'tee up.'$i' <&6 |
			chat-net 127.0.0.1 '"$port"' | tee down.'$i' >&7' \
			2>wire.err &
		port=$(port wire.err)
		cp code.keep said
		call
		wait $alice
		cp code.keep code
		[ $i = 1 ] || chat-keygen -c >code
		rm -f alice/peers bob/peers wire.err alice.err
	done
	for i in 1 2 3; do
		[ "$(head -c 9 up.$i | od -An -tx1)" = \
			' 63 68 61 74 31 03 01 00 20' ] ||
			[ "$(head -c 9 up.$i | od -An -tx1)" = \
				' 63 68 61 74 31 01 01 00 20' ]
		[ "$(head -c 43 up.$i | tail -c 2 | od -An -tx1)" = ' 00 30' ]
		[ "$(head -c 37 down.$i | tail -c 2 | od -An -tx1)" = ' 00 60' ]
	done
	# shares and messages: 32 + 48 bytes from the caller, none alike
	for i in up down; do
		run cmp -s $i.1 $i.2
		[ "$status" = 1 ]
		[ "$(cmp -l $i.1 $i.2 | awk '$1 > 9 && $1 < 90' | wc -l)" \
			-gt 60 ]
	done
	tries 3
}
