#!/usr/bin/env bats
# The fault matrix (tests/tool/faults): at one program of one side something goes
# wrong, and both end with the right codes and a sentence, or go on as if nothing
# had been; no process and no file is left, nothing that was not verified is shown,
# nothing that was receipted is lost.  FAULTS=all: every program, every number.

load ../helper

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

# The rows, as far as they are built.
all='talk files udp meet'
[ ! -x "$ROOT/bin/chat-phone" ] || all="$all voice"
[ ! -x "$ROOT/bin/chat-encode" ] || [ ! -x "$ROOT/bin/chat-cam" ] ||
	[ ! -x "$ROOT/bin/chat-decode" ] || all="$all video"

# preloads - can faults be preloaded?  Not where a sanitizer stands in the program
# itself, before all libraries, as clang's does.
preloads() {
	! sanitized || ldd "$ROOT/bin/chat-open" | grep -q libasan ||
		skip 'the sanitizer is not a library'
}

@test "faults: a signal to any program of a conversation, of a transfer" {
	"$ROOT/tests/tool/faults" -a {talk,files}:{KILL,TERM,INT,HUP}
}

@test "faults: a signal by datagrams, through a relay, in calls; the relay goes" {
	faults "${all#talk files }" KILL TERM INT HUP
	faults meet RELAY
}

@test "faults: one program stands still, and goes on" {
	faults "$all" STOP
}

@test "faults: what reads leaves: a program, or the user's" {
	preloads
	faults "$all" EPIPE
	faults "$all" READER
}

@test "faults: calls that are interrupted" {
	preloads
	faults "$all" EINTR
}

@test "faults: a byte a call" {
	preloads
	faults "${all/udp/}" SHORT
}

@test "faults: the clock goes an hour forth, and two back" {
	preloads
	faults "$all" CLOCK
}

@test "faults: memory that is not there" {
	preloads
	faults "talk files meet" MEMORY
}

@test "faults: a descriptor is closed, or there are no more" {
	preloads
	faults "talk files" CLOSE
	faults "talk files meet" NOFILE
}

@test "faults: little memory for all of a side" {
	! sanitized || skip 'sanitizers take terabytes of addresses'
	faults "talk files meet" AS
}

@test "faults: a full disk" {
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || skip 'not root'
	faults files FULL
}

@test "faults: two sessions of the same two at once; id and peers are edited" {
	faults "$all" TWICE EDIT
}

# phone KB - chat-phone, with so much memory, hears 0.1 s: $status and $said.
phone() {
	status=0
	prlimit --as=$(($1 * 1024)) chat-phone < <(sleep 0.1) >/dev/null \
		2>"$BATS_TEST_TMPDIR/err" || status=$?
	said=$(cat "$BATS_TEST_TMPDIR/err")
}

@test "faults: memory for less and less of what chat-phone's libraries need" {
	local lo=1024 hi=1048576 mid
	[ -x "$ROOT/bin/chat-phone" ] || skip 'not built'
	! sanitized || skip 'sanitizers take terabytes of addresses'
	export CHAT_SOUND='head -c 96000 /dev/zero; sleep 0.2'
	# The least with which it hears anything.
	while [ $((hi - lo)) -gt 16 ]; do
		mid=$(((lo + hi) / 2))
		phone $mid
		if [ "$status" = 98 ]; then hi=$mid; else lo=$mid; fi
	done
	for ((mid = hi - 320; mid < hi + 320; mid += 16)); do
		phone $mid
		case $status:$said in
		98:*'chat-phone: the frames were cut off') ;;
		111:'chat-phone: not enough memory') ;;
		127:*) ;; # from the loader
		*) echo "$mid: $status: $said" && false ;;
		esac
	done
}
