#!/usr/bin/env bats
# chat-keygen: identities as files, keys as text and words.

load ../helper

setup() {
	export HOME=$BATS_TEST_TMPDIR/work
	export CHAT_HOME=$HOME/home
	unset XDG_CONFIG_HOME
	mkdir "$HOME"
	cd "$HOME" || return
}

# secret FILE TEXT - an identity by hand.
secret() {
	(umask 077 && printf %b "$2" >"$1")
}

GOOD=dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
# The first 96 bits of `b2sum -l 256` are 7a91869e4c11496420697240.
WORDS='keyboard miracle necklace onlooker drainage babylon deckhand getaway bison'
WORDS+=' guitarist highchair dakota'
PUBLIC=hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=

@test "makes an identity, 0600 in a folder of 0700, and prints its public key" {
	umask 0
	run --separate-stderr chat-keygen
	[ "$status" = 0 ]
	[ "$stderr" = "chat-keygen: made the identity $CHAT_HOME/id" ]
	[ "${#output}" = 44 ]
	[ "$(stat -c %a "$CHAT_HOME")" = 700 ]
	[ "$(stat -c '%a %h' "$CHAT_HOME/id")" = '600 1' ]
	[ "$(ls -A "$CHAT_HOME")" = id ]
	[ "$(chat-keygen -y)" = "$output" ]
}

@test "agrees with wg pubkey" {
	command -v wg >/dev/null || skip "no wg"
	chat-keygen 2>/dev/null >public
	[ "$(wg pubkey <"$CHAT_HOME/id")" = "$(cat public)" ]
	umask 077
	wg genkey >theirs
	[ "$(chat-keygen -y -f theirs)" = "$(wg pubkey <theirs)" ]
}

@test "never overwrites" {
	chat-keygen 2>/dev/null >public
	trio 100 'id: exists, and is not overwritten' chat-keygen
	[ "$(chat-keygen -y)" = "$(cat public)" ]
	ln -s nowhere link
	trio 100 'link: exists' chat-keygen -f link
	[ ! -e nowhere ]
	mkdir folder
	trio 100 'folder: exists' chat-keygen -f folder
}

