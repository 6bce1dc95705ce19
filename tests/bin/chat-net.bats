#!/usr/bin/env bats
# chat-net over TCP: calling, listening, netcat, children.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset PROTO TCPLOCALIP TCPREMOTEIP
}

# gone PID - does no process have it?
gone() {
	! kill -0 "$1"
}

# busy PID - the hundredths of a second it computes in a second.
busy() {
	local before
	before=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
	read -rt 1 <> <(:) || :
	echo $(($(awk '{ print $14 + $15 }' "/proc/$1/stat") - before))
}

# The program children run: ready if the first line says yes, then echo.
child='read -r x <&6 || exit 5
[ "$x" = stay ] && exec sleep 1000
[ "$x" = yes ] || exit 6
echo go >&$CHAT_READY_FD; echo hello >&7; cat <&6; exit 7'

@test "bad usage: the failure trio" {
	trio 100 '^usage: chat-net' chat-net
	trio 100 '^usage: chat-net' chat-net host
	trio 100 'usage: chat-net' chat-net -z host 1
	trio 100 '^usage: chat-net' chat-net -l
	trio 100 '^usage: chat-net' chat-net -k host 1
	trio 100 '^usage: chat-net' chat-net -l -p 5 0
	trio 100 'need a program' chat-net -lk 0
	trio 100 'need a program' chat-net -lr 0
	trio 100 'needs -k or -r' chat-net -l -c 5 0
	trio 100 '-c 0: not a number of children \(1 to 1000\)' chat-net -lk -c 0 0 true
	trio 100 '-w x: not a number of seconds' chat-net -w x localhost 1
	trio 100 '-w -1: not a number of seconds' chat-net -w -1 localhost 1
	trio 100 '^chat-net: 0: not a port number \(1 to 65535\)' chat-net localhost 0
	trio 100 '65536: not a port number' chat-net localhost 65536
	trio 100 'http: not a port number' chat-net localhost http
	trio 100 '-1: not a port number \(0 to 65535\)' chat-net -l -- -1
}

@test "names and addresses that cannot be called" {
	trio 100 'no such address' chat-net -n localhost 1
	trio 100 'no such host' chat-net '' 1
	trio 100 'no address of that family' chat-net -6 127.0.0.1 1
	trio 100 'no address of that family' chat-net -4 ::1 1
	trio 100 'cannot use 192.0.2.99' chat-net -l -s 192.0.2.99 0
	listener true
	kill "$pid"
	code "$pid"
	trio 111 'cannot connect to 127.0.0.1 port .*refused' \
		chat-net 127.0.0.1 "$port"
	trio 111 'cannot connect to localhost port .*refused' \
		chat-net localhost "$port"
}

@test "-w: nobody answers, nobody calls" {
	listener sleep 1000
	trio 99 '^chat-net: nobody called$' chat-net -l -w 1 0
	trio 99 '^chat-net: nobody called$' chat-net -lk -w 1 0 true
	trio 99 '^chat-net: nobody called$' chat-net -lr -w 1 0 true
	kill "$pid"
}

@test "-lr: -w counts while nobody is there; a scan does not stop it" {
	listener -r -w2 sh -c "$child"
	nc -z 127.0.0.1 "$port"
	code "$pid"
	[ "$status" = 99 ]
	grep -q 'ended with 5' err
	grep -q 'nobody called' err
}

@test "netcat: both ways, half-close" {
	echo from the listener >in
	rm -f err
	chat-net -lv 0 <in >out 2>err 3>&- &
	pid=$!
	port=$(port err)
	[ "$(echo from the caller | chat-net localhost "$port")" = \
		"from the listener" ]
	code "$pid"
	[ "$status" = 0 ]
	[ "$(<out)" = "from the caller" ]
	# The answer comes after the caller's end.
	rm -f err
	chat-net -lv 0 sh -c 'sort <&6 >&7' 2>err 3>&- &
	[ "$(printf 'b\na\n' | chat-net localhost "$(port err)")" = $'a\nb' ]
}

