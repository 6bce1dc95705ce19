#!/usr/bin/env bats
# chat-text: lines both ways, between chat-open and chat-seal.

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkfifo ab ba
}

# both A B [OPTION ...] - two chat-text joined by pipes; alice types the file A
# and sees a.out, bob the file B and sees b.out.  Their codes are in a and b.
both() {
	local A=$1 B=$2 pid
	shift 2
	chat-text "$@" <ba >ab 3<"$A" 5>a.out 2>a.err &
	pid=$!
	b=0
	chat-text "$@" >ba <ab 3<"$B" 5>b.out 2>b.err || b=$?
	a=0
	wait $pid || a=$?
}

same() {
	cmp "$1" "$2" && cmp "$3" "$4" && [ "$a $b" = '0 0' ] &&
		[ ! -s a.err ] && [ ! -s b.err ]
}

@test "ten thousand lines each way at once, complete and in order" {
	seq -f 'alice says %.0f' 10000 >A
	seq -f 'bob says %.0f, and more of it' 10000 >B
	both A B -r
	same A b.out B a.out
}

@test "nothing to say on either side" {
	both /dev/null /dev/null -r
	same /dev/null a.out /dev/null b.out
}

@test "any bytes: NUL, no final newline, empty lines, not UTF-8" {
	printf 'a\0b\n\0\n\n\n\xff\xfe\n\r\n\x1b[31m\nlast\0' >A
	head -c 300000 /dev/urandom >B
	both A B -r
	same A b.out B a.out
}

@test "a line of 16 MiB is carried, one byte more is refused" {
	head -c 16777215 /dev/zero | tr '\0' x >A
	echo >>A
	both A A -r
	same A b.out A a.out
	{ echo before; echo x; cat A; } | tr -d '\n' >B
	both B /dev/null -r
	[ "$a $b" = '100 98' ]
	[ ! -s b.out ]
	grep -q 'longer than 16777216 bytes' a.err
	{ echo before; printf x; cat A; } >B
	both B /dev/null -r
	[ "$a $b" = '100 98' ]
	[ "$(cat b.out)" = before ]
}

@test "shown: time, name, text; controls and bad UTF-8 harmless" {
	printf 'h\xc3\xa9\xe2\x82\xac\t\x1b[31m\x07\n\xff\xc3\nend' >A
	both A /dev/null -t %Y -n $'bo\eb'
	y=$(date +%Y)
	printf '%s bo^[b: h\xc3\xa9\xe2\x82\xac\t^[[31m^G\n' "$y" >want
	printf '%s bo^[b: \\xff\\xc3\n%s bo^[b: end\n' "$y" "$y" >>want
	same want b.out /dev/null a.out
	tries 3
}

