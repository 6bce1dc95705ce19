# helper.bash - what the bats files share.

bats_require_minimum_version 1.5.0

# The tree's own programs, a home of the test's own, no terminal to ask on.
ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)
PATH=$ROOT/bin:$ROOT/scripts:$PATH
export LC_ALL=C.UTF-8 TZ=UTC
umask 022 # peers that the group can change are refused
unset CHAT_HOME CHAT_PEER CHAT_PEERKEY CHAT_HOST CHAT_ROLE CHAT_READY_FD

# jobs_end - end what a test left in the background: it would keep bats waiting, or
# outlive it.
jobs_end() {
	local left
	left=$(jobs -p)
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$left" ] || kill $left 2>/dev/null || :
}

teardown() {
	jobs_end
}

# sanitized - are the programs built with sanitizers?
sanitized() {
	grep -qa __asan_init "$ROOT/bin/chat-open"
}

# home NAME - make an identity of that name; $BATS_TEST_TMPDIR/NAME is its
# CHAT_HOME, and the variable NAME holds its public key.
home() {
	printf -v "$1" %s "$(CHAT_HOME=$BATS_TEST_TMPDIR/$1 chat-keygen \
		2>/dev/null)"
}

# knows WHO NAME [HOST] - put NAME's key into WHO's peers.
knows() {
	local key
	key=$(chat-keygen -y -f "$BATS_TEST_TMPDIR/$2/id")
	printf '%s %s %s\n' "$2" "$key" "${3-}" >>"$BATS_TEST_TMPDIR/$1/peers"
}

# answered FILE ... - without what a caller reads where an answer takes a second.
answered() {
	grep -hvE '^waiting for [a-z]+ to answer$|^[a-z]+ answers$' "$@"
}

# couple - alice and bob, who know each other.
couple() {
	home alice
	home bob
	knows alice bob 127.0.0.1
	knows bob alice 127.0.0.1
}

# wait_for SECONDS COMMAND ... - until it succeeds; fails when time is up.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		read -rt 0.02 <> <(:) || :
	done
}

# wait_text FILE REGEX [SECONDS] - until a line of FILE matches.
wait_text() {
	wait_for "${3:-10}" grep -qE -- "$2" "$1"
}

# port FILE - the port of the first `listening on` in a chat-net's stderr.
port() {
	wait_text "$1" 'listening on .* port [0-9]+' &&
		sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p' "$1" | head -1
}

# keep_port - a free port that no program gets that asks for any: one that is
# given up for a while is still free then, whatever runs beside.
keep_port() {
	local low p
	read -r low _ </proc/sys/net/ipv4/ip_local_port_range
	p=$((low - 1 - RANDOM % 8000))
	while (: <>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; do
		p=$((low - 1 - RANDOM % 8000))
	done
	echo $p
}

# relay [PORT] - a relay for the scripts, on a free port or that one: $relay is its
# pid, CHAT_RELAY where it is, its stderr in relay.err.
relay() {
	rm -f relay.err
	chat-relay "${1:-0}" 2>relay.err 3>&- </dev/null &
	relay=$!
	CHAT_RELAY=127.0.0.1:$(port relay.err)
	export CHAT_RELAY CHAT_MEET=relayed,nolan
}

# waits N [PID FILE] - until so many wait in rooms of the relay, or of that one,
# whose stderr FILE is.
waits() {
	has_rooms() {
		kill -USR1 "${2:-$relay}"
		tail -n 1 "${3:-relay.err}" | grep -q "rooms $1,"
	}
	wait_for 30 has_rooms "$@"
}

# trio CODE REGEX COMMAND ... - the failure trio: that exit code, one line on
# stderr that matches, nothing on stdout.
trio() {
	local code=$1 want=$2
	shift 2
	run --separate-stderr "$@"
	[ "$status" = "$code" ] && [[ $stderr =~ $want ]] && [ -z "$output" ] ||
		{ echo "status $status, stdout <$output>, stderr <$stderr>"
		return 1; }
}

# listener ARGUMENT ... - start chat-net -lv, with $udp=u -luv, on a free port:
# $pid and $port, its output in out and err.
listener() {
	local opts=("-l${udp-}v")
	while [[ ${1-} == -* ]]; do
		opts+=("$1")
		shift
	done
	rm -f err # or the last one's port would be read
	chat-net "${opts[@]}" 0 "$@" >out 2>err 3>&- </dev/null &
	pid=$!
	port=$(port err)
}

# tries N - how often the test has tried to break what it is about (tests/proof).
tries() {
	echo "# tries $1" >&3
}

# ended PID - has it?
ended() {
	[ ! -e "/proc/$1" ] || grep -qs '^State:.Z' "/proc/$1/status"
}

# family PID - it and all that came of it.
family() {
	local kid
	echo "$1"
	for kid in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
		family "$kid"
	done
}

# member PID NAME - those of its family that run this program; fails if none
# does.
member() {
	local pid name found=1
	for pid in $(family "$1"); do
		read -r name 2>/dev/null <"/proc/$pid/comm" || continue
		[ "$name" = "$2" ] || continue
		echo "$pid"
		found=0
	done
	return $found
}

# all_run PID NAME ... - until each of these programs runs in its family.  Until
# then a child may not be there, or still bear its parent's name.
all_run() {
	local pid=$1 name
	shift
	for name; do
		wait_for 10 member "$pid" "$name" || {
			echo "no $name among $(family "$pid" | xargs)"
			return 1
		}
	done
}

# likeness psnr|ssim A B - how alike two files of pictures are, over all of them:
# in dB, or up to 1.
likeness() {
	ffmpeg -v info -i "$2" -i "$3" -lavfi "[0]settb=AVTB,setpts=N[a];
		[1]settb=AVTB,setpts=N[b];[a][b]$1=shortest=1" -f null - 2>&1 |
		sed -nE 's/.* (average|All):([0-9.inf]*).*/\2/p'
}

# above A B - is the first number the larger?
above() {
	awk "BEGIN { exit !($1 > $2) }"
}

# code PID - wait for it; its exit code is $status.
code() {
	status=0
	wait "$1" || status=$?
}
