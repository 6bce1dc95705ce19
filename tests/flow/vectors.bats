#!/usr/bin/env bats
# The published test vectors.

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

@test "an identity and peers of an earlier version are read, and peers written" {
	local v=$ROOT/tests/vectors/home
	cp "$v/id" "$v/peers" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	chmod 600 id peers
	export CHAT_HOME=$PWD
	[ "$(chat-keygen -y)" = "$(cat "$v/id.pub")" ]
	[ "$(chat-keygen -w bob)" = $'bob\n127.0.0.1' ]
	chat-keygen -t
	chat-keygen -R bob
	[ ! -s peers ]
	# One under a passphrase, at the least cost.
	echo 'argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$B6r6DSTUCRGyub3TYCdcHZYh5J62XWaXqvX1uNvZP3STj7d+ktj26RqVYIpyf15B' >id
	run "$ROOT/tests/tool/expect" id: 'hunter2\r' -- chat-keygen -y
	[[ $output = *hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=* ]]
}
