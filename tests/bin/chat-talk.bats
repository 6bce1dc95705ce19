#!/usr/bin/env bats
# chat-talk, as a person at a terminal meets it, and in a pipe.

load ../helper
load ../terminal

@test "two people who never met: words, names, lines, hang up" {
	listens bob
	sees bob 'the other side types: chat-talk 127.0.0.1 '
	sees bob 'chat-keygen: made the identity '
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '127.0.0.1 answers and has a key that is not known here:'
	sees alice 'A name for this key'
	sees bob '127.0.0.1 calls and has a key that is not known here:'
	words=$(chat-keygen -l -f bob/id | tr -s ' \n' ' ')
	[[ "$(screen alice | tr -s ' \n' ' ')" == *"${words% }"* ]]
	key alice bob Enter
	sees alice 'waiting for bob to accept'
	key bob ally Enter
	sees alice 'bob is remembered in .*/alice/peers'
	sees alice '^connected to bob \((aes256gcm|chacha20poly1305)\)'
	sees bob '^connected to ally \('
	[ "$(cat alice/peers)" = "bob $(chat-keygen -y -f bob/id) 127.0.0.1" ]
	[ "$(cat bob/peers)" = "ally $(chat-keygen -y -f alice/id)" ]
	key alice 'hello, bob' Enter
	sees bob '^[0-2][0-9]:[0-5][0-9]:[0-6][0-9] ally: hello, bob$'
	key bob -l 'grüße'
	key bob Enter
	sees alice '^[0-2][0-9]:[0-5][0-9]:[0-6][0-9] bob: grüße$'
	key alice C-d
	sees bob 'ally hung up'
	sees alice '^code 0'
	sees bob '^code 0'
	sees alice 'terminal fine'
	sees bob 'terminal fine'
}

@test "^C leaves no process and no broken terminal" {
	couple
	listens bob
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice 'connected to bob'
	sees bob '^> ?$' # before that it is a cut
	key bob C-c
	sees alice '^bob hung up'
	sees alice '^code 0'
	sees bob 'code 130'
	sees bob 'terminal fine'
	sees alice 'terminal fine'
	run ! grep -lsa "CHAT_HOME=$PWD/" /proc/[0-9]*/environ
	# While it waits, and at the question.
	listens carol
	key carol C-c
	sees carol 'code 130'
	listens dave
	at erin "chat-talk 127.0.0.1 $p"
	sees erin 'A name for this key'
	key erin C-c
	sees erin 'code 130'
	sees erin 'terminal fine'
	[ ! -s erin/peers ]
	key dave C-c
	sees dave 'code 130'
	sees dave 'terminal fine'
	run ! grep -lsa "CHAT_HOME=$PWD/" /proc/[0-9]*/environ
}

@test "typing goes on while lines arrive" {
	couple
	listens bob
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice 'connected to bob'
	key bob 'half a'
	sees bob 'half a'
	key alice 'in between' Enter
	sees bob 'alice: in between$'
	run ! grep -q 'half ain' <(screen bob)
	key bob ' line' Enter
	sees alice 'bob: half a line$'
}

@test "-k takes the next call; a name with a host is called there" {
	couple
	echo "bob $bob 127.0.0.1" >alice/peers
	listens bob -k
	for n in 1 2; do
		export CHAT_HOME=$PWD/alice
		echo "call $n" | chat-talk -n alice bob "$p" >alice.out 2>&1 &
		pid=$!
		sees bob "alice: call $n"
		wait $pid
		sees bob 'alice hung up'
	done
	echo "bob $(CHAT_HOME=$PWD/x chat-keygen 2>/dev/null) 127.0.0.1" \
		>alice/peers
	run -98 --separate-stderr chat-talk bob "$p" </dev/null
	[[ $stderr == *'WRONG KEY: 127.0.0.1 has the key'* ]]
	[[ $stderr == *"$PWD/alice/peers:1;"* ]]
	key bob C-c
	sees bob 'code 130'
}

