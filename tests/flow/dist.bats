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
	[ "$status" = 0 ]
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
