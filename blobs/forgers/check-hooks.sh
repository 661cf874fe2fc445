#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every name in forgers.yaml has its function in forge.c, and no other function is there.
cd "$(dirname "$0")" || exit 1
rows=$(sed -n 's/^- name: //p' forgers.yaml | tr - _ | sort)
hooks=$(sed -n 's/^FORGER(\([a-z_]*\),.*/\1/p' forge.c | sort)
echo 1..1
if [ "$rows" = "$hooks" ]; then
	echo "ok 1 - $(echo "$rows" | wc -l) forgers have one row and one hook each"
else
	echo "not ok 1 - rows and hooks differ"
	exit 1
fi
