# chat-keygen: identities as files, keys as text and words.

load helper

setup() {
	export CHAT_HOME=$BATS_TEST_TMPDIR/home HOME=$BATS_TEST_TMPDIR
	unset XDG_CONFIG_HOME
	cd "$BATS_TEST_TMPDIR"
}

# secret FILE TEXT - an identity by hand.
secret() {
	(umask 077 && printf %b "$2" >"$1")
}

GOOD=dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
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
