#!/usr/bin/env bats
# sandbox.bats - every filter has given up what it does not need by the time it
# takes a peer's bytes.  What that is, unit-seccomp and unit-landlock tell.

load ../helper

setup() {
	[ -z "${SAN-}" ] || skip 'the sanitizers need more'
	cd "$BATS_TEST_TMPDIR" || return 1
	mkfifo in
	exec 5<>in
	key='chacha20poly1305 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
}

# confined COMMAND ... - is that program, once it waits for its input?
confined() {
	"$@" <in >out 2>err 3>&- 5>&- &
	pid=$!
	wait_for 10 kept || { cat err "/proc/$pid/status"; return 1; }
	threads=$(awk '/^Threads:/ { print $2 }' "/proc/$pid/status")
	kill "$pid"
}

# Each thread is.
kept() {
	local tasks=("/proc/$pid/task"/*)
	[ "$(cat "${tasks[@]/%//status}" |
		grep -cE '^(NoNewPrivs:	1|Seccomp:	2)$')" = $((2 * ${#tasks[@]})) ]
}

@test "sandbox: frames" {
	confined chat-frame
	confined chat-frame -k ivf -m 1184
	confined chat-frame -d
}

@test "sandbox: the coder" {
	confined chat-encode
	confined chat-decode
}

@test "sandbox: lines" {
	exec 4<>in
	confined chat-text -i 4 -o 4
}

@test "sandbox: sessions" {
	confined chat-open -k 8 8< <(echo "$key")
	confined chat-seal -k 9 9< <(echo "$key")
	confined chat-open -uk 8 8< <(echo "$key")
	exec 6<>/dev/udp/127.0.0.1/9
	confined sh -c 'exec chat-seal -uk 9 >&6' 9< <(echo "$key")
}

@test "sandbox: sealed files, before their first byte" {
	home alice
	export CHAT_HOME=$PWD/alice
	confined chat-lock -r "$alice"
	[ "$(nproc)" = 1 ] || [ "$threads" = 3 ]
	confined chat-lock -r "$alice" -r "$alice" -o made
	echo secret >pass
	confined chat-lock -P pass
	confined chat-unlock -s "$alice"
	confined chat-unlock -P pass
	confined chat-unlock -o made
	echo data | chat-lock -r "$alice" | head -c -8 >sealed
	cat sealed >&5
	confined chat-unlock -s "$alice"
}

@test "sandbox: files" {
	mkdir d
	confined chat-file get -y d
	confined chat-file put d
}

@test "sandbox: files, all that is asked for is allowed" {
	command -v strace >/dev/null || skip 'no strace'
	mkdir -p there/sub
	head -c 20000000 /dev/zero | tr '\0' x >there/large
	truncate -s 5M there/holes
	ln -s sub there/link
	echo old >there/sub/file
	mkdir d
	mkfifo back
	for turn in new old; do
		strace -qqo "put.$turn" chat-file put there <back |
			strace -qqo "get.$turn" chat-file get -y d >back
		touch there/sub
	done
	diff -r there d/there
	run ! grep -E '= -1 E(NOSYS|ACCES|PERM)' put.* get.*
}
