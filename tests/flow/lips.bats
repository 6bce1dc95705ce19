#!/usr/bin/env bats
# lips.bats - sound in chat-video, and pictures that wait for it.

load ../helper
load ../window
load ../room

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	windows
	room "$BATS_FILE_TMPDIR/room"
}

teardown_file() {
	sessions_end "$BATS_FILE_TMPDIR"
	rooms_end "$BATS_FILE_TMPDIR"
}

setup() {
	needs_sound
	cd "$BATS_TEST_TMPDIR" || return 1
	seers
}

@test "lips: a picture waits for its sound, and no longer than 500 ms" {
	# age of what is shown, in ms, where the sound's is that many us.
	shown() {
		{ chat-cam -d test -g 160x120 -n 40 |
			chat-view -v -y 4 4< <(for ((i = 0; i < 40; i++)); do
				echo "age $1"
				sleep 0.05
			done) >/dev/null; } 2>&1 |
			sed -n 's/.*age \([0-9.]*\) ms (median).*/\1/p'
	}
	alone=$(shown x)
	above 150 "$alone"
	above "$(shown 300000)" 270
	above "$(shown 9000000)" 490
	above 1000 "$(shown 9000000)"
	above 150 "$(shown -1000)"
}

@test "lips: chat-video has sound; its pictures wait for it" {
	tone said.wav 90
	paplay -d mouth said.wav &
	# It gets the same lines as the window.
	CHAT_VIEW='mkfifo both; tee lines <&4 >both & chat-view -v -y 6 6<both' \
		PULSE_SOURCE=quietmic PULSE_SINK=spk listens $small
	PULSE_SOURCE=mic PULSE_SINK=quiet calls $small
	wait_for 20 visible alice
	wait_for 20 hears 2
	wait_text lines '^age'
	quit bob
	ends alice 0
	ends bob 0
	grep -qE 'chat-phone: [1-9][0-9]* slots played' bob.err
	grep -qE 'chat-view: [1-9][0-9]* pictures shown' bob.err
	grep -qE '^age [0-9]+$' lines
}

@test "lips: one side only sends, and is heard" {
	tone said.wav 90
	paplay -d mouth said.wav &
	PULSE_SINK=spk listens -R $small
	PULSE_SOURCE=mic calls -S $small
	wait_for 20 hears 2
	quit alice
	ends alice 0
	ends bob 0
}

@test "lips: -A, and no sound server: pictures only" {
	listens -A $small
	PULSE_SERVER=unix:/nowhere calls $small
	quit bob
	ends alice 0
	ends bob 0
	grep -qx 'chat-video: no sound here: pictures only' alice.err
	run ! grep chat-phone alice.err bob.err
}

@test "lips: the sound process is killed: the pictures go on" {
	PULSE_SOURCE=quietmic PULSE_SINK=spk listens $small
	PULSE_SOURCE=mic PULSE_SINK=quiet calls $small
	wait_for 20 visible alice
	all_run "$(cat alice.pid)" chat-phone
	# shellcheck disable=SC2046 # both processes
	kill -KILL $(member "$(cat alice.pid)" chat-phone)
	sleep 1
	visible alice
	visible bob
	quit bob
	ends alice 111
	ends bob 0
	grep -q 'chat-phone.* was ended by signal 9' alice.err
}
