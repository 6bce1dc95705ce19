# chat-file.bats - files and folders across a pair of pipes.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	mkdir in out
	mkfifo there back
}

# pair DIRECTORY FILE ... - put and get joined; their codes in $put and $get,
# what they say in put.err and get.err.
pair() {
	local to=$1
	shift
	chat-file put "$@" <back >there 2>put.err 3>&- &
	local p=$!
	get=0 put=0
	chat-file get ${opt--y} "$to" >back <there 2>get.err || get=$?
	wait "$p" || put=$?
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
	trio 100 '^usage:' chat-file put -y x
	trio 100 '^usage:' chat-file get
	trio 100 '^usage:' chat-file get a b
	trio 100 'nothere: No such file' chat-file put nothere </dev/null
	trio 100 'nothere: No such file' chat-file get nothere </dev/null
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
	[ ! -s put.err ] && [ ! -s get.err ]
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
