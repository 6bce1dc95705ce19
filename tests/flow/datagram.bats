#!/usr/bin/env bats
# Handshakes and sessions over UDP.

load ../helper

setup_file() {
	make -s -o build/flags -C "$BATS_TEST_DIRNAME/../.." build/tests/dgrams build/tests/wire >&2
}

setup() {
	PATH=$ROOT/tests/tool:$ROOT/build/tests:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	home alice
	home bob
}

# friends - each knows the other.
friends() {
	knows alice bob 127.0.0.1
	knows bob alice 127.0.0.1
}

# listens OPTION ... -- COMMAND ... - bob waits on a free port: $pid and $port,
# what he says in b.err and prints in b.out.
listens() {
	local opts=()
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	rm -f b.err
	CHAT_HOME=$PWD/bob setsid chat-net -luv -m chat1 -s 127.0.0.1 0 \
		chat-handshake -un bob "${opts[@]}" "$@" >b.out 2>b.err 3>&- &
	pid=$!
	port=$(port b.err)
}

# calls OPTION ... -- COMMAND ... - alice calls him; her code in $a, his in $b.
calls() {
	local opts=()
	while [ "$1" != -- ]; do
		opts+=("$1")
		shift
	done
	shift
	a=0 b=0
	CHAT_HOME=$PWD/alice setsid -w chat-net -u 127.0.0.1 "$port" \
		chat-handshake -un alice "${opts[@]}" "$@" >a.out 2>a.err 3>&- \
		</dev/null || a=$?
	wait $pid || b=$?
	sed -i '/^chat-net: /d' b.err
}

# codes LISTENER CALLER - of the last call.
codes() {
	[ "$b $a" = "$1 $2" ] || { echo "$b $a"; cat b.err a.err; return 1; }
}

# A sign of life under the key that is all zero.
zero=01000000000000001e8d8924594cfe1aec7351f6b0110f3e

@test "nobody is sent more than came from there; a short opening gets nothing" {
	listens -w 3 -- true
	read -r sent came n < <(udp opening "$port" 00)
	[ "$n" -ge 3 ]
	[ "$came" -le "$sent" ]
	[ $((came % 97)) = 0 ]
	b=0
	wait $pid || b=$?
	[ "$b" = 99 ]
	listens -w 3 -- true
	[ "$(udp opening "$port" 00 1199)" = '1200 0 0' ]
	b=0
	wait $pid || b=$?
	[ "$b" = 99 ]
	tries 2
}

@test "before there is a key nothing is taken for the session's" {
	listens -w 2 -- true
	udp opening "$port" $zero
	b=0
	wait $pid || b=$?
	[ "$b" = 99 ]
	grep -q 'chat-handshake: 127.0.0.1 did not answer in time' b.err
	exec {fd}< <(udp answer 0 $zero 3>&-)
	read -r port <&$fd
	export CHAT_HOME=$PWD/alice
	trio 99 'did not answer in time' chat-net -u 127.0.0.1 "$port" \
		chat-handshake -uw 2 true
}

@test "declined by either side: both end and say so" {
	knows alice bob 127.0.0.1
	listens -- true
	calls -- true
	codes 98 98
	grep -q 'has an unknown key, .*: declined' b.err
	[ "$(<a.err)" = 'chat-handshake: bob does not know this key' ]
	rm alice/peers
	knows bob alice 127.0.0.1
	listens -- true
	calls -- true
	codes 98 98
	grep -q 'has an unknown key, .*: declined' a.err
	[ "$(<b.err)" = 'chat-handshake: alice does not know this key' ]
}

@test "codes: right, wrong, on one side only" {
	echo 7-adult-maritime-kiwi | tee alice/code >bob/code
	listens -c bob/code -- printenv CHAT_PEER
	calls -c alice/code -- printenv CHAT_PEER
	codes 0 0
	[ "$(<a.out) $(<b.out)" = 'bob alice' ]
	[ ! -e bob/code ]
	rm alice/peers bob/peers
	echo 7-adult-maritime-kiwi >alice/code
	echo 7-adult-maritime-ragtime >bob/code
	listens -c bob/code -- true
	calls -c alice/code -- true
	codes 98 98
	[ "$(<a.err)" = 'chat-handshake: the codes differ: agree on a new one' ]
	grep -q '(127.0.0.1 used this one up)$' b.err
	[ ! -e alice/code ]
	[ ! -e bob/code ]
	[ ! -e bob/peers ]
	echo 7-adult-maritime-kiwi | tee alice/code >bob/code
	listens -c bob/code -- true
	calls -- true
	codes 98 98
	grep -q 'wants a spoken code' a.err
	grep -q 'called without a code' b.err
	[ -e bob/code ]
}

