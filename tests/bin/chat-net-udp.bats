#!/usr/bin/env bats
# chat-net -u: datagrams.

load ../helper

udp=u

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# caller NAME [ADDRESS] - a connected UDP socket of its own on descriptor $NAME.
caller() {
	eval "exec {$1}<>/dev/udp/${2:-127.0.0.1}/$port"
}

# heard N WORD - does out hold the line WORD N times?
heard() {
	[ "$(grep -cx -- "$2" out)" = "$1" ]
}

# The program of the children: lines to out, until one says bye.
child='while x=$(dd bs=70000 count=1 <&6 2>/dev/null); do echo "$x"
	[ "$x" = yes ] && echo >&$CHAT_READY_FD
	[ "$x" = ping ] && echo pong >&7
	[ "$x" = bye ] && exit 7; done'

@test "netcat: both ways, -w as its end" {
	echo from the listener >in
	rm -f err
	(wait_text out caller; cat in) |
		chat-net -luv -w 1 0 >out 2>err 3>&- &
	pid=$!
	[ "$(echo from the caller | chat-net -u -w 2 localhost \
		"$(port err)")" = "from the listener" ]
	wait "$pid"
	[ "$(<out)" = "from the caller" ]
}

@test "netcat: against nc and socat" {
	rm -f err
	chat-net -luv -w 1 0 </dev/null >out 2>err 3>&- &
	pid=$!
	echo from nc | nc -u -w 1 127.0.0.1 "$(port err)"
	wait "$pid"
	[ "$(<out)" = "from nc" ]
	rm -f err
	socat -d -d UDP4-LISTEN:0,bind=127.0.0.1 SYSTEM:'head -1; echo bye' \
		2>err 3>&- &
	wait_text err 'listening on'
	port=$(sed -n 's/.*AF=2 .*:\([0-9]*\)$/\1/p' err)
	[ "$(echo hi | chat-net -u -w 1 127.0.0.1 "$port")" = $'hi\nbye' ]
}

@test "one read is one datagram, never above 65,507" {
	listener sh -c 'for n in 1 2 3; do
		dd bs=70000 count=1 <&6 2>/dev/null | wc -c; done'
	head -c 100000 /dev/zero >in
	chat-net -u -w 1 127.0.0.1 "$port" <in
	wait_text out 34493
	# shellcheck disable=SC2046 # a list of numbers
	kill $(family "$pid")
	[ "$(<out)" = $'65507\n34493' ]
}

@test "the program: its first datagram, its environment, 6 and 7" {
	listener sh -c 'env >env; head -c 5 <&6; echo pong >&7'
	[ "$(echo ping | chat-net -u -w 1 127.0.0.1 "$port")" = pong ]
	code "$pid"
	[ "$(<out)" = ping ]
	for want in PROTO=UDP CHAT_ROLE=responder UDPLOCALIP=127.0.0.1 \
		"UDPLOCALPORT=$port" UDPREMOTEIP=127.0.0.1; do
		grep -qx "$want" env
	done
	listener sh -c 'head -c 5 <&6'
	chat-net -u localhost "$port" sh -c 'env >env; echo ping >&7'
	code "$pid"
	for want in PROTO=UDP CHAT_ROLE=initiator CHAT_HOST=localhost \
		"UDPREMOTEPORT=$port"; do
		grep -qx "$want" env
	done
}

@test "-l: what others sent before is not heard, all of the peer's is" {
	for n in 1 2 3 4 5; do
		rm -f err
		listener sh -c "$child"
		kill -STOP "$pid"
		caller a
		caller b
		caller c
		for x in 1 2 3 4 5 6 7 8; do
			echo "a$x" >&$a
			echo "b$x" >&$b
			echo "c$x" >&$c
		done
		kill -CONT "$pid"
		wait_text out a8
		echo bye >&$a
		code "$pid"
		[ "$status" = 7 ]
		[ "$(<out)" = "$(printf 'a%s\n' 1 2 3 4 5 6 7 8; echo bye)" ]
		exec {a}>&- {b}>&- {c}>&-
	done
}

@test "an empty datagram is a call, too" {
	listener -w5 sh -c 'dd bs=100 count=1 <&6 | wc -c'
	socat -u /dev/null UDP:127.0.0.1:"$port",shut-null
	code "$pid"
	[ "$status" = 0 ]
	[ "$(<out)" = 0 ]
}

@test "IPv6, and the answer comes from the address that was called" {
	listener -k sh -c "$child"
	for address in ::1 127.0.0.1 127.0.0.3; do
		caller a "$address"
		echo ping >&$a
		[ "$(timeout 5 head -1 <&$a)" = pong ]
		exec {a}>&-
	done
	kill "$pid"
}

@test "-lk: a child for each peer, one only; another's words reach no other" {
	listener -k sh -c "$child"
	caller a
	caller b
	kill -STOP "$pid"
	for x in 1 2 3; do
		echo "a$x" >&$a
		echo "b$x" >&$b
	done
	kill -CONT "$pid"
	# Datagrams queued behind the first are dropped: peers repeat.
	wait_text out a1
	wait_text out b1
	echo a4 >&$a
	echo b4 >&$b
	wait_text out a4
	wait_text out b4
	[ "$(grep -c 'child .* for' err)" = 2 ]
	heard 1 a1
	heard 1 b1
	echo bye >&$a
	wait_text err 'ended with 7'
	# The same peer again is a new call.
	echo again >&$a
	wait_text out again
	[ "$(grep -c 'child .* for' err)" = 3 ]
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
}