@test "a piped line comes back: its end is a hang-up" {
	couple
	for input in '<line' '<empty' '< <(echo line)' '< <(:)'; do
		echo line >line
		: >empty
		listens bob
		# This needs no key press.
		CHAT_HOME=$PWD/alice timeout 20 bash -c "setsid -w chat-talk \
			-n alice 127.0.0.1 $p $input" >a.out 2>a.err
		sees bob '^code 0'
		sees bob '^alice hung up'
		[ ! -s a.out ]
		[ "$(answered a.err | grep -vc '^connected to bob')" = 0 ]
		[[ $input != *line* ]] || screen bob | grep -q 'alice: line$'
		key bob Enter
		wait_for 10 gone bob
	done
}

# gone WHO - that terminal is closed.
gone() {
	[ -z "$(tmux -S "$PWD/tmux" list-sessions -F '#S' 2>/dev/null |
		grep -x "$1")" ]
}

@test "/dev/null only listens; ^D hangs up" {
	couple
	listens bob
	CHAT_HOME=$PWD/alice setsid chat-talk -n alice -r 127.0.0.1 "$p" \
		</dev/null >a.out 2>a.err &
	pid=$!
	sees bob 'alice has finished \(\^D hangs up\)$'
	key bob 'still there?' Enter
	wait_text a.out 'still there\?'
	kill -0 $pid
	key bob C-d
	sees bob '^code 0'
	wait $pid
}

@test "an input that is kept open gets an answer, and sends the rest" {
	couple
	mkfifo in
	listens bob
	CHAT_HOME=$PWD/alice setsid chat-talk -n alice -r 127.0.0.1 "$p" \
		<in >a.out 2>a.err &
	pid=$!
	exec 4>in
	echo 'may I?' >&4
	sees bob 'alice: may I\?'
	key bob yes Enter
	wait_text a.out '^yes$'
	key bob C-d
	echo 'thank you' >&4
	exec 4>&-
	sees bob 'alice: thank you'
	wait $pid
	sees bob '^code 0'
	# bob's own end was first.
	run ! grep -q 'alice (hung up|has finished)' <(screen bob)
}

# hears WHO - call bob with nothing to say; what comes is in WHO.out, $pid.
hears() {
	CHAT_HOME=$PWD/$1 setsid chat-talk -n "$1" -t -r 127.0.0.1 "$p" \
		</dev/null >"$1.out" 2>"$1.err" &
	pid=$!
	sees bob "connected to $1"
}

@test "typed while nobody was connected: lines, a half line" {
	couple
	listens bob
	key bob 'this is for carol' Enter 'half a li'
	sees bob 'half a li$'
	hears alice
	key bob 'hello' Enter
	wait_text alice.out hello
	key bob C-d
	wait $pid
	[ "$(cat alice.out)" = hello ]
	sees bob '^code 0'
}

@test "typed for somebody who left: not to the next caller" {
	couple
	home carol
	knows bob carol
	listens bob -k
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice 'connected to bob'
	key bob 'one' Enter
	sees alice 'bob: one'
	key bob 'begun for al'
	sees bob 'begun for al$'
	key alice C-d
	sees bob 'alice hung up'
	sees alice '^code 0'
	key bob 'ice' Enter 'and mo'
	sees bob 'and mo'
	hears carol
	key bob 'hello' Enter
	wait_text carol.out hello
	key bob C-d
	wait $pid
	[ "$(cat carol.out)" = hello ]
	[ "$(screen alice | grep -c '^..:..:.. bob: ')" = 1 ]
	key bob C-c
	sees bob 'code 130'
	tries 2
}

# process WHO PROGRAM - the id of WHO's PROGRAM.
process() {
	local id name
	for id in $(grep -lsa "CHAT_HOME=$PWD/$1" /proc/[0-9]*/environ |
		tr -dc '0-9\n'); do
		read -r name 2>/dev/null <"/proc/$id/comm" || continue
		[ "$name" != "$2" ] || echo "$id"
	done
}

@test "a cut: the lines that the other side has not shown are named" {
	couple
	listens bob
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice 'connected to bob'
	sees bob '^> ?$'
	key alice 'seen by bob' Enter
	sees bob 'alice: seen by bob$'
	# Bob's line comes after his receipt.
	key bob 'and answered' Enter
	sees alice 'bob: and answered$'
	kill -STOP "$(process bob chat-text)"
	key alice -l $'too late \u00e9'
	key alice Enter
	key alice 'and more' Enter
	sees alice '> and more$'
	kill -KILL "$(process bob chat-open)"
	sees alice '^code 98'
	sees alice 'terminal fine'
	screen alice | grep -A2 '^the last 2 lines may not have arrived:$' >named
	printf '%s\n' 'the last 2 lines may not have arrived:' \
		$'> too late \u00e9' '> and more' | cmp - named
}

