#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Ratios, measured in one run: what the harness costs beside the calls themselves. Nothing here decides a test.

  tightest loop    one call over and over inside the same guest, looking at nothing
  same calls       the calls of the plan inside the same guest, looking at nothing: the yardstick
  probe alone      the same calls by the probe, with all that it looks at
  end to end       plan, encode, guest, decode, judge and journal, from the start of the program to its end, on the clock on the wall

Processor time, of the guest or of the program, is told beside it: other programs disturb it less.

The same for a ROM that is called like a function (VMI, i386): a call costs next to nothing there, its record what it costs anywhere.

What isolation costs, in cases a second of the plan's own cases:

  batches          as `assay run` makes them: a reset now and then
  reset per case   `--isolate case`: every case in a machine that was just brought back
  boot per case    every case in a QEMU that was just started (worked out from the start and the reset measured above)
  boot per group   one QEMU for all cases of a chapter, as kvm-unit-tests and its like do it (worked out likewise): no case is isolated
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench_ovmf

FIRMWARE = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"
BARE_CALLS = 2_000_000
BATCH_CALLS = 60_000
ENTRY = "sbi.base.probe_extension"
ROM, ROM_ENTRY = "vmi-reference", "vmi.rom.GetRelocationInfo"
ISOLATED = "sbi.base.*"


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


def batch_rates(build, *payloads, entry=ENTRY, blob=(), times=5):
    """(calls per second, microseconds of processor per call) of the same batch by each of the payloads.

    They take turns, so that a busy machine is unfair to none.
    """
    seen = {payload: [] for payload in payloads}
    while any(len(of) < times for of in seen.values()):
        for payload in payloads:
            with tempfile.TemporaryDirectory() as scratch:
                words = subprocess.run([build / "bench_calls", build / "probes" / payload, entry, str(BATCH_CALLS), *blob], check=True, cwd=scratch,
                                       stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120).stdout.split()
            calls, wall, processor = int(words[0]), float(words[1]), float(words[2])
            if calls > BATCH_CALLS / 2:     # or the first look came when most was done
                seen[payload].append((calls / wall, 1e6 * processor / calls))
    return [(max(rate for rate, _ in seen[payload]), min(cost for _, cost in seen[payload])) for payload in payloads]