@test "netcat: against nc and socat, both at either end" {
	seq 100000 >in
	rm -f err
	chat-net -lv 0 <in >out 2>err 3>&- &
	pid=$!
	nc -N 127.0.0.1 "$(port err)" <in >got
	code "$pid"
	[ "$status" = 0 ]
	cmp in out
	cmp in got
	rm -f err
	chat-net -lv 0 <in >out 2>err 3>&- &
	pid=$!
	socat -t100 - "TCP:127.0.0.1:$(port err)" <in >got
	code "$pid"
	[ "$status" = 0 ]
	cmp in out
	cmp in got
	rm -f err
	socat -t100 -d -d TCP4-LISTEN:0,bind=127.0.0.1 - <in >out 2>err 3>&- &
	pid=$!
	wait_text err 'listening on'
	chat-net 127.0.0.1 "$(sed -n 's/.*AF=2 .*:\([0-9]*\)$/\1/p' err)" \
		<in >got
	wait "$pid"
	cmp in out
	cmp in got
}

@test "netcat: bulk both ways at once, pipes and files" {
	local mib=256
	nm "$ROOT/bin/chat-net" 2>/dev/null | grep -q __asan && mib=16
	head -c "${mib}M" /dev/urandom >in
	rm -f err
	(cat in | chat-net -lv 0 2>err 3>&- | sha256sum >one) 3>&- &
	pid=$!
	cat in | chat-net localhost "$(port err)" | sha256sum >two
	wait "$pid"
	sha256sum <in >want
	cmp want one
	cmp want two
	rm -f err
	chat-net -lv 0 <in >out 2>err 3>&- &
	pid=$!
	chat-net localhost "$(port err)" <in >got
	wait "$pid"
	cmp in out
	cmp in got
}

@test "netcat: nobody reads stdout, a full disk, a peer that is gone" {
	listener sh -c 'exec yes <&6 >&7'
	run bash -c "chat-net localhost $port </dev/null | head -1; \
		echo \${PIPESTATUS[0]}"
	[ "$output" = $'y\n141' ]
	listener sh -c 'exec yes <&6 >&7'
	run --separate-stderr bash -c \
		"chat-net localhost $port </dev/null >/dev/full"
	[ "$status" = 111 ]
	[ "$stderr" = "chat-net: cannot write: No space left on device" ]
	# Closed with something unread: a reset.
	listener sh -c 'head -c 1 <&6'
	mkfifo hold
	exec {keep}<>hold
	echo much >&$keep
	trio 111 'the connection is lost' chat-net localhost "$port" <hold
	exec {keep}>&-
}

@test "closed standard descriptors" {
	listener sh -c 'echo x >&7'
	run --separate-stderr bash -c "chat-net localhost $port >&-"
	[ "$status" = 111 ]
	[ "$stderr" = "chat-net: cannot write: Bad file descriptor" ]
	listener sh -c 'cat <&6'
	run --separate-stderr bash -c "chat-net localhost $port <&-"
	[ "$status" = 111 ]
	[ "$stderr" = "chat-net: cannot read: Bad file descriptor" ]
	# A program gets its socket on 6 and 7 all the same.
	listener sh -c 'cat <&6'
	chat-net localhost "$port" sh -c 'echo yes >&7' <&- >&- 2>&-
	code "$pid"
	[ "$(<out)" = yes ]
}

