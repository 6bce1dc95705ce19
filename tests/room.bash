# room.bash - a sound server of the tests' own (tests/tool/room), and voices in it.

# Ignore leaks of the sound libraries.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0

# The programs of sound, or the test is skipped.
needs_sound() {
	[ -x "$ROOT/bin/chat-phone" ] || skip 'chat-phone is left out here'
	[ -x "$ROOT/bin/chat-mic" ] || skip 'chat-mic is left out here'
}

# room FOLDER [WORD ...] - one begins; its server is the one that is used.
room() {
	"$ROOT/tests/tool/room" start "$@"
	export PULSE_SERVER=unix:$1/native
	export HOME=$1
}

# rooms_end FOLDER - those beneath it end.
rooms_end() {
	local p
	for p in "$1"/*/pid; do
		[ ! -e "$p" ] || "$ROOT/tests/tool/room" stop "${p%/pid}"
	done
}

# A file has a room for all its tests, unless it says otherwise.
setup_file() {
	command -v pulseaudio sox >/dev/null || return 0
	room "$BATS_FILE_TMPDIR/room"
}

teardown_file() {
	rooms_end "$BATS_FILE_TMPDIR"
}

# in_room - a test begins that needs sound, in a folder of its own.
in_room() {
	needs_sound
	cd "$BATS_TEST_TMPDIR" || return
	unset CHAT_SOUND
}

# streams WHAT COUNT - do so many programs record (source-outputs) or play
# (sink-inputs)?  The parts of the room are streams, too, of modules.
streams() {
	[ "$(pactl list short "$1" | grep -c protocol-native)" -ge "$2" ]
}

# tone FILE SECONDS [sox's format ...] - a WAV of 440 Hz.
tone() {
	sox -n -r 48000 -b 16 -c 1 "${@:3}" "$1" synth "$2" sine 440 vol 0.3
}

# level FILE [CHANNEL] - the sound's mean amplitude, 0 to 1.
level() {
	sox "$1" -n remix "${2-1}" stat 2>&1 |
		sed -n 's/^RMS *amplitude: *//p'
}

# samples FILE - how many a WAV of ours has.
samples() {
	echo $((($(stat -c %s "$1") - 44) / 2))
}

# hears CHANNEL - is there sound in the room, for a second?
hears() {
	timeout 1 parec -d room.monitor --rate=48000 --channels=2 \
		--format=s16le --file-format=wav heard.wav || :
	above "$(level heard.wav "$1")" 0.02
}

# silent CHANNEL - is there none?
silent() {
	run ! hears "$1"
	above 0.001 "$(level heard.wav "$1")"
}
