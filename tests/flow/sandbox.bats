#!/usr/bin/env bats
# sandbox.bats - every filter has given up what it does not need by the time it
# takes a peer's bytes.  What that is, unit-seccomp and unit-landlock tell.

load ../helper
load ../cage

setup() {
	[ -z "${SAN-}" ] || skip 'the sanitizers need more'
	cd "$BATS_TEST_TMPDIR" || return 1
	mkfifo in
	exec 5<>in
	key='chacha20poly1305 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
}

# confined COMMAND ... - is that program, once it waits for its input?  With as=NAME
# what it can still do, every thread of it, is what chat(7) says of NAME.
confined() {
	"$@" <in >out 2>err 3>&- 5>&- &
	pid=$!
	wait_for 10 kept || { cat err "/proc/$pid/status"; return 1; }
	threads=$(awk '/^Threads:/ { print $2 }' "/proc/$pid/status")
	[ -z "${as-}" ] || as_told "$as" || return
	kill "$pid"
}

# Each thread is.
kept() {
	local task
	for task in "/proc/$pid/task"/*; do
		[ "$(grep -cE '^(NoNewPrivs:	1|Seccomp:	2)$' \
			"$task/status")" = 2 ] || return 1
	done
}

# Has $parent a child, $pid, that is?
begat() {
	pid=$(pgrep -P "$parent") && kept
}

@test "sandbox: frames" {
	as=chat-frame
	confined chat-frame
	confined chat-frame -k ivf -m 1184
	confined chat-frame -d
}

@test "sandbox: the coder" {
	as=chat-encode confined chat-encode
	as=chat-decode confined chat-decode
}

@test "sandbox: lines" {
	exec 4<>in
	as=chat-text confined chat-text -i 4 -o 4
}

@test "sandbox: lines on a terminal" {
	exec 4<>/dev/ptmx
	as='chat-text on a terminal' TERM=dumb confined chat-text -i 4 -o 4
}

@test "sandbox: sessions" {
	as=chat-open confined chat-open -k 8 8< <(echo "$key")
	as=chat-seal confined chat-seal -k 9 9< <(echo "$key")
	as='chat-open -u' confined chat-open -uk 8 8< <(echo "$key")
	exec 6<>/dev/udp/127.0.0.1/9
	as='chat-seal -u' confined sh -c 'exec chat-seal -uk 9 >&6' \
		9< <(echo "$key")
}

@test "sandbox: streams over a path that loses" {
	exec 4<>in
	as=chat-link confined chat-link -i 4 -o tde=4
}

@test "sandbox: sound" {
	for program in chat-mic chat-speaker chat-phone; do
		[ -x "$ROOT/bin/$program" ] || skip "no $program"
	done
	as=chat-mic confined chat-mic -d -
	as=chat-speaker confined chat-speaker -D -
	# Beside the process with the devices.
	export PULSE_SERVER=unix:/nowhere CHAT_SOUND='exec sleep 60'
	as=chat-mic confined chat-mic
	as=chat-speaker confined chat-speaker
	as=chat-phone confined chat-phone
}

@test "sandbox: a camera" {
	as=chat-cam confined chat-cam -d test
}

@test "sandbox: the relay" {
	as=chat-relay confined chat-relay -s 127.0.0.1 0
}

@test "sandbox: sealed files, before their first byte" {
	home alice
	export CHAT_HOME=$PWD/alice
	as=chat-lock confined chat-lock -r "$alice"
	[ "$(nproc)" = 1 ] || [ "$threads" = 3 ]
	as='chat-lock -o' confined chat-lock -r "$alice" -r "$alice" -o made
	echo secret >pass
	as=chat-lock confined chat-lock -P pass
	as=chat-unlock confined chat-unlock -s "$alice"
	as=chat-unlock confined chat-unlock -P pass
	as='chat-unlock -o' confined chat-unlock -o made
	"$ROOT/tests/tool/expect" -s screen passphrase 'secret\r' -- \
		chat-unlock -P - <in >out 2>err 3>&- 5>&- &
	parent=$!
	wait_for 10 begat
	as_told 'chat-unlock with a typed passphrase'
	kill "$pid"
	echo data | chat-lock -r "$alice" | head -c -8 >sealed
	cat sealed >&5
	confined chat-unlock -s "$alice"
}

# answers - a listener's handshake in the background, whose child is pid, and waits
# for a stranger.
answers() {
	home alice
	CHAT_HOME=$PWD/alice chat-handshake -r responder -w 60 true \
		6<in 7>out 2>err 3>&- 5>&- &
	parent=$!
	wait_for 10 begat
}

@test "sandbox: what a stranger sends is read by a child, which ends with its parent" {
	answers
	as=chat-handshake
	as_told "$as"
	# The parent waits for it, and for nothing of the stranger's.  A child that
	# heeds no signal, as a stopped one does not, goes too.
	kill -STOP "$pid"
	kill -KILL "$parent"
	wait_for 10 ended "$pid"
}

@test "sandbox: a child that heeds no signal does not keep its parent" {
	answers
	kill -STOP "$pid"
	kill -TERM "$parent"
	wait_for 20 ended "$parent"
	code "$parent"
	[ "$status" = 143 ]
	ended "$pid"
}

@test "sandbox: no stage of chat-look holds the user's terminal" {
	exec 4<>/dev/ptmx
	holds='{ readlink /proc/$$/fd/*; echo these; }'
	for stage in CAM ENCODE DECODE VIEW; do
		export "CHAT_$stage=$holds >$stage; cat"
	done
	sh -c "$holds" 3<&4 >held
	grep -q ptmx held
	chat-look <in >out 2>err 3<&4 5>&4 4>&- &
	pid=$!
	for stage in CAM ENCODE DECODE VIEW; do
		wait_text "$stage" these ||
			{ grep '' CAM ENCODE DECODE VIEW err; return 1; }
		run ! grep ptmx "$stage"
	done
	chat-frame -m 1184 </dev/null >&5
	exec 5>&-
	code "$pid" # of a camera without a picture
	[ "$status" = 111 ]
}

@test "sandbox: files" {
	mkdir d
	as='chat-file get -y' confined chat-file get -y d
	as='chat-file get' confined chat-file get d
	as='chat-file put' confined chat-file put d
}

@test "sandbox: every program that chat(7) has there is looked at" {
	listed=$(awk '/^\.\\" cages$/ { on = 1 } /^\.\\" end of cages$/ { on = 0 }
		on && /^\.It/' "$ROOT/man/chat.7" | grep -o 'chat-[a-z]*' | sort -u)
	# Those that enter one are in the list, and no others.
	caged=$(grep -lE '(seccomp|withhold)_enter\(' "$ROOT"/bin/*.c |
		sed 's|.*/||; s/\.c$//' | sort)
	[ "$listed" = "$caged" ]
	for program in $listed; do
		grep -qE "as='?$program([', ]|\$)" "$BATS_TEST_FILENAME" ||
			grep -q "as_told $program" "$ROOT/tests/bin/$program.bats" ||
			{ echo "$program"; return 1; }
	done
	tries "$(wc -w <<<"$listed")"
}

