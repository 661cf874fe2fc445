#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every name in faults.yaml is asked for in the source, exactly once, and nothing else is.
cd "$(dirname "$0")" || exit 1
rows=$(sed -n 's/^- name: //p' faults.yaml | tr - _ | sort)
hooks=$(grep -oh 'FAULT_IS([a-z0-9_]*)' ./*.c | sed 's/FAULT_IS(\(.*\))/\1/' | sort)
echo 1..1
if [ "$rows" = "$hooks" ]; then
	echo "ok 1 - $(echo "$rows" | wc -l) faults have one row and one hook each"
else
	echo "not ok 1 - rows and hooks differ"
	only=$(printf '%s\n%s\n' "$rows" "$hooks" | sort | uniq -c | awk '$1 != 2 { print $2 }')
	echo "# not exactly once in each of faults.yaml and the source:" $only
	exit 1
fi
