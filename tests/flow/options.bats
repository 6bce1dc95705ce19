#!/usr/bin/env bats
# Common to all programs and scripts: -h, -V, and an unknown option.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
}

# all - the programs that were built, and the scripts that people type.
all() {
	make -s -C "$ROOT" print-PROGS print-SCRIPTS
}

@test "-h: usage and page on stdout, 0; -V: the version" {
	for p in $(all); do
		run --separate-stderr "$p" -h
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[[ ${lines[0]} == "usage: $p"* ]]
		[ "${lines[-1]}" = "man $p" ]
		run --separate-stderr "$p" -V
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[ "$output" = "chat $(make -s -C "$ROOT" print-VERSION)" ]
	done
}

@test "-h and -V where stdout is full: 111" {
	for p in chat-net chat-text chat-file; do
		for o in -h -V; do
			code=0
			"$p" $o >/dev/full 2>err || code=$?
			[ "$code" = 111 ]
			grep -q "^$p: stdout: " err
		done
	done
}

@test "an unknown option: 100, the program's own name, its usage, nothing on stdout" {
	for p in $(all); do
		trio 100 "^$p: invalid option -- 'Z'"$'\n'"usage: $p" "$p" -Z
		# By another path it is the same.
		trio 100 "^$p: invalid option -- 'Z'"$'\n' "$(command -v "$p")" -Z
	done
}

@test "an option without its argument: 100" {
	for p in 'chat-net -w' 'chat-text -i' 'chat-frame -m' 'chat-cam -g' \
		'chat-talk -w' 'chat-recv -d' 'chat-look -b' 'chat-link -o'; do
		# shellcheck disable=SC2086 # a program and an option
		trio 100 "^${p% *}: option requires an argument -- '${p#*-?*-}'"$'\n' $p
	done
}

@test "numbers are refused in one wording" {
	trio 100 '^chat-net: http: not a port number \(1 to 65535\)$' \
		chat-net 127.0.0.1 http
	trio 100 '^chat-net: -w 0: not a number of seconds \(1 to 1000000\)$' \
		chat-net -w 0 127.0.0.1 1
	trio 100 '^chat-frame: -a x: not a number of milliseconds \(1 to 3600000\)$' \
		chat-frame -da x
	trio 100 '^chat-text: -i -1: not a descriptor \(0 to 65535\)$' chat-text -i -1
	trio 100 '^chat-text: -o 99: descriptor is not open$' chat-text -i 0 -o 99
}
