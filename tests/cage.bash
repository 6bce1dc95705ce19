# cage.bash - what a program that runs can still do, beside what chat(7) says.

# as_told NAME - can $pid do what chat(7) has of NAME, and no more?  What the
# filters say, which unit-seccomp tries; where the kernel does not show them,
# nothing.
as_told() {
	local ret=0
	"$ROOT/build/tests/cage" "$pid" >can || ret=$?
	[ $ret != 77 ] || return 0
	[ $ret = 0 ] || { cat can; return 1; }
	{ told 'each of them' && told "$1"; } | tr ';' '\n' |
		sed 's/^ *//; s/ *$//; /^$/d' | sort -u >told
	sort -u can | diff told - || { echo "$1"; return 1; }
}

# told NAME - what the table in chat(7) has of it; an item may have several names,
# with commas between them.
told() {
	awk -v name="$1" '
		function end() {
			sub(/no more/, "", text)
			sub(/the same/, before, text)
			before = text
			if (here) { print text; found = 1 }
			here = text = ""
		}
		/^\.\\" cages$/ { on = 1 }
		/^\.\\" end of cages$/ { on = 0; end() }
		!on { next }
		/^\.It / {
			if (text) end()
			sub(/^\.It /, ""); gsub(/Xr /, ""); gsub(/ [1-8]( |$)/, " ")
			gsub(/Fl /, "-"); gsub(/ *, */, ","); sub(/ *$/, "")
			here = index("," $0 ",", "," name ",")
			next
		}
		!/^\./ { text = text $0 " " }
		END { exit !found }' "$ROOT/man/chat.7"
}
