#!/usr/bin/env bats
# keyboard: what a person at a terminal is asked, told and spared.

load ../helper
load ../terminal

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	couple
}

teardown() {
	jobs_end
	tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || :
	umount -l "$BATS_TEST_TMPDIR/small" 2>/dev/null || :
}

@test "a code: TAB completes words, a wrong one is asked again" {
	at alice 'chat-keygen -C -'
	sees alice '^the code: $'
	key alice 4711-adu Tab mari Tab kiwy Enter
	sees alice "^.kiwy. is not a word of a code: kiwi\\?"
	key alice adu Tab mari Tab kiwx BSpace i Enter
	sees alice '^adult-maritime-kiwi$'
	sees alice '^code 0$'
	sees alice '^terminal fine$'
	at bob 'chat-keygen -C -'
	sees bob '^the code: $'
	key bob adu C-c
	sees bob '^code 130$'
	sees bob '^terminal fine$'
}

@test "^D while nobody is there ends the waiting, and nothing typed is kept" {
	listens alice
	key alice x y z Enter
	sees alice '^xyz$'
	key alice C-d
	sees alice '^code 0$'
	sees alice '^terminal fine$'
	# Not a terminal: not looked at.
	CHAT_HOME=$PWD/bob chat-talk -lv -s 127.0.0.1 0 </dev/null 2>err 3>&- &
	local pid=$!
	port err
	run -99 env CHAT_HOME="$PWD/bob" chat-talk -l -w 1 -s 127.0.0.1 0 </dev/null
	kill -0 "$pid"
	kill "$pid"
}

# meet OPTION ... - bob waits with them, alice calls, both at terminals.
meet() {
	listens bob "$@"
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	sees bob '^> ?$'
}

# title WHO - of the terminal.
title() {
	tmux -S "$PWD/tmux" display-message -p -t "$1" '#{pane_title}'
}

titled() {
	[ "$(title "$1")" = "$2" ]
}

# rang WHO - has its bell rung?
rang() {
	[ "$(tmux -S "$PWD/tmux" display-message -p -t "$1" \
		'#{window_bell_flag}')" = 1 ]
}

@test "the title says who wrote while nobody looks, -B rings" {
	meet -B
	# tmux keeps the bell of a detached session for the next client.
	key bob -l $'\e[O'
	before=$(title bob)
	key alice hello Enter
	sees bob ' alice: hello$'
	wait_for 10 titled bob 'alice wrote'
	wait_for 10 rang bob
	# It has the focus again.
	key bob -l $'\e[I'
	wait_for 10 titled bob "$before"
	key alice again Enter
	sees bob ' alice: again$'
	key bob -l 'typed'
	sees bob '^> typed$'
	titled bob "$before"
	# However it ends, the title and the reports do.
	for end in C-c KILL; do
		[ "$end" = C-c ] || { all_leave; meet; }
		key bob -l $'\e[O'
		key alice more Enter
		wait_for 10 titled bob 'alice wrote'
		if [ "$end" = C-c ]; then
			key bob C-c
		else
			for pid in $(pgrep -x chat-text); do
				grep -qsa "CHAT_HOME=$PWD/bob" \
					"/proc/$pid/environ" && kill -KILL "$pid" || :
			done
		fi
		sees bob 'terminal fine'
		wait_for 10 titled bob "$before"
	done
}

@test "-L: what both said, with the date, whatever it was" {
	meet -L "$PWD/log"
	key alice 'hello bob' Enter
	sees bob ' alice: hello bob$'
	key bob -l 'grüße'
	key bob Enter
	sees alice ' bob: grüße$'
	printf '\e[31mred' | tmux -S "$PWD/tmux" load-buffer -
	tmux -S "$PWD/tmux" paste-buffer -p -t alice
	key alice Enter
	sees bob 'alice: \^\[\[31mred$'
	key alice C-d
	sees bob '^code 0'
	[ "$(stat -c %a log)" = 600 ]
	[ "$(wc -l <log)" = 3 ]
	stamp='^20[0-9][0-9]-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9]'
	grep -qE "$stamp alice: hello bob\$" log
	grep -qE "$stamp > grüße\$" log
	grep -qE "$stamp alice: \^\[\[31mred\$" log
	# A pipe logs, too, and behind what was there.
	CHAT_HOME=$PWD/bob setsid chat-talk -lv -L log -s 127.0.0.1 0 </dev/null \
		>out 2>err 3>&- &
	local pid=$!
	echo 'by a pipe' | CHAT_HOME=$PWD/alice chat-talk 127.0.0.1 "$(port err)" \
		3>&-
	code "$pid"
	[ "$(wc -l <log)" = 4 ]
	[[ $(tail -1 log) == *': by a pipe' ]]
}

@test "-L: a file that is not ours is refused before the call" {
	: >mine
	ln -s mine link
	: >open
	chmod 644 open
	mkfifo fifo
	mkdir dir
	for case in 'link symbolic' 'open others.may.read' 'fifo No.such.device' \
		'dir directory' 'no/such No.such' '/dev/null not.a.regular'; do
		CHAT_HOME=$PWD/bob trio 100 "${case#* }" timeout 10 chat-talk -l \
			-L "${case% *}" -s 127.0.0.1 0 </dev/null
	done
	[ ! -s mine ]
}

@test "-L: a full disk is said once, and the conversation goes on" {
	[ -c /dev/full ] && [ "$(id -u)" = 0 ] || skip 'not root'
	mkdir small
	mount -t tmpfs -o size=4k none small || skip 'no tmpfs'
	head -c 4096 /dev/zero >small/log
	chmod 600 small/log
	meet -L "$PWD/small/log"
	key alice one Enter
	sees bob '^the log is not written any further: No space left on device'
	key alice two Enter
	sees bob ' alice: two$'
	[ "$(screen bob | grep -c 'the log')" = 1 ]
	key alice C-d
	sees bob '^code 0'
	umount small
}

@test "a new day is said, once" {
	# A zone in which midnight is 12 seconds from now.
	local now left
	now=$(date -u +%s)
	left=$((86400 - (now + 12) % 86400))
	zone=$(printf '<xxx>-%02d:%02d:%02d' $((left / 3600)) $((left / 60 % 60)) \
		$((left % 60)))
	[ "$left" -lt 86400 ]
	listens bob
	at alice "TZ='$zone' chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	key bob before Enter
	sees alice '^23:59:[45][0-9] bob: before$'
	day=$(TZ=$zone date +%F)
	tomorrow() { [ "$(TZ=$zone date +%F)" != "$day" ]; }
	wait_for 20 tomorrow
	key bob after Enter
	sees alice '^00:00:[0-9]* bob: after$'
	key alice mine Enter
	sees alice '^00:00:[0-9]* > mine$'
	sees alice "^-- $(TZ=$zone LC_ALL=C date '+%A, %d %B %Y') --\$"
	[ "$(screen alice | grep -c '^-- ')" = 1 ]
	under() { screen alice | grep -A1 '^-- ' | grep 'bob: after$'; }
	wait_for 5 under || { screen alice; return 1; }
}
