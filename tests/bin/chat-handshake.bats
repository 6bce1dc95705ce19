#!/usr/bin/env bats
# chat-handshake: who is there, and the keys.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
	export CHAT_HOME=$PWD/alice
}

# meet 'LISTENER OPTIONS' 'CALLER OPTIONS' [COMMAND ...] - bob waits, alice
# calls, and each runs the command; their codes in $b and $a, what they say in
# b.err and a.err, and print in b.out and a.out.
meet() {
	local theirs=$1 ours=$2 pid
	shift 2
	[ $# -gt 0 ] || set -- true
	rm -f b.err
	# shellcheck disable=SC2086 # options
	CHAT_HOME=$PWD/bob setsid chat-net -lv -s 127.0.0.1 0 chat-handshake \
		-n bob $theirs "$@" >b.out 2>b.err &
	pid=$!
	p=$(port b.err)
	a=0 b=0
	# shellcheck disable=SC2086
	setsid -w chat-net 127.0.0.1 "$p" chat-handshake -n alice $ours \
		"$@" >a.out 2>a.err || a=$?
	wait $pid || b=$?
	sed -i '/^chat-net: /d' b.err
}

# codes LISTENER CALLER - of the last meet.
codes() {
	[ "$b $a" = "$1 $2" ] || { echo "$b $a"; cat b.err a.err; return 1; }
}

@test "AES where both have it, else or at will ChaCha" {
	meet '' ''
	codes 0 0
	aes=aes256gcm
	grep -qw aes /proc/cpuinfo || aes=chacha20poly1305
	[ "$(cat a.err)" = "connected to bob ($aes)" ]
	[ "$(cat b.err)" = "connected to alice ($aes)" ]
	for both in '-a chacha20poly1305,' ',-a chacha20poly1305' \
		'-a chacha20poly1305,-a chacha20poly1305'; do
		meet "${both%,*}" "${both#*,}"
		codes 0 0
		[ "$(cat a.err)" = 'connected to bob (chacha20poly1305)' ]
		[ "$(cat b.err)" = 'connected to alice (chacha20poly1305)' ]
	done
}

@test "no cipher in common: both say so" {
	grep -qw aes /proc/cpuinfo || skip 'no AES here'
	meet '-a aes256gcm' '-a chacha20poly1305'
	codes 98 98
	[ "$(cat b.err)" = 'chat-handshake: 127.0.0.1 and this side have no cipher in common' ]
	[[ $(cat a.err) =~ 'or another algorithm' ]]
}

@test "the program gets the keys, once, and facts but no secrets" {
	cat >show <<-'SH'
	echo "$CHAT_PEER $CHAT_PEERKEY $CHAT_ROLE ${CHAT_READY_FD-no}"
	cat <&8
	cat <&9
	cat <&8
	SH
	meet '' '' sh ./show
	codes 0 0
	[ "$(head -1 a.out)" = "bob $bob initiator no" ]
	[ "$(head -1 b.out)" = "alice $alice responder no" ]
	# One side's receiving key is the other's sending key.
	[ "$(sed -n 2p a.out)" = "$(sed -n 3p b.out)" ]
	[ "$(sed -n 3p a.out)" = "$(sed -n 2p b.out)" ]
	[ "$(wc -l <a.out)" = 3 ]
	grep -qE '^(aes256gcm|chacha20poly1305) [A-Za-z0-9+/]{43}=$' a.out
	[ "$(sort -u a.out b.out | wc -l)" = 4 ]
}

@test "the keys stand on 8 and 9 whatever else is open" {
	for fds in '3<&0' '3<&0 4<&0' '4<&0' '5<&0' '3<&0 5<&0' '3<&0 4<&0 5<&0' \
		'8<&0' '9<&0' '3<&0 4<&0 5<&0 8<&0 9<&0'; do
		cat >run <<-SH
		exec chat-handshake "\$@" sh -c 'cat <&8; cat <&9' $fds
		SH
		rm -f b.err
		CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 sh ./run \
			3<&- 4<&- 5<&- </dev/null >b.out 2>b.err &
		p=$(port b.err)
		chat-net 127.0.0.1 "$p" sh ./run 3<&- 4<&- 5<&- </dev/null >a.out
		wait $!
		[ "$(wc -l <a.out)" = 2 ]
		[ "$(tac a.out)" = "$(cat b.out)" ]
	done
}

@test "it takes nothing that is the program's" {
	meet '' '' sh -c 'echo after >&7; head -1 <&6'
	codes 0 0
	[ "$(cat a.out b.out)" = "$(printf 'after\nafter')" ]
}

@test "exits as the program does; 126 and 127 where there is none" {
	meet '' '' sh -c 'exit 7'
	codes 7 7
	meet '' '' ./nothing
	codes 127 127
	touch nothing
	meet '' '' ./nothing
	codes 126 126
	grep -q '^chat-handshake: ./nothing: Permission denied$' a.err
}

# Has the listener $pid a child, $kid?
begat() {
	kid=$(pgrep -P "$pid")
}

@test "a signal that comes with the end of the handshake ends it" {
	mkfifo in out
	CHAT_HOME=$PWD/bob chat-handshake -r responder touch ran \
		6<>in 7<>out 2>/dev/null 3>&- &
	pid=$!
	wait_for 10 begat
	kill -STOP "$pid"
	chat-handshake -p bob -r initiator true 6<out 7>in 3>&-
	wait_for 10 ended "$kid"
	kill -TERM "$pid"
	kill -CONT "$pid"
	code "$pid"
	[ "$status" = 143 ]
	[ ! -e ran ]
}

@test "bad options and operands" {
	usage='^usage: chat-handshake '
	true=$(type -P true)
	while IFS='|' read -r args want; do
		# shellcheck disable=SC2086
		run --separate-stderr chat-handshake $args
		[ "$status" = 100 ] && [ -z "$output" ] &&
			[[ ${stderr_lines[0]} =~ $want ]] ||
			{ echo "$args: $status $stderr"; false; }
	done <<-TABLE
	|$usage
	-r initiator|$usage
	-Z $true|invalid option
	-w|requires an argument
	-w 0 $true|^chat-handshake: -w 0: not a number of seconds \(1 to 86400\)$
	-w 86401 $true|-w 86401
	-w 1x $true|-w 1x
	-a rot13 $true|unknown algorithm: rot13
	-r both $true|both: say -r initiator .*or -r responder
	$true|CHAT_ROLE is not set: say -r
	-r initiator $true|descriptors 6 and 7 are not connected
	-i none -r initiator $true|descriptors 6 and 7 are not connected
	TABLE
}

# offline ARGS - with something at 6 and 7 that stays silent.
offline() {
	chat-handshake -r responder "$@" true 6<>offline 7>&6
}

@test "identities and peers files that are refused" {
	mkfifo offline
	chmod 644 alice/id
	trio 100 '^chat-handshake: .*/alice/id.*chmod 600' offline
	chmod 000 alice/id
	[ "$(id -u)" = 0 ] || trio 100 '/alice/id: Permission denied' offline
	chmod 600 alice/id
	cp alice/id good
	head -c 20 good >alice/id
	trio 100 '/alice/id' offline
	: >alice/id
	trio 100 '/alice/id' offline
	mv alice/id alice/not
	trio 100 '/alice/id: no such file: chat-keygen makes an identity$' offline
	trio 100 '^chat-handshake: /: ' offline -i /
	mv good alice/id
	printf '# one\n\nbob\n' >alice/peers
	trio 100 '/alice/peers:3: this is not NAME KEY' offline
	printf '# one\nbob %s\nbob %s\n' "$bob" "$alice" >alice/peers
	trio 100 '/alice/peers:3: the name bob stands in line 2 already' offline
	printf 'bob %sx\n' "$bob" >alice/peers
	trio 100 '/alice/peers:1: not a key' offline
	rm alice/peers
	trio 100 'nobody is neither a key nor a name in .*/alice/peers' offline \
		-p nobody
	unset CHAT_HOME XDG_CONFIG_HOME HOME
	trio 100 'HOME' offline
}

@test "later options win" {
	mkfifo offline
	trio 99 'the other side did not answer in time' offline -w 9 -w 1
	meet '-n x -n bob -a aes256gcm -a chacha20poly1305' '-p alice -p bob'
	codes 0 0
	grep -q '(chacha20poly1305)$' a.err
}

@test "closed descriptors 0 to 2 change nothing" {
	for fd in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
		echo 'exec chat-handshake true' "$fd" >run
		rm -f b.err
		CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 sh ./run 2>b.err &
		p=$(port b.err)
		chat-net 127.0.0.1 "$p" sh ./run
		wait $!
	done
}

@test "valgrind finds nothing" {
	command -v valgrind >/dev/null || skip 'no valgrind'
	! sanitized || skip 'sanitizers instead'
	cat >run <<-'SH'
	exec valgrind -q --error-exitcode=77 --leak-check=no \
		chat-handshake true
	SH
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 sh ./run 2>b.err &
	p=$(port b.err)
	chat-net 127.0.0.1 "$p" sh ./run
	wait $!
	rm b.err
	CHAT_HOME=$PWD/bob chat-net -lv -s 127.0.0.1 0 sh ./run 2>b.err &
	p=$(port b.err)
	b=0
	run chat-net 127.0.0.1 "$p" sh -c 'echo chatter >&7'
	wait $! || b=$?
	[ "$b" = 98 ]
	grep -q 'does not speak chat' b.err
}