@test "typed by the caller before the other side has accepted" {
	couple
	rm bob/peers
	listens bob
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice 'waiting for bob to accept'
	key alice 'this is for nobody' Enter C-d half
	sees alice 'half$'
	key bob alice Enter
	sees alice 'connected to bob'
	key alice 'hello' Enter
	sees bob 'alice: hello$'
	key alice C-d
	sees bob 'alice hung up'
	[ "$(screen bob | grep -c '^..:..:.. alice: ')" = 1 ]
	sees alice '^code 0'
}

@test "a job in the background neither stops nor takes what is typed" {
	couple
	mkdir in
	echo hi >file
	at bob "set -m; chat-recv -lvy -P 0 -d in -s 127.0.0.1 & read -r line
		echo \"read \$line\"; wait %1"
	sees bob 'listening on .* port [0-9]+'
	p=$(screen bob | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p')
	key bob 'half '
	sees bob 'half'
	CHAT_HOME=$PWD/alice setsid -w chat-send -P "$p" 127.0.0.1 file
	key bob 'a line' Enter
	sees bob '^read half a line$'
	sees bob '^code 0'
}

@test "strangers, garbage and port scans leave the listener waiting" {
	couple
	home carol
	CHAT_HOME=$PWD/bob setsid chat-talk -lv -n bob -s 127.0.0.1 0 \
		</dev/null >b.out 2>b.err &
	pid=$!
	p=$(port b.err)
	run -98 env CHAT_HOME="$PWD/carol" setsid -w chat-talk -t 127.0.0.1 "$p" \
		</dev/null
	[[ $output =~ 'does not know this key' ]]
	wait_text b.err "127.0.0.1 has an unknown key, ${carol//+/.}: declined"
	for n in 1 2 3; do
		chat-net 127.0.0.1 "$p" true
	done
	echo 'GET / HTTP/1.0' | chat-net 127.0.0.1 "$p" sh -c 'cat >&7 <&3; cat <&6' \
		3<&0 2>/dev/null || :
	wait_text b.err '127.0.0.1 does not speak chat'
	wait_text b.err '127.0.0.1 hung up during the handshake'
	# One who stays, silent, while the right one calls.
	mkfifo quiet
	chat-net 127.0.0.1 "$p" cat <>quiet &
	silent=$!
	echo hi | CHAT_HOME=$PWD/alice setsid -w chat-talk -n alice 127.0.0.1 "$p"
	wait $pid
	grep -q 'alice: hi$' b.out
	kill $silent 2>/dev/null || :
}

asks_twice() {
	[ "$(screen bob | grep -c 'A name for this key')" = 2 ]
}

@test "two callers at once: one is asked about after the other" {
	listens bob
	at alice "chat-talk -n alice -t 127.0.0.1 $p"
	sees bob 'A name for this key'
	at carol "chat-talk -n carol -t 127.0.0.1 $p"
	sees carol 'waiting for (bob|127.0.0.1) to accept'
	key bob Enter # declines
	sees alice 'does not know this key'
	# Her question is shown whole when it is her turn.
	sees bob '127.0.0.1 was declined'
	wait_for 15 asks_twice
	key bob 'carol' Enter
	sees carol 'connected to bob'
	sees bob 'connected to carol'
	key carol 'it is me' Enter
	sees bob 'carol: it is me'
	key bob C-d
	sees carol 'bob hung up'
	sees carol '^code 0'
	sees bob '^code 0'
	sees alice '^code 98'
}

# pipe 'BOB OPTIONS' BOB-FILE 'ALICE OPTIONS' ALICE-FILE - both without a
# terminal; what they get is in b.out and a.out, the codes in $b and $a.
pipe() {
	rm -f b.err
	# shellcheck disable=SC2086
	CHAT_HOME=$PWD/bob setsid chat-talk -lv -n bob -s 127.0.0.1 $1 0 \
		<"$2" >b.out 2>b.err &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	# shellcheck disable=SC2086
	CHAT_HOME=$PWD/alice setsid -w chat-talk -n alice $3 127.0.0.1 "$p" \
		<"$4" >a.out 2>a.err || a=$?
	wait $pid || b=$?
	[ "$b $a" = '0 0' ] || { echo "$b $a"; cat b.err a.err; return 1; }
}

@test "in a pipe, as nc: a line, and an empty stdin still receives" {
	couple
	echo hi >in
	pipe '' /dev/null '' in
	grep -qE '^..:..:.. alice: hi$' b.out
	[ ! -s a.out ]
	pipe '' in '' /dev/null
	grep -qE '^..:..:.. bob: hi$' a.out
	[ "$(answered a.err)" = "$(grep '^connected to bob' a.err)" ]
}

@test "ten thousand lines each way at once: complete, in order" {
	couple
	seq -f 'alice says %.0f' 10000 >A
	seq -f 'bob says %.0f' 10000 >B
	pipe '' B '' A
	sed 's/^..:..:.. alice: //' b.out | cmp - A
	sed 's/^..:..:.. bob: //' a.out | cmp - B
}

@test "16 MiB in a line, NUL, no final newline, raw" {
	couple
	head -c 16777215 /dev/zero | tr '\0' x >A
	echo >>A
	printf 'a\0b\n\n\e[31mred\xff\nno newline' >B
	pipe -r B -r A
	cmp A b.out
	cmp B a.out
}

@test "control characters are harmless, unless -r" {
	couple
	printf 'bell \a\e[2Jcleared \xc2\x9b2J \xe2\x80\xae\n' >A
	pipe '' /dev/null '' A
	[ "$(sed 's/^..:..:.. //' b.out)" = \
		'alice: bell ^G^[[2Jcleared <U+009B>2J <U+202E>' ] ||
		run ! grep -q $'\a\|\e\|\xc2\x9b' b.out
	pipe -r /dev/null '' A
	cmp A b.out
	tries 4
}

@test "the first use makes an identity and says so in one line" {
	export CHAT_HOME=$PWD/new
	run -111 --separate-stderr chat-talk -n x 127.0.0.1 1 </dev/null
	[ "${stderr_lines[0]}" = "chat-keygen: made the identity $PWD/new/id" ]
	[ "${#stderr_lines[@]}" = 2 ]
	[ "$(stat -c %a new/id)" = 600 ]
	run -111 --separate-stderr chat-talk -n x 127.0.0.1 1 </dev/null
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr =~ 'Connection refused' ]]
}

