#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Runs the firmware in QEMU, makes the calls of README.txt, and prints what comes of them beside what was recorded.
# Words after it are given to QEMU; then it waits without limit.
cd "$(dirname "$0")" || exit 2
. ./case.sh

command -v "$QEMU" >/dev/null || { echo "$QEMU is not there; set QEMU to its path" >&2; exit 2; }
work=$(mktemp -d) || exit 2
qemu=
trap 'test -z "$qemu" || kill -9 "$qemu" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
trap '' PIPE
mkfifo "$work/in" || exit 2
limit=60
[ $# -eq 0 ] || limit=1000000

start_qemu -serial "file:$work/console" -monitor stdio "$@" <"$work/in" >"$work/out" 2>&1 &
qemu=$!
exec 3>"$work/in"

alive() { kill -0 "$qemu" 2>/dev/null; }
order() { echo "$1" >&3; }
# What is in memory, as hexadecimal digits: `ask h|w|g ADDRESS` (2, 4 or 8 bytes), and a while later `answer ADDRESS`.
ask() { order "xp /1${1}x $2"; }
answer() { tr -d '\r' <"$work/out" | sed -n "s/^[0-9a-f]*${1#0x}: 0x\([0-9a-f]*\)\$/\1/p" | tail -n 1; }

# All calls are made, or the last one has had time enough by the machine's own clock.
is_over() {
	case $(answer "$READY") in
	00000002 | 00000003) return 0 ;;
	esac
	[ "$CLOCK" != 0x0 ] && [ $((0x0$(answer "$PROGRESS"))) -eq "$LAST" ] &&
		[ $((0x0$(answer "$CLOCK") * STEP - 0x0$(answer "$BEGIN"))) -gt "$TICKS" ]
}

turns=0
while alive && [ $turns -lt $limit ] && ! is_over; do
	{
		ask w "$READY"
		ask w "$PROGRESS"
		ask g "$BEGIN"
		[ "$CLOCK" = 0x0 ] || ask g "$CLOCK"
	} 2>/dev/null
	sleep 1
	turns=$((turns + 1))
done

# The answer to the last question is longer than those before: then all have been answered.
{
	order stop
	order 'info status'
	questions
	ask g "$READY"
} 2>/dev/null
turns=0
while alive && [ $turns -lt 20 ]; do
	last=$(answer "$READY")
	[ ${#last} -ne 16 ] || break
	sleep 1
	turns=$((turns + 1))
done

# A QEMU that fails by itself says so with its status.
if ! alive; then
	wait "$qemu"
	status=$?
	if [ $status -gt 0 ] && [ $status -lt 128 ]; then
		tr -d '\r' <"$work/out" | tail -n 5 >&2
		exit 2
	fi
fi

different=0
# line NAME RECORDED NOW
line() {
	mark=' '
	if [ -z "$3" ]; then
		mark='?'
		[ "$ENDS" -eq 1 ] || different=1
	elif [ "$2" != "$3" ]; then
		mark='!'
		different=1
	fi
	printf '  %s %-12s recorded %-18s now %s\n' "$mark" "$1" "$2" "${3:-not to be seen: QEMU has ended}"
}

ended() { ! alive || grep -q 'VM status: paused (\(shutdown\|guest-panicked\))' "$work/out"; }

# number NAME ADDRESS RECORDED
number() {
	now=$(answer "$2")
	line "$1" "0x$3" "${now:+0x$now}"
}

# outcome ADDRESS RECORDED
outcome() {
	case $(answer "$1") in
	0000) now=not-made ;;
	0001 | 0005) now=no-return; ! ended || now=ended-the-machine ;;
	0002) now=returned ;;
	0003) now=trapped ;;
	0004) now=came-out-at-a-pad ;;
	0006) now=no-cpu ;;
	*) now=; [ "$2" != ended-the-machine ] || now=$2 ;;
	esac
	line outcome "$2" "$now"
}

compare
if [ -s "$work/console" ]; then
	echo 'end of the console:'
	tail -n 40 "$work/console" | sed 's/^/    /'
fi
alive && order quit 2>/dev/null
if [ $different -eq 0 ]; then echo REPRODUCED; else echo 'NOT REPRODUCED'; fi
exit $different
