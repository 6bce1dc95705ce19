# guest.sh - what the scripts that run in the machine share.
# shellcheck shell=sh

vm=$PWD/build/vm
PATH=$PWD/bin:$vm:$PATH
t=${TMPDIR:-/tmp}
cd "$t" || exit 111

# ok NAME COMMAND ... - one test: it passes when the command succeeds.
ok() {
	name=$1
	shift
	if "$@" >ok.log 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name (status $?)"
		sed 's/^/# /' ok.log err 2>/dev/null
	fi
}

# wait_for COMMAND ... - until it succeeds, for 20 s.
wait_for() {
	i=0
	until "$@" >/dev/null 2>&1; do
		i=$((i + 1))
		[ $i -lt 200 ] || return 1
		sleep 0.1
	done
}

# fails CODE TEXT COMMAND ... - the failure trio.
fails() {
	code=$1 text=$2
	shift 2
	"$@" >out 2>err </dev/null
	set -- $?
	cat err
	[ "$1" = "$code" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -q -- "$text" err
}

# control NAME=VALUE - press a button of the driver's.
control() {
	v4l2-ctl -d /dev/video0 -c "$1"
}

# pictures FILE - how many are in a Y4M file.
pictures() {
	grep -ao 'FRAME XT=[0-9]*$' "$1" | wc -l
}
