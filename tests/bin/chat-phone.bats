#!/usr/bin/env bats
# chat-phone: one side of a call, its devices, and what the other side may do.

load ../helper
load ../room

# The last test asks what became of this one, which takes a minute.
setup_file() {
	command -v pulseaudio sox >/dev/null || return 0
	[ -x "$ROOT/bin/chat-phone" ] || return 0
	cd "$BATS_FILE_TMPDIR" || return
	room "$PWD/lonely"
	{
		code=0
		sleep 100 | chat-phone >lonely.out 2>lonely.err || code=$?
		echo "$code" >lonely.code
	} 3>&- &
	wait_for 10 streams source-outputs 1
	wait_for 10 streams sink-inputs 1
	rooms_end .
}

setup() {
	in_room
	couple
	port=
}

teardown() {
	jobs_end
	rooms_end "$BATS_TEST_TMPDIR"
}

# side WHO OPTIONS [chat-call's ...] - one side of a call.
side() {
	runs "$1" "chat-phone -v $2" "${@:3}"
}

# runs WHO COMMAND [chat-call's ...] - the same, with that command for the sound.
runs() {
	local who=$1 phone=$2
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

# plugged_out KIND NAME - that sink or source (sink_name, source_name) goes.
plugged_out() {
	pactl unload-module "$(pactl list short modules |
		awk -v m="$1=$2" '{ for (i = 1; i <= NF; i++) if ($i == m) print $1 }')"
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
	rooms_end .
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
	plugged_out source_name quietmic
	plugged_out source_name mic
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
	plugged_out source_name mic
	plugged_out source_name quietmic
	call '-D quiet' '-D spk'
	wait_text alice.err 'no microphone: this side only listens'
	wait_text bob.err '^alice is muted$'
	over
}

@test "phone: the loudspeaker is unplugged, and plugged in again" {
	room "$PWD/room"
	PULSE_SERVER=unix:/nowhere CHAT_SOUND='sleep 60' side alice -S -lv \
		-s 127.0.0.1 0
	port=$(port alice.err)
	side bob '-R -D spk' 127.0.0.1 "$port"
	wait_for 20 streams sink-inputs 1
	# While there is another, the server moves the stream there.
	for sink in mouth quiet room; do plugged_out sink_name $sink; done
	wait_text bob.err 'the loudspeaker is gone: waiting for one'
	wait_text alice.err '^bob hears nothing: no loudspeaker is there$'
	pactl load-module module-null-sink sink_name=spk
	wait_text bob.err 'the loudspeaker is back' 20
	over
}

@test "phone: no loudspeaker: this side only speaks" {
	local there
	room "$PWD/room"
	there=$PULSE_SERVER
	room "$PWD/deaf"
	pactl load-module module-null-source source_name=lone
	pactl unload-module module-remap-source
	pactl unload-module module-remap-sink
	pactl unload-module module-null-sink
	PULSE_SERVER=$there side bob '-D spk' -lv -s 127.0.0.1 0
	port=$(port bob.err)
	side alice '' 127.0.0.1 "$port"
	wait_text alice.err 'no loudspeaker: this side only speaks'
	wait_text bob.err '^alice hears nothing: no loudspeaker is there$'
	over
}

# stream WHAT DEVICE - the number of the program's stream at that device.
stream() {
	local kind=sinks
	[ "$1" = sink-inputs ] || kind=sources
	pactl list short "$1" | awk -v d="$(pactl list short $kind |
		awk -v n="$2" '$2 == n { print $1 }')" '$2 == d && /native/ { print $1 }'
}

@test "phone: the server moves the streams" {
	room "$PWD/room"
	tone said.wav 60
	paplay -d mouth said.wav &
	call '-EN -d mic -D quiet' '-EN -d quietmic -D spk'
	wait_for 30 hears 2
	moved=$(stream sink-inputs spk)
	# Not to quiet: alice plays there what bob records there, so that a sound
	# would go round for ever.
	pactl load-module module-null-sink sink_name=nowhere
	pactl move-sink-input "$moved" nowhere
	wait_for 30 silent 2
	pactl move-sink-input "$moved" spk
	wait_for 30 hears 2
	moved=$(stream source-outputs mic)
	pactl move-source-output "$moved" quietmic
	wait_for 30 silent 2
	pactl move-source-output "$moved" mic
	wait_for 30 hears 2
	over
	run ! grep -E 'is gone|is back|here now' alice.err bob.err
}

