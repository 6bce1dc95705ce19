#!/usr/bin/env bats
# chat-answer.bats - one listener for every kind of call, at a terminal.

load ../helper
load ../terminal

setup() {
	at_devices
	mkdir in
	echo content >file
}

# waits [OPTION ...] - alice waits for whatever, at port $p.
waits() {
	at alice "$devices chat-answer -v -n alice -o in -s 127.0.0.1 $* 0"
	at_port alice
}

# idle - has alice's part of the last call ended?
idle() {
	! screen alice | grep -E 'chat-net: child [0-9]+' | tail -1 | grep -q ' for '
}

# call COMMAND - bob's, at a terminal, when nobody talks to alice.
call() {
	wait_for 10 idle
	tmux -S "$PWD/tmux" kill-session -t bob 2>/dev/null || :
	at bob "$devices $1"
}

# rings N REGEX - alice reads it for the Nth time.
rings() {
	wait_for 15 rung "$@"
}

rung() {
	[ "$(screen alice | grep -cE -- "$2")" = "$1" ]
}

# stops - ^C ends it all, with nothing left.
stops() {
	key alice C-c
	sees alice 'code 130$'
	sees alice 'terminal fine'
	run ! grep -lsa "CHAT_HOME=$PWD/" /proc/[0-9]*/environ
}

@test "chat-answer: talk, files, pictures, one after another" {
	waits
	call "chat-talk -n bob 127.0.0.1 $p"
	rings 1 '^bob calls: talk. Answer\? \[y/N\]$'
	sees bob '^waiting for alice to answer$'
	key alice y Enter
	sees bob '^alice answers$'
	key bob hello Enter
	sees alice 'bob: hello$'
	key alice C-d
	sees bob '^alice hung up$'
	sees bob '^code 0$'

	call "chat-talk -u -n bob 127.0.0.1 $p"
	rings 2 '^bob calls: talk. Answer\? \[y/N\]$'
	key alice y Enter
	sees bob '^> ?$'
	key bob 'by datagrams' Enter
	sees alice 'bob: by datagrams$'
	key bob C-d
	rings 1 '^bob hung up$'
	sees bob '^code 0$'

	for u in '' -u; do
		echo "content $u" >file
		call "chat-send -n bob $u -P $p 127.0.0.1 file"
		wait_for 15 asked 'list them'
		key alice y Enter
		wait_for 15 asked 'take it'
		key alice y Enter
		sees bob '^code 0$'
		wait_for 10 arrived
		tmux -S "$PWD/tmux" clear-history -t alice
		rm in/*
	done

	call "chat-video -n bob 127.0.0.1 $p"
	rings 1 '^bob calls: video. Answer\? \[y/N\]$'
	[ ! -e alice/lamp ]
	[ ! -e bob/lamp ]
	key alice y Enter
	wait_for 10 test -s alice/view
	wait_for 10 test -s bob/view
	key bob C-d
	sees bob '^code 0$'
	rings 2 '^bob hung up$'
	stops
}

# asked WORDS - is the question on alice's last line?
asked() {
	screen alice | grep -v '^$' | tail -1 | grep -q "$1?.*\[y/N\]"
}

arrived() {
	cmp file in/file*
}

@test "chat-answer: refused; the listener goes on" {
	waits
	call "chat-talk -n bob 127.0.0.1 $p"
	rings 1 'calls: talk. Answer\?'
	key alice Enter
	sees bob '^alice does not answer$'
	sees bob '^code 98$'
	call "chat-video -n bob 127.0.0.1 $p"
	rings 1 'calls: video. Answer\?'
	key alice n Enter
	sees bob '^alice does not answer$'
	sees bob '^code 98$'
	[ ! -e alice/lamp ]
	[ ! -e bob/lamp ]
	call "chat-send -n bob -P $p 127.0.0.1 file"
	wait_for 15 asked 'list them'
	key alice n Enter
	sees bob 'alice.* declined'
	sees bob '^code 98$'
	[ ! -e in/file ]
	stops
}

@test "chat-answer: the caller gives up: a missed call is told" {
	waits
	call "chat-talk -n bob 127.0.0.1 $p"
	rings 1 'calls: talk. Answer\?'
	key bob C-d
	sees alice '^bob called at [0-2][0-9]:[0-5][0-9] \(talk\)$'
	sees bob '^code 0$'
	call "chat-send -n bob -P $p 127.0.0.1 file"
	wait_for 15 asked 'list them'
	key bob C-c
	sees alice '^bob called at [0-2][0-9]:[0-5][0-9] \(files\)$'
	sees bob 'code 130$'
	call "chat-talk -n bob 127.0.0.1 $p"
	rings 2 'calls: talk. Answer\?'
	stops
	sees bob '^alice does not answer$'
	sees bob '^code 98$'
}

@test "chat-answer: nobody answers for a minute" {
	waits
	call "chat-video -n bob 127.0.0.1 $p"
	rings 1 'calls: video. Answer\?'
	wait_for 90 rung 1 '^bob called at [0-2][0-9]:[0-5][0-9] \(video\)$'
	sees bob '^alice does not answer$'
	sees bob '^code 98$'
	[ ! -e alice/lamp ]
	[ ! -e bob/lamp ]
	sees alice 'child [0-9]+ ended with 99'
	stops
}

@test "chat-answer: -y answers by itself, without a terminal too" {
	CHAT_HOME=$PWD/alice setsid chat-answer -vy -n alice -o in \
		-f talk,files -s 127.0.0.1 0 </dev/null >a.out 2>a.err 3>&- &
	pid=$!
	p=$(port a.err)
	for u in '' -u; do
		echo "hello $u" | CHAT_HOME=$PWD/bob setsid -w chat-talk $u -n bob \
			127.0.0.1 "$p"
		wait_text a.out "bob: hello $u"
		CHAT_HOME=$PWD/bob setsid -w chat-send $u -n bob -P "$p" 127.0.0.1 file
		cmp file in/file
		rm in/file
		# The next caller does not find the last one still there.
		for i in 1 2 3 4; do
			echo "$i" | CHAT_HOME=$PWD/bob setsid -w chat-talk $u \
				-n bob 127.0.0.1 "$p"
		done
	done
	kill $pid
	code $pid
	[ "$status" = 143 ]
	run ! grep -lsa "CHAT_HOME=$PWD/alice" /proc/[0-9]*/environ
}

