#!/usr/bin/env bats
# chat-open: what is verified, and nothing else.

load ../helper

K='chacha20poly1305 hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo='

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	unset CHAT_PEER
}

# open [COMMAND ...] - chat-open, or the command, with the key on 8.
open() {
	[ $# -gt 0 ] || set -- chat-open -k 8
	"$@" 8< <(printf '%s\n' "$K")
}

# seal - stdin, sealed.
seal() {
	chat-seal -k 9 9< <(printf '%s\n' "$K")
}

# peak PID - the most KiB it ever had.
peak() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# records - `one`, `two` and the end, of 21, 21 and 18 bytes.
records() {
	{ printf one; wait_for 5 test -s sealed; printf two; } | seal >sealed
	[ "$(stat -c %s sealed)" = 60 ]
}

@test "cut at any byte: what was whole is there, and 98" {
	records
	for n in {0..59}; do
		run -98 --separate-stderr open < <(head -c "$n" sealed)
		want=
		[ "$n" -lt 21 ] || want=one
		[ "$n" -lt 42 ] || want=onetwo
		[ "$output" = "$want" ]
		[ "$stderr" = 'the line to the other side was cut' ]
	done
	[ "$(open <sealed)" = onetwo ]
	tries 60
}

@test "changed at any byte: what was whole before it, and 98" {
	records
	for n in {0..59}; do
		byte=$(od -An -tu1 -j"$n" -N1 sealed)
		{ head -c "$n" sealed
		printf %b "\\0$(printf %o $((byte ^ 1)))"
		tail -c +$((n + 2)) sealed; } >bad
		run -98 --separate-stderr open <bad
		want=
		[ "$n" -lt 21 ] || want=one
		[ "$n" -lt 42 ] || want=onetwo
		[ "$output" = "$want" ]
		[ "${#stderr_lines[@]}" = 1 ]
	done
	tries 60
}

@test "dropped, repeated, swapped, reflected records" {
	records
	a=(head -c 21 sealed)
	b=(sh -c 'tail -c +22 sealed | head -c 21')
	e=(tail -c 18 sealed)
	trio 98 'not authentic' open < <("${b[@]}"; "${e[@]}")
	trio 98 'not authentic' open < <("${b[@]}"; "${a[@]}"; "${e[@]}")
	trio 98 'not authentic' open < <("${e[@]}")
	run -98 --separate-stderr open < <("${a[@]}"; "${a[@]}"; "${b[@]}")
	[ "$output" = one ]
	run -98 --separate-stderr open < <("${a[@]}"; "${e[@]}")
	[ "$output" = one ]
	# After the end nothing is looked at.
	[ "$(cat sealed sealed | open)" = onetwo ]
	tries 6
}

@test "lengths that lie" {
	for head in '\0\0' '\0\017' '\0\0\0\0\0\0\0\0'; do
		trio 98 'record is malformed' open < <(printf %b "$head"; cat /dev/zero)
	done
	trio 98 '^the line to the other side was cut$' open < <(printf '\xff\xff')
	trio 98 'not authentic' open < <(printf '\xff\xff'; head -c 65535 /dev/zero)
	trio 98 'not authentic' open < <(printf '\0\x10'; cat /dev/urandom)
}

@test "another key, or the other cipher, opens nothing" {
	echo secret | seal >sealed
	K=${K/hSD/hSE}
	trio 98 'not authentic' open <sealed
	K=${K/hSE/hSD}
	K=${K/chacha20poly1305/aes256gcm}
	trio 98 'not authentic' open <sealed
}

@test "bad options and keys" {
	for args in '' -k '-k 8 more' -Z '-k 8 -P f'; do
		# shellcheck disable=SC2086
		run --separate-stderr chat-open $args </dev/null
		[ "$status" != 0 ]
		[ -z "$output" ]
		[ "$stderr" ]
		[ -z "$args" ] || [ "$status" = 100 ]
	done
	echo "$K" >file
	trio 100 'in no pipe' chat-open -k file
	trio 100 'descriptor 8 is not open' chat-open -k 8 8<&-
	trio 100 'has been used up' open sh -c 'cat <&8 >/dev/null; chat-open -k 8'
}

@test "a full disk, closed descriptors" {
	echo hi | seal >sealed
	open sh -c 'chat-open -k 8 >/dev/full' <sealed 2>err || code=$?
	[ "$code" = 111 ]
	[ "$(cat err)" = 'chat-open: stdout: No space left on device' ]
	code=0
	open sh -c 'chat-open -k 8 >&-' <sealed 2>err || code=$?
	[ "$code" = 111 ]
	code=0
	open sh -c 'chat-open -k 8 <&-' >out 2>err || code=$?
	[ "$code" = 111 ]
	[ ! -s out ]
	open sh -c 'chat-open -k 8 2>&-' <sealed >out
	[ "$(cat out)" = hi ]
}

@test "a reader that leaves ends it in silence, also while nothing comes" {
	yes | head -c 1000000 | seal >sealed
	open bash -c '{ chat-open -k 8; echo $? >code; } | head -1' <sealed >out 2>err
	[ "$(cat out code)" = "$(printf 'y\n141')" ]
	[ ! -s err ]
	mkfifo quiet
	open bash -c '{ chat-open -k 8; echo $? >code; } | true' <>quiet 2>err
	[ "$(cat code)" = 141 ]
	[ ! -s err ]
}

@test "what is verified is out before the next record comes" {
	mkfifo in
	open sh -c 'chat-open -k 8 <in' >out &
	pid=$!
	records
	exec 5>in
	head -c 21 sealed >&5
	wait_for 5 grep -q one out
	tail -c +22 sealed | head -c 20 >&5
	tail -c +42 sealed >&5
	exec 5>&-
	wait $pid
	[ "$(cat out)" = onetwo ]
}

@test "memory stays under 8 MiB" {
	! sanitized || skip 'sanitizers'
	head -c 30000000 /dev/zero | seal >sealed
	mkfifo in
	open <in >out &
	pid=$!
	exec 5>in
	head -c -1 sealed >&5
	wait_for 10 sh -c '[ "$(stat -c %s out)" -eq 30000000 ]'
	kib=$(peak $pid)
	echo "$kib KiB"
	[ "$kib" -gt 500 ]
	[ "$kib" -le 8192 ]
	tail -c 1 sealed >&5
	exec 5>&-
	wait $pid
}

@test "valgrind finds nothing" {
	command -v valgrind >/dev/null || skip 'no valgrind'
	! sanitized || skip 'sanitizers instead'
	records
	vg='valgrind -q --error-exitcode=77 --leak-check=no'
	open sh -c "$vg chat-open -k 8" <sealed >out
	[ "$(cat out)" = onetwo ]
	run -98 open sh -c "head -c 50 sealed | $vg chat-open -k 8"
	run -98 open sh -c "(head -c 30 sealed; echo) | $vg chat-open -k 8"
	run -98 open sh -c "(head -c 30 sealed; cat sealed) | $vg chat-open -k 8"
}

# feed OPTION ... - begin chat-open, of which 20 is the input: $pid, out, err.
feed() {
	mkfifo in
	open chat-open -k 8 "$@" <in >out 2>err 20>&- 21>&- &
	pid=$!
	exec 20>in
}

@test "-T: nothing for so long is 99, what came before it is there" {
	records
	feed -T 1
	head -c 21 sealed >&20
	code $pid
	[ "$status" = 99 ]
	[ "$(cat out)" = one ]
	[ "$(cat err)" = 'chat-open: nothing came from the other side for 1 s' ]
	trio 100 '^chat-open: -T 0: not a number of seconds' \
		open chat-open -k 8 -T 0
}

@test "-e: after our end three seconds without a record are 98" {
	records
	mkfifo sealer
	exec 21<>sealer
	export CHAT_PEER=alice
	feed -e 4 4<sealer
	head -c 21 sealed >&20
	wait_text out one
	kill -0 $pid # for ever, as long as ours has not been delivered
	exec 21>&-
	# A record that never gets whole is none.
	printf '\377\377abc' >&20
	code $pid
	[ "$status" = 98 ]
	[ "$(cat out)" = one ]
	[ "$(cat err)" = 'alice did not end' ]
	trio 100 '^usage: chat-open ' open chat-open -k 8 -u -e 0
	trio 100 '^chat-open: -e ' open chat-open -k 8 -e 77
}

@test "-e: each record begins the three seconds anew, its end is the end" {
	for n in 1 2 3; do
		echo $n
		read -rt 2 <> <(:) || :
	done | seal | open chat-open -k 8 -e 4 4</dev/null >out 2>err
	[ "$(xargs <out)" = '1 2 3' ]
	[ ! -s err ]
}

@test "-e, -T: time in which nobody takes the output is not the peer's" {
	mkfifo plain held
	seal <plain >sealed.all &
	pid=$!
	head -c 200000 /dev/zero >plain
	wait $pid
	# The reader begins when both would have ended it long ago.
	{
		head -c 100000 sealed.all
		wait_for 20 test -e read
		tail -c +100001 sealed.all
	} | open chat-open -k 8 -T 1 -e 4 4</dev/null 2>err | {
		read -rt 4 <> <(:) || :
		: >read
		cat >out
	}
	[ "$(stat -c %s out)" = 200000 ]
	[ ! -s err ]
}
