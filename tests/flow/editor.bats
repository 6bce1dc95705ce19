#!/usr/bin/env bats
# The line editor of chat-text, as two people at terminals meet it, and how it
# leaves a terminal, whatever happens.

load ../helper
load ../terminal

# meet - bob waits, alice calls, both at terminals.
meet() {
	couple
	listens bob
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	sees bob '^> ?$'
}

# say WHO TEXT - type it, whatever it is.
say() {
	tmux -S "$PWD/tmux" send-keys -t "$1" -l "$2"
}

# paste WHO - stdin, as a terminal marks a paste.
paste() {
	tmux -S "$PWD/tmux" load-buffer -
	tmux -S "$PWD/tmux" paste-buffer -p -t "$1"
}

# cursor WHO - its column.
cursor() {
	tmux -S "$PWD/tmux" display-message -p -t "$1" '#{cursor_x}'
}

# cursor_at WHO COLUMN - until it is there.
cursor_at() {
	wait_for 10 eval "[ \$(cursor $1) = $2 ]" ||
		{ echo "the cursor of $1 is at $(cursor "$1")"; screen "$1"; false; }
}

# hear WHO FILE - to have what WHO is sent in a file, bytes as they came.
hear() {
	couple
	CHAT_HOME=$PWD/$1 setsid chat-talk -rlv -n "$1" -s 127.0.0.1 0 \
		</dev/null >"$2" 2>"$1.err" &
	pid=$!
	p=$(port "$1.err")
}

# process WHO NAME - that program of WHO's conversation.
process() {
	local pid
	for pid in $(pgrep -x "$2"); do
		grep -qsa "CHAT_HOME=$PWD/$1"$'\0' "/proc/$pid/environ" &&
			echo "$pid"
	done
	return 0
}

@test "editor: a half-typed line while lines arrive, the cursor in it" {
	meet
	say bob 'half a lne'
	key bob Left Left
	cursor_at bob 10
	say alice 'in between'
	key alice Enter
	sees bob '^..:..:.. alice: in between$'
	sees bob '^> half a lne$'
	cursor_at bob 10
	say bob i
	sees bob '^> half a line$'
	key bob Enter
	sees alice '^..:..:.. bob: half a line$'
	sees bob '^..:..:.. > half a line$'
	sees bob '^> ?$'
	# One that is longer than the window.
	long=$(seq -s ' ' 100)
	say bob "$long"
	sees bob '^< .* 99 100$'
	say alice 'once more'
	key alice Enter
	sees bob '^..:..:.. alice: once more$'
	sees bob '^< .* 99 100$'
	key bob Home
	sees bob '^> 1 2 3 4 5'
	cursor_at bob 2
	say bob 'x '
	key bob Enter
	sees alice " bob: x $long\$"
	sees bob " > x $long\$"
	# Each line stands once, and the row is the last one.
	[ "$(screen bob | grep -c 'half')" = 1 ]
	[ "$(screen bob | grep -v '^$' | tail -1)" = '> ' ]
	key alice C-d
	sees bob '^alice hung up'
	sees bob '^code 0'
	sees bob 'terminal fine'
	sees alice 'terminal fine'
}

@test "editor: characters of all kinds, edited in the middle" {
	meet
	say bob 'سلام يا صديقي'
	key bob Home Right Right Right Right Delete
	say bob ' - '
	key bob Enter
	sees alice ' bob: سلام - يا صديقي$'
	say bob '今日は世界'
	key bob Left Left
	cursor_at bob 8
	say bob '、'
	sees bob '^> 今日は、世界$'
	cursor_at bob 10
	key bob BSpace BSpace Enter
	sees alice ' bob: 今日世界$'
	say bob 'ab😀👍cd'
	key bob Left Left Left BSpace
	cursor_at bob 4
	sees bob '^> ab👍cd$'
	say bob '🎉'
	key bob Enter
	sees alice ' bob: ab🎉👍cd$'
	say bob $'cafe\xcc\x81s' # é as two characters
	key bob Left BSpace
	say bob 'é'
	key bob Enter
	sees alice ' bob: cafés$'
	key bob Up Up
	sees bob '^> ab🎉👍cd$'
	key bob C-w Down Down
	sees bob '^> ?$'
}

