# completion.awk -v shell=bash|zsh|fish PAGE chat-call.1 - write a program's
# completion: its options and operands by its page's SYNOPSIS, and what each
# option does by the first sentence about it, in its page or, if that points
# there, in chat-call(1).
#
# SPDX-License-Identifier: ISC
BEGIN {
	split("file codefile id passfile file.png", f)
	for (i in f) offers[f[i]] = "file"
	split("host peer recipient sender", f)
	for (i in f) offers[f[i]] = "peer"
	offers["directory"] = "directory"
	offers["device"] = "camera"
	offers["microphone"] = "microphone"
	offers["loudspeaker"] = "loudspeaker"
	offers["program"] = "program"
	offers["purpose"] = offers["purposes"] = "talk|files|video|voice"
	offers["algorithm"] = "aes256gcm|chacha20poly1305"
	offers["role"] = "initiator|responder"
	offers["kind"] = "text|bytes|mjpeg|ivf"
}

/^\.Nm chat-/ && !name { name = $2 }
FNR == NR && /^\.Xr chat-call 1 , Sx Options/ { points = 1 }
FNR != NR && !points { exit }
/^\.Sh/ { part = $2; said("") }
FNR == NR && part == "SYNOPSIS" && /^\.Nm/ { form[++forms] = "" }
FNR == NR && part == "SYNOPSIS" && /^\.(Op|Fl|Ar|Cm|No)/ { synopsis() }

# The first sentence after `.It Fl x`, whatever the macros in it.
/^\.(It|El|Bl|Bd|Pp)/ { said("") }
/^\.It Fl/ {
	for (i = 2; i <= NF; i++)
		if ($i == "Fl" || $i == "," && length($(i + 1)) == 1)
			about = about (about ~ $(i + 1) ? "" : $(i + 1))
	sub(/Fl/, "", about)
	next
}
about && /^\.Pq/ {
	if (/[.;:]$/)
		said(text)
	next
}
about {
	line = $0
	if (sub(/^\.Xr /, "", line))
		sub(/ [1-8]/, "", line)
	else if (!sub(/^\.Fl /, "-", line) && !sub(/^\.Nm$/, name, line))
		sub(/^\.[A-Z][a-z] /, "", line)
	gsub(/ Fl /, " -", line)
	gsub(/ (Ar|Cm|Ns|Xr|Pa|Ev) /, " ", line)
	gsub(/\\&/, "", line)
	gsub(/ [.,;:]$/, substr(line, length(line)), line)
	text = text (text ? " " : "") line
	if (match(text, /[.;]( |$)/) || match(text, /^....................[^:]*:( |$)/))
		said(substr(text, 1, RSTART + RLENGTH - 1))
}

# said(SENTENCE) - that is what the options in `about` do.
function said(sentence,  k) {
	sub(/[.;: ]+$/, "", sentence)
	for (k = 1; sentence && k <= length(about); k++)
		if (!(substr(about, k, 1) in does))
			does[substr(about, k, 1)] = sentence
	about = text = ""
}

# argument(I) - what is offered for it: one of the words between |, or by name.
function argument(i,  all, cm) {
	if ($(i + 1) == "Ns")
		return ""
	all = $i in offers ? offers[$i] : $(i - 1) == "Cm" ? $i : ""
	for (cm = $(i - 1) == "Cm"; cm && $(i + 1) == "|"; i += 2)
		all = all "|" $(i + 2)
	return all
}

function option(letter, kind, takes) {
	if (!(letter in options))
		order = order letter
	options[letter] = kind
	if (takes)
		argued[letter] = takes
}

# A line of the SYNOPSIS: options, or operands of this form.
function synopsis(  i, k, must) {
	must = !/^\.Op/
	sub(/^\.(Op )?/, "")
	# `a Ns | Ns Ar b` is one word, by its first part.
	gsub(/ Ns [^ ]+ Ns (Ar|Cm) [^ ]+/, " Ns")
	for (i = 1; i <= NF; i++) {
		if ($i == "Fl") {
			i++
			if (must)
				flags[forms] = flags[forms] $i
			if ($(i + 1) ~ /^(Ar|Cm|Oo)$/) {
				option($i, argument(i + 2), \
				    $(i + 1) == "Ar" ? $(i + 2) : "value")
				if (must && $(i + 2) == "name")
					options[$i] = "peer"
				return
			}
			for (k = 1; k <= length($i); k++)
				option(substr($i, k, 1), "", "")
		} else if ($i !~ /^(Op|Ar|Cm|No|Ns|-|options)$/ && $(i - 2) != "Ns") {
			operand($i, $(i - 1))
		}
	}
}

# operand(WORD, MACRO) - one more of this form; `...` repeats the last.
function operand(word, macro,  kind) {
	kind = word in offers ? offers[word] : \
	    word == "..." ? "*" : macro == "Cm" ? word : \
	    word == "name" ? "peer" : "."
	if (form[forms] || kind != "*")
		form[forms] = form[forms] (form[forms] ? " " : "") kind
}

