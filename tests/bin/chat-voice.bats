#!/usr/bin/env bats
# chat-voice: two people at terminals speak, and type.

load ../helper
load ../terminal
load ../room

setup() {
	in_room
	couple
	unset TMUX
	with='' # variables before the command
}

# waits WHO [OPTION ...] - WHO waits at a terminal; the port in $p.
waits() {
	local who=$1
	shift
	at "$who" "$with chat-voice -lv -n $who -s 127.0.0.1 $* 0"
	at_port "$who"
}

# calls OPTION ... - alice calls bob.
calls() {
	at alice "$with chat-voice -v -n alice $* 127.0.0.1 $p"
	sees bob 'alice calls: voice. Answer\? \[y/N\]'
	key bob y Enter
	sees alice 'connected to bob'
}

@test "voice: said here, heard there; typed; muted; ^D hangs up" {
	tone said.wav 90
	paplay -d mouth said.wav &
	waits bob -E -d quietmic -D spk
	calls -E -d mic -D quiet
	sees alice '^\^\\ mutes, \^D hangs up'
	wait_for 20 hears 2
	key alice 'good day' Enter
	sees bob 'alice: good day'
	key bob 'to you too' Enter
	sees alice 'bob: to you too'
	key alice 'C-\'
	sees alice '^muted'
	sees bob '^alice is muted'
	key bob 'C-\'
	sees alice '^bob is muted'
	key alice 'C-\'
	sees alice '^the microphone is on'
	sees bob '^alice can be heard again'
	key alice C-d
	sees alice 'code 0'
	sees alice 'terminal fine'
	sees bob '^alice hung up'
	sees bob 'code 0'
	sees bob 'terminal fine'
	screen bob | grep -qE 'chat-phone: [1-9][0-9]* slots played'
}

@test "voice: ^C hangs up" {
	waits bob -d quietmic -D spk
	calls -d mic -D quiet
	sees alice '^\^\\ mutes, \^D hangs up'
	sees bob '^\^\\ mutes, \^D hangs up'
	key bob C-c
	sees bob 'code 130'
	sees alice '^bob hung up'
	sees alice 'code 0'
}

@test "voice: begins muted; the other side stays" {
	waits bob -M -d quietmic -D spk
	calls -d mic -D quiet
	sees bob '^muted'
	sees alice '^bob is muted'
	key alice C-d
	sees bob 'code 0'
}

@test "voice: what cannot be is said" {
	export CHAT_HOME=$PWD/alice
	trio 100 usage chat-voice
	trio 100 usage chat-voice -RS host
	trio 100 usage chat-voice -l 1 2
	trio 100 usage chat-voice -x
	trio 100 '^chat-phone: no microphone called nix; there are: mic, quietmic$' \
		chat-voice -d nix host
	trio 100 '^chat-phone: no loudspeaker called nix; there are: room, ' \
		chat-voice -D nix host
	trio 100 '^chat-phone: -b 1: not a number of kbit/s' chat-voice -b 1 host
	PULSE_SERVER=unix:/nowhere trio 100 \
		'^chat-phone: no sound here: is PulseAudio or PipeWire running\?' \
		chat-voice host
	PULSE_SERVER=unix:/nowhere trio 100 '^chat-phone: no sound here' \
		chat-voice -ly
	trio 100 'no terminal to answer calls at: -y answers at once$' \
		chat-voice -l
}

@test "voice: other sound in place of the server's" {
	with="CHAT_SOUND='exec cat >b.raw' PULSE_SERVER=unix:/nowhere"
	waits bob
	with="CHAT_SOUND='ffmpeg -v error -re -f lavfi -i \\
		sine=440:r=48000:d=60 -f s16le - & exec cat >a.raw' \
		PULSE_SERVER=unix:/nowhere"
	calls
	wait_for 60 loud b.raw
	key alice C-d
	sees alice 'code 0'
	sees bob 'code 0'
}

# loud FILE - is there sound in these raw samples?
loud() {
	sox -t raw -r 48000 -c 1 -b 16 -e signed "$1" raw.wav trim -1
	above "$(level raw.wav)" 0.02
}
