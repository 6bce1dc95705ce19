#!/usr/bin/env bats
# chat-call: what all calls have in common.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	home alice
	home bob
	knows bob alice 127.0.0.1
}

# listen OPTION ... -- PROGRAM ... - bob takes calls; $port.
listen() {
	rm -f bob.err
	CHAT_HOME=$PWD/bob setsid -w chat-call -lv -s 127.0.0.1 "$@" \
		>bob.out 2>bob.err </dev/null &
	pid=$!
	port=$(port bob.err)
}

call() {
	CHAT_HOME=$PWD/alice setsid -w chat-call "$@"
}

@test "a program at each end of a verified pipe" {
	listen 0 chat-join sh -c 'tr a-z A-Z'
	call -p "$bob" 127.0.0.1 "$port" chat-join sh -c \
		'cat <&3; exec >&-; cat >&5' <<<'hello' >out
	wait $pid
	[ "$(cat out)" = HELLO ]
}

@test "datagrams" {
	listen -u 0 chat-join -u sh -c \
		'chat-frame -d -m 1184 -r >&5; chat-frame -m 1184 </dev/null'
	call -u -p "$bob" 127.0.0.1 "$port" chat-join -u sh -c \
		'chat-frame -m 1184 <&3; cat >/dev/null' <<<'hello'
	wait $pid
	[ "$(cat bob.out)" = hello ]
}

@test "a name in peers is called at its host, and nobody else is wanted" {
	echo "robert $bob 127.0.0.1" >alice/peers
	listen 0 true
	run -0 --separate-stderr call robert "$port" sh -c 'echo "$CHAT_PEER"'
	wait $pid
	[ "$output" = robert ]
	# Two live at that host: the name decides.
	home carol
	echo "carol $carol 127.0.0.1" >>alice/peers
	listen 0 true
	run -98 --separate-stderr call carol "$port" true
	[[ $stderr =~ WRONG\ KEY.*alice/peers:2 ]]
	kill $pid
	wait $pid || :
}

# took N - have so many calls been taken, and ended?
took() {
	[ "$(grep -c 'child .* ended' bob.err)" -ge "$1" ]
}

@test "-k takes one call after another on the same port" {
	listen -k 0 chat-join cat
	for n in 1 2 3; do
		wait_for 10 took $((n - 1))
		call -p "$bob" 127.0.0.1 "$port" chat-join sh -c \
			'exec >&-; exec cat >/dev/null'
	done
	kill $pid
	wait $pid || :
}

@test "the first use makes an identity, and says so" {
	CHAT_HOME=$PWD/new run --separate-stderr chat-call 127.0.0.1 1 true
	[ "$status" = 111 ]
	[[ ${stderr_lines[0]} =~ made\ the\ identity ]]
	[ -e new/id ]
	[ "$(stat -c %a new)" = 700 ]
}

@test "nobody there: 111; nobody calls: 99; no home: 100" {
	trio 111 'refused' env CHAT_HOME="$PWD/alice" chat-call 127.0.0.1 1 true
	trio 99 'nobody called' env CHAT_HOME="$PWD/alice" chat-call -l -w 1 \
		-s 127.0.0.1 0 true
	run --separate-stderr env -u HOME -u XDG_CONFIG_HOME -u CHAT_HOME \
		chat-call 127.0.0.1 1 true
	[ "$status" = 100 ]
	[ -z "$output" ]
}

@test "what would end every call: 100, and nobody can call" {
	echo 'no key' >broken
	chmod 600 broken
	trio 100 'broken:1: not a secret key' \
		call -lv -s 127.0.0.1 -i broken 0 true
	# It may become so later; a port scan asks for nothing, and ends nothing.
	cp bob/id breaks
	listen -i breaks 0 true
	: | nc -N 127.0.0.1 "$port"
	head -c 100 /dev/zero | timeout 5 nc -N 127.0.0.1 "$port" || :
	wait_text bob.err 'does not speak chat'
	kill -0 $pid
	cp broken breaks
	call -p "$bob" 127.0.0.1 "$port" true || :
	code "$pid"
	[ "$status" = 100 ]
}

@test "usage: 100" {
	local o
	for o in '' host 'host 1' '-l' '-l 1' '-k host 1 true' \
		'-d x host 1 true' '-lkc 1 true' '-z' '-w'; do
		# shellcheck disable=SC2086 # options
		CHAT_HOME=$PWD/alice run --separate-stderr chat-call $o
		[ "$status" = 100 ] && [ -z "$output" ] || {
			echo "$o: $status $output $stderr"
			return 1
		}
	done
	trio 100 '' env CHAT_HOME="$PWD/alice" chat-call '' 1 true
	trio 100 '' env CHAT_HOME="$PWD/alice" chat-call 127.0.0.1 65536 true
}

@test "an empty code file, a file that is none: 100, and nothing is called" {
	: >empty
	chat-keygen -c >code
	listen -C code 0 true
	trio 100 'no code' env CHAT_HOME="$PWD/alice" chat-call -C empty \
		127.0.0.1 "$port" true
	kill $pid
	wait $pid || :
}