@test "editor: a paste of 500 lines, and one of 6,000 bytes" {
	hear bob got
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees alice '^> ?$'
	seq -f 'line %.0f of a paste' 500 >want
	paste alice <want
	wait_for 20 cmp -s got want || { diff got want | head; false; }
	sees alice '^..:..:.. > line 500 of a paste$'
	sees alice '^> ?$'
	tmux -S "$PWD/tmux" capture-pane -p -S - -t alice | grep ' > line' |
		sed 's/^[^>]*> //' >own
	cmp own want
	head -c 6000 /dev/zero | tr '\0' 'p' >long
	paste alice <long
	sees alice '^< p+$'
	key alice Enter
	{ cat long; echo; } >>want
	wait_for 20 cmp -s got want
	# Controls in it are text, and harmless.
	printf 'a\tb\a\e[31mc' | paste alice
	sees alice '^> a\^Ib\^G\^\[\[31mc$'
	key alice Enter
	printf 'a\tb\a\e[31mc\n' >>want
	wait_for 20 cmp -s got want
	key alice C-d
	wait $pid
	sees alice 'terminal fine'
}

@test "editor: the window is resized" {
	meet
	say bob "$(seq -s ' ' 40)"
	sees bob '^> .* 40$|^< .* 40$'
	tmux -S "$PWD/tmux" resize-window -t bob -x 50 -y 20
	sees bob '^< .* 39 40$'
	say bob ' 41'
	sees bob '^< .* 40 41$'
	tmux -S "$PWD/tmux" resize-window -t bob -x 200 -y 30
	sees bob '^> 1 2 3 .* 40 41$'
	say alice 'how wide'
	key alice Enter
	sees bob 'alice: how wide$'
	key bob Enter
	sees alice " bob: $(seq -s ' ' 41)\$"
	sees bob " > $(seq -s ' ' 41)\$"
}

# stops - what a shell with jobs does when bob's chat-talk is stopped; then fg.
stops() {
	# shellcheck disable=SC2016
	printf '%s\n' 'echo stopped $?' \
		'stty -a | cmp - bob.before && echo driver fine' \
		'read -r line; echo "shell: $line"; fg'
}

@test "editor: ^Z and fg" {
	couple
	listens alice
	at bob "set -m; chat-talk -n bob 127.0.0.1 $p; $(stops)"
	sees bob '^> ?$'
	say bob 'half a l'
	sees bob '^> half a l$'
	key bob C-z
	sees bob '^stopped 148$'
	sees bob '^driver fine$'
	say alice 'while you are away'
	key alice Enter
	key bob 'for the shell' Enter
	sees bob '^shell: for the shell$'
	sees bob 'alice: while you are away$'
	say bob 'ine'
	sees bob '^> half a line$'
	key bob Enter
	sees alice 'bob: half a line$'
	key bob C-z
	sees bob '^code 148$'
	sees bob 'terminal fine'
	# It is killed while it is stopped: not an end that was said.
	kill -TERM "$(process bob chat-join)"
	kill -CONT "$(process bob chat-join)" "$(process bob chat-text)"
	sees alice '^code [0-9]+'
}

@test "editor: ^Z and fg, on the side that listens" {
	couple
	at bob "set -m; chat-talk -lv -n bob -s 127.0.0.1 0; $(stops)"
	sees bob 'listening on .* port [0-9]+'
	p=$(screen bob | sed -n 's/.*listening on .* port \([0-9]*\).*/\1/p')
	at alice "chat-talk -n alice 127.0.0.1 $p"
	sees bob '^> ?$'
	key bob C-z
	sees bob '^stopped 148$'
	sees bob '^driver fine$'
	key bob Enter
	sees bob '^> ?$'
	key bob 'here again' Enter
	sees alice 'bob: here again$'
	key bob C-d
	sees bob '^code 0'
	sees bob 'terminal fine'
	sees alice '^bob hung up'
}

