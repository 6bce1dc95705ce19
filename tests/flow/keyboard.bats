#!/usr/bin/env bats
# keyboard: what a person at a terminal is asked, told and spared.

load ../helper
load ../terminal

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
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

@test "^D while nobody is there ends the waiting, and nothing typed is kept" {
	listens alice
	key alice x y z Enter
	sees alice '^xyz$'
	key alice C-d
	sees alice '^code 0$'
	sees alice '^terminal fine$'
	# Not a terminal: not looked at.
	CHAT_HOME=$PWD/bob chat-talk -lv -s 127.0.0.1 0 </dev/null 2>err 3>&- &
	local pid=$!
	port err
	run -99 env CHAT_HOME="$PWD/bob" chat-talk -l -w 1 -s 127.0.0.1 0 </dev/null
	kill -0 "$pid"
	kill "$pid"
}
