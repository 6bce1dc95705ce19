# chat-file.bats - files and folders across a pair of pipes.
load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir in out
}

# start DIRECTORY FILE ... - put and get joined, their pids in $p and $g, what
# they say in put.err and get.err, with -q unless quiet is set.  What put sends goes through relay, if that
# is set, and is counted in sent.
start() {
	local to=$1
	shift
	mkfifo -m 600 there back mid 2>/dev/null || :
	${relay-cat} <there 3>&- | tee mid 3>&- | wc -c >sent 3>&- &
	chat-file put ${quiet--q} "$@" <back >there 2>put.err 3>&- &
	p=$!
	chat-file get -y ${quiet--q} "$to" >back <mid 2>get.err 3>&- &
	g=$!
}

# finish - wait for the two; their codes in $put and $get.
finish() {
	put=0 get=0
	wait "$p" || put=$?
	wait "$g" || get=$?
	wait
}

pair() {
	start "$@"
	finish
}

# held - a relay: two million bytes pass, the rest when something is written to
# gate.
held() {
	python3 -c 'import os
n, b = 2000000, b"."
while n and b:
    b = os.read(0, min(n, 65536))
    n -= len(b)
    os.write(1, b)'
	: <gate
	cat
}

# hold DIRECTORY FILE ... - start, and wait until the relay holds what goes on.
hold() {
	mkfifo gate
	relay=held start "$@"
	wait_for 10 sh -c '[ "$(cat "$0"/.*chat-part | wc -c)" -ge 1900000 ]' "$1"
}

# go_on - let the relay go.
go_on() {
	: >gate
}

# codes PUT GET - what they must have been.
codes() {
	[ "$put" = "$1" ] && [ "$get" = "$2" ] || {
		echo "put $put, get $get"
		cat put.err get.err
		return 1
	}
}

# tree DIR - all that is in it, but the sizes of folders.
tree() {
	(cd "$1" && find . ! -name . \( -type d -printf '%M %T@ %P\n' -o \
		-printf '%M %s %T@ %l %P\n' \) | sort)
}

@test "usage" {
	trio 100 '^usage: chat-file put' chat-file
	trio 100 '^usage:' chat-file take x
	trio 100 '^usage:' chat-file put
	trio 100 "invalid option -- 'y'" chat-file put -y x
	trio 100 '^usage:' chat-file get
	trio 100 '^usage:' chat-file get a b
	trio 100 'nothere: No such file' chat-file put nothere </dev/null
	trio 100 'nothere: No such file' chat-file get nothere </dev/null
	mkfifo there
	trio 100 'there: neither a file nor a folder' \
		chat-file put there </dev/null
	trio 100 'no name' chat-file put / </dev/null
}

@test "a file and a folder arrive as they were" {
	mkdir -p in/sub/empty in/sub/shut
	seq 1000 >in/a.txt
	: >in/nothing
	head -c 3000000 /dev/urandom >in/sub/big
	head -c 100 /dev/urandom >in/sub/shut/x
	ln -s sub/big in/link
	ln -s ../a.txt in/sub/up
	ln -s nowhere in/dangling
	touch -hd 2001-02-03T04:05:06.789 in/a.txt in/link in/sub/empty
	chmod 640 in/a.txt
	chmod 4755 in/nothing
	chmod 500 in/sub/shut
	touch -d 1969-01-01 in/sub
	pair out in in/a.txt
	codes 0 0
	chmod 755 in/nothing
	diff <(tree in) <(tree out/in)
	cmp in/sub/big out/in/sub/big
	cmp in/a.txt out/a.txt
	[ ! -s put.err ]
	[ ! -s get.err ]
	chmod 700 in/sub/shut out/in/sub/shut
}

@test "what is there is recognised, and other content gets a number" {
	echo one >in/x.txt
	pair out in/x.txt
	codes 0 0
	pair out in/x.txt
	codes 0 0
	[ "$(ls out)" = x.txt ]
	echo two >in/x.txt
	pair out in/x.txt
	codes 0 0
	pair out in/x.txt
	codes 0 0
	[ "$(ls -A out)" = $'x (2).txt\nx.txt' ]
	[ "$(cat out/x.txt)" = one ]
	[ "$(cat 'out/x (2).txt')" = two ]
}

