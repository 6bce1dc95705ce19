#!/usr/bin/env bats
# The lab itself: what it is asked to do to packets is what happens to them.
load ../helper

setup_file() {
	make -s -o build/flags -C "$BATS_TEST_DIRNAME/../.." build/tests/wire >&2
	cat >"$BATS_FILE_TMPDIR/send" <<-'PY'
	# send N [SIZE]: numbered datagrams to b once it listens; then the link is
	# made good and the end is said.
	import os, socket, struct, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	while not os.path.exists(os.environ["T"] + "/ready"):
	    time.sleep(0.01)
	size = int(sys.argv[2]) if len(sys.argv) > 2 else 100
	for i in range(int(sys.argv[1])):
	    b = struct.pack("!I", i) + bytes(size - 4)
	    s.sendto(b, (os.environ["LAB_B"], 9))
	    if i % 20 == 0:
	        time.sleep(0.002)
	with open(os.environ["LAB_CTL"], "w") as c:
	    c.write("loss=0\nqueue=10000\nburst=1\n")
	while not os.path.exists(os.environ["T"] + "/end"):
	    s.sendto(b"end", (os.environ["LAB_B"], 9))
	    time.sleep(0.02)
	PY
	cat >"$BATS_FILE_TMPDIR/recv" <<-'PY'
	# recv: the numbers that came, in their order, one a line.
	import os, socket, struct
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
	s.bind(("", 9))
	open(os.environ["T"] + "/ready", "w")
	try:
	    while True:
	        b = s.recv(65536)
	        if b == b"end":
	            open(os.environ["T"] + "/end", "w")
	            s.settimeout(0.3)
	        else:
	            print(struct.unpack("!I", b[:4])[0])
	except TimeoutError:
	    pass
	PY
	cat >"$BATS_FILE_TMPDIR/call" <<-'PY'
	# call SECONDS: what b says.
	import os, socket, sys
	c = socket.create_connection((os.environ["LAB_B"], 7), int(sys.argv[1]))
	print(c.recv(99).decode())
	PY
	cat >"$BATS_FILE_TMPDIR/listen" <<-'PY'
	# listen FILE TEXT: make the file when ready; say the text to one caller.
	import socket, sys
	s = socket.create_server(("", 7))
	open(sys.argv[1], "w")
	s.accept()[0].send(sys.argv[2].encode())
	PY
}

setup() {
	call="python3 $BATS_FILE_TMPDIR/call"
	listen="python3 $BATS_FILE_TMPDIR/listen"
	export T=$BATS_TEST_TMPDIR
	"$ROOT/tests/tool/lab" -- : : 2>"$T/log" || skip "$(cat "$T/log")"
}

# send N OPTION ... - through a link with these options; what came is in $T/got.
send() {
	local n=$1
	shift
	rm -f "$T/ready" "$T/end"
	"$ROOT/tests/tool/lab" -v -w 90 "$@" -- "python3 $BATS_FILE_TMPDIR/send $n" \
		"python3 $BATS_FILE_TMPDIR/recv >$T/got" 2>"$T/log"
}

@test "lab: each command has its host, its output and its code" {
	run --separate-stderr "$ROOT/tests/tool/lab" -- \
		'echo $LAB_HOST $LAB_A; cat' 'echo $LAB_HOST $LAB_B; cat; exit 7' \
		<<<"input"
	[ "$status" = 7 ]
	[ "$stderr" = "lab: a 0, b 7" ]
	[ "$(sort <<<"$output")" = $'a 10.77.0.1\nb 10.77.0.2\ninput' ]
	run "$ROOT/tests/tool/lab" -- 'kill -TERM $$' 'exit 0'
	[ "$status" = 143 ]
}

@test "lab: what cannot be done is said" {
	trio 100 usage "$ROOT/tests/tool/lab" -- true
	trio 100 usage "$ROOT/tests/tool/lab" -x -- true true
	trio 100 'value: loss=x$' "$ROOT/tests/tool/lab" loss=x -- true true
	trio 100 'value: loss=101$' "$ROOT/tests/tool/lab" loss=101 -- true true
	trio 100 'value: lose=1$' "$ROOT/tests/tool/lab" lose=1 -- true true
	trio 99 'timed out after 1 s' "$ROOT/tests/tool/lab" -w 1 -- 'sleep 9' :
}

@test "lab: a good link loses nothing and keeps the order" {
	send 2000
	seq 0 1999 | cmp - "$T/got"
}

