#!/usr/bin/env bats
# chat-lock: for one, for several, into a file that appears whole.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	for who in alice bob carol eve; do home $who; done
	for who in bob carol eve; do knows alice $who; knows $who alice; done
	echo 'correct horse' >pass
}

lock() {
	CHAT_HOME=$PWD/alice chat-lock "$@"
}

# unlock WHO ...
unlock() {
	CHAT_HOME=$PWD/$1 chat-unlock "${@:2}"
}

# keys N - options for N recipients that are nobody's, and then bob.
keys() {
	local i
	for ((i = 1; i < $1; i++)); do
		CHAT_HOME=$PWD/k$i chat-keygen 2>/dev/null | sed 's/^/-r /'
	done
	echo -r bob
}

@test "for several: each opens it, a stranger does not" {
	local n a
	for a in chacha20poly1305 aes256gcm; do
		for n in 0 1 65519 65520 300000; do
			head -c $n /dev/urandom >plain
			lock -a $a -r bob -r carol <plain >sealed ||
				{ [ $a = aes256gcm ] && skip 'no AES here'; }
			unlock bob <sealed | cmp - plain
			unlock carol <sealed | cmp - plain
			trio 98 'sealed for another key' env \
				CHAT_HOME="$PWD/eve" chat-unlock <sealed
		done
	done
}

@test "for 64; for 65: 100; a key counts once" {
	local -a all
	# shellcheck disable=SC2207 # words
	all=($(keys 64))
	echo hi >plain
	lock "${all[@]}" plain >sealed
	[ "$(wc -c <sealed)" = $((9 + 64 * 128 + 21 + 18)) ]
	unlock bob sealed | cmp - plain
	unlock k1 -s "$alice" sealed | cmp - plain
	lock "${all[@]}" -r bob -r "$bob" plain | unlock bob | cmp - plain
	trio 100 'more than 64' env CHAT_HOME="$PWD/alice" chat-lock \
		"${all[@]}" -r carol plain
	# One key is the form for one.
	lock -r bob -r "$bob" plain >sealed
	[ "$(wc -c <sealed)" = $((104 + 21 + 18)) ]
	unlock bob sealed | cmp - plain
}

@test "who could have changed it" {
	echo hi >plain
	lock -r bob -r carol -r eve plain >sealed
	run --separate-stderr unlock bob -s alice sealed
	[ "$status" = 0 ]
	[ "$output" = hi ]
	[ "$stderr" = 'chat-unlock: sealed by alice for 3, any of whom could have changed it' ]
	run --separate-stderr unlock bob sealed
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	trio 98 'not by' env CHAT_HOME="$PWD/bob" chat-unlock -s "$eve" sealed
	rm bob/peers
	trio 98 'unknown key' env CHAT_HOME="$PWD/bob" chat-unlock sealed
}

@test "every byte of a header for several flipped, every cut: 98" {
	local size=$((9 + 256 + 18)) n
	: >plain
	lock -r bob -r carol plain >sealed
	[ "$(wc -c <sealed)" = $size ]
	python3 - <<-'P'
	a = open('sealed', 'rb').read()
	for n in range(len(a)):
	    b = bytearray(a)
	    b[n] ^= 1
	    open('changed.%d' % n, 'wb').write(b)
	    open('cut.%d' % n, 'wb').write(a[:n])
	P
	for ((n = 0; n < size; n++)); do
		trio 98 . env CHAT_HOME="$PWD/bob" chat-unlock changed.$n
		trio 98 'cut short' env CHAT_HOME="$PWD/bob" chat-unlock cut.$n
	done
}

