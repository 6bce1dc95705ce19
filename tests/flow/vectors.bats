#!/usr/bin/env bats
# The published test vectors, and what an earlier release has stored.

load ../helper

vectors() {
	# shellcheck disable=SC2086 # a name, and an option
	run "$ROOT/build/tests/"$1 "$ROOT/tests/vectors/$2"
	echo "$output"
	[ "$status" = 0 ] && [ "${lines[-1]}" = "$3 passed, 0 failed" ]
}

@test "noise: X, XX and XXpsk0 with both ciphers" {
	vectors noise-vectors noise.txt 6
}

@test "noise: the same by libcrypto, where it was built with it" {
	vectors 'noise-vectors -f' noise.txt 6
}

@test "noise: every changed byte of the vectors is noticed" {
	local n=0 l file=$BATS_TEST_TMPDIR/v
	while read -r l; do
		n=$((n + 1))
		case $l in
		handshake* | transport*) ;;
		*) continue ;;
		esac
		sed "$n s/.\$/x/; $n s/0x\$/1/; $n s/[1-9a-f]x\$/0/; $n s/x\$/0/" \
			"$ROOT/tests/vectors/noise.txt" >"$file"
		cmp -s "$file" "$ROOT/tests/vectors/noise.txt" && continue
		run "$ROOT/build/tests/noise-vectors" "$file"
		[ "$status" = 1 ] || { echo "line $n: $l"; return 1; }
	done <"$ROOT/tests/vectors/noise.txt"
	[ "$n" -gt 75 ]
}

@test "cpace: the draft's, others, and elements to be refused" {
	vectors cpace-vectors cpace.txt 26
}

@test "cpace: every changed value of the vectors is noticed" {
	local n=0 l to file=$BATS_TEST_TMPDIR/v
	while read -r l; do
		n=$((n + 1))
		case $l in
		vector* | reject* | '' | *\ -) continue ;;
		esac
		to=0
		[ "${l: -1}" != 0 ] || to=1
		sed "$n s/.\$/$to/" "$ROOT/tests/vectors/cpace.txt" >"$file"
		run "$ROOT/build/tests/cpace-vectors" "$file"
		[ "$status" = 1 ] || { echo "line $n: $l"; return 1; }
	done <"$ROOT/tests/vectors/cpace.txt"
	[ "$n" -gt 75 ]
	# A good element where a bad one should be; a file that is cut.
	sed -n 's/^Ya/reject/p' "$ROOT/tests/vectors/cpace.txt" >"$file"
	run "$ROOT/build/tests/cpace-vectors" "$file"
	[ "$status" = 1 ]
	[ "${lines[-1]}" = '0 passed, 8 failed' ]
	head -5 "$ROOT/tests/vectors/cpace.txt" >"$file"
	run "$ROOT/build/tests/cpace-vectors" "$file"
	[ "$status" = 1 ]
	[ "${lines[-1]}" = '0 passed, 1 failed' ]
}

# vectors/homes: two throw-away identities, made by release f4fe85e, and the
# peers it wrote when they met.  Bob's is under the passphrase hunter2, at the
# least cost, by that release's code.
@test "identities and peers that an earlier release wrote serve as they are" {
	local who homes=$ROOT/tests/vectors/homes
	cd "$BATS_TEST_TMPDIR"
	for who in alice bob; do
		mkdir -m 700 $who
		install -m 600 "$homes/$who/id" "$homes/$who/peers" $who
	done
	[ "$(chat-keygen -y -f alice/id)" = "$(cat "$homes/alice/pub")" ]
	run --separate-stderr "$ROOT/tests/tool/expect" -s screen id: 'hunter2\r' \
		-- chat-keygen -y -f bob/id
	[ "$status" = 0 ]
	[ "$output" = "$(cat "$homes/bob/pub")" ]
	# They meet again: nothing is asked but the passphrase.
	CHAT_HOME=$PWD/bob "$ROOT/tests/tool/expect" -s screen id: 'hunter2\r' \
		-- chat-net -lv -s 127.0.0.1 0 chat-handshake -n bob \
		printenv CHAT_PEER >b.out 2>b.err </dev/null 3>&- &
	pid=$!
	port=$(port b.err)
	CHAT_HOME=$PWD/alice run -0 --separate-stderr setsid -w chat-net \
		127.0.0.1 "$port" chat-handshake -p bob -n alice printenv CHAT_PEER
	[ "$output" = bob ]
	code $pid
	[ "$status" = 0 ]
	[ "$(cat b.out)" = alice ]
	for who in alice bob; do
		cmp "$homes/$who/id" $who/id
		cmp "$homes/$who/peers" $who/peers
	done
}
