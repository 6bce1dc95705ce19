#!/usr/bin/env bats
# chat-speaker: what it takes, plays and refuses.

load ../helper
load ../room

setup() {
	in_room
}

@test "speaker: usage, no server, no such loudspeaker" {
	local bad
	for bad in -x operand -D; do
		# shellcheck disable=SC2086
		trio 100 'usage: chat-speaker' chat-speaker $bad
	done
	tone in.wav 1
	PULSE_SERVER=unix:/nowhere trio 100 'no sound here' chat-speaker <in.wav
	trio 100 'no loudspeaker called nix; there are: room, quiet, mouth, spk$' \
		chat-speaker -D nix <in.wav
	run script -qec chat-speaker /dev/null
	[ "$status" = 100 ]
	[[ $output == *'stdin is a terminal'* ]]
}

@test "speaker: into the room, to the last sample" {
	tone in.wav 2
	parec -d room.monitor --rate=48000 --channels=2 --format=s16le \
		--file-format=wav out.wav &
	wait_for 10 test -s out.wav
	chat-speaker -v -D spk <in.wav 2>err
	grep -q '2.00 s played' err
	kill %1
	wait %1 || :
	# The sound alone, of the right channel.
	sox out.wav heard.wav remix 2 silence 1 0.01 1% reverse \
		silence 1 0.01 1% reverse
	# A busy machine may leave a gap in it.
	n=$(soxi -s heard.wav)
	[ "$n" -gt 94000 ] && [ "$n" -lt 120000 ] || { echo "$n"; return 1; }
	above "$(level heard.wav)" 0.15
}

@test "speaker: Ogg Opus of others: stereo, other lengths, one behind another" {
	tone in.wav 1 -c 2
	opusenc --quiet in.wav a.opus
	opusenc --quiet --framesize 60 in.wav b.opus
	opusenc --quiet --framesize 2.5 in.wav c.opus
	for f in a b c; do
		chat-speaker -D - <$f.opus >out.wav
		[ "$(samples out.wav)" = 48000 ] ||
			{ echo "$f: $(samples out.wav)"; return 1; }
		above "$(level out.wav)" 0.15
	done
	cat a.opus b.opus >two.opus
	chat-speaker -D - <two.opus >out.wav
	[ "$(samples out.wav)" = 96000 ]
	sox in.wav -c 6 six.wav
	opusenc --quiet six.wav six.opus
	run -98 --separate-stderr bash -c 'chat-speaker -D - <six.opus >out.wav'
	[ "$stderr" = 'chat-speaker: the Ogg stream has 6 channels' ]
}

@test "speaker: frames, at the pace of their time" {
	tone in.wav 2
	chat-mic -d - -f frames <in.wav | chat-speaker -v -D - >out.wav 2>err
	cat err
	above "$(samples out.wav)" 90000
	sox out.wav heard.wav silence 1 0.01 1%
	above "$(level heard.wav)" 0.1
}

@test "speaker: what is malformed, empty or cut" {
	local f
	trio 98 'the stream is empty' chat-speaker </dev/null
	trio 98 'the stream was cut' chat-speaker <<<ab
	trio 98 'neither WAV nor Ogg Opus, nor frames' chat-speaker < <(
		head -c 99 /dev/zero)
	tone in.wav 1
	chat-mic -d - -f frames <in.wav | head -c 1000 >cut
	trio 98 'the frames were cut off' chat-speaker <cut
	head -c 1000 in.wav >cut
	trio 98 'the WAV stream was cut' chat-speaker <cut
}

@test "speaker: full disk" {
	tone in.wav 1
	trio 111 'stdout: No space left' \
		bash -c 'chat-speaker -D - <in.wav >/dev/full'
}

# A sound file has what has been written to it by the time of its samples.
@test "speaker: CHAT_SOUND stands in for the server" {
	export CHAT_SOUND='exec cat >heard.raw' PULSE_SERVER=unix:/nowhere
	tone in.wav 1
	chat-speaker <in.wav
	sox -t raw -r 48000 -c 1 -b 16 -e signed heard.raw heard.wav \
		silence 1 0.001 0.1% reverse silence 1 0.001 0.1% reverse
	n=$(soxi -s heard.wav)
	[ "$n" -gt 47800 ]
	[ "$n" -le 48000 ]
}
