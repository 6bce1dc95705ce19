#!/usr/bin/env bats
# chat-unlock: what chat-lock sealed, verified, and nothing else.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	home alice
	home bob
	home eve
	knows alice bob
	knows bob alice
	echo 'correct horse' >pass
}

seal() {
	CHAT_HOME=$PWD/alice chat-lock "$@"
}

open() {
	CHAT_HOME=$PWD/bob chat-unlock "$@"
}

@test "for a key: any number of bytes, both ciphers" {
	local n a
	for a in chacha20poly1305 aes256gcm; do
		for n in 0 1 65518 65519 65520 300000; do
			head -c $n /dev/urandom >plain
			seal -a $a -r bob <plain >sealed ||
				{ [ $a = aes256gcm ] && skip 'no AES here'; }
			open <sealed | cmp - plain
		done
	done
}

@test "under a passphrase, in any chunking" {
	local a
	seq 20000 >plain
	for a in chacha20poly1305 aes256gcm; do
		seal -a $a -P pass <plain >sealed ||
			{ [ $a = aes256gcm ] && skip 'no AES here'; }
		open -P pass <sealed | cmp - plain
		head -c 3000 plain | dd bs=1 2>/dev/null |
			seal -a $a -P pass | dd bs=1 2>/dev/null |
			open -P pass | cmp - <(head -c 3000 plain)
	done
	head -c 3000 plain | dd bs=1 2>/dev/null | seal -r bob |
		dd bs=1 2>/dev/null | open | cmp - <(head -c 3000 plain)
}

@test "by a key that stands nowhere, and from oneself" {
	local key
	key=$(chat-keygen -y -f bob/id)
	echo hi | seal -r "$key" | open | grep -qx hi
	echo note | seal -r "$(chat-keygen -y -f alice/id)" |
		CHAT_HOME=$PWD/alice chat-unlock -v 2>err >out
	[ "$(cat out)" = note ]
	grep -q 'sealed by yourself' err
}

@test "who sealed it: -v says so, -s insists, strangers are refused" {
	echo hi >plain
	seal -r bob <plain >sealed
	run --separate-stderr open -v <sealed
	[ "$status" = 0 ]
	[ "$output" = hi ]
	[[ $stderr =~ sealed\ by\ alice ]]
	open -s alice <sealed | cmp - plain
	trio 98 'not by' env CHAT_HOME="$PWD/bob" chat-unlock -s "$eve" <sealed
	rm bob/peers
	trio 98 "unknown key, ${alice//+/\\+} " env CHAT_HOME="$PWD/bob" \
		chat-unlock <sealed
	open -s "$alice" <sealed | cmp - plain
}

@test "for another: 98" {
	echo hi | seal -r bob >sealed
	trio 98 'sealed for another key' env CHAT_HOME="$PWD/eve" chat-unlock \
		<sealed
}

@test "cut at every byte: 98, and only what was verified" {
	local n size
	head -c 400 /dev/urandom >plain
	seal -r bob <plain >sealed
	size=$(($(wc -c <sealed)))
	for ((n = 0; n < size; n++)); do
		head -c $n sealed >cut
		run --separate-stderr open <cut
		[ "$status" = 98 ] || { echo "$n: $status $stderr"; return 1; }
		[[ $stderr =~ cut\ short ]]
	done
	tries $size
}

@test "every byte changed: never another plaintext, never 0" {
	local n size code
	head -c 100 /dev/urandom >plain
	seal -r bob <plain >sealed
	size=$(($(wc -c <sealed)))
	for ((n = 0; n < size; n++)); do
		python3 -c 'import sys
b = bytearray(open("sealed", "rb").read())
b[int(sys.argv[1])] ^= 1
open("changed", "wb").write(b)' $n
		code=0
		open <changed >out 2>err || code=$?
		case $code in
		98 | 100) ;;
		*) echo "byte $n: $code"; return 1 ;;
		esac
		[ ! -s out ] || cmp -s out plain
	done
	tries $size
}

