#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Ratios, measured in one run: what the harness costs beside the calls themselves. Nothing here decides a test.

  tightest loop    one call over and over inside the same guest, looking at nothing
  same calls       the calls of the plan inside the same guest, looking at nothing: the yardstick
  probe alone      the same calls by the probe, with all that it looks at
  end to end       plan, encode, guest, decode, judge and journal, from the start of the program to its end, on the clock on the wall
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIRMWARE = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"
BARE_CALLS = 2_000_000
BATCH_CALLS = 60_000
ENTRY = "sbi.base.probe_extension"


def best(function, times=3):
    return min(function() for _ in range(times))


def boot(payload):
    """Seconds from the start of QEMU to its end."""
    command = ["qemu-system-riscv64", "-M", "virt", "-cpu", "rv64", "-smp", "2", "-m", "128M", "-bios", FIRMWARE, "-kernel", str(payload),
               "-nodefaults", "-display", "none", "-nic", "none", "-serial", "null", "-icount", "shift=0,sleep=off"]
    start = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    return time.monotonic() - start


def tightest_rate(build):
    empty = best(lambda: boot(build / "probes" / "riscv64-bare-0.elf"))
    full = best(lambda: boot(build / "probes" / f"riscv64-bare-{BARE_CALLS}.elf"))
    return BARE_CALLS / (full - empty), empty


def batch_rates(build, *payloads, times=5):
    """Calls per second of the same batch by each of the payloads. They take turns, so that a busy machine is unfair to none."""
    rates = {payload: [] for payload in payloads}
    for _ in range(times):
        for payload in payloads:
            with tempfile.TemporaryDirectory() as scratch:
                words = subprocess.run([build / "bench_calls", build / "probes" / payload, ENTRY, str(BATCH_CALLS)], check=True, cwd=scratch,
                                       stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120).stdout.split()
            rates[payload].append(int(words[0]) / float(words[1]))
    return [max(rates[payload]) for payload in payloads]


def peak_memory(process):
    """MiB of the harness alone, QEMU not counted; waits for its end."""
    peak = 0
    while process.poll() is None:
        try:
            status = Path("/proc", str(process.pid), "status").read_text()
            peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")])
        except OSError:
            pass
        time.sleep(0.02)
    return peak / 1024


def measured_run(build, *words):
    """The report of a run, its seconds, the harness's peak memory in MiB and the bytes of the journal."""
    with tempfile.TemporaryDirectory() as scratch:
        start = time.monotonic()
        process = subprocess.Popen([build / "assay", "run", "-o", f"{scratch}/run", *words], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        memory = peak_memory(process)
        seconds = time.monotonic() - start
        if process.returncode not in (0, 1):
            sys.exit("bench: the run failed")
        journal = Path(scratch, "run", "journal").stat().st_size
        return json.loads(Path(scratch, "run", "report.json").read_text()), seconds, memory, journal


def line(what, number, unit, rest=""):
    print(f"{what:32} {number:12,.1f} {unit:8} {rest}".rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--cases", type=int, default=1_000_000)
    options = parser.parse_args()
    build = options.build.resolve()

    busy = os.getloadavg()[0]
    line("load before", busy, "", "of other programs: the numbers below suffer from it" if busy > 0.5 else "")
    tightest, boot_seconds = tightest_rate(build)
    line("tightest loop in the guest", tightest, "calls/s")
    bare, probe = batch_rates(build, "riscv64-bare-batch.elf", "riscv64.elf")
    line("the same calls in a bare loop", bare, "calls/s", f"{bare / tightest:5.2f} of the tightest loop")
    line("the same calls by the probe", probe, "calls/s", f"{probe / bare:5.2f} of the bare loop")

    many = rate_before = None
    for jobs in ("1", "2"):
        many, seconds, memory, journal = measured_run(build, "--filter", ENTRY, "--cases", str(options.cases), "--jobs", jobs)
        rate = many["calls"] / seconds
        line(f"end to end, --jobs {jobs}", rate, "calls/s", f"{rate / bare:5.2f} of the bare loop (goal: 0.50), "
             f"{rate / tightest:.2f} of the tightest" + (f"; {rate / rate_before:.2f} of --jobs 1" if rate_before else ""))
        rate_before = rate
    line("journal", journal / many["calls"], "bytes/call", f"{many['calls']:,} calls")
    few, _, memory_few, _ = measured_run(build, "--filter", ENTRY, "--cases", str(options.cases // 100), "--jobs", "2")
    line("memory of the harness", memory, "MiB", f"at {many['cases']:,} cases, {memory_few:.1f} MiB at {few['cases']:,}: "
         f"{memory / memory_few:.2f}")
    quick, seconds, _, _ = measured_run(build)
    line("quick run of OpenSBI 1.1", seconds, "s", f"{quick['cases']:,} cases, {quick['calls']:,} calls, "
         f"{quick['timing']['resets']} guest starts (goal: 5 s)")
    line("guest start to switched off", boot_seconds * 1000, "ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
