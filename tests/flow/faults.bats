#!/usr/bin/env bats
# The fault matrix (tests/tool/faults): at one program of one side something goes
# wrong, and both end with the right codes and a sentence, or go on as if nothing
# had been; no process and no file is left, nothing that was not verified is shown,
# nothing that was receipted is lost.  FAULTS=all: every program, every number.

load ../helper

# faults COLUMN ... - of all rows.
faults() {
	local what=() row column
	for row in talk files; do
		for column; do
			what+=("$row:$column")
		done
	done
	"$ROOT/tests/tool/faults" ${FAULTS:+-a} "${what[@]}"
}

# preloads - can faults be preloaded?
preloads() {
	! grep -qa __asan_init "$ROOT/bin/chat-open" || skip 'the sanitizers'
}

@test "faults: a signal to any program" {
	"$ROOT/tests/tool/faults" -a {talk,files}:{KILL,TERM,INT,HUP}
}

@test "faults: one program stands still, and goes on" {
	faults STOP
}

@test "faults: calls that are interrupted" {
	preloads
	faults EINTR
}

@test "faults: a byte a call" {
	preloads
	faults SHORT
}

@test "faults: the clock goes an hour forth, and two back" {
	preloads
	faults CLOCK
}

@test "faults: memory that is not there" {
	preloads
	faults MEMORY
}
