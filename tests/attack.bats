#!/usr/bin/env bats
# Somebody between the two, or the other side gone wrong: never an unverified
# byte on stdout, the right codes, one sentence, nobody left hanging.
# ATTACK_LONG=1: every bit of every byte, and a minute's stop.

load helper

# sweep MODE [OPTION ...] - the proxy; all its sessions went as they must.
# Under sanitizers, which are slow, every ninth only.
sweep() {
	local step=1
	! san || step=9
	"$ROOT/tests/proxy" -s $step "$@"
}

# san - are the programs built with sanitizers?
san() {
	grep -qa __asan_init "$ROOT/bin/chat-open"
}

@test "any one bit of a session flipped is noticed" {
	sweep -b $((${ATTACK_LONG:-0} ? 8 : 1)) flip
}

@test "a session cut at any byte is noticed by both" {
	sweep cut
}

@test "one direction cut at any byte is noticed" {
	sweep half
}

@test "a message or record dropped, repeated, swapped or reflected is noticed" {
	"$ROOT/tests/proxy" units
}

@test "an offer, a mode or a choice that was edited breaks the handshake" {
	sweep offer
}

@test "what was right once is wrong the next time" {
	"$ROOT/tests/proxy" replay
}

@test "two sessions never produce the same bytes" {
	"$ROOT/tests/proxy" twice
}

@test "a caller with the wrong listener sends no third message" {
	"$ROOT/tests/proxy" wrong
}