@test "handshakes where 30 % are lost each way" {
	lab -- : : || skip 'no lab here'
	shake -n 6 -l 30
	shake -c -n 4 -l 30
}

# For the middle of chat-join: what is on 3 goes there as text, what comes is
# on 5.
talk='chat-frame -m 1184 <&3 3<&- 5>&- & exec chat-frame -drm 1184 1>&5 5>&-'

# hosts OPTION ... - the lab with these; on a alice runs $ours between chat-open
# and chat-seal, on b bob $theirs.
hosts() {
	local shake=" chat-handshake -un"
	export ours theirs
	lab "$@" -- "export CHAT_HOME=$PWD/alice
		chat-net -u \$LAB_B 4000 $shake alice -p bob chat-join -u sh -c \"\$ours\"" \
		"export CHAT_HOME=$PWD/bob
		chat-net -lu -m chat1 4000 $shake bob chat-join -u sh -c \"\$theirs\""
}

@test "messages where datagrams are lost, late and doubled" {
	lab -- : : || skip 'no lab here'
	friends
	n=${MESSAGES:-600} rate=${RATE:-4000000}
	ours="exec dgrams messages $n 60000 $rate"
	theirs="chat-frame -d -v -k bytes -m 1184 | dgrams check $n 60000 5 >&5
		exec chat-frame </dev/null"
	hosts -v loss=5 reorder=20 dup=5 >out 2>err
	cat out err
	awk '{ d = $5 - $8; exit !(d < 0.07 && d > -0.07) }' FS='[ ,]+' out
}

# feeds NAME - lines for NAME's side: 1 to 300, after the file go 301 to 600,
# and the end after the file end.
feeds() {
	seq 300
	until [ -e go ]; do sleep 0.05; done
	seq 301 600
	until [ -e end ]; do sleep 0.05; done
}

@test "all that was sent is sent again, in another order, from anywhere" {
	friends
	feeds | CHAT_HOME=$PWD/bob setsid chat-net -lruv -m chat1 -s 127.0.0.1 \
		0 chat-handshake -un bob chat-join -u sh -c "$talk" \
		>b.out 2>b.err 3>&- &
	pid=$!
	port=$(port b.err)
	udp replay "$port" replay again 3>&- >proxy &
	wait_text proxy .
	feeds | CHAT_HOME=$PWD/alice setsid chat-net -u 127.0.0.1 "$(<proxy)" \
		chat-handshake -un alice chat-join -u sh -c "$talk" \
		>a.out 2>a.err 3>&- &
	caller=$!
	wait_text a.out 300
	wait_text b.out 300
	: >replay
	wait_for 10 [ ! -e replay ]
	: >go
	wait_text a.out 600
	wait_text b.out 600
	: >end
	wait $pid
	wait $caller
	seq 600 | cmp - a.out
	seq 600 | cmp - b.out
	# And to one who begins anew: it takes a place there, no more.
	CHAT_HOME=$PWD/bob setsid chat-net -lruv -m chat1 -s 127.0.0.1 "$port" \
		chat-handshake -un bob true >b.out 2>b.err 3>&- &
	pid=$!
	wait_text b.err listening
	: >again
	wait_text b.err child
	calls -- true
	codes 0 0
	[ ! -s b.out ]
	tries 600
}

@test "a link that stops for 14 s, for 16 s; a reader that is stopped for 16 s" {
	lab -- : : || skip 'no lab here'
	friends
	# alice says a line when all is over, and the end; bob answers it.
	ours='{ until [ -e over ] || ! kill -0 $PPID; do sleep 0.1; done
		echo still here; } | chat-frame -m 1184 & exec chat-frame -drm 1184 1>&5'
	theirs='chat-frame -drm 1184 >&5; code=$?
		echo | chat-frame -m 1184; exit $code'
	export ours theirs
	# The rest is time: how long a stop lasts, and what a moment behind it is.
	begun='until [ "$(grep -c "^connected to" err)" = 2 ]; do sleep 0.05; done'
	for t in 14 16 0; do
		mkdir $t
		cp -R alice bob $t
		(cd $t
		way="$begun; echo down >\$LAB_CTL; sleep $t; echo up >\$LAB_CTL
			sleep 1; : >over"
		[ $t != 0 ] || way=$begun'; until p=$(pgrep -xn chat-open); do :; done
			kill -STOP $p; sleep 16; kill -CONT $p; sleep 1; : >over'
		ours="($way) & $ours" hosts -w 40 delay=20 >out 2>err) 3>&- &
		eval "lab$t=$!"
	done
	wait "$lab14"
	grep -qx 'still here' 14/out
	wait "$lab0"
	grep -qx 'still here' 0/out
	wait "$lab16" || :
	cat 16/err
	grep -q 'lost touch with alice' 16/err
	grep -q 'lost touch with bob' 16/err
	grep -q 'a 99, b 99' 16/err
}

