#!/usr/bin/env bats
# What earlier releases wrote is read for ever: vectors/release-VERSION, made by
# vectors/record.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	seq 14000 >plain
	head -c 1000 plain >short
}

# each COMMAND - with every release's folder as $v.
each() {
	local n=0
	for v in "$ROOT/tests/vectors/release-"*; do
		[ -d "$v" ] && "$@" || { echo "$v"; return 1; }
		n=$((n + 1))
	done
	[ $n -gt 0 ]
}

# ciphers - those that this machine has.
ciphers() {
	echo chacha20poly1305
	echo x >pass
	! chat-lock -a aes256gcm -P pass </dev/null >/dev/null 2>&1 ||
		echo aes256gcm
}

# opened CIPHER WHAT - what chat-open makes of a recorded stream.
opened() {
	# A session key that is no pipe is refused.
	chat-open -k 8 <"$v/$1.$2" 8< <(cat "$v/$1.session")
}

identities() {
	mkdir -p home
	cp "$v/id" "$v/peers" home
	chmod 600 home/*
	export CHAT_HOME=$PWD/home
	[ "$(chat-keygen -y)" = "$(cat "$v/id.pub")" ] &&
		[ "$(chat-keygen -w other)" = $'other\nhost.example' ] &&
		cp "$v/id.pass" home/id &&
		"$ROOT/tests/tool/expect" id: 'hunter2\r' -- chat-keygen -y |
		grep -qF "$(cat "$v/id.pass.pub")"
}

@test "release: identities and peers" {
	each identities
}

sealed() {
	local a
	for a in $(ciphers); do
		cp "$v/id" id && chmod 600 id
		for kind in key two; do
			chat-unlock -i id -s "$(cat "$v/other.pub")" \
				"$v/$a.$kind.sealed" | cmp - short || return
		done
		chat-unlock -P "$v/pass" "$v/$a.pass.sealed" | cmp - short &&
			chat-unlock -i id -s "$(cat "$v/other.pub")" \
				"$v/$a.long.sealed" | cmp - plain &&
			chat-unlock -i id -s "$(cat "$v/other.pub")" \
				"$v/$a.empty.sealed" | cmp - /dev/null || return
	done
}

@test "release: sealed files" {
	each sealed
}

sessions() {
	local a
	for a in $(ciphers); do
		opened $a bytes | cmp - plain &&
			opened $a talk >frames &&
			chat-frame -d -r <frames | cmp - <(printf 'one\ntwo\n\nä\n') ||
			return
	done
}

@test "release: sessions" {
	each sessions
}

transfers() {
	local a
	for a in $(ciphers); do
		rm -rf in
		mkdir in
		opened $a files >said
		chat-file get -qy in <said >/dev/null &&
			cmp in/folder/file short && cmp in/folder/sub/same short &&
			[ "$(readlink in/folder/link)" = sub/same ] &&
			[ "$(stat -c %Y in/folder/file)" = 981173106 ] || return
	done
}

@test "release: transfers" {
	each transfers
}

datagrams() {
	local a
	for a in $(ciphers); do
		python3 - "$v/$a" >frames <<-'P' || return
		import os, socket, subprocess, sys
		ours, theirs = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		                for _ in range(2))
		for s in ours, theirs:
		    s.bind(('127.0.0.1', 0))
		ours.connect(theirs.getsockname())
		theirs.connect(ours.getsockname())
		r, w = os.pipe()
		with open(sys.argv[1] + '.session', 'rb') as f:
		    os.write(w, f.read())
		os.close(w)
		p = subprocess.Popen(['chat-open', '-uk', str(r)], stdin=theirs,
		                     pass_fds=[r])
		with open(sys.argv[1] + '.datagrams') as f:
		    for line in f:
		        ours.send(bytes.fromhex(line))
		sys.exit(p.wait())
		P
		chat-frame -d -r <frames | cmp - <(printf 'one\ntwo\n') || return
	done
}

@test "release: datagrams" {
	each datagrams
}
