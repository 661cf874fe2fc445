#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh SECONDS: every fuzz target for its share of the time, with AddressSanitizer and UBSan. A finding stays in build-fuzz/.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
out=build-fuzz
mkdir -p "$out"
flags=(-std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Iharness -Iprobes -I.)
sources() { find "$@" -name '*.c' ! -name 'test_*'; }

declare -A layers=([node]="harness/base" [spec]="harness/base harness/spec" [journal]="harness/base harness/record")
declare -A seeds=([node]="spec/sbi spec/fixtures" [spec]="spec/fixtures" [journal]="")

# A real journal to begin with, when there is a program that records one.
if [ -x build/assay ]; then
	rm -rf "$out/run"
	build/assay run --blob build/blobs/faults/clean.bin --filter sbi.base.get_spec_version --cases 2 -o "$out/run" >/dev/null || true
	mkdir -p "$out/corpus-journal"
	cp "$out/run/journal" "$out/corpus-journal/run" || echo "fuzz: no run was recorded; the journal begins from nothing" >&2
fi

for target in node spec journal; do
	# shellcheck disable=SC2046,SC2086
	clang "${flags[@]}" "harness/tools/fuzz/fuzz_$target.c" $(sources ${layers[$target]}) -lyaml -lcrypto -lz -o "$out/$target"
	mkdir -p "$out/corpus-$target"
	for folder in ${seeds[$target]}; do
		find "$folder" -name '*.yaml' -size -16k -exec cp -t "$out/corpus-$target" {} +
	done
	"$out/$target" -max_total_time=$((seconds / 3 + 1)) -timeout=5 -rss_limit_mb=512 -max_len=16384 -print_final_stats=1 \
		-artifact_prefix="$out/$target-" "$out/corpus-$target" 2>&1 | grep -E '^(stat::number_of|ERROR|SUMMARY)|Done' || true
	if compgen -G "$out/$target-crash-*" >/dev/null || compgen -G "$out/$target-timeout-*" >/dev/null; then
		echo "fuzz: $target: something was found; see $out/$target-*" >&2
		exit 1
	fi
done
