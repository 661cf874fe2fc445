#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh SECONDS [OPTION...]: every fuzz target for its share of the time, with AddressSanitizer and UBSan. A finding stays in build-fuzz/.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
out=build-fuzz
mkdir -p "$out"
sanitize=address,undefined
flags=(-std=gnu11 -D_GNU_SOURCE -g -O1 "-fsanitize=fuzzer-no-link,$sanitize" -fno-sanitize-recover=undefined -Iharness -Iprobes -Ireports -I.)
sources() { find "$@" -name '*.c' ! -name 'test_*'; }
object() { echo "$out/objects/${1//\//-}.o"; }
compile() { clang "${flags[@]}" -c "$1" -o "$(object "$1")"; }

declare -A layers=([node]="harness/base" [spec]="harness/base harness/spec" [consumer]="harness/base harness/spec" [prove]="harness/base harness/spec harness/prove" [journal]="harness/base harness/record"
	[certificate]="harness/base harness/cli/certify/dsse.c harness/cli/certify/statement.c")
declare -A seeds=([node]="spec/sbi spec/fixtures" [spec]="spec/fixtures" [consumer]="spec/consumers" [prove]="spec/fixtures" [journal]="" [certificate]="")

# A real journal to begin with, when there is a program that records one.
if [ -x build/assay ]; then
	rm -rf "$out/run"
	build/assay run --blob build/blobs/faults/clean.bin --filter sbi.base.get_spec_version --cases 2 -o "$out/run" >/dev/null || true
	mkdir -p "$out/corpus-journal"
	cp "$out/run/journal" "$out/corpus-journal/run" || echo "fuzz: no run was recorded; the journal begins from nothing" >&2
fi

# The least that a certificate says.
mkdir -p "$out/corpus-certificate"
cat >"$out/corpus-certificate/least" <<-END
	{"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "b", "digest": {"sha256": "$(printf %064d 0)"}}],
	 "predicateType": "https://in-toto.io/attestation/test-result/v0.1", "predicate": {"result": "FAILED", "configuration": [],
	 "passedTests": ["a:b"], "warnedTests": ["a:c"], "failedTests": ["a:d"], "assay": {"schema": "assay-certificate-1",
	 "conformant": false, "reason": "r", "blob": {"name": "b"}, "spec": {"name": "s", "sha256": "$(printf %064d 1)", "claimed": "1.0"},
	 "run": {"assay": "0", "qemu": "7", "probe_sha256": "$(printf %064d 2)",
	 "machine": {"harts": 1, "ram_bytes": 1, "clock_hz": 1}, "seed": 1, "effort": "quick", "random_cases": 0,
	 "isolate": "batch", "journal": {"sha256": "$(printf %064d 3)"}}, "judge": "0", "cases": 1, "left_out": 0, "calls": 1, "summary": {},
	 "rules": {"mandatory": 1, "tested": 1, "untested": []}, "failures": [{"rule": "a:d", "case": "a:d:x", "takes": "nothing"}],
	 "audit": {"percent": 1, "calls": 1, "mismatches": 0, "shows": ["s"], "cannot_show": ["c"]}}}}
END

# A question to the solver may take as long as its effort is bounded, which sanitizers make longer; its memory is not ours.
declare -A limits=([prove]="-timeout=120 -rss_limit_mb=2048 -max_len=4096")

targets=(node spec consumer prove journal certificate)
# Every file once, though several targets have it.
rm -rf "$out/objects" # what does not compile any more is not to be taken from the last time
mkdir -p "$out/objects"
# shellcheck disable=SC2086
for source in $(sources harness/tools/fuzz ${layers[*]} | sort -u); do
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
	compile "$source" &
done
while [ "$(jobs -p | wc -l)" -gt 0 ]; do wait -n; done
for target in "${targets[@]}"; do
	files=("$(object "harness/tools/fuzz/fuzz_$target.c")")
	# shellcheck disable=SC2086
	for source in $(sources ${layers[$target]}); do files+=("$(object "$source")"); done
	clang "-fsanitize=fuzzer,$sanitize" "${files[@]}" -lyaml -lcrypto -lz -ljansson -lz3 -o "$out/$target"
	mkdir -p "$out/corpus-$target"
	for folder in ${seeds[$target]}; do
		find "$folder" -name '*.yaml' -size -16k -exec cp -t "$out/corpus-$target" {} +
	done
	if ! "$out/$target" -max_total_time=$((seconds / ${#targets[@]} + 1)) -timeout=5 -rss_limit_mb=512 -max_len=16384 \
		${limits[$target]:-} "$@" -print_final_stats=1 -artifact_prefix="$out/$target-" "$out/corpus-$target" >"$out/log-$target" 2>&1; then
		tail -n 40 "$out/log-$target" >&2
		echo "fuzz: $target: something was found; see $out/log-$target and $out/$target-*" >&2
		exit 1
	fi
	grep '^Done' "$out/log-$target" | sed "s/^/$target: /"
done