@test "sandbox: chat(7) says by which system calls they do that" {
	[ "$(uname -m)" = x86_64 ] || skip 'chat(7) has the calls of x86_64'
	for list in cages deeds; do
		sed -n '/^\.\\" '$list'$/,/^\.\\" end of '$list'$/p' \
			"$ROOT/man/chat.7" >$list
	done
	sed 's/^\..*/;/' cages | tr '\n;' ' \n' | sed 's/^ *//; s/ *$//' |
		grep -vxE '(the same|no more|)' | sort -u >named
	"$ROOT/build/tests/cage" | while IFS= read -r line; do
		! grep -qxF "${line%%:*}" named || echo "$line"
	done >is
	awk '/^\.It / { name = substr($0, 5); next }
		!/^\./ { print name ": " $0 }' deeds | diff - is
}

@test "sandbox: without it a program works, and says so where it is asked to" {
	home alice
	uncaged=$ROOT/build/tests/uncaged
	printf x >x
	CHAT_HOME=$PWD/alice CHAT_VERBOSE=1 run --separate-stderr \
		"$uncaged" chat-lock -r "$alice" -o made x
	[ "$status" = 0 ]
	[ "$stderr" = \
"chat-lock: not confined by Landlock: Function not implemented
chat-lock: not confined by seccomp: Invalid argument" ]
	CHAT_HOME=$PWD/alice run --separate-stderr \
		"$uncaged" chat-lock -r "$alice" -o made x
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	CHAT_VERBOSE=1 run --separate-stderr "$uncaged" chat-frame <x
	[ "$status" = 0 ]
	[ "$stderr" = "chat-frame: not confined by seccomp: Invalid argument" ]
	# The process with the sound devices says so, too.
	if [ -x "$ROOT/bin/chat-mic" ]; then
		PULSE_SERVER=unix:/nowhere CHAT_VERBOSE=1 \
			"$uncaged" chat-mic 2>err | cat >/dev/null
		grep -qx 'chat-mic: not confined by Landlock: .*' err
	fi
	CHAT_VERBOSE=1 run --separate-stderr chat-frame <x
	[ -z "$stderr" ]
}

@test "sandbox: files, all that is asked for is allowed" {
	command -v strace >/dev/null || skip 'no strace'
	mkdir -p there/sub
	head -c 20000000 /dev/zero | tr '\0' x >there/large
	truncate -s 5M there/holes
	ln -s sub there/link
	echo old >there/sub/file
	mkdir d
	mkfifo back
	for turn in new old; do
		strace -qqo "put.$turn" chat-file put there <back |
			strace -qqo "get.$turn" chat-file get -y d >back
		touch there/sub
	done
	diff -r there d/there
	run ! grep -E '= -1 E(NOSYS|ACCES|PERM)' put.* get.*
}
