#!/usr/bin/env bats
# keyboard: what a person at a terminal is asked, told and spared.

load ../helper
load ../terminal

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	both_known
}

@test "a code: TAB completes words, a wrong one is asked again" {
	at alice 'chat-keygen -C -'
	sees alice '^the code: $'
	key alice 4711-adu Tab mari Tab kiwy Enter
	sees alice "^.kiwy. is not a word of a code: kiwi\\?"
	key alice adu Tab mari Tab kiwx BSpace i Enter
	sees alice '^adult-maritime-kiwi$'
	sees alice '^code 0$'
	sees alice '^terminal fine$'
	at bob 'chat-keygen -C -'
	sees bob '^the code: $'
	key bob adu C-c
	sees bob '^code 130$'
	sees bob '^terminal fine$'
}