@test "two files of one name are recognised too" {
	mkdir in/1 in/2
	echo one >in/1/x.txt
	echo two >in/2/x.txt
	for i in 1 2; do
		pair out in/1/x.txt in/2/x.txt
		codes 0 0
		[ "$(ls -A out)" = $'x (2).txt\nx.txt' ]
		cat out/* | sort | diff - <(printf 'one\ntwo\n')
	done
}

@test "more files that are there than may be open" {
	for i in $(seq 300); do
		mkdir -p "in/$((i % 7))"
		echo "$i" >"in/$((i % 7))/$i"
	done
	pair out in
	codes 0 0
	ulimit -Sn 40
	pair out in
	codes 0 0
	[ "$(cat sent)" -lt 30000 ]
	diff -r in out/in
}

@test "names with blanks, dashes, bytes that are not UTF-8" {
	echo 1 >'in/a b'
	echo 2 >in/-q
	echo 3 >in/$'\xe4\xff'
	pair out in
	codes 0 0
	diff -r in out/in
	(cd in && start ../out -- -q && finish && codes 0 0)
	cmp in/-q out/-q
}

@test "control characters in a name become harmless, the same each time" {
	echo 1 >in/$'a\nb\033[2J'
	pair out in
	codes 0 0
	pair out in
	codes 0 0
	[ "$(ls -A out/in)" = 'a_b_[2J' ]
	tries 2
}

@test "a folder that is there is filled up, nothing is replaced" {
	mkdir in/sub out/in
	echo new >in/sub/x
	echo y >in/y
	echo mine >out/in/sub
	pair out in
	codes 0 0
	[ "$(cat out/in/sub)" = mine ]
	[ "$(cat 'out/in/sub (2)/x')" = new ]
	pair out in
	codes 0 0
	[ "$(find out | wc -l)" = 6 ]
}

# mode PATH - its permissions and time of modification.
mode() {
	stat -c '%a %Y' "$1"
}

@test "a folder that is there keeps its permissions and time" {
	mkdir -p in/private/sub out/in/private
	echo x >in/private/x
	chmod 777 in in/private in/private/sub
	chmod 700 out/in out/in/private
	touch -d 2001-01-01 in/private in/private/sub in
	pair out in
	codes 0 0
	cmp in/private/x out/in/private/x
	[ "$(stat -c %a out/in)" = 700 ]
	[ "$(stat -c %a out/in/private)" = 700 ]
	[ "$(stat -c %Y out/in/private)" != "$(stat -c %Y in/private)" ]
	# This one the run made.
	[ "$(mode out/in/private/sub)" = "755 $(stat -c %Y in/private/sub)" ]
}

@test "a folder that is there and never was sent keeps its permissions" {
	mkdir -p evil out/d/mine
	chmod 700 out/d/mine
	touch -d 2001-01-01 out/d/mine
	before=$(mode out/d/mine)
	"$ROOT/tests/tool/evil-sender" evil 0 >list
	mkfifo back
	exec 9<>back
	chat-file get -y out >back <'evil/leave what was never entered' \
		9>&- 3>&-
	exec 9>&-
	[ "$(mode out/d/mine)" = "$before" ]
}

@test "permissions are less the umask, and never writable for others" {
	mkdir in/d
	echo x >in/x
	chmod 777 in/d in/x
	(umask 0 && pair out in && codes 0 0)
	[ "$(stat -c %a out/in/d)" = 775 ]
	[ "$(stat -c %a out/in/x)" = 775 ]
	mkdir strict
	(umask 077 && pair strict in && codes 0 0)
	[ "$(stat -c %a strict/in/d)" = 700 ]
	[ "$(stat -c %a strict/in/x)" = 700 ]
}

@test "a folder or file is never written through a link that is there" {
	mkdir in/sub out/in elsewhere
	echo new >in/sub/x
	echo new >in/y
	ln -s ../../elsewhere out/in/sub
	ln -s ../../elsewhere/y out/in/y
	pair out in
	codes 0 0
	[ -z "$(ls -A elsewhere)" ]
	cmp in/y 'out/in/y (2)'
	cmp in/sub/x 'out/in/sub (2)/x'
	tries 2
}

@test "devices, sockets and FIFOs are skipped with a word; links out are refused" {
	mkfifo in/pipe
	echo x >in/x
	pair out in
	codes 0 0
	[ "$(cat put.err)" = \
		'chat-file: in/pipe: skipped, neither a file nor a folder' ]
	ln -s ../../x in/bad
	ln -s /etc/passwd in/worse
	pair out in
	codes 111 111
	grep -q 'in/bad: refused, a link that leads out' put.err
	grep -q 'in/worse: refused, a link that leads out' get.err
	[ "$(ls -A out/in)" = x ]
}

@test "holes stay holes" {
	truncate -s 50M in/holes
	printf x | dd of=in/holes bs=1 seek=20000000 conv=notrunc status=none
	pair out in/holes
	codes 0 0
	cmp in/holes out/holes
	[ "$(cat sent)" -lt 200000 ]
	[ "$(stat -c %b out/holes)" -lt 1000 ]
}

@test "either side killed: only what is missing crosses" {
	head -c 8000000 /dev/urandom >in/big
	for victim in put get; do
		rm -rf out/big gate
		hold out in/big
		if [ $victim = put ]; then kill -9 "$p"; else kill -9 "$g"; fi
		go_on
		finish
		broken='chat-file: the session was broken off; the same two '
		broken+='commands go on where it stopped'
		if [ $victim = put ]; then
			codes 137 98
			[ "$(cat get.err)" = "$broken" ]
		else
			codes 98 137
			[ "$(cat put.err)" = "$broken" ]
		fi
		[[ $(ls -A out) =~ ^\.big\.[0-9a-f]{16}\.chat-part$ ]]
		have=$(stat -c %s out/.big.*)
		[ "$have" -ge 1900000 ]
		pair out in/big
		codes 0 0
		[ "$(cat sent)" -lt $((8001000 - have)) ]
		cmp in/big out/big
		[ "$(ls -A out)" = big ]
	done
}

@test "a part of something else is not continued" {
	head -c 8000000 /dev/urandom >in/big
	hold out in/big
	kill -9 "$p"
	go_on
	finish
	head -c 8000000 /dev/urandom >in/big
	pair out in/big
	codes 0 0
	cmp in/big out/big
	[ "$(ls -A out)" = big ]
}

@test "the part of a small file goes when other content is kept" {
	head -c 1997000 /dev/urandom >in/a
	head -c 5000 /dev/urandom >in/b
	mkfifo gate
	relay=held start out in/a in/b
	wait_for 10 sh -c '[ -s out/.b.*.chat-part ]'
	kill -9 "$g"
	go_on
	finish
	head -c 5000 /dev/urandom >in/b
	pair out in/a in/b
	codes 0 0
	cmp in/a out/a
	cmp in/b out/b
	[ "$(ls -A out)" = $'a\nb' ]
}

@test "a folder broken off is continued, whole files not sent again" {
	for i in $(seq 300); do
		head -c 10000 /dev/urandom >"in/$i"
	done
	mkfifo gate
	relay=held start out in
	wait_for 10 sh -c '[ "$(ls out/in | wc -l)" -gt 150 ]'
	kill -9 "$p"
	go_on
	finish
	have=$(find out/in -type f ! -name '*.chat-part' | wc -l)
	pair out in
	codes 0 0
	[ "$(cat sent)" -lt $((3040000 - 10000 * have)) ]
	diff -r in out/in
}

@test "a file that shrinks, grows, changes or vanishes; the others arrive" {
	for what in shrinks grows changes vanishes; do
		rm -rf out/* gate
		head -c 8000000 /dev/urandom >in/big
		echo x >in/x
		echo y >in/y
		hold out in/big in/x in/y
		case $what in
		shrinks) truncate -s 3000000 in/big ;;
		grows) echo more >>in/big ;;
		changes) printf x | dd of=in/big conv=notrunc status=none ;;
		vanishes) rm in/x ;;
		esac
		go_on
		finish
		codes 111 111
		grep -Eq "in/(big|x)|(big|x): it (${what%s}|shrank|grew|changed|vanished)" put.err
		cmp in/y out/y
		[ $what = vanishes ] || [ ! -e out/big ]
		[ "$(find out -name '.*' | wc -l)" = 0 ]
		pair out in/big in/y
		codes 0 0
		cmp in/big out/big
	done
}

@test "a file that cannot be read; the others arrive" {
	[ "$(id -u)" != 0 ] || skip 'root can read everything'
	echo x >in/x
	echo y >in/y
	chmod 0 in/x
	pair out in
	codes 111 111
	grep -q 'in/x: Permission denied' put.err
	cmp in/y out/in/y
}

@test "a sender learns whether its own file is there, nothing else" {
	mkdir evil
	printf 9876543210 >out/f
	"$ROOT/tests/tool/evil-sender" evil 0 >list
	answer() {
		mkfifo back 2>/dev/null || :
		od -An -v -tx1 <back >answers 3>&- &
		chat-file get -y out >back <'evil/asks what is there' \
			2>get.err 3>&- || :
		wait
	}
	none=' 48 00 00 00 09 00 00 00 00 00 00 00 00 00'
	same=' 48 00 00 00 09 01 00 00 00 00 00 00 00 00'
	answer
	answered() { tr -d '\n' <answers; }
	[[ $(answered) == *"$none"* ]]
	printf 0123456789 >out/f
	answer
	[[ $(answered) == *"$same"* ]]
}

@test "what was asked is not remembered without end" {
	! sanitized || skip 'sanitizers'
	mkfifo there back
	chat-file get -y out <there >back 2>get.err 3>&- &
	g=$!
	"$ROOT/tests/tool/evil-sender" asks 300000 >there <back 2>said 3>&- &
	evil=$!
	wait_text said answered 60
	kib=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$g/status")
	echo "$kib KiB"
	[ "$kib" -gt 500 ]
	[ "$kib" -le 10240 ]
	kill "$evil"
	code "$g"
	[ "$status" = 98 ]
}

@test "a part is gone on with only for the peer that began it" {
	head -c 8000000 /dev/urandom >in/big
	export CHAT_PEERKEY=alice
	hold out in/big
	kill -9 "$p"
	go_on
	finish
	part=$(ls -A out)
	CHAT_PEERKEY=mallory
	pair out in/big
	codes 0 0
	[ "$(cat sent)" -gt 8000000 ]
	[ -e "out/$part" ]
	rm out/big
	CHAT_PEERKEY=alice
	pair out in/big
	codes 0 0
	[ "$(cat sent)" -lt 7000000 ]
	[ "$(ls -A out)" = big ]
}

@test "two at once do not write into one part" {
	head -c 8000000 /dev/urandom >in/big
	hold out in/big
	mkdir 2
	(cd 2 && start ../out ../in/big && finish && codes 111 111 &&
		grep -q 'another program is receiving it' put.err)
	go_on
	finish
	codes 0 0
	cmp in/big out/big
}

# facing COMMAND ... - put of in, or of what is in the array what, against that,
# which reads mid and writes back; the codes in $put and $get.
facing() {
	mkfifo back mid
	CHAT_PEER=bob chat-file put ${quiet--q} "${what[@]-in}" <back >mid 2>put.err 3>&- &
	p=$!
	get=0 put=0
	CHAT_PEER=alice "$@" >get.err 3>&- || get=$?
	wait $p || put=$?
}
get_out='exec chat-file get out 2>&1 >back <mid'

@test "a full disk at the receiver: both say so" {
	unshare -rm true || skip 'no namespaces'
	head -c 4000000 /dev/urandom >in/big
	facing unshare -rm sh -c 'mount -t tmpfs -o size=1m t out || exit
		mkdir out/in # how much of it is here is not known
		chat-file get -y out 2>&1 >back <mid
		code=$?
		ls -A out/in >left
		exit $code'
	codes 111 111
	[ "$(cat get.err)" = \
		'chat-file: cannot write in/big: No space left on device' ]
	[ "$(cat put.err)" = 'chat-file: bob: cannot write in/big: No space left on device' ]
	[[ $(cat left) == .big.*.chat-part ]]
}

@test "a full disk, small files: those that have a name are whole" {
	unshare -rm true || skip 'no namespaces'
	for i in $(seq 40); do
		head -c 50000 /dev/urandom >"in/$i"
	done
	facing unshare -rm sh -c 'mount -t tmpfs -o size=1m t out || exit
		mkdir out/in
		chat-file get -y out 2>&1 >back <mid
		code=$?
		find out/in -type f -size 50000c | wc -l >whole
		find out/in -type f ! -name ".*.chat-part" ! -size 50000c >left
		exit $code'
	codes 111 111
	grep -qE '^chat-file: cannot write in/[0-9]+: No space left' get.err
	[ "$(cat whole)" -ge 10 ]
	[ ! -s left ]
}

@test "a small file gets its name when it is whole, on all file systems" {
	command -v strace >/dev/null || skip 'no strace'
	export ASAN_OPTIONS=detect_leaks=0 # that does not work under strace
	printf content >in/x
	facing sh -c 'exec strace -qqo way -e inject=linkat:error=ENOENT \
		chat-file get -y out 2>&1 >back <mid'
	codes 0 0
	cmp in/x out/in/x
	grep -qE 'write\([0-9]+, "content", 7\)' way
	sed '1,/"content"/d' way | grep -q 'renameat2(.*"x", RENAME_NOREPLACE) *= 0'
	rm -r out/in back mid
	facing sh -c 'exec strace -qqo way chat-file get -y out 2>&1 >back <mid'
	codes 0 0
	cmp in/x out/in/x
	grep -q 'O_TMPFILE, 0600) *= [0-9]' way || skip 'no O_TMPFILE'
	grep -q 'linkat(.*AT_EMPTY_PATH) *= -1 EEXIST' way || skip 'not allowed'
	sed '1,/"content"/d' way | grep -q 'linkat(.*"x", AT_EMPTY_PATH) *= 0'
	run ! grep -E 'openat.*chat-part|renameat' way
}

@test "no room: both say so before a byte is sent" {
	unshare -rm true || skip 'no namespaces'
	head -c 4000000 /dev/urandom >in/big
	facing unshare -rm sh -c 'mount -t tmpfs -o size=1m t out || exit
		chat-file get -y out 2>&1 >back <mid
		code=$?
		ls -A out >left
		exit $code'
	codes 111 111
	[ ! -s left ]
	says='not enough room: 4.0 MB are missing, 1.0 MB are free'
	[ "$(cat get.err)" = "chat-file: $says" ]
	[ "$(cat put.err)" = "chat-file: bob: $says" ]
}

@test "no room: a person may take it all the same" {
	unshare -rm true || skip 'no namespaces'
	truncate -s 4000000 in/holes
	small='mount -t tmpfs -o size=1m t out && chat-file get -q out 2>&1 >back <mid
		code=$?
		ls -A out/in 2>/dev/null >left
		exit $code'
	for yes in n y; do
		rm -f back mid
		facing "$ROOT/tests/tool/expect" \
			'not enough room: 4\.0 MB are missing, 1\.0 MB are free\r\ntake it' \
			"$yes\r" -- unshare -rm sh -c "$small"
		case $yes in
		n) codes 111 111 && grep -q '^chat-file: bob: not enough room' put.err ;;
		y) codes 0 0 && [ "$(cat left)" = holes ] ;;
		esac
	done
}

@test "a sender is told that it waits" {
	quiet=
	# shellcheck disable=SC2016 # for the shell of expect
	asked 'take it' '!until grep -qx "waiting for bob to accept" put.err; do sleep 0.1; done; printf "y\r"'
	codes 0 0
}

# asked REGEX ANSWER - get asks at a terminal.
asked() {
	facing "$ROOT/tests/tool/expect" "$1" "$2" -- sh -c "$get_out"
}

@test "the list is shown, names harmless, and asked once: yes" {
	echo 12345 >in/x
	echo y >$'\033[2Jname'
	what=(in $'\033[2Jname')
	asked 'alice sends\r\n  in/  1 file, 6 bytes\r\n  _\[2Jname  2 bytes\r\n  in all 8 bytes\r\ntake it\? ' 'y\r'
	codes 0 0
	cmp in/x out/in/x
}

@test "the list says which folders are there already" {
	mkdir out/in in/new
	what=(in in/new)
	asked 'alice sends\r\n  in/ \(is here already\)  0 files, 1 folder or link, 0 bytes\r\n  new/  0 files' 'n\r'
	codes 98 98
}

@test "declined" {
	asked 'take it' 'n\r'
	codes 98 98
	grep -q 'chat-file: declined' get.err
	[ "$(cat put.err)" = 'chat-file: bob: declined' ]
	[ -z "$(ls -A out)" ]
}

@test "no terminal and no -y: refused" {
	facing setsid -w sh -c "$get_out"
	codes 98 100
	grep -q 'no terminal to ask on: -y' get.err
	grep -q 'no terminal to ask on: -y' put.err
	[ -z "$(ls -A out)" ]
}

@test "the other side hangs up while it is asked" {
	(
		wait_text get.err 'take it'
		kill -9 "$(pgrep -P $$ -x chat-file)"
	) &
	asked 'take it' ''
	[ $get = 98 ]
	grep -q 'was broken off' get.err
}

@test "two of one kind" {
	facing sh -c 'exec chat-file put in 2>&1 >back <mid'
	codes 100 100
	grep -q 'both sides send: one has to receive$' put.err
	rm back mid put.err
	mkfifo back mid
	chat-file get -y out <back >mid 2>put.err 3>&- &
	p=$!
	chat-file get -y out >back <mid 2>get.err || get=$?
	wait $p || put=$?
	codes 100 100
	grep -q 'both sides receive: one has to send$' get.err
}

@test "what happened is said, not with -q" {
	export CHAT_PEER=bob quiet=
	head -c 5000 /dev/zero >in/a
	echo b >in/b
	pair out in/a in/b
	codes 0 0
	grep -qE '^sent 2 files, 5\.0 kB in 0\.[1-9] s; bob has them on disk$' \
		put.err
	[ "$(cat get.err)" = 'received 2 files, 5.0 kB, into out' ]
	pair out in/a in/b
	codes 0 0
	[ "$(cat put.err)" = 'nothing to send: bob has all of it on disk already' ]
	[ "$(cat get.err)" = 'nothing new: all of it is in out already' ]
	echo other >in/b
	pair out in/a in/b
	codes 0 0
	grep -qE '^sent 1 file, 6 bytes in .* s; bob has it on disk, and 1 was there already$' \
		put.err
	[ "$(cat get.err)" = "b is kept as \`b (2)': another was there
received 1 file, 6 bytes, into out; 1 was there already" ]
	quiet=-q
	pair out in
	codes 0 0
	[ ! -s put.err ]
	[ ! -s get.err ]
}

@test "of many files under other names only some are told" {
	quiet=
	mkdir -p out/in
	for i in $(seq 15); do
		echo "$i" >"in/$i"
		echo mine >"out/in/$i"
	done
	pair out in
	codes 0 0
	[ "$(grep -c 'is kept as' get.err)" = 10 ]
	grep -qx '5 more are kept under other names' get.err
}

@test "a part that is gone on with: what crossed is what is told" {
	quiet=
	head -c 8000000 /dev/urandom >in/big
	hold out in/big
	kill -9 "$p"
	go_on
	finish
	pair out in/big
	codes 0 0
	grep -qE 'received 1 file, [1-6]\.[0-9] MB, into out' get.err
}

@test "descriptor 3 is a file, by a name of its own" {
	echo 'from nowhere' >in/x
	mkfifo there2 back2
	chat-file put -q - <back2 >there2 3<in/x &
	p=$!
	chat-file get -qy out >back2 <there2 3>&-
	wait $p
	cmp in/x out/stdin
	chat-file put -qN 'new name' - <back2 >there2 3<in/x &
	p=$!
	chat-file get -qy out >back2 <there2 3>&-
	wait $p
	cmp in/x 'out/new name'
	trio 100 '^chat-file: -: neither a file nor a folder' \
		chat-file put - </dev/null 3</dev/null
}

@test "progress on a terminal, none with -q or without one" {
	head -c 8000000 /dev/urandom >in/big
	for q in '' -q; do
		rm -rf out/* out/.big* gate back mid there
		mkfifo gate back mid there
		held <mid >there 3>&- &
		chat-file get -qy out >back <there 2>get.err 3>&- &
		g=$!
		"$ROOT/tests/tool/expect" -- sh -c \
			"exec chat-file put $q in/big <back >mid" >put.err &
		p=$!
		wait_for 10 sh -c 'ls out/.big*'
		[ "$q" ] || wait_text put.err '%  stalled'
		go_on
		finish
		codes 0 0
		[ ! -s get.err ]
		[ ! "$q" ] || [ ! -s put.err ]
		[ "$q" ] || grep -aqE $'\r\033\\[Ksent 1 file, 8.0 MB in ' put.err
	done
}

# The reason is read when it is known already that nobody reads what is sent.
@test "a receiver that leaves and then says why: its reason, and its code" {
	echo small >in/f
	cat >leaves <<-'PY'
	import fcntl, os, struct, subprocess, termios, time

	def msg(kind, body):
	    return kind + struct.pack('>I', len(body)) + body

	put = subprocess.Popen(['chat-file', 'put', '-q', 'in/f'],
	    stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

	def waits():
	    left = bytearray(4)
	    fcntl.ioctl(put.stdin, termios.FIONREAD, left)
	    with open('/proc/%d/stat' % put.pid) as f:
	        return not any(left) and f.read().split()[2] == 'S'

	os.read(put.stdout.fileno(), 65536)
	put.stdout.close()
	put.stdin.write(msg(b'F', b'gchat-file 2') + msg(b'A', b'\1'))
	while not waits():
	    time.sleep(0.01)
	put.stdin.write(msg(b'B', bytes([98]) + b'the folder has gone'))
	put.stdin.close()
	raise SystemExit(put.wait())
	PY
	trio 98 'the other side: the folder has gone' timeout 20 python3 leaves
}

@test "a hostile sender writes nothing outside and crashes nothing" {
	bad=
	mkdir evil
	mkfifo back
	"$ROOT/tests/tool/evil-sender" evil "${GARBLED-60}" >list
	while read -r code name; do
		chmod -R u+rwx e 2>/dev/null || :
		rm -rf e
		mkdir -p e/out
		exec 9<>back # nobody reads it
		cat "evil/$name" 9>&- 3>&- |
			chat-file get -y e/out >back 2>e.err 9>&- 3>&- &&
			got=0 || got=$?
		exec 9>&-
		[ "$code" != - ] || case $got in 0 | 98 | 111) code=$got ;; esac
		[ "$got" = "$code" ] && [ "$(ls -A e)" = out ] &&
			! grep -q $'\033' e.err && ! find e | grep -q $'\033' || {
			echo "$name: $got for $code: $(head -c 999 e.err)"
			bad=1
		}
	done <list
	[ ! "$bad" ]
	tries "$(wc -l <list)"
}

@test "a hostile receiver crashes nothing" {
	echo 123456789 >in/ten
	h='F\0\0\0\014gchat-file 2' take='A\0\0\0\01\0' eight='\0\0\0\0\0\0\0\05'
	sum="S\0\0\0\040$(printf %32s x)"
	while IFS='|' read -r code words answer; do
		got=0
		# shellcheck disable=SC2059 # bytes
		chat-file put in/ten < <(printf "$answer") >sent 2>err 3>&- ||
			got=$?
		[ "$got" = "$code" ] && grep -qE "$words" err &&
			! grep -q $'\033' err || {
			echo "$answer: $got, $(cat err)"
			false
		}
	done <<-CASES
	98|broken off|
	98|broken off|$h
	100|both sides send|F\0\0\0\014pchat-file 2
	98|is not receiving|F\0\0\0\014pchat-file 3
	98|is not receiving|A\0\0\0\01\0
	98|breaks the rules|${h}A\0\0\0\02\0\0
	98|breaks the rules|${h}A\0\0\0\0
	98|breaks the rules|${h}?\0\0\0\0
	98|breaks the rules|${h}P\377\377\377\377
	98|breaks the rules|${h}${take}K\0\0\0\020$eight$eight
	98|breaks the rules|${h}${take}H\0\0\0\011\01$eight
	98|breaks the rules|${h}${take}H\0\0\0\011\03$eight
	98|breaks the rules|${h}${take}H\0\0\0\011\02${eight}K\0\0\0\020$eight$eight
	98|broken off|${h}${take}H\0\0\0\011\02\377\377\377\377\377\377\377\377$sum
	98|broken off|${h}${take}H\0\0\0\011\02$eight$sum
	111|other side: .\[\[2Jfull|${h}B\0\0\0\011o\033[2Jfull
	CASES
}