@test "lab: loss is what was asked, and the same again for the same seed" {
	send 3000 ab.loss=10
	n=$(wc -l <"$T/got")
	[ "$n" -gt 2620 ]
	[ "$n" -lt 2780 ]
	grep -q "a to b: [0-9]* in, $((3000 - n)) lost" "$T/log"
	cp "$T/got" "$T/first"
	send 3000 ab.loss=10
	cmp "$T/first" "$T/got"
	send 3000 -s 2 ab.loss=10
	run ! cmp -s "$T/first" "$T/got"
}

@test "lab: loss in runs has that share and that length" {
	send 6000 loss=10 burst=5
	awk -v want=0 '{ if ($1 != want) { runs++; lost += $1 - want }
		want = $1 + 1 }
		END { print lost / 6000, lost / runs
		exit !(lost > 400 && lost < 800 && lost > 4 * runs &&
		lost < 6.5 * runs) }' "$T/got"
}

@test "lab: delay is at least what was asked; jitter keeps the order" {
	cat >"$T/ping" <<-'PY'
	import os, socket, time
	s = socket.create_server(("", 7)) if os.environ["LAB_HOST"] == "b" else None
	if s:
	    open(os.environ["T"] + "/ready", "w")
	    c = s.accept()[0]
	    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	    while b := c.recv(1):
	        c.send(b)
	else:
	    while not os.path.exists(os.environ["T"] + "/ready"):
	        time.sleep(0.01)
	    c = socket.create_connection((os.environ["LAB_B"], 7))
	    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	    all = []
	    for i in range(20):
	        t = time.monotonic()
	        c.send(b"x")
	        c.recv(1)
	        all.append(time.monotonic() - t)
	    print(int(min(all) * 1000), int(sorted(all)[10] * 1000))
	PY
	run --separate-stderr "$ROOT/tests/tool/lab" -w 90 ab.delay=30 ba.delay=20 -- \
		"python3 $T/ping" "python3 $T/ping"
	[ "$status" = 0 ]
	[ "${output% *}" -ge 50 ]
	send 1000 delay=20 jitter=20
	seq 0 999 | cmp - "$T/got"
}

@test "lab: reordered and doubled, nothing is lost" {
	send 2000 reorder=20 dup=5
	sort -n "$T/got" | uniq | cmp - <(seq 0 1999)
	sort "$T/got" | uniq -d >"$T/twice"
	n=$(wc -l <"$T/twice")
	[ "$n" -gt 60 ]
	[ "$n" -lt 140 ]
	run ! sort -nc "$T/got" 2>"$T/disorder"
}

@test "lab: a rate and a queue that overflows" {
	send 500 ab.rate=1000 queue=100
	n=$(wc -l <"$T/got")
	[ "$n" -lt 500 ]
	grep -qE "a to b: .* 0 lost, [1-9][0-9]* too many" "$T/log"
}

@test "lab: the link goes down and comes back while it runs" {
	run --separate-stderr "$ROOT/tests/tool/lab" -w 90 -- "echo down >\$LAB_CTL
		! $call 1 2>$T/err || exit 1
		echo ab.up >\$LAB_CTL; echo ba.up >\$LAB_CTL
		$call 20" "$listen $T/ready back"
	[ "$status" = 0 ]
	[ "$output" = back ]
	grep -q 'timed out' "$T/err"
}

@test "lab: nothing is left, whatever ends" {
	for sig in INT TERM KILL; do
		rm -f "$T/pid"
		"$ROOT/tests/tool/lab" -- 'sleep 98765 & exec sleep 98765' \
			": >$T/pid; trap '' INT TERM; sleep 98765; sleep 98765" \
			2>/dev/null 3>&- &
		lab=$!
		wait_for 10 test -e "$T/pid"
		# bash has its children in the background ignore SIGINT.
		[ $sig = INT ] && kill -HUP $lab || kill -$sig $lab
		wait $lab || :
		wait_for 10 eval '! pgrep -f "sleep 9876[5]"'
	done
}

@test "lab: several at once do not see each other" {
	for i in 1 2 3 4; do
		"$ROOT/tests/tool/lab" -w 90 -- "until [ -e $T/$i ]; do sleep 0.01; done
			$call 20" "$listen $T/$i 'lab $i'" >"$T/out$i" 2>&1 3>&- &
	done
	wait
	for i in 1 2 3 4; do
		[ "$(head -1 "$T/out$i")" = "lab $i" ]
	done
}