@test "bad options, operands and files" {
	couple
	export CHAT_HOME=$PWD/alice
	while IFS='|' read -r code args want; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 5 chat-talk $args </dev/null
		[ "$status" = "$code" ] && [ -z "$output" ] &&
			[[ $stderr =~ $want ]] ||
			{ echo "$args: $status $stderr"; false; }
	done <<-TABLE
	100||usage: chat-talk
	100|a b c|usage: chat-talk
	100|-l 1 2|usage: chat-talk
	100|-Z x|usage: chat-talk
	100|-k localhost|usage
	100|-w 0 localhost 1|0
	100|-w 1x localhost 1|1x
	100|localhost 0|0
	100|localhost 65536|65536
	100|localhost http|http
	100|-l 65536|65536
	100|-l -1|usage|invalid
	100|-s 192.0.2.1 -l 0|192.0.2.1
	99|-l -w 1 -s 127.0.0.1 0|chat-net: nobody called
	99|-l -w 9 -w 1 -s 192.0.2.1 -s 127.0.0.1 0|nobody called
	111|127.0.0.1 1|Connection refused
	TABLE
	run -100 --separate-stderr chat-talk '' 1
}

@test "/dev/full" {
	couple
	echo hi >in
	rm -f b.err
	CHAT_HOME=$PWD/bob setsid chat-talk -lv -n bob -s 127.0.0.1 0 \
		</dev/null >/dev/full 2>b.err &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	CHAT_HOME=$PWD/alice setsid -w chat-talk -n alice 127.0.0.1 "$p" \
		<in >a.out 2>a.err || a=$?
	wait $pid || b=$?
	[ "$b" = 111 ]
	grep -q ': No space left on device$' b.err
	[ "$(grep -cE '^chat-[^n]' b.err)" = 1 ] || { cat b.err; false; }
	[[ $a =~ ^(0|98|111)$ ]]
}
