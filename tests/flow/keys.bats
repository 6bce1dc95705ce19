#!/usr/bin/env bats
# Identities under a passphrase: asked for on a terminal, changed, removed,
# killed midway.

load ../helper

GOOD=dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
PUBLIC=hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
# GOOD under the passphrase hunter2, at the least cost, so that it is quick.
LOCKED='argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$B6r6DSTUCRGyub3TYCdcHZYh5J62XWaXqvX1uNvZP3STj7d+ktj26RqVYIpyf15B'

setup() {
	umask 077
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return
	export CHAT_HOME=$PWD
}

# ask [PROMPT ANSWER ...] -- COMMAND ... - with a terminal; see tests/tool/expect.
ask() {
	"$ROOT/tests/tool/expect" -s ../screen "$@"
}

@test "a protected identity asks on the terminal, not on stdin" {
	printf '# mine\n%s\n' "$LOCKED" >id
	run --separate-stderr ask 'passphrase of' 'hunter2\r' -- \
		chat-keygen -y </dev/null
	[ "$status" = 0 ]
	[ "$output" = "$PUBLIC" ]
	[ -z "$stderr" ]
	run ! grep hunter2 ../screen
	grep -q "^passphrase of $CHAT_HOME/id: " ../screen
	trio 100 'id: no terminal to ask for the passphrase on' \
		setsid -w chat-keygen -y </dev/null
	# From a pipe too.
	run --separate-stderr ask 'standard input' 'hunter2\r' -- \
		chat-keygen -y -f - <id
	[ "$output" = "$PUBLIC" ]
}

@test "three tries, then 100" {
	echo "$LOCKED" >id
	run --separate-stderr ask id: 'no\r' 'wrong, try again' '\r' \
		'wrong' 'hunter2\r' -- chat-keygen -y
	[ "$status" = 0 ]
	[ "$output" = "$PUBLIC" ]
	trio 100 'id: wrong passphrase, or the file was changed$' \
		ask id: 'no\r' wrong 'Hunter2\r' wrong 'hunter2 \r' -- \
		chat-keygen -y
	trio 100 'id: no passphrase was given$' ask id: '\x04' -- chat-keygen -y
	run --separate-stderr ask id: 'hunt\x03' -- chat-keygen -y
	[ "$status" = 130 ]
	[ -z "$output$stderr" ]
}

@test "^Z at the question, and fg: asked again, though the shell was quicker" {
	echo "$LOCKED" >id
	cat >job <<-'END'
		echo $$ >leader
		chat-keygen -y >public & echo $! >asks
		wait
		echo over
	END
	# The shell has the terminal before the one who asks can restore it.
	cat >stop <<-'END'
		kill -TSTP "$(cat asks)"
		for i in $(seq 500); do
			grep -q '^State:.T' "/proc/$(cat asks)/status" && break
			sleep 0.01
		done
		printf 'fg\r'
	END
	timeout 40 "$ROOT/tests/tool/expect" '\$ ' 'sh job\r' 'id: ' \
		'!kill -STOP "$(cat leader)"' Stopped '!sh stop' \
		'id: ' 'hunter2\r' 'over' 'exit\r' -- \
		env PS1='$ ' HISTFILE= bash --norc --noprofile -i
	[ "$(cat public)" = "$PUBLIC" ]
}

@test "a changed line, and costs beyond the limits, which take no memory" {
	echo "${LOCKED%B}A" >id
	trio 100 'id: wrong passphrase, or the file was changed$' \
		ask id: 'hunter2\r' id: 'hunter2\r' id: 'hunter2\r' -- \
		chat-keygen -y
	for costs in '11$8' '1$1048577' '1$999999999' '0$8' '1$7'; do
		echo "${LOCKED/1\$8/$costs}" >id
		trio 100 ':1: the costs of its passphrase are beyond the limits' \
			setsid -w chat-keygen -y
	done
	# No memory for what is allowed: said so, and may be retried.
	# (A sanitizer cannot live with such a limit.)
	sanitized && return
	echo "${LOCKED/1\$8/1\$1048576}" >id
	run --separate-stderr ask id: 'hunter2\r' -- \
		bash -c 'ulimit -v 300000; exec chat-keygen -y'
	[ "$status" = 111 ]
	[[ $stderr = *'not enough memory for the passphrase' ]]
}

