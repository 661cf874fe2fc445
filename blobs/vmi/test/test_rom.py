#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots the test kernel with each ROM: test_rom.py KERNEL ROM... The ROM lies behind the video BIOS, above C8000h."""
import subprocess
import sys
from pathlib import Path


def seen(kernel, rom):
    """What the kernel wrote, and whether it found nothing wrong: isa-debug-exit makes 1 of its 0."""
    result = subprocess.run(["qemu-system-x86_64", "-M", "pc", "-m", "64", "-nodefaults", "-display", "none", "-device", "VGA", "-option-rom", rom,
                             "-kernel", kernel, "-debugcon", "stdio", "-device", "isa-debug-exit,iobase=0xf4",
                             "-rtc", "base=2006-03-13T00:00:00"],
                            capture_output=True, text=True, timeout=50)
    return result.stdout + result.stderr, result.returncode == 1


def main():
    kernel, *roms = sys.argv[1:]
    print(f"1..{len(roms)}")
    failed = False
    for number, rom in enumerate(roms, 1):
        said, good = seen(kernel, rom)
        failed |= not good
        print("".join(f"# {line}\n" for line in said.splitlines()), end="")
        print(f"{'ok' if good else 'not ok'} {number} - {Path(rom).stem}: every call does what it says")
    return failed


if __name__ == "__main__":
    sys.exit(main())
