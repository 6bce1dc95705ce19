# chat-recv.bats - what chat-recv does alone; with chat-send: chat-send.bats.
load ../helper

@test "usage" {
	trio 100 'usage: chat-recv' chat-recv
	trio 100 'usage:' chat-recv -l host
	trio 100 'usage:' chat-recv -k host
	trio 100 'usage:' chat-recv a b
}

@test "a folder that cannot be written to: said before anybody is called" {
	cd "$BATS_TEST_TMPDIR"
	trio 100 'gone: no folder to write to' chat-recv -d gone host
	: >file
	trio 100 'file: no folder to write to' chat-recv -l -d file
}

@test "nobody calls: 99" {
	cd "$BATS_TEST_TMPDIR"
	home bob
	CHAT_HOME=$PWD/bob run chat-recv -ly -w 1 -P 0 -s 127.0.0.1
	[ "$status" = 99 ]
}
