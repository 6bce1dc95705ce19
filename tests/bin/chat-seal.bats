#!/usr/bin/env bats
# chat-seal and a session's key.

load ../helper

K='aes256gcm hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo='
C='chacha20poly1305 hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo='

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkfifo key
}

# seal KEY [COMMAND ...] - chat-seal (or the command) with this key line in a
# pipe on 9.
seal() {
	local key=$1
	shift
	[ $# -gt 0 ] || set -- chat-seal -k 9
	"$@" 9< <(printf %b "$key")
}

open() {
	chat-open -k 8 8< <(printf '%s\n' "$1")
}

# peak PID - the most KiB it ever had.
peak() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

@test "what is sealed is opened: any bytes, any length, both ciphers" {
	head -c 3000000 /dev/urandom >data
	for key in "$K" "$C"; do
		for n in 0 1 15 16 17 65518 65519 65520 262076 262077 3000000; do
			head -c $n data | seal "$key\n" | open "$key" >back
			head -c $n data | cmp - back
		done
	done
}

@test "what one read gives goes at once, and the end is a record" {
	{ printf one; wait_for 5 test -s sealed; printf three; } |
		seal "$C\n" >sealed
	# Lengths 3, 5, 0, each with a head of 2 and a tag of 16.
	[ "$(stat -c %s sealed)" = $((3 * 18 + 8)) ]
	[ "$(od -An -tx1 -N2 sealed)" = ' 00 13' ]
	[ "$(od -An -tx1 -j21 -N2 sealed)" = ' 00 15' ]
	[ "$(od -An -tx1 -j44 -N2 sealed)" = ' 00 10' ]
	open "$C" <sealed >back
	[ "$(cat back)" = onethree ]
}

# ends N - of chat-seal -u, given N frames e: its code, and how many it sent.
ends() {
	cat >ends.py <<-'PY'
	import socket, struct, subprocess, sys
	r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	r.bind(("127.0.0.1", 0))
	w = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	w.connect(r.getsockname())
	e = struct.pack("!BBHIHHIQ", ord("e"), 0, 0, 1, 0, 1, 0, 1)
	p = subprocess.Popen(["chat-seal", "-uk", "9"], pass_fds=[9],
	    stdin=subprocess.PIPE, stdout=w)
	p.stdin.write(e)
	p.stdin.flush()
	n = 0
	while n < 1:  # a sign of life is shorter
	    n += len(r.recv(2000)) == 48
	p.stdin.write(e * (int(sys.argv[1]) - 1))
	p.stdin.close()
	code = p.wait()
	r.setblocking(False)
	try:
	    while True:
	        n += len(r.recv(2000)) == 48
	except BlockingIOError:
	    print(code, n)
	PY
	python3 ends.py "$1"
}

@test "-u: the end goes three times, but once when both have ended" {
	run seal "$K\n" ends 1
	[ "$output" = '0 3' ]
	run seal "$K\n" ends 2
	[ "$output" = '0 1' ]
}

# As behind a relay where UDP is blocked: a socket that knows no UDP_SEGMENT.
@test "-u on a pair of sockets: each frame is a datagram" {
	cat >pair.py <<-'PY'
	import socket, struct, subprocess
	def frame(kind, i, n):
	    return struct.pack("!BBHIHHIQ", ord(kind), 0, n, i, 0, 1, 0, 1) + \
	        b"x" * n
	r, w = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	p = subprocess.Popen(["chat-seal", "-uk", "9"], pass_fds=[9],
	    stdin=subprocess.PIPE, stdout=w)
	w.close()
	p.stdin.write(b"".join(frame("t", i, 100) for i in range(1, 21)) +
	    frame("e", 1, 0))
	p.stdin.close()
	sizes = [len(d) for d in iter(lambda: r.recv(9999), b"")]
	print(p.wait(), sizes.count(148), max(sizes))
	PY
	run seal "$K\n" python3 pair.py
	[ "$output" = '0 20 148' ]
}

@test "the same bytes under another key are others" {
	echo same | seal "$K\n" >one
	echo same | seal "${C/aA/Aa}\n" >two
	run ! cmp one two
	[ "$(stat -c %s one)" = "$(stat -c %s two)" ]
	run ! grep -q same one two
}

@test "a key by the name of a FIFO" {
	echo "$K" >key &
	echo hi | chat-seal -k key >sealed
	wait $!
	[ "$(open "$K" <sealed)" = hi ]
}

@test "a key is taken only once" {
	seal "$K\n" sh -c 'chat-seal -k 9 </dev/null >/dev/null && chat-seal -k 9' \
		>out 2>err || code=$?
	[ "$code" = 100 ]
	[ ! -s out ]
	[ "$(cat err)" = 'chat-seal: the session key on 9 has been used up' ]
}

@test "a key that is in no pipe is refused" {
	echo "$K" >file
	trio 100 '^chat-seal: the session key on 9 is in no pipe: ' \
		chat-seal -k 9 9<file
	trio 100 'in no pipe' chat-seal -k file
	trio 100 'in no pipe' chat-seal -k /dev/null
	trio 100 'in no pipe' chat-seal -k .
	[ "$(cat file)" = "$K" ]
}

@test "keys that are none" {
	while read -r key want; do
		trio 100 "^chat-seal: $want" seal "$key" </dev/null
	done <<-TABLE
	\\n 9 holds no session key
	aes256gcm\\n 9 holds no session key
	aes256gcm\\040short=\\n 9 holds no session key
	${K/ /\\040} 9 holds no session key
	${K/ /\\040}x\\n 9 holds no session key
	${K/ /\\040\\040}\\n 9 holds no session key
	${K/ /\\040}\\n\\n 9 holds no session key
	${K/ /\\040}\\n${K/ /\\040}\\n 9 holds no session key
	AES256GCM\\040hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\\n 9 holds
	rot13\\040hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\\n 9 holds no
	aes256gcm\\040hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmp=\\n 9 holds
	\\0\\0\\0\\n 9 holds no session key
	TABLE
	trio 100 'the session key on 9 has been used up' seal '' </dev/null
	trio 100 'descriptor 9 is not open' chat-seal -k 9 9<&-
	trio 100 'descriptor 77 is not open' chat-seal -k 77
	trio 100 '^chat-seal: none: No such file' chat-seal -k none
}

@test "bad options" {
	for args in '' -k '-k 9 more' '-k 9 -a aes256gcm' -Z; do
		# shellcheck disable=SC2086
		run --separate-stderr chat-seal $args
		[ "$status" = 100 ]
		[ -z "$output" ]
		[[ $stderr =~ 'usage: chat-seal' ]]
	done
}

@test "a full disk, a closed stdout, a reader that leaves" {
	seal "$K\n" sh -c 'echo hi | chat-seal -k 9 >/dev/full' 2>err || code=$?
	[ "$code" = 111 ]
	[ "$(cat err)" = 'chat-seal: not all was delivered: No space left on device' ]
	code=0
	seal "$K\n" sh -c 'echo hi | chat-seal -k 9 >&-' 2>err || code=$?
	[ "$code" = 111 ]
	code=0
	seal "$K\n" sh -c 'chat-seal -k 9 <&-' >out 2>err || code=$?
	[ "$code" = 111 ]
	grep -q '^chat-seal: stdin: Bad file descriptor$' err
	[ ! -s out ]
	seal "$K\n" bash -c 'yes | { chat-seal -k 9; echo $? >code; } | head -c 9' \
		>/dev/null 2>err
	[ "$(cat code)" = 141 ]
	[ ! -s err ]
	# A side without anything to write notices, too.
	mkfifo quiet
	seal "$K\n" bash -c '{ chat-seal -k 9; echo $? >code; } <>quiet | true' \
		2>err
	[ "$(cat code)" = 141 ]
}

@test "on a socket: it waits for delivery, and says so when it fails" {
	cat >run <<-'SH'
	chat-seal "$@" -k 9 >&7
	echo $? >code
	SH
	export K
	# shellcheck disable=SC2016
	for q in '' -q; do
		rm -f err
		# The other side takes nothing and resets.
		chat-net -lv -s 127.0.0.1 0 sh -c 'head -c 9 <&6 >/dev/null' \
			2>err &
		p=$(port err)
		code=0
		yes | head -c 40000000 | chat-net 127.0.0.1 "$p" bash -c \
			"printf '%s\n' \"\$K\" | chat-seal $q -k 9 9<&0 <&3 >&7" \
			3<&0 2>a.err || code=$?
		wait $!
		[ "$code" = 111 ]
		if [ "$q" ]; then
			[ ! -s a.err ]
		else
			[ "$(wc -l <a.err)" = 1 ]
			grep -q '^chat-seal: not all was delivered' a.err
		fi
	done
}

@test "no core of it, no secret in /proc, at most 8 MiB" {
	! sanitized || skip 'sanitizers'
	mkfifo in
	# shellcheck disable=SC2216
	seal "$K\n" <in >sealed &
	pid=$!
	exec 5>in
	head -c 50000000 /dev/zero >&5
	wait_for 10 sh -c '[ "$(stat -c %s sealed)" -gt 50000000 ]'
	grep -q 'Max core file size *0 ' "/proc/$pid/limits"
	run ! grep -qa hSDwCY "/proc/$pid/cmdline" "/proc/$pid/environ"
	kib=$(peak $pid)
	echo "$kib KiB"
	[ "$kib" -gt 500 ]
	[ "$kib" -le 8192 ]
	exec 5>&-
	wait $pid
	tries 2
}

@test "valgrind finds nothing" {
	command -v valgrind >/dev/null || skip 'no valgrind'
	! sanitized || skip 'sanitizers instead'
	head -c 300000 /dev/zero >data
	seal "$C\n" sh -c 'valgrind -q --error-exitcode=77 --leak-check=no \
		chat-seal -k 9 <data' >sealed
	open "$C" <sealed | cmp - data
}
