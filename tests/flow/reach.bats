# reach.bats - a listener under many callers that never prove themselves.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
}

# waits - alice takes one call: $alice, $port.
waits() {
	CHAT_HOME=$PWD/alice setsid -w chat-talk -lv -s 127.0.0.1 0 \
		</dev/null >alice.out 2>alice.err 3>&- &
	alice=$!
	port=$(port alice.err)
}

# flood [-u] CONNECTIONS ADDRESSES - silent callers; $flood.
flood() {
	local u=
	[ "$1" != -u ] || { u=-u && shift; }
	"$ROOT/tests/tool/flood" $u "$port" "$@" >full 2>flood.err 3>&- &
	flood=$!
	wait_text full full
}

# friend - bob calls, and alice reads what he says.
friend() {
	echo hello | CHAT_HOME=$PWD/bob timeout 20 setsid -w chat-talk \
		127.0.0.1 "$port" >bob.out 2>bob.err
	kill "$flood"
	wait "$alice"
	grep -q ' bob: hello$' alice.out
}

@test "a thousand silent connections from ten addresses: a friend gets in" {
	waits
	flood 1000 10
	wait_text alice.err 'for 127.0.0.11 port'
	friend
}

@test "forty silent connections from one other address, as many as places" {
	waits
	flood 40 1
	friend
}

@test "a thousand openings by UDP that go no further" {
	CHAT_HOME=$PWD/alice setsid -w chat-call -luv -s 127.0.0.1 0 \
		sh -c 'echo "$CHAT_PEER"' </dev/null >alice.out 2>alice.err 3>&- &
	alice=$!
	port=$(port alice.err)
	flood -u 1000 10
	wait_text alice.err 'for 127.0.0.11 port'
	CHAT_HOME=$PWD/bob timeout 20 setsid -w chat-call -u 127.0.0.1 "$port" \
		true </dev/null 2>bob.err
	kill "$flood"
	wait "$alice"
	[ "$(cat alice.out)" = bob ]
}

@test "an address has four children, the fifth caller waits for a place" {
	mkfifo open
	listener -r sh -c 'read -r x <&6; echo "$x" >&7; exit 3'
	exec {keep}<>open
	for _ in 1 2 3 4; do
		chat-net 127.0.0.1 "$port" <open >/dev/null 3>&- &
		last=$!
	done
	wait_for 10 sh -c '[ "$(grep -c "child .* for" err)" = 4 ]'
	echo fifth | chat-net -n 127.0.0.1 "$port" >answer 3>&- &
	five=$!
	wait_for 10 sh -c "ss -Htn state connected \
		'( sport = :$port )' | [ \"\$(wc -l)\" = 5 ]"
	[ "$(grep -c 'child .* for' err)" = 4 ]
	kill "$last"
	wait "$five"
	[ "$(cat answer)" = fifth ]
	exec {keep}>&-
	kill "$pid"
}

@test "one that has proved itself is not ended for a newcomer" {
	listener -r -c1 sh -c 'printf p >&$CHAT_READY_FD; echo in; read -r x <&6
		echo >&$CHAT_READY_FD; echo "$x"; exit 7'
	mkfifo say
	chat-net 127.0.0.1 "$port" <say >/dev/null 3>&- &
	exec {say}>say
	wait_text out in
	flood 5 5
	wait_for 10 sh -c "ss -Htn state connected \
		'( sport = :$port )' | [ \"\$(wc -l)\" -ge 5 ]"
	echo still >&$say
	exec {say}>&-
	code "$pid"
	kill "$flood"
	[ "$status" = 7 ]
	[ "$(cat out)" = $'in\nstill' ]
}

@test "a person is asked about one of an address while one waits, no third" {
	listener -r sh -c 'echo asks; printf pq >&$CHAT_READY_FD; read -r x <&6
		echo >&$CHAT_READY_FD; exit 7'
	mkfifo say
	chat-net 127.0.0.1 "$port" <say >/dev/null 3>&- &
	exec {say}>say
	wait_text out asks
	chat-net 127.0.0.1 "$port" <say >/dev/null 3>&- &
	wait_for 10 sh -c '[ "$(grep -c asks out)" = 2 ]'
	chat-net -n 127.0.0.1 "$port" </dev/null >/dev/null 3>&-
	wait_text err 'child [0-9]+ killed by signal 15'
	echo yes >&$say
	exec {say}>&-
	code "$pid"
	[ "$status" = 7 ]
}

# locked NAME - put that identity under the passphrase `one`, at the least cost.
locked() {
	CHAT_HOME=$PWD/$1 "$ROOT/tests/tool/expect" new 'one\r' again: 'one\r' \
		-- chat-keygen -p >/dev/null
}

@test "ten strangers' bytes: the passphrase is asked for once, nobody has the key" {
	locked alice
	CHAT_HOME=$PWD/alice "$ROOT/tests/tool/expect" -s screen \
		'passphrase of' 'one\r' -- chat-call -lkv -s 127.0.0.1 0 \
		sh -c 'echo "$CHAT_PEER ${CHAT_ID_FD-none}"; ls -l /proc/$$/fd >fds' \
		>alice.out 2>alice.err 3>&- &
	pid=$!
	port=$(port alice.err)
	for n in 1 2 3 4 5 6 7 8 9 10; do
		printf c | timeout 20 chat-net -n 127.0.0.1 "$port" 3>&- >/dev/null &
	done
	for n in 1 2; do
		CHAT_HOME=$PWD/bob timeout 20 setsid -w chat-call 127.0.0.1 \
			"$port" true </dev/null
		wait_for 10 sh -c "[ \"\$(grep -c '^bob none' alice.out)\" = $n ]"
	done
	[ "$(grep -c passphrase screen)" = 1 ]
	[ "$(grep -c socket: fds)" = 2 ] # 6 and 7
	kill "$pid"
}