@test "an empty argument is not a missing option: 100" {
	export CHAT_HOME=$PWD/alice
	for o in C i n p s; do
		trio 100 "^chat-call: -$o has an empty argument\$" \
			chat-call "-$o" '' 127.0.0.1 1 true
		trio 100 "^chat-call: -$o has an empty argument\$" \
			chat-call "-l$o" '' 0 true
		trio 100 "^chat-talk: -$o has an empty argument\$" \
			chat-talk "-$o" '' 127.0.0.1 1
		trio 100 "^chat-send: -$o has an empty argument\$" \
			chat-send "-$o" '' 127.0.0.1 bob/id
		trio 100 "^chat-recv: -$o has an empty argument\$" \
			chat-recv "-$o" '' 127.0.0.1
		trio 100 "^chat-video: -$o has an empty argument\$" \
			chat-video "-$o" '' 127.0.0.1 1
	done
	trio 100 '^chat-call: -w has an empty argument$' \
		chat-call -w '' 127.0.0.1 1 true
	trio 100 '^chat-call: -d has an empty argument$' \
		chat-call -l -d '' 0 true
	for o in b d g; do
		trio 100 "^chat-video: -$o has an empty argument\$" \
			chat-video "-$o" '' 127.0.0.1 1
	done
}

# refused REGEX [OPTION ...] - alice neither calls nor listens.
refused() {
	local want=$1
	shift
	trio 100 "^(chat-keygen: )?$want\$" chat-call "$@" 127.0.0.1 1 true
	trio 100 "^(chat-keygen: )?$want\$" chat-call -lw 1 -s 127.0.0.1 "$@" 0 true
}

@test "files that others can change: 100, before calling or listening" {
	export CHAT_HOME=$PWD/alice
	knows alice bob
	for mode in 620 602 666; do
		chmod $mode alice/peers
		refused "$PWD/alice/peers: can be changed by others: chmod go-w .*"
	done
	chmod 644 alice/peers
	for mode in 770 707 1777; do
		chmod $mode alice
		refused "$PWD/alice: can be changed by others: chmod go-w .*"
		# Also where the identity is another's.
		refused "$PWD/alice: can be changed by others: chmod go-w .*" \
			-i bob/id
	done
	chmod 755 alice
	for mode in 604 620; do
		chmod $mode bob/id
		refused 'bob/id: can be (read|changed) by others: chmod 600 bob/id' \
			-i bob/id
	done
	chmod 600 bob/id
	trio 111 refused chat-call -i bob/id 127.0.0.1 1 true
	# A pipe, which can be read only once, is left to chat-handshake.
	trio 111 refused chat-call -i <(cat bob/id) 127.0.0.1 1 true
}

@test "files of another user: 100, before calling or listening" {
	[ "$(id -u)" = 0 ] || skip 'not root'
	export CHAT_HOME=$PWD/alice
	knows alice bob
	for file in peers id .; do
		chown 65534 "alice/$file"
		refused "$PWD/alice(/$file)?: belongs to another user \(uid 65534\).*"
		chown 0 "alice/$file"
	done
	trio 111 refused chat-call 127.0.0.1 1 true
}

@test "host:port, [v6]:port, name@host" {
	listen 0 true
	call -p "$bob" "127.0.0.1:$port" true
	code "$pid"
	[ "$status" = 0 ]
	listen 0 true
	CHAT_HOME=$PWD/alice setsid -w chat-talk -p "$bob" "[127.0.0.1]:$port" \
		</dev/null || :
	code "$pid"
	[ "$status" = 0 ]
	trio 100 'robert@localhost: type localhost, and -p robert' \
		call robert@localhost 1 true
	trio 100 'usage' call :1 2 true
	trio 100 'x: not a port number' call -p "$bob" 127.0.0.1:x true
	trio 100 'twice: 1 and 2' env CHAT_HOME="$PWD/alice" \
		chat-send -P 1 127.0.0.1:2 /etc/passwd
}

@test "-p, -i and -C are looked at before anybody is waited for" {
	trio 100 'nobody is neither a key nor a name' call -l -p nobody 0 true
	trio 100 'none: no such file' call -l -i none 0 true
	trio 100 'none: no code, or it' call -l -C none 0 true
	echo 1-adlt-maritime-kiwi >code
	trio 100 'adult\?' call -l -C code 0 true
	[ -e code ]
}

@test "a program that was not built is named, and its library" {
	local part
	mkdir some
	for part in "$ROOT"/bin/chat-* "$ROOT"/scripts/chat-*; do
		case $part in *.c | */chat-view) ;; *) ln -s "$part" some ;; esac
	done
	run -127 --separate-stderr env PATH="$PWD/some:/usr/bin:/bin" \
		SDL_VIDEODRIVER=dummy CHAT_HOME="$PWD/alice" chat-video -lRy 0
	[ "$stderr" = 'chat-video: chat-view is not installed (built without SDL2?)' ]
	[ -z "$output" ]
}

@test "passphrase and code are asked for, and checked, before anybody is called" {
	expect=$ROOT/tests/tool/expect
	export CHAT_HOME=$PWD/alice
	"$expect" new 'one\r' again: 'one\r' -- chat-keygen -p >/dev/null
	# Port 1: who gets there ends with 111.
	trio 100 'alice/id: no terminal to ask for the passphrase on' \
		setsid -w chat-call 127.0.0.1 1 true
	trio 100 'alice/id: wrong passphrase' "$expect" -s screen id: 'x\r' \
		wrong 'x\r' wrong 'x\r' -- chat-call 127.0.0.1 1 true
	trio 111 refused "$expect" -s screen id: 'one\r' -- \
		chat-call 127.0.0.1 1 true
	trio 100 'no code was given' "$expect" -s screen code: '\r' -- \
		chat-call -c 127.0.0.1 1 true
	trio 111 refused "$expect" -s screen code: '1-adlt-maritime-kiwi\r' \
		'adult\?' '1-adult-maritime-kiwi\r' id: 'one\r' -- \
		chat-call -c 127.0.0.1 1 true
	# So is a listener, before anybody can call.
	trio 100 'wrong passphrase' "$expect" -s screen id: 'x\r' \
		wrong 'x\r' wrong 'x\r' -- chat-call -lv -s 127.0.0.1 0 true
}
