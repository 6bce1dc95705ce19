#!/usr/bin/env bats
# evil-video.bats - hostile pictures: through the stages that receive them, and
# from the other side of a call.
# ATTACK_LONG=1: many more of them, and larger floods.

load ../helper
load ../window

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	export SDL_VIDEODRIVER=dummy EVIL=$BATS_FILE_TMPDIR/evil
	unset DISPLAY
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	couple
}

# chain SEED COUNT - of each kind about as many.
chain() {
	"$ROOT/tests/tool/evil-video" "$EVIL" chain "$@"
}

@test "evil video: each stage ends with 0 or 98, in bounded memory, and says so" {
	chain 1 76
	[ -z "${ATTACK_LONG-}" ] || chain 10000 3800
}

@test "evil video: a million of pictures, wishes and pieces" {
	[ "${ATTACK_LONG-}" ] || skip 'ATTACK_LONG=1'
	chain 20000 76 long
}

@test "evil video: a real window" {
	windows
	chain 101 19
}

# call SEED SECONDS ARGUMENT ... - bob sees and is seen, alice is evil.
call() {
	local seed=$1 seconds=$2
	shift 2
	begin bob chat-call -luvn bob -s 127.0.0.1 0 chat-join -u \
		chat-look -v -d test -g 160x120 "$@"
	port=$(port bob.err)
	begin alice chat-call -un alice 127.0.0.1 "$port" chat-join -u \
		"$ROOT/tests/tool/evil-video" "$EVIL" send "$seed" "$seconds"
}

@test "evil video: in a call, which ends when its end comes" {
	call 1 $((${ATTACK_LONG:-0} ? 60 : 6))
	ends alice 0
	ends bob 0
	grep -q 'chat-view: [1-9][0-9]* pictures shown' bob.err
	# Thousands of wishes are answered each 300 ms, and one at the end of
	# them.
	read -r keys seconds < <(sed -n \
		's/evil-video: \([0-9]*\) key pictures in \([0-9]*\).*/\1 \2/p' alice.err)
	echo "$keys key pictures in $seconds s"
	[ "$keys" -gt "$seconds" ]
	[ "$keys" -le $(((seconds + 1) * 10 / 3 + 2)) ]
}

@test "evil video: in a call, which is ended amid all that, by q or a signal" {
	windows
	call 2 60
	quit alice
	ends bob 0
	kill -TERM -- "-$(cat alice.pid)"
	ends alice 143
	rm bob.err
	call 3 120
	wait_for 90 opened alice
	kill -TERM "$(cat bob.pid)"
	ends bob 143
	kill -TERM -- "-$(cat alice.pid)"
	ends alice 143
}
