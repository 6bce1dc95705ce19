#!/usr/bin/env bats
# The claims of chat(7) and their tests (tests/proof; make proof runs them all).

load ../helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export PAGE=$PWD/page
	# bats would take them for its own.
	sed 's/^A test/@test/' >some.bats <<-'END'
	A test "is right (1.5 + x)" {
		echo "# tries 7" >&3
	}
	A test "is right (1x5 + x)" {
		false
	}
	A test "is wrong" {
		echo "# tries 7" >&3
		false
	}
	A test "is not here" {
		skip 'not here'
	}
	A test "does not count" {
		true
	}
	END
}

# page CLAIM TEST ... - one with this claim after one that holds.
page() {
	{
		printf '.\\" claims\n.Bl -enum\n.It\nOne holds.\nMore of it.\n'
		printf '.Dl "%s"\n' "$PWD/some.bats: is right (1.5 + x)"
		printf '.It\n%s\n' "$1"
		shift
		[ $# = 0 ] || printf ".Dl \"$PWD/some.bats: %s\"\n" "$@"
		printf '.El\n.\\" end of claims\n.Dl "nothing: of this"\n'
	} >page
}

# proves CODE LAST - what the last line says; the first one holds.
proves() {
	run --separate-stderr "$ROOT/tests/proof"
	echo "$output"
	[ "$status" = "$1" ]
	[ "${lines[0]}" = ' 1         7  holds     One holds.' ]
	[ "${lines[1]}" = "$2" ]
	[ ${#lines[@]} = 2 ]
}

@test "proof: each claim of chat(7) has tests, which are there" {
	unset PAGE
	run "$ROOT/tests/proof" -n
	[ -z "$output" ]
	[ "$status" = 0 ]
	n=$(sed -n '/^\.\\" claims/,/^\.\\" end of claims/p' \
		"$ROOT/man/chat.7" | grep -c '^\.It$')
	[ "$n" -ge 18 ]
}

@test "proof: a claim without a test, a test that is gone: found" {
	page 'Nothing shows this.'
	run -1 "$ROOT/tests/proof" -n
	[ "$output" = "$PWD/page: no test: Nothing shows this." ]
	proves 1 ' 2         0  untested  Nothing shows this.'
	page Gone. 'is right (1.5 + x)' 'is right'
	run -1 "$ROOT/tests/proof" -n
	[ "$output" = "$PWD/page: not a test: $PWD/some.bats: is right" ]
	proves 1 ' 2         7  broken    Gone.'
	: >page
	run -1 "$ROOT/tests/proof" -n
}

@test "proof: what fails, does not count, or is skipped does not hold" {
	page 'This is said
on two lines.' 'is right (1.5 + x)' 'is wrong'
	proves 1 ' 2        14  broken    This is said on two lines.'
	page 'Uncounted.' 'does not count'
	proves 1 ' 2         0  broken    Uncounted.'
	page 'Skipped.' 'is not here'
	proves 2 ' 2         0  skipped   Skipped.'
	page 'Again.' 'is right (1.5 + x)'
	proves 0 ' 2         7  holds     Again.'
	run -0 "$ROOT/tests/proof" 2
	[ "$output" = ' 2         7  holds     Again.' ]
}
