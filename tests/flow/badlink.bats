#!/usr/bin/env bats
# What a peer with the right keys can do to chat-link: tests/tool/badlink.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# bad TRY ... - run them for a second each (BADLINK_SECONDS).
bad() {
	"$ROOT/tests/tool/badlink" "${BADLINK_SECONDS:-1}" "$@" >table
	cat table badlink.err
	[ "$(wc -l <table)" = $# ]
}

# all CONDITION - of every line, by awk: its code, the most memory, packets to
# chat-link and from it, bytes from it, seconds.
all() {
	awk '{ code = $2; kib = $3; to = $5; from = $7; bytes = $9; s = $11
		if (!('"$1"')) { print "not " "'"$1"': " $0; bad = 1 } }
		END { exit bad }' table
}

# memory KIB - none had more; the sanitizers have their own.
memory() {
	sanitized || all "kib <= $1"
}

@test "a hostile peer: what breaks a rule is 98" {
	bad holes header version early
	all 'code == 98'
	grep -qx 'malformed link packets' badlink.err
	grep -qx 'malformed frame' badlink.err
	grep -q 'speaks another version of chat-link' badlink.err
	grep -q 'broke off the conversation' badlink.err
}

# 4,000 acknowledgements a second, and the limits of a stream that is read; a rate
# of 1 Mbit/s that nothing raises; text, which goes beside it, of 256 KiB, and its
# repeats.
@test "a hostile peer: without true acknowledgements little goes, and little is held" {
	bad unsent none flood jumps gaps text beyond few small repair keys junk \
		inner
	all 'code == "-"'
	all 'from < 4100 * s + 6000 + to / 40'
	all 'bytes < 600000 * s + 4e6'
	memory 8000
}

@test "a hostile peer: what nobody reads is held up to its bounds" {
	bad bulk huge unfinished
	all 'code == "-"'
	all 'from < 4100 * s + 6000'
	memory 92000
}

# 4 Gbit/s, and 65,536 packets under way.
@test "a hostile peer: false acknowledgements make it fast, and no more" {
	bad lies fast again ranks shrink hold
	all 'code == "-"'
	all 'bytes < 5e8 * s'
	memory 92000
}
