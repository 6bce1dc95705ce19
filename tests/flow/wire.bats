#!/usr/bin/env bats
# The examples of chat-wire(5), given to the programs.

load ../helper

# shown NAME - the bytes of that example, without its annotations.
shown() {
	local text
	text=$(sed -n '/^\.\\" '"$1"'$/,/^\.\\" end of '"$1"'$/p' \
		"$ROOT/man/chat-wire.5" | grep -v '^\.' |
		sed 's/^ *//; s/   *.*//; s/ //g')
	[ "$text" ] || return 1
	xxd -r -p <<<"$text"
}

# key - the session key of the page's examples, in the FIFO `key`.
key() {
	sed -n '/^chacha20poly1305 /p' "$ROOT/man/chat-wire.5" >line
	[ "$(wc -l <line)" = 1 ]
	rm -f key
	mkfifo key
	cat line >key 3>&- &
}

# vectors PROGRAM FILE - it has one vector, which holds.
vectors() {
	run "$ROOT/build/tests/$1" "$2"
	echo "$output"
	[ "$status" = 0 ] && [ "${lines[-1]}" = '1 passed, 0 failed' ]
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the handshake: three messages of Noise and two verdicts" {
	local all
	shown handshake >/dev/null || return 1
	# shellcheck disable=SC2207 # lines of digits
	all=($(sed -n '/^\.\\" handshake$/,/^\.\\" end of handshake$/p' \
		"$ROOT/man/chat-wire.5" | sed -n 's/^    //p' | tr -d ' '))
	[ "${all[0]}${all[3]}" = 6368617431030001 ]
	[ "${all[1]} ${all[4]} ${all[8]} ${all[11]} ${all[13]}" = \
		'0020 0060 0040 0019 001b' ]
	cat >noise <<-EOF
	protocol Noise_XX_25519_ChaChaPoly_SHA256
	init_prologue ${all[0]}${all[3]}
	init_static $(printf %02x {1..32})
	init_ephemeral $(printf %02x {129..160})
	resp_static $(printf %02x {65..96})
	resp_ephemeral $(printf %02x {193..224})
	handshake_hash 21d189f4d51b24d6c7d9f97fc3760f01b41c68e0523132346494ca930f608f82
	handshake init - ${all[2]}
	handshake resp - ${all[5]}${all[6]}${all[7]}
	handshake init - ${all[9]}${all[10]}
	transport init $(printf '\1\4talkbob' | xxd -p) ${all[12]}
	transport resp $(printf '\1\4talkalice' | xxd -p) ${all[14]}
	EOF
	vectors noise-vectors noise
}

@test "CPace" {
	{
		echo vector page
		sed -n '/^\.\\" cpace$/,/^\.\\" end of cpace$/p' \
			"$ROOT/man/chat-wire.5" | grep -v '^\.' |
			sed ':a; N; $!ba; s/\n  *//g'
	} >cpace
	[ "$(sed -n 's/^PRS //p' cpace | xxd -r -p)" = adult-maritime-kiwi ]
	vectors cpace-vectors cpace
}

@test "stream records: what is sealed, and that it opens" {
	shown stream >records
	key
	printf 'hi\n' | chat-seal -k key | cmp - records
	key
	[ "$(chat-open -k key <records)" = hi ]
}

@test "datagram records open, to the frame that stands elsewhere" {
	shown datagrams >both
	shown lone >frame
	[ "$(wc -c <both)" = 72 ]
	key
	udp=u listener sh -c 'exec chat-open -uk key <&6'
	exec 4>"/dev/udp/127.0.0.1/$port"
	head -c 24 both >&4
	tail -c 48 both >&4
	exec 4>&-
	wait "$pid"
	cmp out frame
}