@test "a program: 6 and 7, its environment" {
	export CHAT_HOST=x CHAT_READY_FD=1 CHAT_PEER=x CHAT_PEERKEY=x
	export TCPREMOTEHOST=x TCPLOCALIP=x
	listener sh -c 'env >listener.env'
	chat-net localhost "$port" sh -c 'env >caller.env'
	code "$pid"
	lport=$(sed -n 's/^TCPLOCALPORT=//p' caller.env)
	want() { # FILE LINE ...
		local file=$1
		shift
		printf '%s\n' "$@" | sort | diff - <(grep -E \
			'^(PROTO|TCP|CHAT_)' "$file" | sort)
	}
	want caller.env CHAT_HOST=localhost CHAT_ROLE=initiator PROTO=TCP \
		"TCPLOCALIP=$(sed -n 's/^TCPREMOTEIP=//p' listener.env)" \
		"TCPLOCALPORT=$lport" "TCPREMOTEPORT=$port" \
		"TCPREMOTEIP=$(sed -n 's/^TCPLOCALIP=//p' listener.env)"
	want listener.env CHAT_ROLE=responder PROTO=TCP "TCPREMOTEPORT=$lport" \
		"TCPLOCALPORT=$port" "TCPLOCALIP=$(sed -n \
		's/^TCPREMOTEIP=//p' caller.env)" "TCPREMOTEIP=$(sed -n \
		's/^TCPLOCALIP=//p' caller.env)"
}

@test "a program: nothing else is handed to it" {
	list='ls /proc/self/fd; grep Sig[BI] /proc/self/status'
	sh -c "$list" >before 2>err 3>&- </dev/null &
	wait $!
	listener -r sh -c "($list)"' >after; echo $CHAT_READY_FD
		echo >&$CHAT_READY_FD'
	chat-net localhost "$port" true
	code "$pid"
	[ "$status" = 0 ]
	sort -u before - <<<$'6\n7\n'"$(<out)" | diff - <(sort after)
}

@test "a program that cannot be executed, or is not there" {
	touch plain
	listener true
	trio 126 'cannot execute ./plain: Permission denied' \
		chat-net localhost "$port" ./plain
	code "$pid"
	listener true
	run -127 --separate-stderr chat-net localhost "$port" ./none-such
	grep -q "cannot execute ./none-such: No such file" <<<"$stderr"
	code "$pid"
	listener -k ./none-such
	chat-net localhost "$port" true
	wait_text err 'ended with 127'
	grep -q 'cannot execute ./none-such' err
	kill "$pid"
}

@test "addresses: IPv6, IPv4 alone, -s, -p, IPv4 shown as such" {
	listener sh -c 'echo $TCPREMOTEIP $TCPREMOTEPORT $TCPLOCALIP'
	chat-net ::1 "$port" true
	code "$pid"
	[[ $(<out) =~ ^::1\ [0-9]+\ ::1$ ]]
	grep -q 'listening on :: port' err
	listener sh -c 'echo $TCPREMOTEIP $TCPLOCALIP'
	chat-net -4 localhost "$port" true
	code "$pid"
	[ "$(<out)" = "127.0.0.1 127.0.0.1" ]
	listener -4 true
	trio 111 refused chat-net ::1 "$port" true
	chat-net 127.0.0.1 "$port" true
	grep -q 'listening on 0.0.0.0 port' err
	listener -6 true
	trio 111 refused chat-net 127.0.0.1 "$port" true
	chat-net ::1 "$port" true
	listener -s127.0.0.2 sh -c 'echo $TCPREMOTEIP $TCPREMOTEPORT'
	grep -q 'listening on 127.0.0.2 port' err
	trio 111 refused chat-net 127.0.0.1 "$port" true
	# A port that was free a moment ago.
	from=$(chat-net -v 127.0.0.2 "$port" sh -c 'echo $TCPLOCALPORT')
	code "$pid"
	listener sh -c 'echo $TCPREMOTEIP $TCPREMOTEPORT'
	chat-net -s 127.0.0.3 -p "$from" 127.0.0.1 "$port" true
	code "$pid"
	[ "$(<out)" = "127.0.0.3 $from" ]
	trio 111 'cannot connect' chat-net -s ::1 127.0.0.1 "$port"
}

