#!/usr/bin/env bats
# The purpose of a call: both sides say it with their verdicts, and a mismatch is a
# sentence, not an attack.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
}

# meet 'LISTENER -f' 'CALLER -f' - bob waits, alice calls; their codes in $b and
# $a, what they say in b.err and a.err, CHAT_PURPOSE in b.out and a.out.  Over
# TCP, with $udp=u over UDP.
meet() {
	local pid p
	rm -f b.err
	CHAT_HOME=$PWD/bob setsid -w chat-net -lv${udp-} -s 127.0.0.1 0 \
		chat-handshake ${udp:+-u} -n bob ${1:+-f "$1"} \
		sh -c 'echo "<$CHAT_PURPOSE>"' >b.out 2>b.err &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	CHAT_HOME=$PWD/alice setsid -w chat-net ${udp:+-u} 127.0.0.1 "$p" \
		chat-handshake ${udp:+-u} -n alice ${2:+-f "$2"} \
		sh -c 'echo "<$CHAT_PURPOSE>"' >a.out 2>a.err || a=$?
	wait $pid || b=$?
	sed -i '/^chat-net: /d' b.err
}

# got LISTENER CALLER - the codes.
got() {
	[ "$b $a" = "$1 $2" ] || { echo "$b $a"; cat b.err a.err; return 1; }
}

@test "the same purpose, or none on one side: CHAT_PURPOSE is the caller's word" {
	for udp in '' u; do
		for case in 'talk talk talk' 'talk,files,video files files' \
			'- files files' 'talk -' '- -'; do
			read -r theirs ours word <<<"${case//-/\"\"}"
			meet "${theirs//\"/}" "${ours//\"/}"
			got 0 0
			[ "$(cat a.out b.out)" = "<$word>
<$word>" ]
		done
	done
}

@test "another purpose: both sides say so; the caller 100, the listener 98" {
	for udp in '' u; do
		meet talk files
		got 98 100
		[ "$(cat b.err)" = 'chat-handshake: alice calls for files, this is talk' ]
		[ "$(cat a.err)" = 'chat-handshake: bob waits for talk, this is files' ]
		[ ! -s a.out ]
		[ ! -s b.out ]
		meet talk,voice files
		got 98 100
		[ "$(cat b.err)" = 'chat-handshake: alice calls for files, this is talk,voice' ]
		[ "$(cat a.err)" = 'chat-handshake: bob waits for talk, this is files' ]
	done
}

@test "what is not a purpose: 100 before anything" {
	for word in '' ',' 'a,' ',a' 'a b' 'ab1' 'seventeenletterss' a,,b $'a\n'; do
		trio 100 "-f" chat-handshake -f "$word" -r responder true
	done
	trio 100 '-f talk,files: not a word' chat-handshake -f talk,files -r initiator true
}

@test "ten callers for something else, then a friend: the listener goes on" {
	CHAT_HOME=$PWD/bob setsid -w chat-talk -lv -n bob -s 127.0.0.1 0 \
		</dev/null >b.out 2>b.err &
	pid=$!
	p=$(port b.err)
	for i in 1 2 3 4 5 6 7 8 9 10; do
		run -100 --separate-stderr env CHAT_HOME="$PWD/alice" setsid -w \
			chat-send -n alice -P "$p" 127.0.0.1 b.err
		[ "$stderr" = 'chat-handshake: bob waits for talk, this is files' ]
	done
	wait_for 10 ten
	echo hello | CHAT_HOME=$PWD/alice setsid -w chat-talk -n alice \
		127.0.0.1 "$p"
	wait $pid
	grep -q ' alice: hello$' b.out
	ten
}

ten() {
	[ "$(grep -cx 'chat-handshake: alice calls for files, this is talk' \
		b.err)" = 10 ]
}

@test "two who send: told apart, 100 on both sides" {
	mkdir in
	echo x >in/x
	CHAT_HOME=$PWD/bob setsid -w chat-send -lv -P 0 -n bob -s 127.0.0.1 in \
		</dev/null 2>b.err &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	CHAT_HOME=$PWD/alice setsid -w chat-send -n alice -P "$p" 127.0.0.1 in \
		</dev/null 2>a.err || a=$?
	wait $pid || b=$?
	got 100 100
	grep -qx 'chat-file: both sides send: one has to receive' a.err
	grep -qx 'chat-file: both sides send: one has to receive' b.err
}

@test "after a right code a mismatch still remembers the key" {
	rm alice/peers bob/peers
	chat-keygen -c >code
	cp code said
	CHAT_HOME=$PWD/bob setsid -w chat-talk -lv -n bob -s 127.0.0.1 -C code 0 \
		</dev/null >b.out 2>b.err &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	CHAT_HOME=$PWD/alice setsid -w chat-send -n alice -C said -P "$p" \
		127.0.0.1 b.err 2>a.err || a=$?
	wait $pid || b=$?
	got 98 100
	grep -qx "bob $bob 127.0.0.1" alice/peers
	grep -qx "alice $alice" bob/peers
}