@test "met at a relay: the passphrase is asked for once, too" {
	locked alice
	sed -i 's/ 127.0.0.1//' bob/peers
	relay
	CHAT_HOME=$PWD/alice "$ROOT/tests/tool/expect" -s screen \
		'passphrase of' 'one\r' -- chat-call -l 0 \
		sh -c 'echo "$CHAT_PEER"' >alice.out 2>alice.err 3>&- &
	pid=$!
	CHAT_HOME=$PWD/bob timeout 30 setsid -w chat-call alice 2428 true \
		</dev/null 2>bob.err
	code "$pid"
	[ "$status" = 0 ]
	[ "$(cat alice.out)" = bob ]
	[ "$(grep -c passphrase screen)" = 1 ]
	kill "$relay"
}

# never FLAGS PROGRAM - alice takes one call, and does this with it; $pid, $port.
never() {
	rm -f alice.err
	CHAT_HOME=$PWD/alice setsid -w chat-call "-lv$1" -s 127.0.0.1 0 \
		sh -c "$2" </dev/null >alice.out 2>alice.err 3>&- &
	pid=$!
	port=$(port alice.err)
	export CHAT_HOME=$PWD/bob
}

# answered - the frame d by which alice's side says that somebody is there.
answered='{ printf "d\0\0\0\377\377\377\377\0\0\0\1"; head -c 12 /dev/zero; }'

@test "a side that never ends holds neither ^D nor a script" {
	mkfifo held
	never '' "cat <&6 >/dev/null & { $answered; cat held; } |
		chat-seal -k 9 >&7"
	run -98 --separate-stderr timeout 20 chat-talk 127.0.0.1 "$port" \
		<<<hello
	[[ $stderr == *'alice did not end'* ]]
	[ -z "$output" ]
	kill "$pid"
	# Nor one that has said its end, but not in a record.
	never '' "{ $answered"'; printf "e\0\0\0\0\0\0\1\0\0\0\1"
		head -c 12 /dev/zero; cat held; } | chat-seal -k 9 >&7'
	run -98 --separate-stderr timeout 20 chat-talk 127.0.0.1 "$port" \
		<<<hello
	[[ $stderr == *'alice did not end'* ]]
	kill "$pid"
	# The same across chat-link.
	cat >holds <<-SH
	$answered
	cat >/dev/null &
	cat held
	SH
	never u 'exec chat-join -L sh holds'
	run -98 --separate-stderr timeout 20 chat-talk -u 127.0.0.1 "$port" \
		<<<hello
	[[ $stderr == *'alice did not end'* ]]
	kill "$pid"
	# Bare datagrams: there is no more to wait for.
	never u 'cat <&6 >/dev/null'
	timeout 20 chat-call -u 127.0.0.1 "$port" \
		chat-join -u sh -c 'chat-frame -m 1184 <&3' <<<hello
	kill "$pid"
}

@test "neither who only listens nor a half-closed program is cut short" {
	mkfifo late
	never '' '{ read -r x; chat-frame; } <late | chat-seal -k 9 >&7'
	exec 20<>late
	timeout 30 chat-talk -r 127.0.0.1 "$port" </dev/null >heard 2>bob.err \
		20>&- &
	talk=$!
	wait_text bob.err 'connected to alice'
	read -rt 4 <> <(:) || :
	kill -0 $talk
	printf 'go\nat last\n' >&20
	exec 20>&-
	code "$talk"
	[ "$status" = 0 ]
	[ "$(cat heard)" = 'at last' ]
	never '' 'exec chat-join sh -c "cat >q; read -r x <late; tac q"'
	exec 20<>late
	printf 'a\nb\n' | timeout 30 chat-call 127.0.0.1 "$port" chat-join \
		sh -c 'cat <&3; exec >&-; cat >&5' >heard 2>bob.err \
		20>&- &
	call=$!
	wait_text q b
	read -rt 4 <> <(:) || :
	kill -0 $call
	echo >&20
	exec 20>&-
	wait $call
	[ "$(xargs <heard)" = 'b a' ]
}

@test "-T ends files whose sender or receiver is silent, with 99" {
	mkfifo held
	echo file >file
	for u in '' u; do
		never "$u" "exec chat-join ${u:+-LB} cat held"
		run -99 --separate-stderr timeout 30 chat-send ${u:+-u} -qT 1 \
			-P "$port" 127.0.0.1 file
		[[ $stderr == *'nothing came from alice for 1 s'* ]]
		kill "$pid"
		never "$u" "exec chat-join ${u:+-LB} cat held"
		run -99 --separate-stderr timeout 30 chat-recv ${u:+-u} -qyT 1 \
			-P "$port" 127.0.0.1
		[[ $stderr == *'nothing came from alice for 1 s'* ]]
		kill "$pid"
	done
	for bad in 0 x -1 999999; do
		trio 100 '^chat-send: -T .*: not a number of seconds' \
			chat-send -T "$bad" 127.0.0.1 file
	done
	trio 100 '^chat-join: -T 0: not a number of seconds' \
		bash -c 'chat-join -T 0 true 6<&0 7<&0 8<&0 9<&0' </dev/null
	run -100 chat-call -T 1 127.0.0.1 1 true
}