@test "phone: other rates and channels" {
	local how
	room "$PWD/room"
	tone said.wav 60
	for how in 'rate=44100 channels=2' 'rate=96000 channels=6'; do
		# shellcheck disable=SC2086 # two words
		pactl load-module module-null-sink sink_name=there $how
		# shellcheck disable=SC2086
		pactl load-module module-null-sink sink_name=here $how
		paplay -d here said.wav &
		player=$!
		call '-EN -d here.monitor -D quiet' '-EN -d quietmic -D there'
		wait_for 30 sounds there.monitor
		over
		kill $player
		plugged_out sink_name there
		plugged_out sink_name here
	done
}

# sounds SOURCE
sounds() {
	timeout 1 parec -d "$1" --rate=48000 --channels=1 --format=s16le \
		--file-format=wav sounds.wav || :
	above "$(level sounds.wav)" 0.02
}

# waits_for_spk - how much of the program's sound does the server hold, in us?
waits_for_spk() {
	pactl list sink-inputs | awk -v n="#$(stream sink-inputs spk)" '
		/^Sink Input/ { mine = $3 == n }
		mine && /Buffer Latency/ { print $3 }'
}

# buffered US - is it at times more?
buffered() {
	for _ in {1..20}; do
		[ "$(waits_for_spk)" -lt "$1" ] || return 0
	done
	return 1
}

@test "phone: underruns: more is buffered" {
	local pid
	room "$PWD/room"
	call '-EN -d mic -D quiet' '-EN -d quietmic -D spk'
	wait_for 20 streams sink-inputs 2
	# It does not answer the server in time, again and again.
	pid=$(phone bob)
	for _ in {1..12}; do
		kill -STOP "$pid"
		sleep 0.2
		kill -CONT "$pid"
		sleep 0.1
	done
	wait_for 20 buffered 13000
	over
}

@test "phone: slots, frames and packets from anywhere" {
	CHAT_SOUND='cat >heard.raw & exec ffmpeg -v error -re -f lavfi \
		-i sine=440:r=48000:d=60 -f s16le -'
	export CHAT_SOUND
	"$ROOT/tests/tool/evil-voice" aaatj 0 >evil
	# What a stream of frames ends with.
	printf 'e\0\0\0\0\0\0\0\0\0\0\1' >>evil
	head -c 12 /dev/zero >>evil
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

# It is still there for an honest one.
@test "phone: an evil peer in a real call" {
	room "$PWD/room"
	tone said.wav 90
	paplay -d mouth said.wav &
	side bob '-EN -d mic -D quiet' -lv -s 127.0.0.1 0
	port=$(port bob.err)
	runs alice "timeout 5 $ROOT/tests/tool/evil-voice a 0.001
		exec chat-phone -EN -d quietmic -D spk" 127.0.0.1 "$port"
	all_run "$(cat bob.pid)" chat-phone
	wait_for 60 member "$(cat alice.pid)" chat-phone
	# What is told of a peer does not fill a terminal.
	[ "$(grep -c '^alice ' bob.err)" -lt 40 ]
	wait_for 60 hears 2
	over
	grep -qE 'chat-phone: .* [1-9][0-9]* malformed' bob.err
	run ! grep -E 'overflow|Sanitizer' bob.err
}

# another WHO PID - does its chat-phone have another number?
another() {
	local now
	now=$(phone "$1") && [ "$now" ] && [ "$now" != "$2" ]
}

@test "phone: the other side's numbers begin anew" {
	local first
	room "$PWD/room"
	tone said.wav 90
	paplay -d mouth said.wav &
	side bob '-EN -d quietmic -D spk' -lv -s 127.0.0.1 0
	port=$(port bob.err)
	runs alice 'timeout 6 chat-phone -EN -d mic -D quiet
		exec chat-phone -EN -d mic -D quiet' 127.0.0.1 "$port"
	wait_for 20 member "$(cat alice.pid)" chat-phone
	first=$(phone alice)
	wait_for 30 hears 2
	wait_for 30 another alice "$first"
	wait_for 30 hears 2
	# The first time there may be a rest of what was before.
	wait_for 30 hears 2
	over
	grep -qE 'chat-phone: .* 0 malformed' bob.err
}

# See setup_file.
@test "phone: both devices are gone for a minute" {
	cd "$BATS_FILE_TMPDIR" || return
	wait_for 90 test -s lonely.code
	[ "$(cat lonely.code)" = 111 ]
	[ "$(tail -1 lonely.err)" = 'chat-phone: no device came back' ]
	grep -q 'the microphone is gone: waiting for one' lonely.err
	grep -q 'the loudspeaker is gone: waiting for one' lonely.err
}
