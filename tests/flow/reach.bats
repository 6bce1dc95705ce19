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
	"$ROOT/tests/flood" $u "$port" "$@" >full 2>flood.err 3>&- &
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
	local i
	mkfifo open
	listener -r sh -c 'read -r x <&6; echo "$x" >&7; exit 3'
	exec {keep}<>open
	for i in 1 2 3 4; do
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

@test "of two about which a person is to be asked, an address has one" {
	listener -r sh -c 'echo asks; printf pq >&$CHAT_READY_FD; read -r x <&6
		echo >&$CHAT_READY_FD; exit 7'
	mkfifo say
	chat-net 127.0.0.1 "$port" <say >/dev/null 3>&- &
	exec {say}>say
	wait_text out asks
	chat-net -n 127.0.0.1 "$port" </dev/null >/dev/null 3>&-
	wait_text err 'child [0-9]+ killed by signal 15'
	echo yes >&$say
	exec {say}>&-
	code "$pid"
	[ "$status" = 7 ]
}