END {
	option("h", "", "")
	option("V", "", "")
	does["h"] = "Print the usage"
	does["V"] = "Print the version"
	# What is offered may come from elsewhere: only words without a meaning to
	# the shell.
	q = "'"
	sh = "sh -c " q "case $1 in\n" \
	    "\tpeer) cat \"${CHAT_HOME:-${XDG_CONFIG_HOME:-$HOME/.config}/chat}/peers\" ;;\n" \
	    "\tcamera) chat-cam -L ;;\n" \
	    "\t*) chat-phone -L | sed -n \"s/^$1 [ *]*//p\" ;;\n" \
	    "\tesac </dev/null 2>/dev/null | while read -r word _; do\n" \
	    "\t\tcase $word in\n" \
	    "\t\t\"\" | DEVICE | *[!A-Za-z0-9._/-]*) ;;\n" \
	    "\t\t*) echo \"$word\" ;;\n" \
	    "\t\tesac\n" \
	    "\tdone | sort -u" q " sh"
	if (shell == "bash") bash()
	if (shell == "zsh") zsh()
	if (shell == "fish") fish()
}

# quoted(TEXT, CHARACTERS, QUOTE) - with a backslash before these, and quotes.
function quoted(text, chars, quote,  i, c, all) {
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		all = all (c == q ? quote : (index(chars, c) ? "\\" : "") c)
	}
	return all
}

# The options and forms as words, for a function that reads the line by them.
function bash(  i, c, words) {
	for (i = 1; i <= length(order); i++) {
		c = substr(order, i, 1)
		words = words " " c (c in argued ? "=" options[c] : "")
	}
	print "# bash: " name ", made from its manual page"
	print "declare -gA _chat_options _chat_forms"
	print "_chat_options[" name "]=" q substr(words, 2) q
	printf "_chat_forms[%s]=%s", name, q
	for (i = 1; i <= forms; i++)
		printf "%s:%s\n", flags[i], form[i]
	print q "\n\n_chat_offer() {\n\t" sh " \"$1\"\n}\n"
	while ((getline c <"contrib/completion.bash") > 0)
		print c
	print "complete -F _chat " name
}

function zsh_action(kind) {
	if (kind == "file") return "_files"
	if (kind == "directory") return "_files -/"
	if (kind == "program") return " _normal"
	if (kind ~ /^(peer|camera|microphone|loudspeaker)$/)
		return " _chat_offer " kind
	gsub(/\|/, " ", kind)
	return kind ~ /^\.?$/ ? " " : "(" kind ")"
}

# zsh_operands(FORM) - as _arguments has them.
function zsh_operands(text,  w, n, k, last, all) {
	n = split(text, w, " ")
	for (k = 1; k <= n; k++) {
		if (w[k] == "*")
			continue
		last = w[k] == "program" ? "*::" : w[k + 1] == "*" ? "*" : k
		all = all " " q last ":" (w[k] == "." ? "word" : w[k]) ":" \
		    zsh_action(w[k]) q
	}
	return all
}

function zsh(  i, c, plain) {
	print "#compdef " name
	print "# zsh: " name ", made from its manual page\n"
	print "_chat_offer() {"
	print "\tlocal -a offered=(${(f)\"$(" sh " $1)\"})"
	print "\t(( $#offered )) && compadd -a offered\n}\n"
	print "local -a operands=(" zsh_operands(form[1]) ")"
	for (i = 1; i <= length(order); i++)
		if (!((c = substr(order, i, 1)) in argued))
			plain = plain c
	for (i = 2; i <= forms; i++)
		if (flags[i])
			printf "[[ -z ${words[(r)-[%s]#%s*]} ]] ||\n" \
			    "\toperands=(%s )\n", plain, substr(flags[i], 1, 1),
			    zsh_operands(form[i])
	print "_arguments -s -S -A " q "-*" q " \\"
	for (i = 1; i <= length(order); i++) {
		c = substr(order, i, 1)
		printf "\t%s-%s%s[%s]%s%s \\\n", q, c, c in argued ? "+" : "",
		    quoted(does[c], "[]:\\", q "\\" q q),
		    c in argued ? ":" argued[c] ":" zsh_action(options[c]) : "", q
	}
	print "\t\"${operands[@]}\""
}

function fish_offer(kind) {
	if (kind == "file") return "-F"
	if (kind == "directory") return "-x -a " q "(__fish_complete_directories)" q
	if (kind == "program") return "-x -a " q "(__fish_complete_subcommand)" q
	if (kind ~ /^(peer|camera|microphone|loudspeaker)$/)
		return "-x -a " q "(__chat_offer " kind ")" q
	gsub(/\|/, " ", kind)
	return kind ~ /^\.?$/ ? "-x" : "-x -a " q kind q
}

function fish(  i, c, k, n, w, when) {
	print "# fish: " name ", made from its manual page"
	print "function __chat_offer\n\t" sh " $argv[1]\nend\n"
	print "complete -c " name " -f"
	for (i = 1; i <= length(order); i++) {
		c = substr(order, i, 1)
		printf "complete -c %s -s %s%s -d %s%s%s\n", name, c,
		    c in argued ? " -r " fish_offer(options[c]) : "", q,
		    quoted(does[c], "\\", "\\" q), q
	}
	for (i = 1; i <= forms; i++) {
		when = flags[i] ? "__fish_contains_opt -s " substr(flags[i], 1, 1) : ""
		for (k = 2; !flags[i] && k <= forms; k++)
			if (flags[k])
				when = when (when ? "; and " : "") \
				    "not __fish_contains_opt -s " substr(flags[k], 1, 1)
		n = split(form[i], w, " ")
		for (k = 1; k <= n; k++)
			if (w[k] !~ /^[.*]$/)
				printf "complete -c %s%s %s\n", name,
				    when ? " -n " q when q : "", fish_offer(w[k])
	}
}