@test "editor: bg stops it again, fg goes on, kill ends it" {
	couple
	listens alice -k
	at bob "PS1='% ' bash --norc -i"
	sees bob '^% $'
	say bob "chat-talk -n bob 127.0.0.1 $p"
	key bob Enter
	sees bob '^> ?$'
	key bob C-z
	sees bob '^\[1\]\+  Stopped'
	key bob C-l
	say bob bg
	key bob Enter
	sees bob '^\[1\]\+ chat-talk .*&$'
	wait_for 10 grep -q '^State:.T' "/proc/$(process bob chat-text)/status"
	say bob fg
	key bob Enter
	say bob 'here again'
	sees bob '^> here again$'
	key bob Enter
	sees alice 'bob: here again$'
	key bob C-z
	sees bob '^\[1\]\+  Stopped'
	key bob C-l
	say bob 'kill %1'
	key bob Enter
	wait_for 10 eval '[ -z "$(process bob chat-text)" ]'
	key bob Enter
	sees bob '^\[1\]\+  Terminated'
	[ "$(screen bob | grep -c '^>')" = 0 ]
	say bob exit
	key bob Enter
	sees bob 'terminal fine'
	key alice C-c
}

@test "editor: a dumb terminal has the driver's lines" {
	couple
	listens bob
	at alice "export TERM=dumb; chat-talk -n alice 127.0.0.1 $p"
	sees alice '^connected to bob'
	say alice 'helo'
	key alice BSpace
	say alice 'lo'
	key alice Enter
	sees bob 'alice: hello$'
	sees alice '^hello$'
	key alice C-d
	sees alice 'terminal fine'
	[ "$(screen alice | grep -c '>')" = 0 ]
}

# all_there WHO - do all programs of WHO's conversation run?  (The chat-net that
# called has become chat-join.)
all_there() {
	local program
	for program in join open text seal; do
		[ "$(process "$1" chat-$program)" ] || return 1
	done
}

@test "editor: the terminal is whole after every end" {
	local ends end who program
	couple
	for program in net join open text seal; do
		ends+=("kill -KILL \$(process bob chat-$program)")
	done
	for end in "${ends[@]}" 'key alice C-d' 'key bob C-u C-d' 'key bob C-c' 'key alice C-c' \
		'kill -TERM $(process bob chat-text)' \
		'kill -HUP $(process bob chat-join)' \
		'kill -QUIT $(process bob chat-text)' \
		'kill -KILL $(process alice chat-text)'; do
		listens bob
		at alice "chat-talk -n alice 127.0.0.1 $p"
		sees bob '^> ?$'
		sees alice '^> ?$'
		say bob 'half typed'
		sees bob '^> half typed$'
		wait_for 10 all_there alice
		wait_for 10 all_there bob
		eval "$end"
		for who in alice bob; do
			sees $who '^code [0-9]+' || { echo "$end"; false; }
			# A shell that waits for a killed process sees the
			# terminal before the others have put it back.
			wait_for 10 same_mode $who ||
				{ echo "$end: $who"; screen $who; false; }
			# Pastes are not marked any more, and lines wrap.
			say $who "$(printf '%0130d' 7)"
			wait_for 10 wraps $who ||
				{ echo "$end: $who"; screen $who; false; }
		done
		for who in alice bob; do
			for program in net join open text seal; do
				wait_for 5 eval "[ -z \"\$(process $who \
					chat-$program)\" ]" ||
					{ echo "$end: $program of $who"; false; }
			done
		done
		all_leave
	done
}

# same_mode WHO - is the terminal as it was before?
same_mode() {
	local tty
	tty=$(tmux -S "$PWD/tmux" display-message -p -t "$1" '#{pane_tty}')
	stty -a -F "$tty" | cmp -s - "$1.before"
}

# wraps WHO - does a line of 130 digits take two rows, and is a paste not marked?
wraps() {
	[ "$(tmux -S "$PWD/tmux" capture-pane -p -t "$1" | grep -cE '^0{120}$|^0{9}7$')" = 2 ]
}

@test "editor: a window that is closed is a hang-up" {
	meet
	tmux -S "$PWD/tmux" kill-session -t alice
	sees bob '^alice hung up'
	sees bob '^code 0'
	for program in net join open text seal; do
		wait_for 5 eval "[ -z \"\$(process alice chat-$program)\" ]" ||
			{ echo "$program is left"; false; }
	done
}

@test "editor: others' words stand on lines of their own" {
	meet
	say bob 'half'
	sees bob '^> half$'
	wait_for 10 all_there alice
	kill -KILL "$(process alice chat-join)"
	sees bob '^the line to alice was cut$'
	sees bob '^> half$'
	sees bob '^code 98'
	sees bob 'terminal fine'
}
