#!/usr/bin/env bats
# chat-text: lines both ways, between chat-open and chat-seal.

load helper

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
	[ "$status" = 98 ] && [ -z "$stderr$output" ]
}

@test "what is no frame: 98" {
	trio 98 'malformed frame' \
		chat-text 3</dev/null 5>&1 1>/dev/null <<<"$(seq 100)"
}

@test "usage" {
	for bad in -x '-i 3 more' '-i' ; do
		# shellcheck disable=SC2086
		run --separate-stderr chat-text $bad 3</dev/null 5>/dev/null
		[ "$status" = 100 ] && [ -z "$output" ] && [[ $stderr == *usage:* ]]
	done
	trio 100 'not a descriptor: 1x' chat-text -i 1x
	trio 100 'not a descriptor: 70000' chat-text -o 70000
	trio 100 'descriptor 9 is not open' chat-text -o 9 3</dev/null 5>&1
	trio 100 'too long' chat-text -t "$(printf %200s)" 3</dev/null 5>&1
}

@test "a full disk on the user's side: 111" {
	echo hi >A
	chat-text <ba >ab 3</dev/null 5>/dev/full 2>err &
	chat-text >ba <ab 3<A 5>out 2>err2 || :
	wait $! && false || [ $? = 111 ]
	grep -q 'No space left' err
}
