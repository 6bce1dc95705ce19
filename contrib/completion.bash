# _chat - complete a command line of the kit.
_chat() {
	local name=${1##*/} word=${COMP_WORDS[COMP_CWORD]} at=1 given='' kind=''
	local i n letters form flags operands=()
	local -A takes=()
	for i in ${_chat_options[$name]}; do
		[[ $i != *=* ]] || takes[${i%%=*}]=${i#*=}
	done

	# The options before the word; the last may take it as its argument.
	while ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == -?* ]]; do
		letters=${COMP_WORDS[at++]#-}
		[[ $letters != - ]] || break
		while [[ $letters ]]; do
			i=${letters:0:1} letters=${letters:1}
			given+=$i
			[[ ${takes[$i]+x} ]] || continue
			[[ $letters ]] || ((at++))
			break
		done
	done
	COMPREPLY=()
	if ((at > COMP_CWORD)); then
		kind=${takes[$i]}
	elif [[ $at == "$COMP_CWORD" && $word == -* ]]; then
		for i in ${_chat_options[$name]}; do COMPREPLY+=("-${i%%=*}"); done
		mapfile -t COMPREPLY < <(compgen -W "${COMPREPLY[*]}" -- "$word")
		return
	else
		# The last form of the usage whose options are given.
		while IFS= read -r form; do
			flags=${form%%:*}
			while [[ $flags && $given == *"${flags:0:1}"* ]]; do
				flags=${flags:1}
			done
			[[ $flags ]] || read -ra operands <<<"${form#*:}"
		done <<<"${_chat_forms[$name]%$'\n'}"
		i=$((COMP_CWORD - at)) n=$((${#operands[@]} - 2))
		[[ ${operands[*]} != *'*' || $i -le $n ]] || i=$n
		kind=${operands[i]-}
	fi

	case $kind in
	'' | .) ;;
	program)
		if declare -F _command_offset >/dev/null; then
			_command_offset $((at + i))
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
		fi
		;;
	file | directory)
		compopt -o filenames 2>/dev/null || :
		mapfile -t COMPREPLY < <(compgen "-${kind:0:1}" -- "$word")
		;;
	peer | camera | microphone | loudspeaker)
		mapfile -t COMPREPLY < <(compgen -W "$(_chat_offer "$kind")" -- "$word")
		;;
	*) mapfile -t COMPREPLY < <(compgen -W "${kind//|/ }" -- "$word") ;;
	esac
}
