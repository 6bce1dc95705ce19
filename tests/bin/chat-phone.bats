#!/usr/bin/env bats
# chat-phone: one side of a call, its devices, and what the other side may do.

load ../helper
load ../room

setup() {
	needs_sound
	cd "$BATS_TEST_TMPDIR" || return
	couple
	unset CHAT_SOUND
	port=
}

teardown() {
	local left
	left=$(jobs -p)
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$left" ] || kill $left 2>/dev/null || :
	rooms_end "$BATS_TEST_TMPDIR"
}

# side WHO OPTIONS [chat-call's ...] - one side of a call.
side() {
	local who=$1 phone="chat-phone -v $2"
	shift 2
	CHAT_HOME=$PWD/$who chat-call -u -n "$who" "$@" chat-join -Lb \
		-r a="$phone" chat-text -cq -i 3 -o 5 </dev/null 2>"$who.err" 3>&- &
	echo $! >"$who.pid"
}

# call A-OPTIONS B-OPTIONS - alice calls bob.
call() {
	side bob "$2" -lv -s 127.0.0.1 0
	port=$(port bob.err)
	side alice "$1" 127.0.0.1 "$port"
	wait_text alice.err 'connected to bob'
}

# phone WHO - the number of its chat-phone.
phone() {
	member "$(cat "$1.pid")" chat-phone | head -1
}

# over - alice hangs up, and both sides end well.
over() {
	kill "$(member "$(cat alice.pid)" chat-text)"
	code "$(cat alice.pid)"
	[ "$status" = 0 ] || { echo "$status"; cat alice.err; return 1; }
	code "$(cat bob.pid)"
	[ "$status" = 0 ] || { echo "$status"; cat bob.err; return 1; }
	run ! grep -E 'ERROR: |runtime error|cut off' alice.err bob.err
}

@test "phone: usage" {
	local bad
	for bad in -x operand "-b 11" "-b 65" "-RS" "-y 99" "-y x"; do
		# shellcheck disable=SC2086
		trio 100 'usage: chat-phone|not a number of|descriptor' \
			chat-phone $bad || { echo "for: $bad"; return 1; }
	done
}

@test "phone: no server; no such device" {
	PULSE_SERVER=unix:/nowhere trio 100 \
		'^chat-phone: no sound here: is PulseAudio or PipeWire running\? \(CHAT_SOUND\)$' \
		chat-phone < <(sleep 5)
	PULSE_SERVER=unix:/nowhere trio 100 'no sound here' chat-phone -L
	room "$PWD/room"
	trio 100 'no microphone called nix; there are: mic, quietmic$' \
		chat-phone -d nix < <(sleep 5)
	trio 100 'no loudspeaker called nix; there are: room, quiet, mouth, spk$' \
		chat-phone -D nix < <(sleep 5)
}

@test "phone: -L lists what there is" {
	room "$PWD/room"
	run --separate-stderr chat-phone -L
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 6 ]
	grep -qE '^microphone  \* mic ' <<<"$output"
	grep -qE '^loudspeaker \* spk ' <<<"$output"
}

@test "phone: what alice says bob hears; mute; -v" {
	room "$PWD/room"
	tone said.wav 60
	paplay -d mouth said.wav &
	call '-EN -d mic -D quiet' '-EN -d quietmic -D spk'
	wait_for 30 hears 2
	kill -USR1 "$(phone alice)"
	wait_text alice.err '^muted$'
	wait_text bob.err '^alice is muted$'
	wait_for 30 silent 2
	kill -QUIT "$(phone alice)"
	wait_text alice.err '^the microphone is on$'
	wait_text bob.err '^alice can be heard again$'
	wait_for 30 hears 2
	over
	grep -qE 'chat-phone: [1-9][0-9]* messages sent.* 0 lost, 0 malformed' \
		alice.err
	grep -qE 'chat-phone: [1-9][0-9]* slots played' bob.err
}

@test "phone: nothing is sent before the other side is there" {
	export CHAT_SOUND='ffmpeg -v error -re -f lavfi -i sine=440:r=48000:d=60 \
		-f s16le -'
	run -98 --separate-stderr bash -c 'sleep 2 | chat-phone -q >frames'
	# Messages of 8 bytes: no coded frames.
	[ "$(($(stat -c %s frames) % 32))" = 0 ]
	[ "$(stat -c %s frames)" -gt 160 ]
}