@test "a port that is taken; one that was until just now" {
	listener sh -c 'cat <&6'
	trio 111 "cannot use port $port: Address already in use" \
		chat-net -l "$port"
	chat-net localhost "$port" true
	code "$pid"
	rm -f err
	chat-net -lv "$port" </dev/null 2>err 3>&- &
	pid=$!
	wait_text err listening
	chat-net localhost "$port" </dev/null
	code "$pid"
	[ "$status" = 0 ]
}

@test "connections have no delay and are probed" {
	listener sh -c 'cat <&6'
	chat-net localhost "$port" sleep 1000 3>&- &
	caller=$!
	wait_for 5 sh -c "ss -tno | grep '$port' | grep -c keepalive | grep 2"
	kill "$caller"
	code "$pid"
}

@test "-d: what the other side types" {
	listener -s127.0.0.1 '-dchat-talk %a -P %p %x 100%' true
	chat-net 127.0.0.1 "$port" true
	grep -qxF "the other side types: chat-talk 127.0.0.1 -P $port %x 100%" \
		err
	listener '-dchat-talk %a' true
	chat-net 127.0.0.1 "$port" true
	[ "$(grep -c '^the other side types: chat-talk [0-9a-f.:]*$' err)" = 1 ]
	! grep -E '^(or|the other side).* (fe80|127|::1)' err || \
		[ "$(grep -c 'chat-talk' err)" = 1 ]
}

@test "-lk: many calls, -c at once" {
	listener -k -c2 sh -c 'read -r x <&6; echo "$x" >&7'
	for n in 1 2 3; do
		mkfifo "hold$n"
		chat-net localhost "$port" \
			sh -c "head -1 hold$n >&7; cat <&6" >"got$n" 3>&- &
		eval "c$n=$!"
	done
	exec {a}>hold1 {b}>hold2 {c}>hold3
	wait_for 5 sh -c '[ $(grep -c "child .* for" err) = 2 ]'
	# Whoever waits is served when another has ended.
	echo three >&$c
	echo two >&$b
	echo one >&$a
	wait "$c1" "$c2" "$c3"
	exec {a}>&- {b}>&- {c}>&-
	[ "$(cat got1 got2 got3)" = $'one\ntwo\nthree' ]
	[ "$(grep -c 'child .* for' err)" = 3 ]
	wait_for 5 sh -c '[ $(grep -c "ended with 0" err) = 3 ]'
	[ -z "$(ps -o pid= --ppid "$pid")" ]
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
}

@test "-lr: a scan, garbage and a silent caller first" {
	listener -r sh -c "$child"
	nc -z 127.0.0.1 "$port"
	echo garbage | chat-net 127.0.0.1 "$port" >/dev/null
	mkfifo hold
	chat-net 127.0.0.1 "$port" <hold >silent 3>&- &
	silent=$!
	exec {keep}>hold
	wait_for 5 sh -c '[ $(grep -c "child .* for" err) = 3 ]'
	[ "$(echo yes | chat-net 127.0.0.1 "$port")" = hello ]
	code "$pid"
	[ "$status" = 7 ]
	grep -q 'ended with 5' err
	grep -q 'ended with 6' err
	grep -q 'killed by signal 15' err
	exec {keep}>&-
	wait "$silent" || :
	[ ! -s silent ]
}

@test "-lr: once one is ready, nobody else gets in" {
	listener -r sh -c "$child"
	mkfifo hold
	chat-net 127.0.0.1 "$port" <hold >got 3>&- &
	caller=$!
	exec {keep}>hold
	echo yes >&$keep
	wait_text got hello
	trio 111 refused chat-net 127.0.0.1 "$port"
	exec {keep}>&-
	code "$pid"
	[ "$status" = 7 ]
	wait "$caller"
}

