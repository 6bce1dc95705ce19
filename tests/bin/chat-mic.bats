#!/usr/bin/env bats
# chat-mic: what it takes, writes and refuses.

load ../helper
load ../room

setup() {
	in_room
}

@test "mic: usage" {
	local bad
	for bad in -x operand "-b 11" "-b 65" "-b x" "-f mp3" "-f" "-n 0" \
		"-n 1.5" "-n 86401"; do
		# shellcheck disable=SC2086
		trio 100 'usage: chat-mic|not a number of|not ogg, wav or frames' \
			chat-mic $bad || { echo "for: $bad"; return 1; }
	done
	run script -qec 'chat-mic -n 1' /dev/null
	[ "$status" = 100 ]
	[[ $output == *'stdout is a terminal'* ]]
}

@test "mic: no server, no such microphone" {
	PULSE_SERVER=unix:/nowhere trio 100 \
		'^chat-mic: no sound here: is PulseAudio or PipeWire running\? \(CHAT_SOUND\)$' \
		chat-mic -n 1 -f frames
	trio 100 '^chat-mic: no microphone called nix; there are: mic, quietmic$' \
		chat-mic -d nix -n 1 -f frames
}

@test "mic: what is said in the room is heard, so many seconds of it" {
	tone said.wav 8
	paplay -d mouth said.wav &
	wait_for 10 streams sink-inputs 1
	chat-mic -d mic -n 2 >out.wav
	kill %1
	[ "$(samples out.wav)" = 96000 ]
	above "$(level out.wav)" 0.1
	[ "$(soxi -r out.wav)$(soxi -c out.wav)" = 480001 ]
}

@test "mic: Ogg has exactly the samples of the WAV" {
	local n
	for n in 1 960 961 47999 48000; do
		sox -n -r 48000 -b 16 -c 1 in.wav synth ${n}s sine 440 vol 0.3
		chat-mic -d - -f ogg <in.wav >out.opus
		opusdec --quiet out.opus back.wav
		[ "$(soxi -s back.wav)" = $n ] || { soxi -s back.wav; return 1; }
		chat-speaker -D - <out.opus >ours.wav
		[ "$(samples ours.wav)" = $n ] || { echo "$n"; return 1; }
	done
	above "$(level back.wav)" 0.15
}

@test "mic: files of other kinds" {
	local how
	for how in "-r 44100 -c 2" "-r 8000" "-r 96000 -b 24" "-b 32 -e float" \
		"-b 8 -e unsigned -r 16000" "-c 6 -b 24" "-b 64 -e float"; do
		# shellcheck disable=SC2086
		tone in.wav 1 $how
		chat-mic -d - <in.wav >out.wav
		n=$(samples out.wav)
		[ "$n" -ge 47900 ] && [ "$n" -le 48100 ] ||
			{ echo "$how: $n"; return 1; }
		above "$(level out.wav)" 0.15 || { echo "$how"; return 1; }
	done
	ffmpeg -v error -f lavfi -i sine=440:duration=1 -f wav - |
		chat-mic -d - >out.wav
	above "$(samples out.wav)" 47900
}

@test "mic: what is damaged, cut or none of both" {
	tone in.wav 1
	chat-mic -d - -f ogg <in.wav >in.opus
	trio 98 'the stream is empty' chat-mic -d - -f frames </dev/null
	trio 98 'neither WAV nor Ogg Opus' chat-mic -d - -f frames <<<'hello'
	head -c 40 in.wav >cut
	trio 98 'the WAV stream was cut' chat-mic -d - -f frames <cut
	head -c 20 in.opus >cut
	trio 98 'the Ogg stream was cut' chat-mic -d - -f frames <cut
	ffmpeg -v error -i in.wav -c:a flac -f ogg other.ogg
	trio 98 'the Ogg stream is not Opus' chat-mic -d - -f frames <other.ogg
	head -c 2000 in.opus >cut
	run -98 --separate-stderr bash -c 'chat-mic -d - <cut >out.wav'
	[ "$stderr" = 'chat-mic: the Ogg stream was cut' ]
	# The streams differ: the byte may be an X itself, or a length.
	for byte in X Y; do
		{ head -c 1000 in.opus; printf $byte; tail -c +1002 in.opus; } >cut
		cmp -s in.opus cut || break
	done
	run -98 --separate-stderr bash -c 'chat-mic -d - <cut >out.wav'
	[[ $stderr =~ 'the Ogg stream '(is damaged|has a gap|was cut)$ ]]
}

@test "mic: frames, and their end" {
	tone in.wav 1
	chat-mic -d - -f frames <in.wav >frames
	[ "$(head -c 1 frames)" = a ]
	[ "$(tail -c 24 frames | head -c 12 | xxd -p)" = 650000000000000000000001 ]
	# 50 slots one after the other, each with its own frame alone.
	python3 - frames <<'PYTHON'
import struct, sys
f, n = open(sys.argv[1], 'rb').read(), 0
while f[:1] == b'a':
    size, number = struct.unpack('>HI', f[2:8])
    slot, flags, lost, runs, zero, back, coded = struct.unpack('>IBBBBBH', f[24:35])
    assert (number, slot, flags, lost, runs, zero, back) == (n, n, 0, 0, 0, 0, 0)
    assert coded == size - 11
    f, n = f[24 + size:], n + 1
assert f[:1] == b'e' and n == 50, n
PYTHON
}

@test "mic: a reader that leaves ends it" {
	run --separate-stderr bash -c \
		'chat-mic -d mic | head -c 9999 | wc -c; echo ${PIPESTATUS[0]}'
	[ "$output" = $'9999\n141' ]
	[ -z "$stderr" ]
	trio 111 'stdout: No space left' bash -c 'chat-mic -d mic -n 1 >/dev/full'
}

@test "mic: CHAT_SOUND stands in for the server" {
	export CHAT_SOUND='ffmpeg -v error -re -f lavfi -i sine=440:r=48000:d=9 \
		-f s16le -' PULSE_SERVER=unix:/nowhere
	chat-mic -n 1 >out.wav
	[ "$(samples out.wav)" = 48000 ]
	above "$(level out.wav)" 0.05
	CHAT_SOUND=true trio 111 'chat-mic: CHAT_SOUND has ended' chat-mic -f frames
}