@test "-p: a passphrase is set, changed and removed" {
	printf '# above\n  %s \r\n# below' "$GOOD" >id
	run --separate-stderr ask 'new passphrase' 'one\r' again: 'one\r' -- \
		chat-keygen -p
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$stderr" = "chat-keygen: changed the passphrase of $CHAT_HOME/id" ]
	[ "$(stat -c %a id)" = 600 ]
	[ "$(ls -A)" = id ]
	line=$(sed -n 2p id)
	[[ $line =~ ^'  argon2id$'([0-9]+)'$'([0-9]+)'$'.{22}'$'.{64}' '$'\r'$ ]]
	[ "${BASH_REMATCH[1]}" -ge 3 ]
	[ "${BASH_REMATCH[1]}" -le 10 ]
	[ "${BASH_REMATCH[2]}" -ge 65536 ]
	[ "${BASH_REMATCH[2]}" -le 1048576 ]
	[ "$(sed 2d id)" = $'# above\n# below' ]
	run --separate-stderr ask id: 'one\r' -- chat-keygen -y
	[ "$output" = "$PUBLIC" ]
	run ! grep -rF "$GOOD" .

	run --separate-stderr ask id: 'one\r' 'new passphrase' 'two\r' \
		again: 'too\r' 'not the same' 'two\r' again: 'two\r' -- \
		chat-keygen -p
	[ "$status" = 0 ]
	[ "$(sed -n 2p id)" != "$line" ]

	run --separate-stderr ask id: 'two\r' 'empty: none' '\r' again: '\r' \
		'remove the passphrase?' 'n\r' -- chat-keygen -p
	[ "$status" = 0 ]
	[ "$stderr" = "chat-keygen: left $CHAT_HOME/id as it was" ]
	run --separate-stderr ask id: 'two\r' 'empty: none' '\r' again: '\r' \
		'remove the passphrase?' 'y\r' -- chat-keygen -p
	[ "$status" = 0 ]
	printf '# above\n  %s \r\n# below' "$GOOD" | cmp - id
}

@test "-p without a file makes an identity under a passphrase" {
	run --separate-stderr ask 'new passphrase' 'x\r' again: 'x\r' -- \
		chat-keygen -p -f new
	[ "$status" = 0 ]
	[ "${#output}" = 44 ]
	grep -q '^argon2id\$' new
	public=$output
	run --separate-stderr ask new: 'x\r' -- chat-keygen -y -f new
	[ "$output" = "$public" ]
	# Half-way is not at all.
	trio 100 'none: no passphrase was given' \
		ask 'new passphrase' '\r' again: '\r' -- chat-keygen -p -f none
	trio 100 'none: the two passphrases differ' \
		ask 'new passphrase' 'a\r' again: 'b\r' 'not the same' 'a\r' \
		again: '\r' 'not the same' '\r' again: 'a\r' -- \
		chat-keygen -p -f none
	trio 100 'none: no terminal' setsid -w chat-keygen -p -f none
	run ask passphrase 'x\r' again: 'x\x03' -- chat-keygen -p -f none
	[ "$status" = 130 ]
	[ ! -e none ]
	trio 100 '-p needs a file' chat-keygen -p -f -
}

@test "-p of a plain identity with an empty passphrase leaves it" {
	echo "$GOOD" >id
	run --separate-stderr ask 'new passphrase' '\r' again: '\r' -- \
		chat-keygen -p
	[ "$status" = 0 ]
	[ "$stderr" = "chat-keygen: left $CHAT_HOME/id as it was" ]
	[ "$(cat id)" = "$GOOD" ]
}

# remove INJECTION - take the passphrase away, under strace, which makes that
# happen to a system call.
remove() {
	ask id: 'hunter2\r' 'empty: none' '\r' again: '\r' remove 'y\r' -- \
		env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null \
		-e trace="${1%%:*}" ${1:+-e inject="$1"} chat-keygen -p
}

@test "-p killed at any moment loses nothing" {
	command -v strace >/dev/null || skip "no strace"
	before=0 after=0
	for at in unlink:1 fchown:1 fchmod:1 fsync:1 rename:1 fsync:2 \
		exit_group:1; do
		echo "$LOCKED" >id
		run remove "${at%:*}:signal=KILL:when=${at#*:}"
		[ "$status" = 137 ] || { echo "$at: $status $output"; return 1; }
		case $(cat id) in
		"$LOCKED") before=$((before + 1)) ;;
		"$GOOD") after=$((after + 1)) ;;
		*) cat id; return 1 ;;
		esac
		# Files it may leave help no attacker, and are cleared away.
		[ ! -e id.new ] || [ "$(stat -c %a id.new)" = 600 ]
		echo "$LOCKED" >id
		run remove fsync:delay_enter=0
		[ "$status" = 0 ]
		[ "$(cat id)" = "$GOOD" ]
		[ "$(ls -A)" = id ]
	done
	[ $before -ge 4 ]
	[ $after -ge 2 ]
}

@test "-p that fails leaves the file as it was, and nothing else" {
	command -v strace >/dev/null || skip "no strace"
	for at in fchmod:EIO fsync:EIO rename:ENOSPC; do
		echo "$LOCKED" >id
		run remove "${at%:*}:error=${at#*:}:when=1"
		[ "$status" = 111 ] || { echo "$at: $status $output"; return 1; }
		[ "$(cat id)" = "$LOCKED" ]
		[ "$(ls -A)" = id ]
	done
}

@test "-p keeps its hands off a file that changed meanwhile" {
	echo "$LOCKED" >id
	trio 111 'id: changed meanwhile, nothing was done$' \
		ask id: 'hunter2\r' 'empty: none' '\r' again: '\r' \
		remove '!echo "# later" >>id; printf "y\r"' -- chat-keygen -p
	[ "$(cat id)" = "$LOCKED"$'\n# later' ]
	echo "$LOCKED" >id
	trio 100 'id: No such file' ask id: 'hunter2\r' 'empty: none' '\r' \
		again: '\r' remove '!rm id; printf "y\r"' -- chat-keygen -p
	[ -z "$(ls -A)" ]
}
