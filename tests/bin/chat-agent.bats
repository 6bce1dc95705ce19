#!/usr/bin/env bats
# chat-agent: asks once, holds the key, answers one kind of question.

load ../helper
load ../cage

GOOD=dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
PUBLIC=hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
# GOOD under the passphrase hunter2, at the least cost, so that it is quick.
LOCKED='argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$B6r6DSTUCRGyub3TYCdcHZYh5J62XWaXqvX1uNvZP3STj7d+ktj26RqVYIpyf15B'

setup() {
	umask 077
	mkdir "$BATS_TEST_TMPDIR/work"
	cd "$BATS_TEST_TMPDIR/work" || return
	export CHAT_HOME=$PWD
	echo "$LOCKED" >id
}

# behind COMMAND ... - behind the agent, whose passphrase is typed.
behind() {
	"$ROOT/tests/tool/expect" -s ../screen 'passphrase of' 'hunter2\r' -- \
		chat-agent "$@"
}

# ask - what the agent answers, as a Python program that has `channel`, and
# `question`, which returns the answer.
ask() {
	cat >ask.py <<-'END'
		import base64, os, socket, sys
		main = socket.socket(fileno=int(os.environ['CHAT_ID_FD']))
		def channel():
		    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    socket.send_fds(main, [b'c'], [b.fileno()])
		    a.settimeout(10)
		    return a
		def question(c, what):
		    c.send(what)
		    return c.recv(100)
	END
	cat >>ask.py
	behind python3 ask.py
}

@test "rooms and the public key, with one question for all" {
	bob=$(chat-keygen -f bob 2>/dev/null)
	echo "bob $bob" >peers
	run --separate-stderr behind sh -c \
		'chat-keygen -r -d 1 bob && chat-keygen -r -d 1 bob'
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "$(grep -c passphrase ../screen)" = 1 ]
	echo "$GOOD" >id
	[ "${output%%c *}" = '' ]
	[ "$output" = "$(chat-keygen -r -d 1 bob; chat-keygen -r -d 1 bob)" ]
}

@test "none where the file can be read as often as one likes" {
	echo "$GOOD" >id
	# Another's is not handed on.
	CHAT_ID_FD=0 run --separate-stderr chat-agent env
	[ "$status" = 0 ]
	[[ $output != *CHAT_ID_FD* ]]
	# A pipe cannot.
	run --separate-stderr chat-agent -f <(cat id) env
	[[ $output == *CHAT_ID_FD=* ]]
	run --separate-stderr chat-agent -f - env <id
	[[ $output == *CHAT_ID_FD=* ]]
}

@test "what is wrong with the identity: 100, and nothing is run" {
	trio 100 'id: wrong passphrase' "$ROOT/tests/tool/expect" -s ../screen \
		id: 'no\r' wrong 'no\r' wrong 'no\r' -- chat-agent touch ran
	trio 100 'id: no terminal to ask for the passphrase on' \
		setsid -w chat-agent touch ran
	trio 100 'none: no such file' chat-agent -f none touch ran
	echo nothing >id
	trio 100 'id:1: not a secret key' chat-agent touch ran
	echo "$GOOD" >id
	chmod 644 id
	trio 100 'id: can be read by others' chat-agent touch ran
	[ ! -e ran ]
	chmod 600 id
	trio 100 '^usage: chat-agent ' chat-agent
	run -127 --separate-stderr chat-agent ./nothing
	[[ $stderr == 'chat-agent: ./nothing: No such file'* ]]
	: >nothing
	run -126 --separate-stderr chat-agent ./nothing
	[[ $stderr == 'chat-agent: ./nothing: Permission denied' ]]
}

# agents - the pids of those whose end of the socket nobody else has.
agents() {
	local pid
	for pid in $(pgrep -x chat-agent); do
		[ "$(readlink "/proc/$pid/exe")" = "$ROOT/bin/chat-agent" ] &&
			grep -qzxF "CHAT_HOME=$PWD" "/proc/$pid/environ" &&
			echo "$pid"
	done
	return 0
}

none_left() {
	[ -z "$(agents)" ]
}

@test "it has one descriptor, is caged, heeds no ^C, and ends with what it is for" {
	mkfifo go
	behind sh -c 'echo in >in; read -r x <go; exit 3' &
	pid=$!
	wait_for 20 test -s in
	agent=$(agents)
	[ "$(echo "$agent" | wc -w)" = 1 ]
	sanitized || pid=$agent as_told chat-agent
	[ "$(ls "/proc/$agent/fd")" = 0 ]
	for sig in INT HUP QUIT; do
		kill -$sig "$agent"
	done
	[ "$(agents)" = "$agent" ]
	echo >go
	code "$pid"
	[ "$status" = 3 ]
	wait_for 10 none_left
}

@test "it keeps no reader waiting for what the program writes" {
	run --separate-stderr behind sh -c 'sleep 5 >/dev/null 2>&1 & echo out'
	[ "$output" = out ]
}

@test "X25519 and nothing else; each channel for itself" {
	run --separate-stderr ask <<-END
		base = bytes([9]) + bytes(31)
		a, b = channel(), channel()
		b.send(base)
		print(base64.b64encode(question(a, base)).decode())
		print(b.recv(100) == question(a, base))
		print(len(question(a, bytes(32))), len(question(a, b'\\1' + bytes(31))))
		# A malformed question ends its channel, but no other.
		for bad in b'x', bytes(33), bytes(31), bytes(60000):
		    print(question(channel(), bad))
		main.send(b'no descriptor')
		main.send(bytes(10000))
		print(len(question(a, base)))
		# One that does not listen is not waited for.
		deaf = channel()
		deaf.settimeout(0)
		try:
		    while True:
		        deaf.send(base)
		except OSError:
		    pass
		print(len(question(a, base)))
	END
	[ "$status" = 0 ]
	[ "${lines[*]}" = "$PUBLIC True 1 1 b'' b'' b'' b'' 32 32" ]
	# More channels than there can be children.
	run --separate-stderr ask <<-END
		import resource
		most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
		resource.setrlimit(resource.RLIMIT_NOFILE, (min(4000, most),) * 2)
		base = bytes([9]) + bytes(31)
		first = channel()
		all = [channel() for _ in range(1500)]
		print(len(question(first, base)))
		del all
		print(len(question(channel(), base)))
	END
	echo "$output $stderr"
	[ "$status" = 0 ]
	[ "${lines[*]}" = '32 32' ]
}
