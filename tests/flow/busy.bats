#!/usr/bin/env bats
# A call during a conversation, with -k: who is known is told that somebody else
# is being talked to, and the person that there was a call; nobody else learns
# anything.

load ../helper
load ../terminal

PUBLIC=hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
# Its secret key under the passphrase hunter2, at the least cost.
LOCKED='argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$B6r6DSTUCRGyub3TYCdcHZYh5J62XWaXqvX1uNvZP3STj7d+ktj26RqVYIpyf15B'

# three - alice, bob and carol, of whom bob knows the others.
three() {
	couple
	home carol
	knows carol bob 127.0.0.1
	knows bob carol
}

# calls WHO [OPTION ...] - without a terminal; what WHO reads is in WHO.out and
# WHO.err, the code in $status.
calls() {
	local who=$1
	shift
	status=0
	CHAT_HOME=$PWD/$who timeout 20 setsid -w chat-talk "$@" -n "$who" \
		127.0.0.1 "$p" </dev/null >"$who.out" 2>"$who.err" || status=$?
}

# is_busy WHO [OPTION ...] - WHO calls, and reads that and nothing else.
is_busy() {
	calls "$@"
	[ "$status" = 111 ] && [ ! -s "$1.out" ] && [ "$(cat "$1.err")" = \
		'chat-handshake: bob is talking to somebody else' ] ||
		{ echo "$1: $status $(cat "$1.err")"; return 1; }
}

@test "busy: who is known is told, the line being typed stays whole" {
	three
	listens bob -k
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	sees bob '^> ?$'
	key bob 'half a lne'
	sees bob '^> half a lne$'
	key bob Left Left
	is_busy carol
	sees bob '^carol called at [0-2][0-9]:[0-5][0-9]$'
	sees bob '^> half a lne$'
	# Once in a conversation.
	is_busy carol
	key bob i Enter
	sees alice ' bob: half a line$'
	[ "$(screen bob | grep -c 'called at')" = 1 ]
	[ "$(screen bob | grep -c 'half')" = 1 ]
	[ "$(screen alice | grep -c 'called')" = 0 ]
	key alice C-d
	sees bob '^alice hung up'
	# It is over: the next call is taken, as ever.
	at carol "chat-talk -n carol 127.0.0.1 $p"
	sees carol '^> ?$'
	sees bob '^connected to carol'
	is_busy alice
	sees bob '^alice called at [0-2][0-9]:[0-5][0-9]$'
	key bob C-c
	sees carol '^bob hung up'
	sees bob 'code 130'
	sees bob 'terminal fine'
	run ! grep -lsa "CHAT_HOME=$PWD/" /proc/[0-9]*/environ
}

@test "busy: a stranger reads and says nothing of it" {
	three
	home eve
	listens bob -k
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	sees bob '^> ?$'
	before=$(screen bob | grep -v '^chat-net: child')
	calls eve -p "$bob"
	[ "$status" = 98 ]
	[ "$(cat eve.err)" = "chat-handshake: 127.0.0.1 does not know this key" ]
	# Garbage, and who hangs up in the middle.
	echo rubbish | chat-net 127.0.0.1 "$p" || :
	printf chat1 | chat-net 127.0.0.1 "$p" || :
	is_busy carol
	sees bob '^carol called at '
	key bob x Enter
	sees alice ' bob: x$'
	[ "$(screen bob | grep -vE '^chat-net: child|^carol called|> x?$')" = \
		"${before%$'\n'*}" ]
	key bob C-c
	sees bob 'code 130'
}

@test "busy: with -t a stranger is declined; by datagrams it is the same" {
	three
	home eve
	listens bob -ktu
	at alice "chat-talk -u -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	sees bob '^> ?$'
	is_busy carol -u
	sees bob '^carol called at '
	calls eve -u -p "$bob"
	[ "$status $(cat eve.err)" = \
		'98 chat-handshake: 127.0.0.1 does not know this key' ]
	[ "$(screen bob | grep -c 'called at')" = 1 ]
	key bob C-d
	sees alice '^code 0'
	sees bob '^chat-net: child [0-9]+ ended with 0'
	at eve "chat-talk -u -p $bob -n eve 127.0.0.1 $p"
	sees bob '^connected to eve '
	sees bob '^> ?$'
	key bob C-c
	sees eve '^bob hung up'
	sees bob 'code 130'
}

