#!/usr/bin/env bats
# chat-relay: who meets whom, what a stranger can do, what it says.
load ../helper

# relay OPTION ... - start one on a free port: $pid and $port, stderr in err.
relay() {
	rm -f err
	chat-relay "$@" 0 2>err 3>&- </dev/null &
	pid=$!
	port=$(port err)
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

it() {
	"$ROOT/tests/tool/relay" "$1" "$port" "${@:2}"
}

@test 'two meet in a room, by their roles, and are joined by a pipe' {
	relay
	it meet
}

@test 'refusals: taken, other kind, other version, another protocol' {
	relay
	it refusals
}

@test 'a third may wait in a room where two have met' {
	relay -v
	it meet
	wait_text err 'chat-relay: 127.0.0.1 port [0-9]+ meets 127.0.0.1 port [0-9]+ \(stream\)'
}

@test '-c: connections of an address; who says nothing is closed' {
	relay -c 5
	it many
}

@test 'pairs of an address are bounded' {
	relay
	it pairs
}

@test 'number rooms: 20 tries a minute' {
	relay
	it numbers
}

@test '-n: rooms' {
	relay -n 3
	it full
}

@test 'hundreds join at once: each limit holds, and two others meet' {
	relay
	# Its input ends with us.
	mkfifo stay
	it crowd "$pid" <stay >stands 3>&- &
	crowd=$!
	exec 9>stay
	wait_text stands standing 20
	at=4711@127.0.0.1:$port
	chat-meet -Rl "$at" sh -c 'cat <&6 >word' 2>met 3>&- 9>&- </dev/null &
	listener=$!
	rooms() {
		kill -USR1 "$pid"
		tail -n 1 err | grep -q "connections $1, rooms $2,"
	}
	wait_for 10 rooms 324 322
	chat-meet -R "$at" sh -c 'echo hello >&7' 9>&-
	code "$listener"
	[ "$status" = 0 ]
	[ "$(cat word)" = hello ]
	exec 9>&-
	code "$crowd"
	[ "$status" = 0 ]
	wait_for 10 rooms 0 0
}

@test 'hundreds from as many addresses: no more rooms than -n' {
	relay -n 100
	it crush "$pid"
}

@test 'addresses of one that hides are not told' {
	relay
	it hidden
}

@test 'datagrams between two that have proved their addresses' {
	relay
	it udp
}

@test 'an address without its cookie gets nothing' {
	relay
	it unproven
}

@test 'addresses cannot be stolen or added' {
	relay
	it stolen
}

@test 'a listener registers before anybody comes' {
	relay
	it early
}

@test 'one that never says that it is ready is closed, and its pair' {
	relay
	it ungated
}

@test 'the datagrams of a pair are forgotten when they end' {
	relay
	it forgotten
	has() {
		kill -USR1 "$pid"
		tail -n 1 err | grep -q "pairs $1,"
	}
	wait_for 20 has 1
	wait_for 40 has 0
}

@test 'pipes are held only while bytes wait; all descriptors; keep-alive' {
	relay
	it pipes "$pid"
	read -r _ _ _ soft hard _ < <(grep '^Max open files' "/proc/$pid/limits")
	[ "$soft" = "$hard" ] || [ "$soft" = 1048576 ]
	command -v ss >/dev/null || skip 'no ss'
	coproc { sleep 60 <>"/dev/tcp/127.0.0.1/$port"; }
	alive() {
		ss -Htno state established "sport = :$port" |
			grep -E 'keepalive,(1min|[45][0-9]sec)'
	}
	wait_for 5 alive
	kill "$COPROC_PID"
}

@test 'a reset in the middle of a write ends a pair, not the relay' {
	relay
	it broken "$pid"
}

@test 'a flood of false tokens: no answer, no state' {
	relay
	before=$(ps -o rss= -p "$pid")
	it tokens 100000
	after=$(ps -o rss= -p "$pid")
	[ $((after - before)) -lt 4000 ]
	kill -USR1 "$pid"
	wait_text err 'rooms 0, .* false tokens [1-9][0-9]{3,}$'
}

@test '-t: readers that stand still are closed, the oldest first' {
	relay -t 24
	it stopped 12
}

@test '-x: behind a balancer' {
	relay -x
	it proxied
}

@test '-d: a bound rate' {
	relay -d 1
	it paced
}

@test 'it is caged, and says numbers but no address' {
	relay
	it meet
	it udp
	[ "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" = 2 ] ||
		skip 'no seccomp here'
	kill -USR1 "$pid"
	wait_text err 'chat-relay: connections .*, met 5, MB '
	run grep -c '127\.0\.0\.1' err
	[ "$output" = 0 ]
}

@test 'when it is ended its clients are told' {
	relay
	"$ROOT/tests/tool/relay" forward "$port" 1
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
}

@test 'three relays behind HAProxy: a room is always the same relay' {
	command -v haproxy >/dev/null || skip 'no haproxy'
	edit=() pids=()
	for i in 1 2 3; do
		chat-relay -x -c 1000 0 2>"err$i" 3>&- </dev/null &
		pids+=($!)
		edit+=(-e "s/:250$i /:$(port "err$i") /")
	done
	front=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
	sed "${edit[@]}" -e "s/:2426/127.0.0.1:$front/" \
		"$ROOT/contrib/haproxy.cfg" >cfg
	haproxy -q -f cfg 3>&- </dev/null &
	wait_for 10 bash -c ": <>/dev/tcp/127.0.0.1/$front"
	port=$front
	it balanced 300
	kill -USR1 "${pids[@]}"
	sum=0
	for i in 1 2 3; do
		wait_text "err$i" 'met [1-9][0-9]*,'
		sum=$((sum + $(sed -n 's/.* met \([0-9]*\),.*/\1/p' "err$i")))
	done
	[ "$sum" = 300 ]
}

@test 'wrong usage' {
	trio 100 '-c 0: not a number' chat-relay -c 0
	trio 100 '-a host: an IPv4 or IPv6 address' chat-relay -a host
	trio 100 '70000: not a port number' chat-relay 70000
	run --separate-stderr chat-relay 1 2
	[ "$status" = 100 ]
	[ -z "$output" ]
	relay
	trio 111 "cannot use port $port: Address already in use" \
		chat-relay "$port"
}

@test 'installed, it is a package of its own, and its unit names it' {
	# As it is built: with other flags all would be built anew, while other
	# tests run it.
	put() { make -s -C "$ROOT" -o build/flags "$@" >/dev/null; }
	put install install-relay DESTDIR="$PWD/all"
	put install DESTDIR="$PWD/kit"
	put install-relay DESTDIR="$PWD/relay"
	[ -x kit/usr/local/bin/chat-meet ]
	[ "$(find kit -name '*chat-relay*')" = '' ]
	(cd relay && find . -type f | sort) >files
	diff files - <<-'F'
	./usr/local/bin/chat-relay
	./usr/local/lib/systemd/system/chat-relay.service
	./usr/local/lib/sysusers.d/chat-relay.conf
	./usr/local/share/bash-completion/completions/chat-relay
	./usr/local/share/fish/vendor_completions.d/chat-relay.fish
	./usr/local/share/man/man8/chat-relay.8
	./usr/local/share/zsh/site-functions/_chat-relay
	F
	grep -qx 'ExecStart=/usr/local/bin/chat-relay' \
		relay/usr/local/lib/systemd/system/chat-relay.service
	put uninstall DESTDIR="$PWD/all"
	[ "$(find all -type f)" = '' ]
}