@test "-lr: ready and gone at once; two at the same time" {
	for n in 1 2 3 4 5; do
		listener -r sh -c 'echo >&$CHAT_READY_FD; exit 9'
		chat-net 127.0.0.1 "$port" true
		code "$pid"
		[ "$status" = 9 ]
		# Ready together: one is it, the other is ended.
		mkfifo "keep$n"
		listener -r sh -c 'echo in >&7
			until [ -e gate'"$n"' ]; do :; done
			echo >&$CHAT_READY_FD; echo ready; cat <&6; exit 9'
		exec {keep}<>"keep$n"
		chat-net 127.0.0.1 "$port" <"keep$n" >a 3>&- &
		one=$!
		chat-net 127.0.0.1 "$port" <"keep$n" >b 3>&- &
		two=$!
		wait_text a in
		wait_text b in
		: >"gate$n"
		wait_text err 'killed by signal 15'
		kill "$one" "$two"
		code "$pid"
		[ "$status" = 9 ]
		[ "$(grep -c 'killed by signal 15' err)" = 1 ]
		exec {keep}>&-
	done
}

@test "-lr: the picked child's end is chat-net's" {
	for sig in TERM INT HUP PIPE; do
		# Background commands of a script have SIGINT ignored.
		listener -r env --default-signal=INT sh -c \
			'echo >&$CHAT_READY_FD; kill -'$sig' $$'
		chat-net 127.0.0.1 "$port" true
		code "$pid"
		[ "$status" = $((128 + $(kill -l $sig))) ]
	done
	listener -r sh -c 'echo >&$CHAT_READY_FD; kill -SEGV $$'
	chat-net 127.0.0.1 "$port" true
	code "$pid"
	[ "$status" = 139 ]
	grep -q 'sh: killed by signal 11' err
}

@test "-lrk: the next conversation, on the same port" {
	listener -r -k sh -c "$child"
	for n in 1 2 3; do
		wait_for 5 sh -c '[ $(grep -c listening err) = '$n' ]'
		nc -z 127.0.0.1 "$port"
		[ "$(echo yes | chat-net 127.0.0.1 "$port")" = hello ]
	done
	wait_for 5 sh -c '[ $(grep -c listening err) = 4 ]'
	[ "$(grep -c "listening on :: port $port" err)" = 4 ]
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
}

@test "-lrk: while they talk it sleeps" {
	listener -r -k sh -c "$child"
	mkfifo hold
	chat-net 127.0.0.1 "$port" <hold >got 3>&- &
	exec {keep}>hold
	echo yes >&$keep
	wait_text got hello
	trio 111 refused chat-net 127.0.0.1 "$port"
	[ "$(busy "$pid")" -lt 20 ]
	exec {keep}>&-
	wait_for 5 sh -c '[ $(grep -c listening err) = 2 ]'
	kill "$pid"
}

@test "TERM, HUP: no process is left, nor a child's child" {
	for sig in TERM HUP; do
		rm -f pids
		listener -k sh -c 'sleep 1000 & echo $$ $! >>pids
			echo in >&7; sleep 1000; :'
		chat-net 127.0.0.1 "$port" sh -c 'head -1 <&6'
		chat-net 127.0.0.1 "$port" sh -c 'head -1 <&6'
		wait_for 5 sh -c '[ $(wc -l <pids) = 2 ]'
		children=$(<pids)
		kill -$sig "$pid"
		code "$pid"
		[ "$status" = $((128 + $(kill -l $sig))) ]
		for p in $children; do
			gone "$p"
		done
	done
}

@test "a child that will not end is killed, and a stopped one" {
	listener -k sh -c 'trap "" TERM; echo $$ >deaf; echo in >&7
		while :; do sleep 1; done'
	chat-net 127.0.0.1 "$port" sh -c 'head -1 <&6'
	deaf=$(<deaf)
	kill -STOP "$deaf"
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
	gone "$deaf"
}

@test "^C at a terminal ends all" {
	cat >job <<-'E'
	chat-net -lkv 0 sh -c 'echo $$ >kid; echo in >&7; sleep 1000; :' 2>err
	echo code $?
	E
	mkfifo keys
	env --default-signal=INT script -qec 'sh job' /dev/null <keys >screen 2>&1 3>&- &
	tty=$!
	exec {keep}>keys
	chat-net 127.0.0.1 "$(port err)" sh -c 'head -1 <&6'
	printf '\003' >&$keep
	code "$tty"
	exec {keep}>&-
	gone "$(<kid)"
}