@test "chat-answer: where people meet, by streams and by datagrams" {
	relay
	sed -i 's/ 127.0.0.1//' bob/peers
	CHAT_HOME=$PWD/alice setsid chat-answer -y -n alice -o in -f talk,files \
		-s 127.0.0.1 0 </dev/null >a.out 2>a.err 3>&- &
	pid=$!
	for u in '' -u; do
		echo "hello $u" | CHAT_HOME=$PWD/bob setsid -w chat-talk $u -n bob \
			alice
		wait_text a.out "bob: hello $u"
		CHAT_HOME=$PWD/bob setsid -w chat-send $u -n bob alice file
		cmp file in/file
		rm in/file
	done
	kill $pid
	code $pid
	[ "$status" = 143 ]
	kill $relay
}

@test "chat-answer: strangers, other purposes: nobody is asked" {
	home carol
	waits -f talk
	CHAT_HOME=$PWD/carol setsid -w chat-talk -t 127.0.0.1 "$p" </dev/null \
		>/dev/null 2>c.err 3>&- &
	pid=$!
	sees alice 'A name for this key'
	key alice Enter
	code $pid
	[ "$status" = 98 ]
	grep -q 'does not know this key' c.err
	run -100 env CHAT_HOME="$PWD/bob" setsid -w chat-send -n bob -P "$p" \
		127.0.0.1 file </dev/null
	[[ $output =~ 'alice waits for talk, this is files' ]]
	run -100 env CHAT_HOME="$PWD/bob" setsid -w chat-video -S -d test -n bob \
		127.0.0.1 "$p" </dev/null
	[[ $output =~ 'alice waits for talk, this is video' ]]
	run ! grep -q 'Answer?' <(screen alice)
	sees alice 'bob calls for video, this is talk'
	stops
}

@test "chat-answer: what cannot be is said before anybody calls" {
	export CHAT_HOME=$PWD/alice
	trio 100 '^chat-answer: no terminal to answer calls at: -y answers at once$' \
		chat-answer 0 </dev/null
	trio 100 'none: no folder to write to$' chat-answer -y -o none 0
	trio 100 '^chat-answer: -f chess: not talk, files, video or voice$' \
		chat-answer -y -f talk,chess 0
	PULSE_SERVER=unix:/nowhere trio 100 'no sound here|is not installed' \
		chat-answer -y -f voice 0
	trio 100 usage chat-answer -y -f talk, 0
	trio 100 usage chat-answer -y 1 2
	trio 100 usage chat-answer -y -c 0
	trio 100 usage chat-answer -y -p bob 0
	DISPLAY='' WAYLAND_DISPLAY='' SDL_VIDEODRIVER='' trio 100 \
		'no window system to show pictures in$' chat-answer -y -f video 0
	trio 99 'nobody called$' chat-answer -y -f talk -w 1 -s 127.0.0.1 0
}