@test "busy: which call was taken is decided before anybody is told" {
	three
	# Both have been heard when the first is taken.
	cat >hold <<-'SH'
	echo >>begun
	until [ "$(wc -l <begun)" = 2 ]; do sleep 0.01; done
	exec "$@"
	SH
	CHAT_HOME=$PWD/bob chat-net -lkrv -s 127.0.0.1 0 sh hold chat-handshake \
		-f talk -n bob \
		chat-join -bw chat-text -aqy >out 2>err 3>&- </dev/null &
	pid=$!
	p=$(port err)
	mkfifo silent
	exec {keep}<>silent
	for who in alice carol; do
		CHAT_HOME=$PWD/$who setsid -w chat-talk -n $who 127.0.0.1 "$p" \
			>$who.out 2>$who.err <silent 3>&- {keep}>&- &
		declare "$who=$!"
	done
	wait_for 10 grep -q 'somebody else' alice.err carol.err
	grep -q '^connected to bob' alice.err carol.err
	wait_text err '^(alice|carol) called at '
	grep -q somebody alice.err && { code "$alice"; other=$carol; } ||
		{ code "$carol"; other=$alice; }
	[ "$status" = 111 ]
	[ "$(answered alice.err carol.err | grep -c .)" = 2 ]
	run ! ended "$other" || { tail -n 9 ./*.err; false; }
	kill "$pid"
	exec {keep}>&-
	wait
}

@test "busy: what a call is for is said, if it is not the usual" {
	three
	CHAT_HOME=$PWD/bob chat-net -lkrv -s 127.0.0.1 0 chat-handshake \
		-f talk,voice -n bob sh -c 'echo in; read -r _ <&6' \
		>out 2>err 3>&- </dev/null &
	pid=$!
	p=$(port err)
	CHAT_HOME=$PWD/alice chat-net 127.0.0.1 "$p" chat-handshake -f voice \
		-n alice sh -c 'read -r _ <&6' 3>&- &
	wait_text out in
	is_busy carol
	wait_text err '^carol called at [0-9:]* \(talk\)$'
	# A call that would not be taken is not reported.
	calls carol -i "$PWD/carol/id" -p "$alice"
	[ "$status" = 98 ]
	CHAT_HOME=$PWD/carol run -100 chat-net 127.0.0.1 "$p" chat-handshake \
		-f files true
	[ "$output" = 'chat-handshake: bob waits for talk, this is files' ]
	[ "$(grep -c called err)" = 1 ] || { cat err; false; }
	kill "$pid"
	wait
}

@test "busy: -l frees the port" {
	three
	listens bob
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	calls carol
	[ "$status" = 111 ]
	[[ $(cat carol.err) == *refused* ]]
	key alice C-d
	sees bob '^code 0'
}

# locked COMMAND - bob runs that, dave's identity, which has a passphrase, being in
# dave.id; the others know it.
locked() {
	(umask 077; echo "$LOCKED" >dave.id)
	printf 'dave %s 127.0.0.1\n' "$PUBLIC" | tee alice/peers >carol/peers
	at bob "$1"
}

@test "busy: the passphrase was asked for at the start, so the next one is told" {
	three
	locked "chat-talk -lvk -s 127.0.0.1 -i $PWD/dave.id 0"
	sees bob '^passphrase of '
	key bob hunter2 Enter
	sees bob 'listening on .* port [0-9]+'
	p=$(screen bob | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p')
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	calls carol
	[ "$status" = 111 ]
	[[ $(cat carol.err) == *'talking to somebody else'* ]]
	key alice C-d
	sees bob '^alice hung up'
	key bob C-c
	sees bob 'code 130'
}

@test "busy: a passphrase is not asked for in a conversation, the port is closed" {
	three
	locked "chat-net -lrkv -s 127.0.0.1 0 chat-handshake -i $PWD/dave.id \
		chat-join -b chat-text -q"
	sees bob 'listening on .* port [0-9]+'
	p=$(screen bob | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p')
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees bob '^passphrase of '
	key bob hunter2 Enter
	sees alice '^> ?$'
	calls carol
	[ "$status" = 111 ]
	[[ $(cat carol.err) == *refused* ]]
	key alice C-d
	sees bob '^alice hung up'
	key bob C-c
	sees bob 'code 130'
}

@test "busy: who meets in another room is told, too" {
	three
	sed -i 's/ 127.0.0.1//' {alice,bob,carol}/peers
	relay
	listens bob -k
	at alice 'chat-talk -n alice bob'
	sees alice '^> ?$'
	sees bob '^> ?$'
	CHAT_HOME=$PWD/carol run -111 timeout 20 setsid -w chat-talk -n carol bob \
		</dev/null
	[[ $output == *'bob is talking to somebody else' ]]
	sees bob '^carol called at '
	key bob C-c
	sees bob 'code 130'
	kill $relay
}

@test "busy: another program that says it is ready has the port to itself" {
	listener -kr sh -c \
		'echo >&$CHAT_READY_FD; echo "in $$"; read -r _ <&6'
	mkfifo silent
	exec {keep}<>silent
	chat-net 127.0.0.1 "$port" <silent 3>&- {keep}>&- &
	wait_text out '^in'
	trio 111 refused chat-net 127.0.0.1 "$port"
	kill "$pid"
	exec {keep}>&-
	wait
}
