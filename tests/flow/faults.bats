#!/usr/bin/env bats
# The fault matrix (tests/tool/faults): at one program of one side something goes
# wrong, and both end with the right codes and a sentence, or go on as if nothing
# had been; no process and no file is left, nothing that was not verified is shown,
# nothing that was receipted is lost.  FAULTS=all: every program, every number.

load ../helper

# The search for leaks stops all threads at the end, and may take longer than the
# patience of the tool.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0

# faults "ROW ..." COLUMN ...
faults() {
	local what=() row column rows=$1
	shift
	for row in $rows; do
		for column; do
			what+=("$row:$column")
		done
	done
	"$ROOT/tests/tool/faults" ${FAULTS:+-a} "${what[@]}"
}

all='talk files udp meet'

# preloads - can faults be preloaded?
preloads() {
	! grep -qa __asan_init "$ROOT/bin/chat-open" || skip 'the sanitizers'
}

@test "faults: a signal to any program of a conversation, of a transfer" {
	"$ROOT/tests/tool/faults" -a {talk,files}:{KILL,TERM,INT,HUP}
}

@test "faults: a signal by datagrams, and through a relay; the relay goes" {
	"$ROOT/tests/tool/faults" {udp,meet}:{KILL,TERM,INT,HUP} meet:RELAY
}

@test "faults: a signal to a program of a video call" {
	{ command -v chat-encode && command -v chat-cam; } >/dev/null || skip 'not built'
	"$ROOT/tests/tool/faults" video:{KILL,TERM,INT,HUP,STOP}
}

@test "faults: one program stands still, and goes on" {
	faults "$all" STOP
}

@test "faults: calls that are interrupted" {
	preloads
	faults "$all" EINTR
}

@test "faults: a byte a call" {
	preloads
	# Not of chat-link: a frame is one write, which a pipe does not divide.
	faults "talk files meet" SHORT
}

@test "faults: the clock goes an hour forth, and two back" {
	preloads
	faults "$all" CLOCK
}

@test "faults: memory that is not there" {
	preloads
	faults "talk files" MEMORY
}

@test "faults: a descriptor is closed, or there are no more" {
	preloads
	faults "talk files" CLOSE NOFILE
}

@test "faults: little memory for all of a side" {
	preloads
	faults "talk files" AS
}

@test "faults: a full disk" {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip 'not root'
	faults files FULL
}

@test "faults: two sessions of the same two at once; id and peers are edited" {
	faults "$all" TWICE EDIT
}