@test "joined, followed by something, records swapped: 98" {
	seq 30000 >plain
	seal -r bob <plain >sealed
	cat sealed sealed >two
	run --separate-stderr open <two
	[ "$status" = 98 ]
	[[ $stderr =~ follows\ the\ end ]]
	# One read of a file gives several records: swap the first two.
	python3 - <<-'P'
	b = open('sealed', 'rb').read()
	a, r = 104, []
	while a < len(b):
	    n = 2 + int.from_bytes(b[a:a + 2], 'big')
	    r.append(b[a:a + n])
	    a += n
	assert len(r) > 3
	open('swapped', 'wb').write(b[:104] + r[1] + r[0] + b''.join(r[2:]))
	open('left', 'wb').write(b[:104] + b''.join(r[1:]))
	open('other', 'wb').write(b[:104] + r[0] + r[0] + b''.join(r[1:]))
	P
	for f in swapped left other; do
		run --separate-stderr open <$f
		[ "$status" = 98 ]
		[[ $stderr =~ changed ]]
	done
}

@test "the wrong passphrase: 100; a changed file: 98" {
	echo hi | seal -P pass >sealed
	echo wrong >other
	trio 100 'wrong passphrase' chat-unlock -P other <sealed
	printf '\0' | dd of=sealed bs=1 seek=70 conv=notrunc 2>/dev/null
	trio 98 'changed' chat-unlock -P pass <sealed
}

@test "absurd costs are refused before memory is taken" {
	! sanitized || skip 'sanitizers'
	echo hi | seal -P pass >sealed
	# passes and KiB: big-endian at 24 and 28
	for n in 24 28; do
		cp sealed absurd
		printf '\377\377\377\377' |
			dd of=absurd bs=1 seek=$n conv=notrunc 2>/dev/null
		trio 98 'absurd' sh -c \
			'ulimit -v 500000; exec chat-unlock -P pass' <absurd
	done
}

@test "the wrong option for the form: 100" {
	echo hi | seal -P pass >p
	echo hi | seal -r bob >r
	trio 100 '-P passfile' env CHAT_HOME="$PWD/bob" chat-unlock <p
	trio 100 'leave out -P' chat-unlock -P pass <r
	trio 98 'not a sealed file' chat-unlock -P pass </bin/sh
	trio 98 'cut short' chat-unlock -P pass </dev/null
}

@test "usage and unusable files: 100, nothing on stdout" {
	for o in '' '-r bob -P pass' '-k 9 -r bob' '-i x -P pass' '-q -r bob' \
		'-v -r bob' '-z'; do
		# shellcheck disable=SC2086 # options
		run --separate-stderr seal $o
		[ "$status" = 100 ]
		[ -z "$output" ]
	done
	trio 100 'neither a key nor a name' env CHAT_HOME="$PWD/alice" chat-lock \
		-r nobody
	trio 100 'none' chat-lock -P none
	: >empty
	trio 100 'empty passphrase' chat-lock -P empty
	trio 100 'unknown algorithm' chat-lock -P pass -a rot13
	head -c 5000 /dev/zero | tr '\0' x >long
	trio 100 'at most' chat-lock -P long
	trio 100 'not a key to seal for|no key' env CHAT_HOME="$PWD/alice" chat-lock \
		-r AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
}

@test "a passphrase of 1,023 bytes, with its newline or without; no longer" {
	local long
	printf -v long '%01023d' 0
	echo "$long" >line
	printf %s "$long" >bare
	echo hi | chat-lock -P line >sealed
	[ "$(chat-unlock -P bare <sealed)" = hi ]
	[ "$(chat-unlock -P line <sealed)" = hi ]
	# One byte more, of any kind, is refused.
	echo >>line
	trio 100 'at most 1023' chat-unlock -P line <sealed
	printf '%01024d' 0 >line
	trio 100 'at most 1023' chat-unlock -P line <sealed
	printf '%01024d\n' 0 >line
	trio 100 'at most 1023' chat-unlock -P line <sealed
}