@test "shown: the name is CHAT_PEER, else peer; an empty format is no time" {
	echo hi >A
	CHAT_PEER=carol both A /dev/null -t ''
	[ "$(cat b.out)" = 'carol: hi' ]
	both A /dev/null -t ''
	[ "$(cat b.out)" = 'peer: hi' ]
	both A /dev/null
	[[ $(cat b.out) =~ ^[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\ peer:\ hi$ ]]
}

@test "a character is never cut when a long line is shown in parts" {
	for i in 0 1 2 3; do
		{
			printf '%*s' $i ''
			printf '\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa9%.0s' {1..4000}
			echo
		} >A
		both A /dev/null -t ''
		{ printf 'peer: '; cat A; } >want
		same want b.out /dev/null a.out
	done
}

@test "the frames break off: 98, silent under -q" {
	trio 98 '^alice broke off the conversation$|: alice broke off' \
		chat-text -n alice 3</dev/null 5>&1 1>/dev/null </dev/null
	run --separate-stderr chat-text -q 3</dev/null 5>&1 1>/dev/null </dev/null
	[ "$status" = 98 ]
	[ -z "$stderr$output" ]
}

@test "a malformed frame: 98" {
	trio 98 'malformed frame' \
		chat-text 3</dev/null 5>&1 1>/dev/null <<<"$(seq 100)"
}

# flag INPUT - of the end that chat-text sends after that input, and what it says.
flag() {
	chat-text -n bob 3<"$1" 5>/dev/null <end 2>said |
		tail -c 24 | head -c 2 | od -An -tx1 | tr -d ' \n'
}

@test "an input that ends is a hang-up, but for /dev/null" {
	printf 'e\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0' >end
	: >empty
	echo hi >line
	[ "$(flag /dev/null)" = 6500 ]
	[ "$(flag empty)" = 6501 ]
	[ "$(flag line)" = 6501 ]
	[ "$(flag <(:))" = 6501 ]
	[ "$(flag <(echo hi))" = 6501 ]
	# Their end is not news where ours was first.
	printf 'e\1\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0' >end
	[ "$(flag /dev/null)" = 6500 ]
	[ ! -s said ]
	[ "$(flag line)" = 6501 ]
	[ ! -s said ]
}

@test "usage" {
	for bad in -x '-i 3 more' '-i' ; do
		# shellcheck disable=SC2086
		run --separate-stderr chat-text $bad 3</dev/null 5>/dev/null
		[ "$status" = 100 ]
		[ -z "$output" ]
		[[ $stderr == *usage:* ]]
	done
	trio 100 '1x: not a descriptor' chat-text -i 1x
	trio 100 '70000: not a descriptor' chat-text -o 70000
	trio 100 '9: descriptor is not open' chat-text -o 9 3</dev/null 5>&1
	trio 100 'too long' chat-text -t "$(printf %200s x)" 3</dev/null 5>&1
}

@test "a full disk on the user's side: 111" {
	echo hi >A
	chat-text <ba >ab 3</dev/null 5>/dev/full 2>err &
	chat-text >ba <ab 3<A 5>out 2>err2 || :
	wait $! && false || [ $? = 111 ]
	grep -q 'No space left' err
}

# terminal PROGRAM - run chat-text with a terminal as input and output and do
# what PROGRAM, in python, says: type(), see(regex), the frames of the other
# side by give(), all() that chat-text wrote as frames, code().
terminal() {
	cat >terminal.py <<-'E'
		import os, pty, re, select, signal, struct, subprocess, sys
		master, slave = pty.openpty()
		options = []
		env = dict(os.environ, TERM='xterm')
		child, screen = None, b''
		def start(i=slave, o=slave):
		    global child
		    os.dup2(i, 13); os.dup2(o, 15)
		    def session():
		        os.setsid()
		        os.close(os.open(os.ttyname(slave), os.O_RDWR))
		    child = subprocess.Popen(['chat-text', '-t', '', '-i', '13', '-o', '15']
		        + options, env=env, stdin=subprocess.PIPE, pass_fds=(13, 15),
		        stdout=subprocess.PIPE, stderr=slave, preexec_fn=session)
		def type(text):
		    os.write(master, text)
		# When the editor has the terminal; before that, keys are the driver's.
		def ready():
		    see(b'> \x1b7\x1b8\x1b\\[\\?7h')
		def see(regex):
		    global screen
		    while not re.search(regex, screen):
		        if not select.select([master], [], [], 20)[0]:
		            sys.exit('not seen: %r in %r' % (regex, screen))
		        screen += os.read(master, 65536)
		def frame(kind, number=0, text=b'', flags=0):
		    return struct.pack('>cBHIHHIQ', kind, flags, len(text), number, 0, 1,
		        0, 0) + text
		def give(*frames):
		    child.stdin.write(b''.join(frames)); child.stdin.flush()
		def next():
		    head = child.stdout.read(24)
		    kind, flags, n = struct.unpack('>cBH', head[:4])
		    if kind == b'd': return next()
		    return kind, flags, child.stdout.read(n)
		def all():
		    got = []
		    while not got or got[-1][0] != b'e':
		        got.append(next())
		    return got
		def code():
		    child.stdin.close()
		    return child.wait(20)
		def want(a, b):
		    if a != b: sys.exit('%r is not %r' % (a, b))
	E
	{ cat terminal.py; cat; } >this.py
	timeout 60 python3 this.py
}

@test "terminal: lines as typed, ^D in a line is not an end, ^D hangs up" {
	terminal <<-'E'
		start()
		ready()
		type(b'hello\r')
		want(next(), (b't', 0, b'hello\n'))
		see(b'\r\x1b\\[J> hello\r\n')
		type(b'abc\x04')
		see(b'> abc')
		type(b'def\r')
		want(next(), (b't', 0, b'abcdef\n'))
		type(b'\x04')
		want(all(), [(b'e', 1, b'')])
		# It goes on showing until the other side ends.
		give(frame(b't', 0, b'still here\n'))
		see(b'peer: still here')
		give(frame(b'e'))
		want(code(), 0)
		want(b'finished' in screen, False)
	E
}

@test "terminal: a dumb one, or -r: the driver's lines" {
	for what in "env['TERM'] = 'dumb'" "env['TERM'] = ''" "options = ['-r']"; do
		terminal <<-E
			import termios
			before = termios.tcgetattr(slave)
			$what
			start()
			type(b'abc\x04')
			see(b'abc')
			type(b'def\n')
			want(next(), (b't', 0, b'abcdef\n'))
			want(termios.tcgetattr(slave), before)
			type(b'no newline\x04\x04')
			want(all(), [(b't', 0, b'no newline'), (b'e', 1, b'')])
			give(frame(b't', 0, b'news\n'), frame(b'e'))
			see(b'news\r\n')
			want(code(), 0)
			want(b'\x1b' in screen, False)
		E
	done
}

@test "terminal: the other side hangs up, and this one ends" {
	terminal <<-'E'
		options = ['-n', 'alice']
		start()
		ready()
		type(b'hello\r')
		want(next(), (b't', 0, b'hello\n'))
		give(frame(b'e', flags=1))
		want(all(), [(b'e', 0, b'')])
		want(code(), 0)
		see(b'\r\x1b\\[Jalice hung up\r\n')
	E
}

@test "terminal: what was half typed at the end is left to no shell" {
	terminal <<-'E'
		start()
		ready()
		type(b'rm -rf precious')
		see(b'precious')
		give(frame(b'e', flags=1))
		want(all(), [(b'e', 0, b'')])
		want(code(), 0)
		# Whoever reads the terminal next gets what is typed next.
		type(b'ls\n')
		want(os.read(slave, 100), b'ls\n')
	E
}

@test "a pipe that is hung up on first sends the rest of its input" {
	terminal <<-'E'
		options = ['-n', 'alice']
		r, w = os.pipe()
		start(i=r)
		os.close(r)
		give(frame(b'e', flags=1))
		os.write(w, b'the rest\n')
		want(next(), (b't', 0, b'the rest\n'))
		os.close(w); os.close(13)
		want(all(), [(b'e', 1, b'')])
		want(code(), 0)
		# A pipe's user is told nothing of it.
		want(select.select([master], [], [], 0)[0], [])
	E
}

@test "terminal: what was half typed is left to no shell after bad frames too" {
	terminal <<-'E'
		start()
		ready()
		type(b'rm -rf precious')
		see(b'precious')
		give(b'x' * 24)
		see(b'malformed frame')
		want(code(), 98)
		type(b'ls\n')
		want(os.read(slave, 100), b'ls\n')
	E
}

@test "terminal: the other side finishes, and this one goes on" {
	terminal <<-'E'
		start()
		give(frame(b't', 0, b'bye\n'), frame(b'e'))
		see(b'peer has finished \\(\\^D hangs up\\)\r\n')
		ready()
		type(b'one more\r\x04')
		want(all(), [(b't', 0, b'one more\n'), (b'e', 1, b'')])
		want(code(), 0)
	E
}

@test "terminal: the line that is typed is drawn below what comes" {
	terminal <<-'E'
		start()
		ready()
		type(b'half a li')
		see(b'half a li')
		give(frame(b't', 0, b'news\n'))
		see(b'\r\x1b\\[Jpeer: news\r\n\r\x1b\\[J\x1b\\[\\?7l> half a li')
		type(b'ne\r')
		want(next(), (b't', 0, b'half a line\n'))
		type(b'\x04')
		give(frame(b'e'))
		want(code(), 0)
	E
}

@test "terminal: a line of 100,000 bytes, and a paste of 3,000 lines" {
	terminal <<-'E'
		start()
		ready()
		import threading
		def paste(text):
		    threading.Thread(target=type,
		        args=[b'\x1b[200~' + text + b'\x1b[201~\r']).start()
		# Read the screen meanwhile.
		def drain():
		    while child.poll() is None:
		        if select.select([master], [], [], 0.1)[0]: os.read(master, 65536)
		threading.Thread(target=drain, daemon=True).start()
		long = b'0123456789' * 10000
		paste(long)
		got = []
		while sum(map(len, got)) < len(long) + 1:
		    kind, flags, text = next()
		    got.append(text)
		want(b''.join(got), long + b'\n')
		lines = [b'line %d' % n for n in range(3000)]
		paste(b'\r'.join(lines))
		for line in lines:
		    want(next(), (b't', 0, line + b'\n'))
		type(b'\x04')
		give(frame(b'e'))
		want(all(), [(b'e', 1, b'')])
		want(code(), 0)
	E
}

@test "terminal: stopped, it does not hold up what is typed" {
	terminal <<-'E'
		# The terminal is not read; the input is a pipe.
		r, w = os.pipe()
		start(i=r)
		import threading
		big = b''.join(frame(b't', n, b'%93d\n' % n) for n in range(4000))
		threading.Thread(target=give, args=[big + frame(b'e')]).start()
		while child.poll() is None:
		    # wait until no more is taken: the pipe to chat-text is full
		    if select.select([], [child.stdin], [], 0.3)[1] == []: break
		for n in range(50):
		    os.write(w, b'line %d\n' % n)
		    want(next(), (b't', 0, b'line %d\n' % n))
		os.close(w); os.close(r)
		want(all(), [(b'e', 1, b'')])
		see(b' 3999\r\n')
		want(code(), 0)
	E
}

@test "terminal: stopped, what is typed is sent all the same" {
	terminal <<-'E'
		start()
		ready()
		type(b'\x13') # ^S
		for n in range(300):
		    type(b'line %d\r' % n)
		    want(next(), (b't', 0, b'line %d\n' % n))
		type(b'\x11')
		see(b'> line 299\r\n')
		type(b'\x04')
		give(frame(b'e'))
		want(code(), 0)
	E
}

@test "terminal: ^C is a hang-up, and leaves the terminal as it was" {
	terminal <<-'E'
		import fcntl, termios
		before = termios.tcgetattr(slave)
		start()
		ready()
		give(frame(b't', 0, b'x\n'))
		see(b'peer: x')
		want(fcntl.fcntl(slave, fcntl.F_GETFL) & os.O_NONBLOCK, 0)
		type(b'half')
		see(b'> half')
		type(b'\x03')
		want(all(), [(b'e', 1, b'')])
		give(frame(b'e'))
		want(code(), -signal.SIGINT)
		want(termios.tcgetattr(slave), before)
		see(b'> half.*\r\n\x1b\\[\\?7h\x1b\\[\\?2004l'
			b'\x1b\\[\\?1004l\x1b\\[23;2t$')
	E
	# The other side does not answer; a second one does not wait for it.
	for twice in '' "; import time; type(b'\\x03')"; do
		terminal <<-E
			start()
			ready()
			type(b'\x03')
			want(all(), [(b'e', 1, b'')])$twice
			want(child.wait(20), -signal.SIGINT)
		E
	done
}

@test "terminal: any signal leaves it as it was; SIGTERM is not a farewell" {
	for sig in TERM HUP QUIT; do
		terminal <<-E
			import resource, termios
			resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
			before = termios.tcgetattr(slave)
			start()
			ready()
			child.send_signal(signal.SIG$sig)
			if '$sig' == 'HUP':
			    want(all(), [(b'e', 1, b'')])
			    give(frame(b'e'))
			else:
			    want(child.stdout.read(), b'')
			want(code(), -signal.SIG$sig)
			want(termios.tcgetattr(slave), before)
		E
	done
}

@test "terminal: its window is closed: a hang-up" {
	terminal <<-'E'
		start()
		ready()
		os.close(slave); os.close(13); os.close(15); os.close(master)
		want(all(), [(b'e', 1, b'')])
		give(frame(b't', 0, b'x\n'), frame(b'e'))
		want(code(), -signal.SIGHUP)
	E
}

@test "nobody takes the frames: it shows what comes to the end, then 111" {
	terminal <<-'E'
		start()
		child.stdout.close()
		see(b'frames has gone: not all was sent')
		give(frame(b't', 0, b'still here\n'))
		see(b'peer: still here')
		give(frame(b'e'))
		want(code(), 111)
	E
	terminal <<-'E'
		options = ['-q']
		start()
		type(b'x\n')
		child.stdout.close()
		give(frame(b't', 0, b'still here\n'))
		see(b'peer: still here')
		want(code(), 98)
		want(b'not all' in screen, False)
	E
}

@test "nobody reads the output: it dies of SIGPIPE, quietly" {
	seq 100000 >A
	mkfifo out
	chat-text <ba >ab 3</dev/null 5>out 2>err &
	pid=$!
	chat-text -q >ba <ab 3<A 5>/dev/null 2>&1 &
	head -1 out >/dev/null
	code=0
	wait $pid || code=$?
	[ "$code" = 141 ]
	[ ! -s err ]
	wait
}

# shown LOCALE - what a terminal is given of the lines in A.
shown() {
	chat-text <ba >ab 3<A 5>/dev/null &
	LC_ALL=$1 TERM=dumb "$ROOT/tests/tool/expect" -- \
		sh -c 'exec 5>&1; exec chat-text >ba <ab 3</dev/null' >seen
	wait
}

@test "a terminal that is not UTF-8 gets no byte from 0x80 to 0x9f" {
	# In the second letter of each is CSI, 0x9b, or another C1 byte.
	printf '%s\n' $'a\u015bb \u00e9' $'\u00c9 \u4e9b' >A
	for locale in C de_DE; do
		shown $locale
		[ "$(tr -dc '\200-\237' <seen | wc -c)" = 0 ]
		grep -qF 'a\xc5\x9bb '$'\u00e9' seen
	done
	shown C.UTF-8
	grep -qF $'a\u015bb \u00e9' seen
	grep -qF $'\u00c9 \u4e9b' seen
}

@test "after a cut the lines that nobody has confirmed are named" {
	# The other side has shown one line of three; d counts no more than were
	# sent.
	cat >other.py <<-'E'
		import struct, sys
		def frame(kind, number):
		    return struct.pack('>cBHIHHIQ', kind, 0, 0, number, 0, 1, 0, 0)
		at, got = sys.stdin.buffer, 0
		while got < 3:
		    head = at.read(24)
		    got += head[:1] == b't'
		    at.read(struct.unpack('>H', head[2:4])[0])
		sys.stdout.buffer.write(frame(b'd', 7) + frame(b'd', 0))
	E
	local options last want='the last 2 lines may not have arrived:
> two
> three'
	mkfifo typed
	for options in '' -r; do
		python3 other.py >ba <ab &
		{ printf 'one\ntwo\nthree\n'; cat typed; } | {
			code=0
			chat-text -n alice $options 3<&0 5>out <ba >ab 2>err || code=$?
			echo "$code" >code
			: >typed
		}
		wait
		[ "$(cat code)" = 98 ]
		[ "$(grep -A2 '^the last' err)" = "$want" ] || { cat err; return 1; }
		last=$(tail -1 err)
		[ "$last" = 'chat-text: alice broke off the conversation' ]
	done
}

@test "lines that are shown are confirmed, also by a piped side" {
	{
		printf 't\0\0\3\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0hi\n'
		wait_for 5 grep -q '^d' frames
		printf 'e\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0'
	} >ba &
	chat-text -r 3</dev/null 5>out <ba >frames || :
	wait
	[ "$(cat out)" = hi ]
}

@test "-a: what the caller types waits for the answer, and goes then" {
	mkfifo in
	exec 4<>in
	CHAT_ROLE=initiator chat-text -a -n bob <ba >ab 3<in 5>a.out \
		2>a.err 4>&- &
	pid=$!
	echo early >&4
	CHAT_ROLE=responder chat-text -ay -t '' -n alice >ba <ab \
		3</dev/null 5>b.out 2>b.err 4>&- &
	wait_text b.out '^alice: early$'
	echo late >&4
	exec 4>&-
	wait_text b.out '^alice: late$'
	wait $pid
	wait
	run ! grep 'not answer' a.err
}

@test "-a: an e without a d refuses; a d or a line answers" {
	printf 't\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0' >line
	printf 'e\1\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0' >end
	printf 'd\0\0\0\377\377\377\377\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0' >answer
	export CHAT_ROLE=initiator CHAT_START_FD=4
	for first in /dev/null answer line; do
		cat $first end >frames
		a=0
		chat-text -aq -n bob 3</dev/null 4>start 5>out <frames >e 2>err ||
			a=$?
		# Only e goes, and how it was answered is told.
		[ "$(head -c 1 e)" = e ]
		[ "$(stat -c %s e)" = 24 ]
		if [ $first = /dev/null ]; then
			[ $a = 98 ]
			[ "$(cat err start)" = $'bob does not answer\nn' ]
		else
			[ $a = 0 ]
			[ "$(cat err start)" = y ]
		fi
	done
}