# memory NAME - KiB of all processes of that name.
memory() {
	local p
	for p in $(pgrep -x "$1"); do
		[ "$(readlink /proc/$p/cwd)" != "$PWD" ] ||
			awk '/^VmHWM/ { print $2 }' /proc/$p/status
	done
}

@test "a flood, at a listener and at a session" {
	[ "$(id -u)" = 0 ] || skip 'only root can forge senders'
	friends
	rate=${FLOOD:-50000} long=${SECONDS_OF_FLOOD:-2}
	listens -- chat-join -u sh -c "chat-frame -drm 1184 >&5; chat-frame </dev/null"
	before=$(memory chat-net)
	dgrams flood 127.0.0.1 "$port" 0 "$rate" 1 random
	[ "$(memory chat-net)" -le $((before + 512)) ]
	from=$((30000 + RANDOM % 20000))
	mkfifo feed
	exec {fd}<>feed
	# shellcheck disable=SC2094 # a FIFO
	CHAT_HOME=$PWD/alice setsid chat-net -u -p $from 127.0.0.1 "$port" \
		chat-handshake -un alice chat-join -u sh -c "$talk" \
		<feed >a.out 2>a.err 3>&- {fd}>&- &
	caller=$!
	echo 0 >&$fd
	wait_text b.out 0
	before=$(memory chat-open)
	dgrams flood 127.0.0.1 "$port" $from "$rate" "$long" random >one &
	one=$!
	dgrams flood 127.0.0.1 $from "$port" "$rate" "$long" random >two &
	for ((i = 1; i <= 100 * long; i++)); do
		echo $i >&$fd
		read -rt 0.01 <> <(:) || :
	done
	wait $one
	echo end >&$fd
	wait_text b.out end
	after=$(memory chat-open)
	exec {fd}>&-
	wait $caller
	wait $pid
	echo "$(wc -l <b.out) of $((100 * long + 2)) lines came; KiB" $before, $after
	cat one two
	sort -cnu <(grep -v end b.out)
	[ "$(wc -l <b.out)" -ge $((50 * long)) ]
	paste <(echo "$before") <(echo "$after") | awk '$2 > $1 + 512 { exit 1 }'
}

@test "after a stop nothing stale comes, and then all that is fresh" {
	friends
	mkfifo b.out
	udp stamp <b.out >stamped 3>&- &
	stamp=$!
	listens -- chat-join -u sh -c \
		'chat-frame -d -m 1184 -a 500 -o a=5; chat-frame </dev/null'
	CHAT_HOME=$PWD/alice chat-net -u 127.0.0.1 "$port" chat-handshake -un \
		alice chat-join -u udp live 5 2>a.err 3>&- </dev/null &
	caller=$!
	wait_text stamped ' 20 '
	# chat-net is the leader of all at bob's.
	kill -STOP -- -$pid
	stop=$EPOCHREALTIME
	for ((i = 0; i < 20; i++)); do
		read -rt 0.1 <> <(:) || :
	done
	go=$EPOCHREALTIME
	kill -CONT -- -$pid
	wait $caller
	wait $pid
	wait $stamp
	# Numbers go up; of the time of the stop only the last half second came.
	awk -v last=-1 -v stop=$stop -v go=$go '{ n += $3 > stop + 0.05 && $3 < go - 0.55
		if ($2 <= last) bad++
		last = $2
		if ($1 > go && !first && $1 - $3 < 0.5) first = $1 - go
		fresh += $3 > go }
		END { printf "%d stale, %d fresh, the first after %.0f ms\n", n,
			fresh, first * 1000; exit n > 0 || bad || !fresh }' stamped
}
