#!/usr/bin/env bats
# Completion as the shells do it, from the files that make install makes.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p bash-completion/completions zsh fish home 'a folder'
	touch alfalfa
	export CHAT_HOME=$PWD/home XDG_DATA_DIRS=$PWD
	cat >home/peers <<-'PEERS'
	# peers
	alice sYBTIC3HqHqYzxLlYSfgy0uKXVxLFRoxHdAjVZGEzWo= alice.example
	al.bert	AYBTIC3HqHqYzxLlYSfgy0uKXVxLFRoxHdAjVZGEzWo=
	$(touch${IFS}broken) BYBTIC3HqHqYzxLlYSfgy0uKXVxLFRoxHdAjVZGEzWo=
	bob CYBTIC3HqHqYzxLlYSfgy0uKXVxLFRoxHdAjVZGEzWo=
	PEERS
}

# all - the programs and scripts that a page is about, built or left out.
all() {
	local p
	for p in "$ROOT"/man/chat-*.[18]; do
		p=${p##*/}
		echo "${p%.*}"
	done
}

# made PROGRAM SHELL - the file of completion for it.
made() {
	(cd "$ROOT" && awk -f contrib/completion.awk -v shell="$2" \
		man/"$1".[18] man/chat-call.1)
}

# offers WORD ... - what bash offers for the last word: $offered, one a line.
offers() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	# shellcheck disable=SC1090 # as bash would
	. <(made "$1" bash)
	complete -p "$1" | grep -qx "complete -F _chat $1" && _chat "$1" "${*: -1}"
	offered=$(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
}

# usage PROGRAM - the options of its usage, one a line.
usage() {
	{
		"$1" -h
		echo '[-hV]'
	} | grep -oE '[[ ]-[A-Za-z0-9]+' | tr -d '[ -' | grep -o . |
		sed 's/^/-/' | sort -u
}

@test "completion: bash offers all options of every usage text, and no others" {
	for p in $(all); do
		command -v "$p" >/dev/null || continue
		offers "$p" -
		diff <(usage "$p") - <<<"$offered"
	done
}

@test "completion: bash knows what an option takes, and an operand is" {
	offers chat-talk -p al
	[ "$offered" = $'al.bert\nalice' ]
	offers chat-talk -lkp ''
	[ "$offered" = $'al.bert\nalice\nbob' ]
	offers chat-talk al
	[ "$offered" = $'al.bert\nalice' ]
	offers chat-talk alice ''
	[ -z "$offered" ]
	offers chat-talk -l ''
	[ -z "$offered" ]
	offers chat-talk alice -
	[ -z "$offered" ]
	offers chat-send al
	[ "$offered" = $'al.bert\nalice' ]
	offers chat-send -t alice a
	[ "$offered" = $'a folder\nalfalfa' ]
	offers chat-send -l -w 5 alf
	[ "$offered" = alfalfa ]
	offers chat-recv -d ''
	[ "$offered" = $'a folder\nbash-completion\nfish\nhome\nzsh' ]
	offers chat-answer -f v
	[ "$offered" = $'video\nvoice' ]
	offers chat-lock -a ''
	[ "$offered" = $'aes256gcm\nchacha20poly1305' ]
	offers chat-keygen -R b
	[ "$offered" = bob ]
	offers chat-net -l 0 chat-unlo
	[ "$offered" = chat-unlock ]
	offers chat-net host 1 chat-unlo
	[ "$offered" = chat-unlock ]
	offers chat-net host chat-unlo
	[ -z "$offered" ]
	[ ! -e broken ]
}

@test "completion: cameras are offered" {
	command -v chat-cam >/dev/null || skip 'chat-cam is left out here'
	offers chat-video -d te
	[ "$offered" = test ]
}

@test "completion: bash finds it where bash-completion looks" {
	there=/usr/share/bash-completion/bash_completion
	[ -e $there ] || skip 'no bash-completion'
	made chat-send bash >bash-completion/completions/chat-send
	run bash -c ". $there; _completion_loader chat-send; complete -p chat-send"
	[ "$output" = 'complete -F _chat chat-send' ]
}

@test "completion: zsh offers options and peers" {
	command -v zsh >/dev/null || skip 'no zsh'
	for p in $(all); do
		made "$p" zsh >zsh/_"$p"
		zsh -n zsh/_"$p"
	done
	"$ROOT/tests/tool/expect" 'ready> ' \
		"LISTMAX=9999 fpath=($PWD/zsh \$fpath)\\r" 'ready> ' \
		'autoload -U compinit && compinit -uD\r' 'ready> ' \
		'chat-talk() { print got "$@" }\r' 'ready> ' \
		'chat-talk -kp ali\t\r' 'got -kp alice' 'chat-send -\t' \
		'-w +--' '\x15exit 0\r' \
		-- env COLUMNS=200 LINES=100 TERM=xterm PS1='ready> ' zsh -f >seen
	for o in $(usage chat-send); do grep -qE -- "$o +-" seen; done
	[ ! -e broken ]
}

@test "completion: fish offers options, peers and files" {
	command -v fish >/dev/null || skip 'no fish'
	for p in $(all); do
		made "$p" fish >fish/"$p".fish
		fish --no-config -n fish/"$p".fish
	done
	# by LINE - what fish offers at its end, without what it says of it.
	by() {
		HOME=$PWD fish --no-config -c "set fish_complete_path $PWD/fish
			complete -C '$1'" | cut -f1 | sort
	}
	for p in $(all); do
		command -v "$p" >/dev/null || continue
		diff <(usage "$p") <(by "$p -")
	done
	[ "$(by 'chat-talk -kp al')" = $'al.bert\nalice' ]
	[ "$(by 'chat-talk al')" = $'al.bert\nalice' ]
	[ -z "$(by 'chat-talk -l al')" ]
	[ "$(by 'chat-send -l alf')" = alfalfa ]
	[ "$(by 'chat-answer -f v')" = $'video\nvoice' ]
	[ ! -e broken ]
}