@test "the program that feeds it is not its child" {
	# The shell that becomes chat-net has begun the feeder before.
	mkfifo gate
	bash -c 'exec chat-net -lrv 0 sh -c "echo >&\$CHAT_READY_FD; cat" \
		< <(echo one; read -r _ <gate; echo two)' >out 2>err 3>&- &
	pid=$!
	port=$(port err)
	chat-net 127.0.0.1 "$port" </dev/null 3>&- >/dev/null &
	wait_text out one
	echo go >gate
	wait_text out two
	wait "$pid"
}

@test "no descriptors left: it says so once, waits, and goes on" {
	rm -f err
	(ulimit -n 16; exec chat-net -lrv 0 sh -c "$child") 2>err 3>&- &
	pid=$!
	port=$(port err)
	mkfifo hold
	exec {keep}<>hold
	for n in 1 2 3 4 5; do
		chat-net 127.0.0.1 "$port" <hold >/dev/null 3>&- &
		eval "c$n=$!"
	done
	wait_text err 'cannot take a call: Too many open files'
	[ "$(busy "$pid")" -lt 20 ]
	[ "$(grep -c 'cannot take' err)" = 1 ]
	kill "$c1" "$c2" "$c3" "$c4" "$c5"
	# One that came while there was no room was sent away.
	answered() {
		[ "$(echo yes | chat-net 127.0.0.1 "$port")" = hello ]
	}
	wait_for 20 answered
	code "$pid"
	[ "$status" = 7 ]
}

@test "a signal that was ignored from the start stays ignored" {
	(trap '' HUP; exec chat-net -lkv 0 true) 2>err 3>&- &
	pid=$!
	port=$(port err)
	kill -HUP "$pid"
	chat-net 127.0.0.1 "$port" true
	wait_text err 'ended with 0'
	kill "$pid"
	code "$pid"
	[ "$status" = 143 ]
}

@test "several addresses, silent ones, names that cannot be looked up" {
	cat >net <<-'E'
	set -e
	ip link set lo up
	ip link add d0 type veth peer name d1
	ip addr add 192.0.2.1/24 dev d0
	ip link set d0 up
	ip link set d1 up
	echo '192.0.2.77 multi
	192.0.2.78 multi
	127.0.0.1 multi
	192.0.2.77 dead' >hosts
	echo 'nameserver 192.0.2.77
	options timeout:1 attempts:1' >resolv.conf
	mount --bind hosts /etc/hosts
	mount --bind resolv.conf /etc/resolv.conf
	E
	unshare -rmn sh -c '. ./net' 2>/dev/null || skip 'no namespaces here'
	# The first two do not answer; the next is begun meanwhile.
	unshare -rmn bash -c '. ./net
		chat-net -lv -s 127.0.0.1 0 true 2>err &
		until grep -q port err; do :; done
		chat-net -v multi "$(sed "s/.* //" err)" true' 2>told 3>&-
	grep -q 'connected to 127.0.0.1 port' told
	trio 99 'no answer from dead port 5$' \
		unshare -rmn sh -c '. ./net; exec chat-net -w 1 dead 5'
	trio 111 'cannot connect to dead port 5: No route to host' \
		unshare -rmn sh -c '. ./net; exec chat-net dead 5'
	trio 111 'no.such.host: cannot be looked up' \
		unshare -rmn sh -c '. ./net; exec chat-net no.such.host 5'
	# Only what others can call is dictated.
	unshare -rmn sh -c '. ./net; chat-net -l "-d%a" -w 1 0 2>told || :'
	[ "$(grep -c '192.0.2.1$' told)" = 1 ]
	run ! grep -qE '127|fe80' told
}
