#!/usr/bin/env bats
# ring.bats - a call rings, and is answered, refused, missed or given up.

load ../helper
load ../terminal

setup() {
	at_devices
}

# rings [OPTION ...] - bob waits for a video call, and alice calls.
rings() {
	at bob "$devices chat-video -lv -n bob -s 127.0.0.1 $* 0"
	at_port bob
	calls
}

calls() {
	at alice "$devices chat-video -n alice 127.0.0.1 $p"
	sees alice 'connected to bob'
}

dark() {
	[ ! -e alice/lamp ] && [ ! -e bob/lamp ] && [ ! -e alice/view ] &&
		[ ! -e bob/view ]
}

# codes ALICE BOB - so both end, with terminals as they were, and nothing left.
codes() {
	sees alice "^code $1\$"
	sees bob "^code $2\$"
	sees alice 'terminal fine'
	sees bob 'terminal fine'
	run ! grep -lsa "CHAT_HOME=$PWD/" /proc/[0-9]*/environ
}

@test "ring: answered: before that no lamp, and no line, either way" {
	rings
	sees bob '^alice calls: video. Answer\? \[y/N\]$'
	sees alice '^waiting for bob to answer$'
	key alice 'are you there?' Enter
	sees alice '> are you there\?$'
	dark
	run ! grep -q 'are you' <(screen bob)
	key bob y Enter
	sees alice '^bob answers$'
	sees bob 'alice: are you there\?$'
	wait_for 10 test -s bob/view
	wait_for 10 test -s alice/view
	[ -s alice/lamp ]
	[ -s bob/lamp ]
	key bob yes Enter
	sees alice 'bob: yes$'
	[ "$(screen alice | grep -c 'bob: ')" = 1 ]
	key alice C-d
	sees bob '^alice hung up$'
	codes 0 0
}

@test "ring: the bell" {
	rings
	tmux -S "$PWD/tmux" pipe-pane -t bob "cat >bob.raw"
	wait_text bob.raw $'\a'
	key bob Enter
	codes 98 98
}

@test "ring: refused by n, by Return, by ^D" {
	for keys in 'n Enter' Enter C-d; do
		rings
		sees bob 'Answer\? \[y/N\]$'
		# shellcheck disable=SC2086
		key bob $keys
		sees alice '^bob does not answer$'
		run ! grep -q 'broke off' <(screen alice; screen bob)
		codes 98 98
		dark
		all_leave
	done
}

@test "ring: the caller gives up, by ^D, by ^C" {
	for keys in C-d C-c; do
		rings
		sees bob 'Answer\? \[y/N\]$'
		sees alice 'waiting for bob to answer'
		key alice $keys
		sees bob '^alice called at [0-2][0-9]:[0-5][0-9] \(video\)$'
		[ $keys = C-c ] && code=130 || code=0
		codes $code 99
		dark
		all_leave
	done
}

@test "ring: ^C at the question refuses" {
	rings
	sees bob 'Answer\? \[y/N\]$'
	key bob C-c
	sees alice '^bob does not answer$'
	codes 98 130
	dark
}

@test "ring: the caller is cut off" {
	rings
	sees bob 'Answer\? \[y/N\]$'
	kill -KILL "$(pgrep -f "^chat-text -acq -i 3 -o 5" -s "$(tmux \
		-S "$PWD/tmux" display -p -t alice '#{pane_pid}')")"
	sees bob '^alice called at .* \(video\)$'
	sees bob '^alice broke off the conversation$'
	sees bob '^code 98'
	sees bob 'terminal fine'
	dark
}

@test "ring: -y answers at once" {
	rings -y
	wait_for 10 test -s alice/view
	run ! grep -qE 'Answer|waiting|answers' <(screen alice; screen bob)
	key alice C-c
	sees bob '^alice hung up$'
	codes 130 0
}

@test "ring: no terminal to answer at" {
	trio 100 '^chat-video: no terminal to answer calls at: -y answers at once$' \
		env SDL_VIDEODRIVER=dummy CHAT_HOME="$PWD/bob" chat-video -lR 0 \
		</dev/null
	trio 100 ': -a: no terminal to answer at: -y answers at once$' \
		env CHAT_ROLE=responder chat-text -a 3</dev/null 5>&1
	trio 100 ': -a: CHAT_ROLE does not say who called$' \
		chat-text -a 3</dev/null 5>&1
}

@test "ring: chat-talk waits for an answer" {
	at bob "CHAT_HOME=$PWD/bob chat-call -lv -f talk -n bob -s 127.0.0.1 0 \
		chat-join -bw chat-text -aq"
	sees bob 'listening on .* port [0-9]+'
	p=$(screen bob | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p')
	echo 'from a pipe' | CHAT_HOME=$PWD/alice chat-talk -n alice 127.0.0.1 \
		"$p" 2>a.err &
	pid=$!
	sees bob '^alice calls: talk. Answer\? \[y/N\]$'
	wait_text a.err '^waiting for bob to answer$'
	run ! grep -q 'from a pipe' <(screen bob)
	key bob y Enter
	wait $pid
	sees bob 'alice: from a pipe$'
	sees bob '^code 0'
	grep -qx 'bob answers' a.err
}

@test "ring: no device is opened before the answer: strace" {
	command -v strace >/dev/null || skip 'no strace'
	ln -s /dev/null cam # there, by this name, and not a camera
	ln -s /dev/null line
	devices="export CHAT_VIEW='cat >\$CHAT_HOME/view'"
	at bob "$devices; strace -f -qq -o bob.trace -e trace=open,openat,execve \
		chat-video -lv -d ./cam -n bob -s 127.0.0.1 0"
	sees bob 'listening on .* port [0-9]+'
	p=$(screen bob | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p')
	at alice "$devices CHAT_CAM='exec chat-cam -d ./line'; strace -f -qq \
		-o alice.trace -e trace=open,openat,execve \
		chat-video -n alice 127.0.0.1 $p"
	sees bob 'Answer\? \[y/N\]$'
	sees alice 'waiting for bob to answer'
	opens='open.*("\./(cam|line)"|/dev/(video|snd))|"chat-cam", "-d", "\./'
	run ! grep -E "$opens" alice.trace bob.trace
	key bob y Enter
	wait_text bob.trace "$opens" 30
	wait_text alice.trace "$opens" 30
	key alice C-d
	codes '[0-9]+' '[0-9]+'
}