@test "frames and text: a line, and the end" {
	shown frames >frames
	[ "$(chat-frame -d -t '%F %T' -n bob <frames)" = \
		'2025-11-27 00:00:00 bob: hi' ]
	shown lone >lone
	[ -z "$(chat-frame -d -m 1184 <lone)" ]
	# The same line by chat-text.
	chat-text -i 4 -o 5 -t %T -n bob <frames >ours 2>err 4</dev/null 5>lines
	[ "$(cat lines)" = '00:00:00 bob: hi' ]
}

@test "link: packets are taken, answered, and end as shown" {
	shown link >packets
	[ "$(wc -c <packets)" = 261 ]
	mkfifo net program
	exec 8<>net 9<>program
	CHAT_PEER=alice chat-link -i 9 -o t=4 -o i=5 -o a=6 <net \
		>sent 2>err 3>&- 4>text 5>pictures 6>sound 8>&- &
	pid=$!
	cat packets >&8
	wait_for 10 test -s sound
	wait_for 10 test -s pictures
	wait_for 10 test -s text
	shown frames | head -c 27 | cmp - text
	[ "$(xxd -p pictures)" = \
		69010003000000000000000100000000"$(shown frames | head -c 24 |
			tail -c 8 | xxd -p)"010203 ]
	[ "$(tail -c 18 sound | xxd -p)" = \
		01020304011a0d00000003aabbcc050001dd ]
	# Its A, but for the times, and its W are the page's.
	shown answer | xxd -p | tr -d '\n' >answer.hex
	[ "$(wc -c <answer.hex)" = 120 ]
	has() {
		xxd -p sent | tr -d '\n' | grep -qE \
			"$(cut -c57-68 answer.hex).{12}$(cut -c81-92 answer.hex)"
	}
	wait_for 10 has
	xxd -p sent | tr -d '\n' | grep -q "$(cut -c93- answer.hex)"
	shown closing >&8
	code "$pid"
	[ "$status" = 98 ]
	[ "$(cat err)" = 'alice broke off the conversation' ]
}

@test "files: a file, its offer, its receipt" {
	mkdir there
	shown put >put
	shown get >get
	chat-file get -yq there <put | cmp - get
	[ "$(cat there/a)" = hi ]
	[ "$(stat -c '%a %Y' there/a)" = '644 1764201600' ]
	# The side that puts writes just these bytes.
	mkfifo to from
	chat-file get -yq there <to 3>&- | tee came >from 3>&- &
	mkdir new
	mv there/a new/a
	chat-file put -q new/a <from | tee to | cmp - put
	wait
	cmp came get
}

@test "pictures: the lines of a raw one, and the header of a coded one" {
	command -v chat-encode >/dev/null || skip 'not built'
	shown ivf >head
	[ "$(wc -c <head)" = 32 ]
	{
		sed -n '/^\.Dl \(YUV4MPEG2\|FRAME\)/s/^\.Dl //p' \
			"$ROOT/man/chat-wire.5"
		head -c $((640 * 480 * 3 / 2)) /dev/zero
	} >raw
	chat-encode <raw >coded
	head -c 32 coded | cmp - head
	# The picture's time is XT's.
	[ "$(od -An -tu8 -j36 -N8 coded)" -eq 1763860996017123 ]
}

@test "meeting: the question for a free room" {
	chat-relay 0 2>err 3>&- </dev/null &
	pid=$!
	port=$(port err)
	exec 4<>"/dev/tcp/127.0.0.1/$port"
	shown join >&4
	shown free >want
	head -c 3 <&4 | cmp - want
	exec 4>&-
	kill "$pid"
}

@test "words of a key" {
	local text
	text=$(sed -n '/^\.\\" words$/,/^\.\\" end of words$/p' \
		"$ROOT/man/chat-wire.5" | grep -v '^\.' | paste -sd ' ')
	[ "$(chat-keygen -l "${text%% *}")" = "${text#* }" ]
	grep -o 'cGhz[^,]*=' "$ROOT/man/chat-wire.5" >id
	chmod 600 id
	[ "$(chat-keygen -y -f id)" = "${text%% *}" ]
}