@test "phone: the server ends, and comes back" {
	room "$PWD/room"
	call '-d mic -D quiet' '-d quietmic -D spk'
	wait_for 20 streams source-outputs 2
	wait_for 20 streams sink-inputs 2
	kill "$(cat room/pid)"
	wait_text alice.err 'the microphone is gone: waiting for one'
	wait_text alice.err 'the loudspeaker is gone: waiting for one'
	rm -f room/native
	room "$PWD/room"
	wait_text alice.err 'the microphone is back' 20
	wait_text alice.err 'the loudspeaker is back' 20
	wait_text bob.err 'the loudspeaker is back' 20
	over
}

@test "phone: the microphone is unplugged, and plugged in again" {
	room "$PWD/room"
	call '-d mic -D quiet' '-R -D spk'
	wait_for 20 streams source-outputs 1
	pactl unload-module "$(pactl list short modules |
		awk '/source_name=quietmic / { print $1 }')"
	module=$(pactl list short modules | awk '/source_name=mic / { print $1 }')
	pactl unload-module "$module"
	wait_text alice.err 'the microphone is gone: waiting for one'
	run ! grep -q 'loudspeaker is gone' alice.err
	pactl load-module module-remap-source source_name=mic \
		master=room.monitor channels=1 master_channel_map=front-left \
		channel_map=mono remix=no
	wait_text alice.err 'the microphone is back' 20
	over
}

@test "phone: no microphone: this side only listens" {
	room "$PWD/room"
	for m in mic quietmic; do
		pactl unload-module "$(pactl list short modules |
			awk -v m="source_name=$m" '$0 ~ m " " { print $1 }')"
	done
	call '-D quiet' '-D spk'
	wait_text alice.err 'no microphone: this side only listens'
	wait_text bob.err '^alice is muted$'
	over
}

@test "phone: slots, frames and packets from anywhere" {
	CHAT_SOUND='cat >heard.raw & exec ffmpeg -v error -re -f lavfi \
		-i sine=440:r=48000:d=60 -f s16le -'
	export CHAT_SOUND
	python3 - >evil <<'PYTHON'
import random, struct, sys
random.seed(4)
out = sys.stdout.buffer
def frame(kind, n, payload):
    return struct.pack('>cBHIHHIQ', kind, 0, len(payload), n & 0xffffffff, 0,
                       1, 0, random.getrandbits(63)) + payload
# Opus packets: 20 ms in every mode, other lengths, stereo, noise.
def packet():
    return bytes([random.randrange(256)]) + random.randbytes(random.randrange(60))
n = 0
for i in range(20000):
    n += random.choice([1, 1, 1, 5, 200, -3, 1 << 31])
    slot = random.choice([i, i, i, i + 500, random.getrandbits(32)])
    body, back = struct.pack('>IBBBB', slot & 0xffffffff, random.getrandbits(8),
                             random.randrange(130), random.randrange(66), 0), 0
    for _ in range(random.randrange(5)):
        p = packet()
        body += struct.pack('>BH', back, len(p)) + p
        back += random.randrange(1, 9)
    if random.random() < .1:
        body = random.randbytes(random.randrange(1165))
    out.write(frame(random.choice([b'a', b'a', b'a', b't', b'j']), n, body[:1164]))
out.write(frame(b'e', 0, b''))
PYTHON
	run --separate-stderr bash -c \
		'{ for i in {1..40}; do head -c 40000; sleep 0.1; done; cat; } <evil |
		chat-phone -v >sent'
	[ "$status" = 0 ] || { echo "$status $stderr"; return 1; }
	[[ $stderr =~ ' '[1-9][0-9]*' malformed' ]]
	# What is no frame at all, and what ends without e.
	run -98 --separate-stderr bash -c 'head -c 99 /dev/zero | chat-phone >sent'
	[ "$stderr" = 'chat-phone: stdin has no frames' ]
	run -98 --separate-stderr bash -c 'chat-phone </dev/null >sent'
	[ "$stderr" = 'chat-phone: the frames were cut off' ]
}