@test "entries and records added, removed, exchanged: 98" {
	local f text
	seq 30000 >some
	for text in some /dev/null; do
		lock -r bob -r carol -r eve $text >one
		lock -r bob -r carol -r eve $text >two
		python3 - <<-'P'
		a, b = open('one', 'rb').read(), open('two', 'rb').read()
		def parts(x):
		    n = 9 + 128 * x[8]
		    r, at = [], n
		    while at < len(x):
		        m = 2 + int.from_bytes(x[at:at + 2], 'big')
		        r.append(x[at:at + m])
		        at += m
		    return x[:8], [x[i:i + 128] for i in range(9, n, 128)], r
		def put(name, h, e, r, count=None):
		    open(name, 'wb').write(h + bytes([len(e) if count is None
		        else count]) + b''.join(e) + b''.join(r))
		h, e, r = parts(a)
		_, e2, r2 = parts(b)
		put('bad.swap', h, [e[0], e[2], e[1]], r)
		put('bad.other', h, [e[0], e2[1], e[2]], r)
		put('bad.mine', h, [e2[0], e[1], e[2]], r)
		put('bad.less', h, e[:2], r)
		put('bad.more', h, e + [e2[2]], r)
		put('bad.twice', h, [e[0], e[0], e[2]], r)
		put('bad.none', h, [], r)
		put('bad.65', h, e * 21 + e[:2], r)
		put('bad.count', h, e, r, 2)
		put('bad.count4', h, e, r, 4)
		put('bad.records', h, e, r2)
		put('bad.end', h, e, r + r[-1:])
		if len(r) > 2:
		    put('bad.first', h, e, r[1:])
		    put('bad.double', h, e, r[:1] + r)
		    put('bad.order', h, e, [r[1], r[0]] + r[2:])
		P
		for f in bad.*; do
			run --separate-stderr unlock bob -o out "$f"
			[ "$status" = 98 ] || { echo "$f: $status"; return 1; }
			[ -z "$output" ]
			[ -n "$stderr" ]
			[ ! -e out ]
		done
	done
	run ! compgen -G '.out.*'
}

@test "-o: absent or regular, whole or not at all" {
	echo old >out
	chmod 644 out
	echo hi >plain
	lock -r bob -o sealed plain
	unlock bob -o out sealed
	cmp out plain
	[ "$(stat -c %a out)" = 600 ]
	(umask 0277 && lock -r bob -o tight plain)
	[ "$(stat -c %a tight)" = 400 ]
	head -c -1 sealed >cut
	echo old >out
	trio 98 'cut short' env CHAT_HOME="$PWD/bob" chat-unlock -o out cut
	[ "$(cat out)" = old ]
	trio 98 'cut short' env CHAT_HOME="$PWD/bob" chat-unlock -o new cut
	[ ! -e new ]
	run ! compgen -G '.[a-z]*'
}

@test "-o: a FIFO, a device, a link, a folder, the input itself: 100" {
	local o
	echo hi >plain
	mkfifo fifo
	ln -s plain link
	mkdir folder
	lock -r bob -o sealed plain
	for o in fifo /dev/null /dev/stdout link folder folder/ none/x; do
		trio 100 "$o" env CHAT_HOME="$PWD/alice" \
			chat-lock -r bob -o $o plain
		trio 100 "$o" env CHAT_HOME="$PWD/bob" chat-unlock -o $o sealed
	done
	trio 100 'the input itself' env CHAT_HOME="$PWD/alice" \
		chat-lock -r bob -o plain plain
	trio 100 'the input itself' env CHAT_HOME="$PWD/bob" \
		chat-unlock -o sealed <sealed
	[ "$(cat plain)" = hi ]
	run ! compgen -G '.[a-z]*'
}

@test "-o: what a signal leaves" {
	local sig
	mkfifo in
	exec 5<>in
	for sig in HUP INT TERM KILL; do
		env --default-signal=HUP,INT,TERM CHAT_HOME="$PWD/alice" \
			chat-lock -r bob -o out <in 3>&- 5>&- &
		pid=$!
		wait_for 10 compgen -G '.out.*'
		kill -"$sig" "$pid"
		code "$pid"
		[ "$status" -gt 128 ]
		[ ! -e out ]
		[ $sig = KILL ] || run ! compgen -G '.out.*'
	done
	compgen -G '.out.????????'
}

@test "the old options name the new programs" {
	trio 100 '^chat-seal: .*chat-lock -r' chat-seal -r bob
	trio 100 '^chat-seal: .*chat-lock -P' chat-seal -P pass
	trio 100 '^chat-open: .*chat-unlock -P' chat-open -P pass
	trio 100 '^chat-open: .*chat-unlock -s' chat-open -s bob
	trio 100 '^chat-open: .*chat-unlock -i' chat-open -i id
}

@test "a passphrase on the terminal: three tries" {
	echo hi | chat-lock -P pass >sealed
	run "$ROOT/tests/tool/expect" 'passphrase of' 'wrong\n' 'wrong, try again' \
		'correct horse\n' -- chat-unlock -P - sealed
	echo "$output"
	[ "$status" = 0 ]
	[[ $output =~ hi ]]
}