@test "-lr: -m ignores others; the ready one is it; -k: anew, same port" {
	listener -r -k -myes sh -c "$child"
	for n in 1 2 3; do
		caller a
		caller b
		echo no >&$b
		echo ye >&$b
		echo yes >&$a
		wait_text out yes
		wait_for 5 heard "$n" yes
		# Others are not heard now, nor later.
		echo yes >&$b
		echo bye >&$a
		wait_for 5 sh -c '[ $(grep -c listening err) = '$((n + 1))' ]'
		exec {a}>&- {b}>&-
	done
	[ "$(grep -c 'child .* for' err)" = 3 ]
	[ "$(grep -c "listening on :: port $port" err)" = 4 ]
	run ! grep -x no out
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
}

@test "the port is not shared with a second listener" {
	listener -k sh -c "$child"
	trio 111 "cannot use port $port: Address already in use" \
		chat-net -lu "$port"
	caller a
	echo ping >&$a
	wait_text out ping
	trio 111 "cannot use port $port: Address already in use" \
		chat-net -lu "$port"
	kill "$pid"
}

# took - how many bytes the caller has read.
took() {
	awk '/^rchar/ { print $2 }' "/proc/$caller/io"
}

# sent_on N - since $taken it has read N bytes, has sent them, and waits again.
sent_on() {
	[ "$(took)" -ge $((taken + $1)) ] &&
		grep -q '^State:.S' "/proc/$caller/status"
}

@test "refused: told as it is; a session that lives goes on" {
	listener true
	kill "$pid"
	code "$pid"
	echo hi | trio 111 'no answer: Connection refused' \
		chat-net -u 127.0.0.1 "$port"
	listener sh -c 'dd bs=100 count=1 <&6; echo pong >&7'
	mkfifo hold
	chat-net -u -w 3 127.0.0.1 "$port" <hold >got 2>told 3>&- &
	caller=$!
	exec {keep}>hold
	echo ping >&$keep
	wait_text got pong
	code "$pid"
	taken=$(took)
	echo into the void >&$keep
	echo and again >&$keep
	wait_for 10 sent_on 24
	# Somebody is there again.
	chat-net -luv "$port" sh -c 'dd bs=100 count=1 <&6; echo back >&7' \
		>out 2>err2 3>&- </dev/null &
	wait_text err2 listening
	echo hello >&$keep
	wait_text got back
	exec {keep}>&-
	code "$caller"
	[ "$status" = 0 ]
	grep -qE '^chat-net: refused at times: [0-9]+$' told
}

@test "bad usage and time" {
	trio 100 'needs -u' chat-net -l -m x 0
	trio 100 'usage' chat-net -u -m x localhost 1
	trio 99 'nobody called' chat-net -lu -w 1 0
	trio 99 'nobody called' chat-net -luk -w 1 0 true
}

@test "a flood makes no child and no memory; who knows the word gets in" {
	listener -r -mchat1 sh -c "$child"
	before=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
	floods=()
	for n in 1 2; do
		timeout 20 socat -b 100 -u /dev/urandom \
			UDP:127.0.0.1:"$port" 2>/dev/null 3>&- &
		floods+=($!)
	done
	caller a
	# One may be lost: the queue is full of the others'.
	send() {
		echo "$1" >&$a
		grep -x "$1" out
	}
	wait_for 15 send chat1
	kill -0 "${floods[@]}"
	after=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
	[ "$((after - before))" -lt 1024 ]
	[ "$(grep -c 'child .* for' err)" = 1 ]
	# Its own socket hears nobody else.
	echo yes >&$a
	wait_text out yes
	echo bye >&$a
	code "$pid"
	[ "$status" = 7 ]
	kill "${floods[@]}" 2>/dev/null || : # refused by now
}

@test "-U: by TCP and by UDP at one port, one table of children" {
	udp=U
	listener -kr sh -c 'echo $PROTO; echo $PROTO "$(env |
		grep -c "^${PROTO}REMOTEPORT=[1-9]")" >&7; word=$(dd bs=99 count=1 <&6 2>/dev/null)
		[ "$word" = bye ] && echo >&$CHAT_READY_FD; exit 7'
	[ "$(echo hi | chat-net -u -w 1 127.0.0.1 "$port")" = 'UDP 1' ]
	[ "$(echo hi | chat-net 127.0.0.1 "$port")" = 'TCP 1' ]
	# The one that is ready ends all others, and then both are back.
	[ "$(echo bye | chat-net -u -w 1 127.0.0.1 "$port")" = 'UDP 1' ]
	[ "$(echo bye | chat-net 127.0.0.1 "$port")" = 'TCP 1' ]
	[ "$(echo bye | chat-net 127.0.0.1 "$port")" = 'TCP 1' ]
	[ "$(echo hi | chat-net -u -w 1 127.0.0.1 "$port")" = 'UDP 1' ]
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
	[ "$(grep -c 'listening on .* port' err)" = 4 ]
	[ "$(grep -c 'ended with 7' err)" = 6 ]
}

@test "-U: another has the datagrams of that port: said, or another port" {
	listener -kr cat
	other=$port
	trio 111 "port $other" chat-net -lkrU -s 127.0.0.1 "$other" true
	udp=U
	first=$pid
	listener -kr -mchat1 sh -c 'dd bs=70000 count=1 <&6 2>/dev/null; exit 3'
	echo nothing | chat-net -u -w 1 127.0.0.1 "$port"
	echo chat1 | chat-net -u -w 1 127.0.0.1 "$port"
	wait_text out '^chat1'
	run ! grep nothing out
	kill "$first" "$pid"
	trio 100 '-U needs -k or -r' chat-net -lU 0 true
	trio 100 '-U needs -k or -r, and no -u' chat-net -lkUu 0 true
	trio 100 usage chat-net -U host 1 true
}
