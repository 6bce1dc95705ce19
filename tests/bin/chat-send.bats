# chat-send.bats - chat-send and chat-recv, each calling the other.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
	mkdir in out
	seq 1000 >in/numbers
}

# wait_call WHO PROGRAM ... - WHO waits with that; its pid in $w, the port in $p.
wait_call() {
	local who=$1
	shift
	CHAT_HOME=$PWD/$who setsid -w "$@" 2>w.err 3>&- &
	w=$!
	p=$(port w.err)
}

# call WHO PROGRAM ... - the other calls; the codes of both in $c and $w.
call() {
	local who=$1 pid=$w
	shift
	c=0 w=0
	CHAT_HOME=$PWD/$who setsid -w "$@" 2>c.err 3>&- || c=$?
	wait "$pid" || w=$?
}

# codes WAITER CALLER
codes() {
	[ "$w $c" = "$1 $2" ] || {
		echo "waiter $w, caller $c"
		cat w.err c.err
		return 1
	}
}

@test "usage" {
	trio 100 'usage: chat-send' chat-send
	trio 100 'usage:' chat-send host
	trio 100 'usage:' chat-send -l
	trio 100 'usage:' chat-send -y host in
	trio 100 'usage: chat-recv' chat-recv
	trio 100 'usage:' chat-recv -l host
	trio 100 'usage:' chat-recv a b
	trio 100 'gone: no such file' chat-send host in gone
	trio 100 'gone: no folder to write to' chat-recv -d gone host
}

@test "sent to one who waits" {
	wait_call bob chat-recv -lvy -P 0 -s 127.0.0.1 -d out
	call alice chat-send -P "$p" 127.0.0.1 in 'in/numbers'
	codes 0 0
	diff -r in out/in
	cmp in/numbers out/numbers
	grep -q "chat-send -P $p 127.0.0.1 FILE" w.err
	[[ $(sed -n 1p c.err) =~ ^connected\ to\ bob\ \((aes256gcm|chacha20poly1305)\)$ ]]
	[[ $(sed 1d c.err) =~ ^sent\ 2\ files,\ 7\.8\ kB\ in\ .*\;\ bob\ has\ them\ on\ disk$ ]]
	grep -qx 'received 2 files, 7.8 kB, into out' w.err
}

@test "stdin is sent as one file" {
	wait_call bob chat-recv -lvy -P 0 -s 127.0.0.1 -d out
	call alice chat-send -P "$p" 127.0.0.1 - < <(echo one; echo two)
	codes 0 0
	[ "$(cat out/stdin)" = $'one\ntwo' ]
	wait_call bob chat-recv -lvy -P 0 -s 127.0.0.1 -d out
	call alice chat-send -qN list.txt -P "$p" 127.0.0.1 - <in/numbers
	codes 0 0
	cmp in/numbers out/list.txt
	trio 100 '^usage:' chat-send -P 1 127.0.0.1 - -
	trio 100 'a/b: no file name' chat-send -N a/b -P 1 127.0.0.1 -
}

@test "a message ends the line of progress first" {
	TERM=xterm CHAT_PROGRESS=1 "$ROOT/tests/tool/expect" -- chat-file put nothere \
		>shown || [ $? = 100 ]
	grep -q $'^\r\033\\[Kchat-file: ' shown
}

@test "fetched from one who waits" {
	mkdir "it's out"
	wait_call alice chat-send -lv -P 0 -s 127.0.0.1 in
	call bob chat-recv -y -P "$p" -d "it's out" 127.0.0.1
	codes 0 0
	diff -r in "it's out/in"
	grep -q "chat-recv -P $p 127.0.0.1" w.err
}

@test "paired by a code" {
	: >alice/peers
	: >bob/peers
	wait_call bob chat-recv -lvyc -P 0 -s 127.0.0.1 -d out
	wait_text w.err 'code'
	grep -oE '[0-9]+(-[a-z]+){3}' w.err | head -1 >code
	call alice chat-send -C code -P "$p" 127.0.0.1 in
	codes 0 0
	diff -r in out/in
	grep -q "chat-send -c -P $p 127.0.0.1 FILE" w.err
	[ -s alice/peers ]
	[ -s bob/peers ]
}

@test "a stranger sends nothing" {
	: >bob/peers
	wait_call bob timeout 20 chat-recv -lvy -w 1 -P 0 -s 127.0.0.1 -d out
	call alice chat-send -P "$p" 127.0.0.1 in
	[ "$c" = 98 ]
	[ "$w" = 99 ]
	[ -z "$(ls -A out)" ]
}

@test "nobody to ask: both say why" {
	wait_call bob chat-recv -lv -P 0 -s 127.0.0.1 -d out
	call alice chat-send -P "$p" 127.0.0.1 in
	codes 100 98
	grep -q 'no terminal to ask on: -y' w.err
	grep -q 'bob: no terminal to ask on' c.err
}

@test "asked at a terminal, by name" {
	CHAT_HOME=$PWD/bob "$ROOT/tests/tool/expect" 'alice sends' '' \
		'take it\? \[y/N\]' 'y\r' -- \
		chat-recv -lv -P 0 -s 127.0.0.1 -d out >w.err 2>&1 3>&- &
	w=$!
	p=$(port w.err | tr -d '\r')
	call alice chat-send -P "$p" 127.0.0.1 in
	codes 0 0
	diff -r in out/in
}

@test "links out and a full end: not all, both 111" {
	ln -s /etc/passwd in/l
	wait_call bob chat-recv -lvy -P 0 -s 127.0.0.1 -d out
	call alice chat-send -P "$p" 127.0.0.1 in
	codes 111 111
	cmp in/numbers out/in/numbers
	grep -q 'bob: in/l: refused' c.err
}

# of WHO - the chat-file of one side, by its environment.
of() {
	local f
	for f in /proc/[0-9]*; do
		[ "$(cat "$f/comm" 2>/dev/null)" = chat-file ] &&
			tr '\0' '\n' <"$f/environ" 2>/dev/null |
			grep -qx "CHAT_HOME=$PWD/$1" && echo "${f#/proc/}"
	done
}

@test "killed on either side, then continued" {
	head -c 60000000 /dev/urandom >in/big
	for victim in alice bob; do
		wait_call bob chat-recv -lvy -P 0 -s 127.0.0.1 -d out
		CHAT_HOME=$PWD/alice chat-send -P "$p" 127.0.0.1 in 2>c.err 3>&- &
		pid=$!
		wait_for 10 sh -c '[ "$(cat out/in/.big.*part | wc -c)" -gt 0 ]'
		kill -9 "$(of $victim)" || break # it was faster
		wait $pid || c=$?
		wait $w || w=$?
		[ $c != 0 ]
		[ $w != 0 ]
		# Of the side that lives, whatever the sockets do.
		[ $victim = alice ] && [ $w = 98 ] || [ $c = 98 ]
		[ ! -e out/in/big ]
	done
	wait_call bob chat-recv -lvy -P 0 -s 127.0.0.1 -d out
	call alice chat-send -P "$p" 127.0.0.1 in
	codes 0 0
	diff -r in out/in
}