def watch(process):
    """
    Waits for the end. Of the program alone, its guests not counted: peak memory in MiB, all that it has in view and what is its own
    (without the guests' RAM, which it shares), and processor seconds.
    """
    peak = own = ticks = 0
    while process.poll() is None:
        try:
            lines = Path("/proc", str(process.pid), "status").read_text().splitlines()
            times = Path("/proc", str(process.pid), "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        peak = max([peak] + [int(text.split()[1]) for text in lines if text.startswith("VmHWM")])
        own = max([own] + [int(text.split()[1]) for text in lines if text.startswith("RssAnon")])
        ticks = max(ticks, int(times[11]) + int(times[12]))
        time.sleep(0.1)
    return peak / 1024, own / 1024, ticks / os.sysconf("SC_CLK_TCK")


class Run:
    """One run of the program, measured from its start to its end."""

    def __init__(self, build, *words):
        with tempfile.TemporaryDirectory() as scratch:
            start = time.monotonic()
            process = subprocess.Popen([build / "assay", "run", "-o", f"{scratch}/run", *words], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.memory, self.own, processor = watch(process)
            self.seconds = time.monotonic() - start
            if process.returncode not in (0, 1):
                sys.exit("bench: the run failed")
            self.journal = Path(scratch, "run", "journal").stat().st_size
            report = json.loads(Path(scratch, "run", "report.json").read_text())
        self.calls, self.cases, self.resets = report["calls"], report["cases"], report["timing"]["resets"]
        self.rate, self.cost = self.calls / self.seconds, 1e6 * processor / self.calls


def line(what, number, unit, rest=""):
    print(f"{what:30} {number:12,.1f} {unit:8} {rest}".rstrip(), flush=True)


def measure_calls(build):
    tightest, boot_seconds = tightest_rate(build)
    (bare, bare_cost), (probe, probe_cost) = batch_rates(build, "riscv64-bare-batch.elf", "riscv64.elf")
    line("guest start to switched off", boot_seconds * 1000, "ms")
    line("tightest loop in the guest", tightest, "calls/s")
    line("the same calls, bare", bare, "calls/s", f"{bare / tightest:5.2f} of the tightest loop; {bare_cost:.2f} us of processor a call")
    line("the same calls, by the probe", probe, "calls/s", f"{probe / bare:5.2f} of bare; {probe_cost:.2f} us of processor, "
         f"{bare_cost / probe_cost:.2f} of bare")
    return tightest, bare


def measure_rom(build):
    (bare, bare_cost), (probe, probe_cost) = batch_rates(build, "i386-bare-batch.elf", "i386.elf", entry=ROM_ENTRY, blob=(ROM,), times=7)
    line("calls of a VMI ROM, bare", bare, "calls/s", f"{bare_cost:.2f} us of processor a call")
    line("the same, by the probe", probe, "calls/s", f"{bare_cost / probe_cost:.2f} of bare in processor time (goal: 0.50); {probe_cost:.2f} us")
    whole = Run(build, "--blob", ROM, "--effort", "standard", "--jobs", "2")
    line("standard run of a VMI ROM", whole.seconds, "s", f"{whole.cases:,} cases, {whole.calls:,} calls, {whole.resets} guest starts (goal: 30 s)")


def measure_runs(build, cases, tightest, bare):
    before = None
    for jobs in ("1", "2"):
        many = Run(build, "--filter", ENTRY, "--cases", str(cases), "--jobs", jobs)
        line(f"end to end, --jobs {jobs}", many.rate, "calls/s", f"{many.rate / bare:5.2f} of bare (goal: 0.50), {many.rate / tightest:.2f} of the "
             f"tightest loop; {many.cost:.2f} us of the harness's own processor a call"
             + (f"; {many.rate / before.rate:.2f} of --jobs 1" if before else ""))
        before = many
    few = Run(build, "--filter", ENTRY, "--cases", "10000", "--jobs", "2")
    some = Run(build, "--filter", ENTRY, "--cases", "100000", "--jobs", "2")
    line("journal", many.journal / many.calls, "bytes", f"a call, of {many.calls:,}")
    line("memory of the harness", many.own, "MiB", f"at {many.cases:,} cases, {some.own:.1f} at {some.cases:,}, {few.own:.1f} at {few.cases:,}")
    line("with the guests' RAM in view", many.memory, "MiB", f"at {many.cases:,} cases, {some.memory:.1f} at {some.cases:,}, {few.memory:.1f} at "
         f"{few.cases:,}: batches grow to a limit")


def measure_isolation(build, reset, start):
    """Of a chapter without hazards, so that nothing but isolation is measured. reset, start: seconds."""
    batches = Run(build, "--filter", ISOLATED, "--cases", "2000")
    apart = Run(build, "--filter", ISOLATED, "--cases", "50", "--isolate", "case")
    per_case = apart.cases / apart.seconds
    alone = 1 / (1 / per_case - reset + start) if 1 / per_case > reset else 1 / start
    group = batches.cases / (batches.seconds + start)
    line("batches", batches.cases / batches.seconds, "cases/s")
    line("reset per case", per_case, "cases/s", f"of {apart.cases} cases")
    line("boot per case", alone, "cases/s", f"worked out; a reset per case is {per_case / alone:.1f} times as fast")
    line("boot per group", group, "cases/s", f"worked out, of {batches.cases:,} cases in one group; batches are "
         f"{batches.cases / batches.seconds / group:.2f} times as fast, and isolate")


def measure_resets(build):
    words = subprocess.run([build / "bench_reset", "64"], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    reset, start = map(float, words.stdout.split())
    line("reset and next call, 64 MiB", reset, "ms", "(goal: 8)")
    line("fresh guest and first call", start, "ms", f"{start / reset:5.1f} of a reset (goal: 10)")
    measure_isolation(build, reset / 1000, start / 1000)
    seen = bench_ovmf.measure()
    if not seen:
        print("q35 with OVMF                  not measured: needs the packages qemu-system-x86 and ovmf")
        return
    boot_seconds, reset_seconds = seen
    line("q35 with OVMF, boot", boot_seconds * 1000, "ms")
    line("q35 with OVMF, reset", reset_seconds * 1000, "ms", f"{boot_seconds / reset_seconds:5.1f} resets in a boot (goal: 200)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--cases", type=int, default=3_000_000)
    options = parser.parse_args()
    build = options.build.resolve()

    line("load before", os.getloadavg()[0], "", f"on {os.cpu_count()} processors: what others do is in every number below")
    measure_runs(build, options.cases, *measure_calls(build))
    measure_resets(build)
    quick = Run(build)
    measure_rom(build)
    line("quick run of OpenSBI 1.1", quick.seconds, "s", f"{quick.cases:,} cases, {quick.calls:,} calls, {quick.resets} guest starts (goal: 5 s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
