#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots the test kernels, without and with PAE, with the ROM, and the first with each that has a fault: test_rom.py KERNEL PAE_KERNEL ROM FAULTY...

A faulty ROM has to be found by the check that its name stands for, and the machine without SVM has to be told that there is no interface."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

QEMU = shutil.which("qemu-system-x86_64")
FOUND_BY = {
    "vmi-svm-no-walls": "the hypervisor's memory is out of reach",
    "vmi-svm-no-intercepts": "and has come to the hypervisor",
    "vmi-svm-no-veil": "a native SGDT shows the hypervisor's",
}


def failures(kernel, rom, cpu="qemu64,+svm"):
    """The checks that failed; None where the kernel did not come to its end."""
    said = subprocess.run([QEMU, "-M", "pc", "-cpu", cpu, "-m", "64", "-nodefaults", "-display", "none", "-device", "VGA", "-option-rom", rom,
                           "-kernel", kernel, "-debugcon", "stdio", "-device", "isa-debug-exit,iobase=0xf4", "-no-reboot"],
                          capture_output=True, text=True, timeout=50).stdout
    if not re.search(r"^1\.\.\d+$", said, re.M):
        return None
    return re.findall(r"^not ok \d+ - (.*)$", said, re.M)


def main():
    kernel, pae_kernel, rom, *faulty = sys.argv[1:]
    results = [("every call does what it says, and the kernel runs deprivileged", failures(kernel, rom), [])]
    results.append(("one with PAE likewise", failures(pae_kernel, rom), []))
    results.append(("without SVM there is no interface", failures(kernel, rom, "qemu64,-svm"), ["VMI_Init succeeds"]))
    for blob in faulty:
        name = Path(blob).stem
        found = failures(kernel, blob)
        results.append((f"{name} is found", found and [text for text in found if text == FOUND_BY[name]], [FOUND_BY[name]]))
    print(f"1..{len(results)}")
    for number, (text, found, expected) in enumerate(results, 1):
        for line in found or []:
            print(f"# {line}")
        print(f"{'ok' if found == expected else 'not ok'} {number} - {text}")
    return any(found != expected for _, found, expected in results)


if __name__ == "__main__":
    sys.exit(main())