# vectors/sealed: a throw-away identity, its sender and sealed files, all
# made by release f4fe85e; `seq 16000` is the plaintext of several records.
@test "files that an earlier release sealed open, byte for byte" {
	local v=$ROOT/tests/vectors/sealed a from
	install -m 600 "$v/id" id
	from=$(cat "$v/sender.pub")
	mkdir none
	export CHAT_HOME=$PWD/none
	seq 16000 >many
	: >empty
	for a in chacha20poly1305 aes256gcm; do
		if [ $a = aes256gcm ]; then
			chat-lock -a $a -P pass <empty >new || skip 'no AES here'
		fi
		chat-unlock -i id -s "$from" <"$v/$a.key" >out
		cmp out "$v/plain"
		chat-unlock -i id -s "$from" <"$v/$a.key.empty" >out
		cmp out empty
		chat-unlock -i id -s "$from" <"$v/$a.key.many" >out
		cmp out many
		chat-unlock -P "$v/pass" <"$v/$a.pass" >out
		cmp out "$v/plain"
		chat-unlock -P "$v/pass" <"$v/$a.pass.empty" >out
		cmp out empty
		chat-unlock -P "$v/pass" <"$v/$a.pass.many" >out
		cmp out many
	done
}

# The file that chat-wire(5) shows, for that identity and another.
@test "a stored file for several opens, and is the one of chat-wire(5)" {
	local v=$ROOT/tests/vectors/sealed
	install -m 600 "$v/id" id
	mkdir none
	[ "$(CHAT_HOME=$PWD/none chat-unlock -i id -s "$(cat "$v/many.pub")" \
		"$v/chacha20poly1305.many")" = hi ]
	sed -n '/the 303 bytes of a file/,/^\.Ed/s/^    //p' \
		"$ROOT/man/chat-wire.5" | xxd -r -p |
		cmp - "$v/chacha20poly1305.many"
}

@test "a full disk: 111" {
	run --separate-stderr seal -r bob <<<hi >/dev/full
	echo hi | seal -r bob >sealed
	run --separate-stderr sh -c 'CHAT_HOME=bob chat-unlock <sealed >/dev/full'
	[ "$status" = 111 ]
	run --separate-stderr sh -c \
		'echo hi | CHAT_HOME=alice chat-lock -r bob >/dev/full'
	[ "$status" = 111 ]
}

@test "to a terminal: text yes, anything else no; sealed never" {
	head -c 1000 /dev/urandom >plain
	printf 'caf\303\251\n' | seal -r bob >text
	seal -r bob <plain >data
	printf 'x\033[2Jy\n' | seal -r bob >escape
	run "$ROOT/tests/tool/expect" -- sh -c 'CHAT_HOME=bob chat-unlock <text'
	[ "$status" = 0 ]
	[[ $output =~ café ]]
	for f in data escape; do
		run "$ROOT/tests/tool/expect" -- sh -c "CHAT_HOME=bob chat-unlock <$f"
		[ "$status" = 100 ]
		[[ $output =~ write\ it\ to\ a\ file ]]
	done
	run "$ROOT/tests/tool/expect" -- sh -c 'CHAT_HOME=alice chat-lock -r bob <text'
	[ "$status" = 100 ]
}

@test "memory stays small at any size" {
	! sanitized || skip 'sanitizers'
	run --separate-stderr sh -c 'head -c 200000000 /dev/zero |
		CHAT_HOME=alice command time -f %M chat-lock -r bob |
		CHAT_HOME=bob command time -f %M chat-unlock >/dev/null'
	[ "$status" = 0 ] || skip 'no time(1)'
	while read -r kib; do
		[ "$kib" -lt 16384 ]
	done <<<"$stderr"
}