@test "an invalid identity is named, with its line" {
	while IFS='|' read -r text want; do
		rm -f id
		secret id "$text"
		trio 100 "^chat-keygen: id$want\$" chat-keygen -y -f id
		trio 100 "^chat-keygen: id$want\$" chat-keygen -l -f id
	done <<-TABLE
		|: holds no key
		# nothing\n\n|: holds no key
		garbage|:1: not a secret key
		# mine\n\ngarbage\n|:3: not a secret key
		${GOOD%=}\n|:1: not a secret key
		${GOOD%o=}p=\n|:1: not a secret key
		${GOOD#?}\n|:1: not a secret key
		$GOOD$GOOD\n|:1: not a secret key
		$GOOD x\n|:1: not a secret key
		${GOOD%?}\0=\n|: not text
		\0|: not text
		# \0\n$GOOD\n|: not text
		$GOOD\n# and\n$GOOD\n|:3: a second key: the first is in line 1
		$(printf %0200d 0)\n|:1: not a secret key
		# $(printf %020000d 0)\n$GOOD\n|: too long for an identity
		argon2id|:1: not a secret key
		argon2id\$|:1: not a key under a passphrase
	TABLE
	trio 100 'none: no such file: chat-keygen makes an identity' \
		chat-keygen -y -f none
	mkdir folder
	trio 100 'folder: Is a directory' chat-keygen -y -f folder
	trio 100 'Not a directory' chat-keygen -y -f /dev/null/id
	trio 100 'holds no key' chat-keygen -y -f /dev/null
}

@test "comments, blanks and a missing newline are allowed" {
	secret id "# mine\n\n  $GOOD \r\n# end"
	[ "$(chat-keygen -y -f id)" = "$PUBLIC" ]
	secret id "$GOOD"
	[ "$(chat-keygen -y -f id)" = "$PUBLIC" ]
}

@test "an identity that others may read or change is refused" {
	secret id "$GOOD\n"
	for mode in 640 604 644 666; do
		chmod $mode id
		trio 100 'id: can be read by others: chmod 600 id$' \
			chat-keygen -y -f id
	done
	chmod 620 id
	trio 100 'id: can be changed by others: chmod 600 id$' \
		chat-keygen -y -f id
	chmod 400 id
	[ "$(chat-keygen -y -f id)" = "$PUBLIC" ]
}

@test "-t: what a call would refuse; it reads no secret and makes nothing" {
	run --separate-stderr chat-keygen -t
	[ "$status $output$stderr" = '0 ' ]
	[ ! -e "$CHAT_HOME" ]
	chat-keygen >public 2>/dev/null
	echo "bob $(cat public)" >"$CHAT_HOME/peers"
	# Its passphrase is not asked for.
	echo 'argon2id$1$8$AAECAwQFBgcICQoLDA0ODw$B6r6DSTUCRGyub3TYCdcHZYh5J62XWaXqvX1uNvZP3STj7d+ktj26RqVYIpyf15B' \
		>"$CHAT_HOME/id"
	run --separate-stderr setsid -w chat-keygen -t
	[ "$status $output$stderr" = '0 ' ]
	for bad in 'argon2id$1$8$' rubbish ''; do
		echo "$bad" >"$CHAT_HOME/id"
		trio 100 'id:[0-9:]* ' chat-keygen -t
		# Before anybody is waited for.
		trio 100 'id:[0-9:]* ' timeout 10 chat-talk -l -s 127.0.0.1 0
	done
	echo 'bob x' >>"$CHAT_HOME/peers"
	trio 100 'peers:2: not a key: x' chat-keygen -t
	rm "$CHAT_HOME/peers"
	chmod 640 "$CHAT_HOME/id"
	trio 100 'id: can be read by others: chmod 600' chat-keygen -t
	secret id "$GOOD\n"
	run --separate-stderr chat-keygen -t -f id
	[ "$status $output$stderr" = '0 ' ]
	chmod 620 id
	trio 100 'id: can be changed by others: chmod 600 id$' chat-keygen -t -f id
	chmod 775 "$CHAT_HOME"
	for o in -t '-t -f /dev/null' -y -l ''; do
		# shellcheck disable=SC2086 # options
		trio 100 "$CHAT_HOME: can be changed by others: chmod go-w $CHAT_HOME\$" \
			chat-keygen $o
	done
	# It does not matter to what uses none of it.
	[ "$(chat-keygen -y -f - <<<"$GOOD")" = "$PUBLIC" ]
}

@test "what belongs to root can be used, what belongs to another cannot" {
	[ "$(id -u)" = 0 ] || skip 'not root'
	dir=$(mktemp -d)
	cp "$(command -v chat-keygen)" "$dir"
	mkdir "$dir/home"
	secret "$dir/home/id" "$GOOD\n"
	touch "$dir/home/peers"
	chmod 755 "$dir"
	nobody="setpriv --reuid 65534 --clear-groups env CHAT_HOME=$dir/home"
	chown 65534 "$dir/home/id"
	$nobody "$dir/chat-keygen" -t
	[ "$($nobody "$dir/chat-keygen" -y)" = "$PUBLIC" ]
	chown 65534 "$dir/home/peers" "$dir/home"
	$nobody "$dir/chat-keygen" -t
	for file in /peers ''; do
		chown 1 "$dir/home$file"
		trio 100 "home$file: belongs to another user \(uid 1\): not used$" \
			$nobody "$dir/chat-keygen" -t
	done
	chown 0 "$dir/home"
	trio 100 'home/id: belongs to another user \(uid 65534\)' \
		env CHAT_HOME="$dir/home" chat-keygen -y
	rm -rf "$dir"
}

@test "an identity that cannot be read" {
	dir=$(mktemp -d)
	cp "$(command -v chat-keygen)" "$dir"
	secret "$dir/id" "$GOOD\n"
	as=
	if [ "$(id -u)" = 0 ]; then # who could read everything
		as='setpriv --reuid 65534 --clear-groups'
		chmod 755 "$dir"
	else
		chmod 0 "$dir/id"
	fi
	run --separate-stderr $as "$dir/chat-keygen" -y -f "$dir/id"
	rm -rf "$dir"
	[ "$status" = 100 ]
	[ -z "$output" ]
	[ "$stderr" = "chat-keygen: $dir/id: Permission denied" ]
}

@test "-f -: the secret key to stdout, or from stdin" {
	run --separate-stderr chat-keygen -f -
	[ "$status" = 0 ]
	[ "${#output}" = 44 ]
	public=$(chat-keygen -y -f - <<<"$output")
	[ "$stderr" = "chat-keygen: public key: $public" ]
	[ ! -e "$CHAT_HOME" ]
	trio 100 'standard input: holds no key' chat-keygen -y -f - </dev/null
	[ "$(chat-keygen -y -f /dev/fd/3 3<<<"$GOOD")" = "$PUBLIC" ]
}

@test "-l prints twelve words" {
	chat-keygen 2>/dev/null >public
	run chat-keygen -l "$(cat public)"
	[ "$status" = 0 ]
	[ "$(wc -w <<<"$output")" = 12 ]
	[ "$(chat-keygen -l)" = "$output" ]
	[ "$(chat-keygen -l -f "$CHAT_HOME/id")" = "$output" ]
	run chat-keygen -l "$PUBLIC"
	[ "$output" = "$WORDS" ]
	trio 100 'alice is neither a key nor a name in .*peers' chat-keygen -l alice
	trio 100 ' is neither a key nor a name in' chat-keygen -l ''
}

@test "where the files are" {
	unset CHAT_HOME
	chat-keygen >/dev/null 2>&1
	[ -f .config/chat/id ]
	[ "$(stat -c %a .config .config/chat | sort -u)" = 700 ]
	export XDG_CONFIG_HOME=relative
	trio 100 "$HOME/.config/chat/id: exists" chat-keygen
	export XDG_CONFIG_HOME=$HOME/xdg/deep
	chat-keygen >/dev/null 2>&1
	[ -f xdg/deep/chat/id ]
	unset XDG_CONFIG_HOME
	export CHAT_HOME='' HOME=''
	trio 100 'none of CHAT_HOME, XDG_CONFIG_HOME and HOME is set' chat-keygen
	CHAT_HOME=$(printf '/%0250d' $(seq 20)) \
		trio 100 'the path of id is too long' chat-keygen
	CHAT_HOME=/dev/null/x trio 100 '/dev/null/x: Not a directory' chat-keygen
	# Only looking makes nothing.
	CHAT_HOME=$PWD/new trio 100 'no such file' chat-keygen -y
	[ ! -e new ]
}

@test "a stdout that cannot be written" {
	run bash -c 'chat-keygen >/dev/full'
	[ "$status" = 111 ]
	[[ $output = *"made the identity "*"the identity is made, but its public \
key cannot be printed: No space left on device" ]]
	chat-keygen -y >public
	run bash -c 'chat-keygen -y >/dev/full'
	[ "$status" = 111 ]
	run bash -c 'chat-keygen -y >&-'
	[ "$status" = 111 ]
	run bash -c 'chat-keygen -f - >&-'
	[ "$status" = 111 ]
	[ "$(chat-keygen -y <&-)" = "$(cat public)" ]
	[ "$(chat-keygen -y 2>&-)" = "$(cat public)" ]
}

@test "an identity is whole or not there" {
	# A full disk, by a limit on the size of files.
	run bash -c 'trap "" XFSZ; ulimit -f 0; chat-keygen -f new 2>&1 | cat
		exit ${PIPESTATUS[0]}'
	[ "$status" = 111 ]
	[ "$output" = 'chat-keygen: new: File too large' ]
	[ -z "$(ls -A)" ]
	trio 100 'none/id: No such file' chat-keygen -f none/id
	# Two at once: one wins, nobody's file is mixed.
	for i in 1 2 3 4 5 6 7 8; do
		chat-keygen -f same >public.$i 2>/dev/null &
	done
	for job in $(jobs -p); do wait "$job" || :; done
	[ "$(cat public.*)" = "$(chat-keygen -y -f same)" ]
	[ "$(ls -A | wc -l)" = 9 ]
}

@test "-c: a fresh code of a number and three words" {
	run --separate-stderr chat-keygen -c
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[[ $output =~ ^[1-9][0-9]{0,3}(-[a-z]{3,11}){3}$ ]]
	[ "$(chat-keygen -c)" != "$output" ]
	[ ! -e "$CHAT_HOME" ]
	run bash -c 'chat-keygen -c >/dev/full'
	[ "$status" = 111 ]
}

@test "usage" {
	for arguments in -x '-y -l' '-p -y' more '-y more' '-l a b' -f \
		'-l -f id key' -cy '-c -f x' '-c x'; do
		run --separate-stderr chat-keygen $arguments
		[ "$status" = 100 ]
		[ -z "$output" ]
		[[ $stderr = *'usage: chat-keygen [-p] [-f file]'* ]]
	done
	[ ! -e "$CHAT_HOME" ]
	# The later of two wins.
	secret id "$GOOD\n"
	[ "$(chat-keygen -f none -y -f id -y)" = "$PUBLIC" ]
}

@test "-l and -L: the words of a peer, and of all" {
	mkdir -m 700 "$CHAT_HOME"
	printf '%s\n' "alice $PUBLIC alice.example" "bob $PUBLIC" \
		>"$CHAT_HOME/peers"
	[ "$(chat-keygen -l alice)" = "$WORDS" ]
	run -0 --separate-stderr chat-keygen -L
	set -- $WORDS
	[ "$output" = "alice $1 $2 alice.example
bob $1 $2" ]
	trio 100 'usage' chat-keygen -L alice
	echo alice x >"$CHAT_HOME/peers"
	trio 100 'peers:1: not a key: x' chat-keygen -L
}

@test "-C reads a code and leaves it; a slip is answered by the nearest word" {
	echo '4721 Adult Maritime kiwi' >code
	[ "$(chat-keygen -C code)" = 4721-adult-maritime-kiwi ]
	echo "adult Maritime kiwi" >code
	[ "$(chat-keygen -C code)" = adult-maritime-kiwi ]
	[ -s code ]
	echo 1-adlt-maritime-kiwi >code
	trio 100 "\`adlt' is not a word of a code: adult\?" chat-keygen -C code
	echo 1-zzzzzzzz-maritime-kiwi >code
	trio 100 "\`zzzzzzzz' is not a word of a code$" chat-keygen -C code
	trio 100 'none: no code, or it' chat-keygen -C none
	trio 100 'no terminal to ask for the code on' \
		setsid -w chat-keygen -C -
}

@test '-r -k -U: the rooms of both kinds, a capital letter for datagrams' {
	chat-keygen 2>/dev/null
	printf 'bob %s\n' "$PUBLIC" >"$CHAT_HOME/peers"
	chat-keygen -r -k -d 2 >stream
	chat-keygen -r -k -u -d 2 >datagrams
	chat-keygen -r -k -U -d 2 >both
	# The rooms that are nobody's are new each time.
	diff <(grep bob both) <(
		paste -d '\n' <(grep bob stream) <(grep bob datagrams | sed 's/^l/L/'))
	[ "$(grep -c '^l ' both)" = 16 ]
	[ "$(grep -c '^L ' both)" = 16 ]
	for bad in -rU '-rkUu' -kU; do
		trio 100 usage chat-keygen $bad bob
	done
}
