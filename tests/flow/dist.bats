#!/usr/bin/env bats
# The tarball: the same bytes twice, and built without git and pkg-config.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# None of what make check was called with.
	unset MAKEFLAGS MFLAGS MAKELEVEL
	[ -e "$ROOT/.git" ] || skip 'not a git checkout'
	DIST=chat-$(make -s -C "$ROOT" print-VERSION)
	git clone -q "$ROOT" one
	make -s -C one dist
}

@test "dist: another clone, another umask, the same bytes" {
	git clone -q one two
	(umask 077 && TZ=Asia/Tokyo make -s -C two dist)
	cmp {one,two}/build/"$DIST".tar.gz
	tar tzf one/build/"$DIST".tar.gz >list
	[ -z "$(grep -v "^$DIST/" list)" ]
	grep -qx "$DIST/NEWS" list
}

@test "dist: what is not committed is left out, and it says so" {
	echo more >>one/NEWS
	run --separate-stderr make -s -C one dist
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$stderr" = 'dist: left out: uncommitted changes' ]
	run ! grep -q more <(tar xzOf one/build/"$DIST".tar.gz "$DIST/NEWS")
}

@test "dist: a tree without git says so" {
	rm -rf one/.git
	GIT_DIR='' run --separate-stderr make -s -C one dist
	[ "$status" != 0 ]
	[[ $stderr == 'dist: this is not a git checkout'* ]]
	[ -z "$output" ]
}

# only TOOL ... - a PATH of these alone, in bin.
only() {
	local t
	rm -rf bin
	mkdir bin
	for t; do ln -s "$(command -v "$t")" bin/; done
	PATH=$PWD/bin
}

@test "dist: built and installed for a user without git, pkg-config, libraries" {
	grep -q fsanitize "$ROOT/build/flags" && skip 'once is enough'
	tar xzf one/build/"$DIST".tar.gz
	export HOME=$PWD/home
	only sh make cc as ld ar sed grep cmp mkdir rm cat install man manpath \
		uname tr env ln awk
	run make -s -j2 -C "$DIST" CFLAGS=-w
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "$output" = "chat-cam: left out; missing: pkg-config
chat-decode: left out; missing: pkg-config
chat-encode: left out; missing: pkg-config
chat-mic: left out; missing: pkg-config
chat-phone: left out; missing: pkg-config
chat-speaker: left out; missing: pkg-config
chat-view: left out; missing: pkg-config
chat-seal chat-open chat-lock chat-unlock: left out: faster ciphers; missing: pkg-config" ]

	# What the profile lacks, and that alone; nothing is built again.
	: >built
	make="make -s -C $DIST CFLAGS=-w install PREFIX=$HOME/.local"
	run $make
	[ "$status" = 0 ] || { echo "$output"; false; }
	[ "${lines[8]}" = "add to ~/.profile: PATH=$HOME/.local/bin:\$PATH" ]
	[ ${#lines[@]} = 9 ]
	PATH=$HOME/.local/bin:$PATH run $make
	[ ${#lines[@]} = 8 ]
	MANPATH=/usr/share/man PATH=$HOME/.local/bin:$PATH run $make
	[ "${lines[8]}" = "add to ~/.profile: export MANPATH=$HOME/.local/share/man:\$MANPATH" ]
	[ ${#lines[@]} = 9 ]
	MANPATH=$HOME/.local/share/man: PATH=$HOME/.local/bin:$PATH run $make
	[ ${#lines[@]} = 8 ]
	run make -s -C "$DIST" CFLAGS=-w install DESTDIR="$PWD/root"
	[ ${#lines[@]} = 8 ]

	[ built -nt "$DIST/build/libchat.a" ]

	# It works from there.
	PATH=$HOME/.local/bin:$PATH
	[ "$(chat-talk -V)" = "${DIST/-/ }" ]
	[ home/.local/bin/chat-talk -ef home/.local/bin/chat-call ]
	[ -s home/.local/share/bash-completion/completions/chat-talk ]
	[ -s home/.local/share/zsh/site-functions/_chat-talk ]
	[ -s home/.local/share/fish/vendor_completions.d/chat-talk.fish ]
	man -w chat-talk | grep -qx "$HOME/.local/share/man/man1/chat-talk.1"
}
