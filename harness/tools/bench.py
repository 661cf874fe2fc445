#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Ratios, measured in one run: what the harness costs beside the calls themselves. Nothing here decides a test.

  bare loop     the same call in the tightest loop inside the same guest, looking at nothing
  end to end    plan, encode, guest, decode, judge and journal, on the clock on the wall
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


def best(function, times=3):
    return min(function() for _ in range(times))


def boot(payload):
    """Seconds from the start of QEMU to its end."""
    command = ["qemu-system-riscv64", "-M", "virt", "-cpu", "rv64", "-smp", "2", "-m", "128M", "-bios", FIRMWARE, "-kernel", str(payload),
               "-nodefaults", "-display", "none", "-nic", "none", "-serial", "null", "-icount", "shift=0,sleep=off"]
    start = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    return time.monotonic() - start


def bare_rate(build):
    empty = best(lambda: boot(build / "probes" / "riscv64-bare-0.elf"))
    full = best(lambda: boot(build / "probes" / f"riscv64-bare-{BARE_CALLS}.elf"))
    return BARE_CALLS / (full - empty), empty


def measured_run(build, *words):
    """The report of a run, its seconds and the harness's peak memory in MiB."""
    with tempfile.TemporaryDirectory() as scratch:
        start = time.monotonic()
        process = subprocess.Popen([build / "assay", "run", "-o", f"{scratch}/run", *words], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            sys.exit("bench: the run failed")
        journal = Path(scratch, "run", "journal").stat().st_size
        return json.loads(Path(scratch, "run", "report.json").read_text()), seconds, usage.ru_maxrss / 1024, journal


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--cases", type=int, default=1_000_000)
    options = parser.parse_args()
    one_entry = ("--filter", "sbi.base.probe_extension")

    bare, boot_seconds = bare_rate(options.build)
    print(f"bare loop in the guest          {bare:12,.0f} calls/s")
    many, seconds, memory, journal = measured_run(options.build, *one_entry, "--cases", str(options.cases))
    rate = many["calls"] / seconds
    print(f"end to end, {many['calls']:>9,} calls     {rate:12,.0f} calls/s   {rate / bare:6.2f} of the bare loop   (goal: 0.50)")
    print(f"journal                         {journal / many['calls']:12.0f} bytes a call")
    few, _, memory_few, _ = measured_run(options.build, *one_entry, "--cases", str(options.cases // 100))
    print(f"memory of the harness           {memory:12.0f} MiB at {many['cases']:,} cases, {memory_few:.0f} MiB at {few['cases']:,}"
          f"   {memory / memory_few:6.2f}")
    quick, seconds, _, _ = measured_run(options.build)
    print(f"quick run of OpenSBI 1.1        {seconds:12.1f} s           {quick['cases']:,} cases, {quick['calls']:,} calls, "
          f"{quick['timing']['resets']} guest starts   (goal: 5 s)")
    print(f"guest start to switched off     {boot_seconds * 1000:12.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
