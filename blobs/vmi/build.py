#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""ROMs from their objects: linked, with a fault in the place of an entry or without, made whole blocks, and summed up.

    build.py -o OUT.bin OBJECT                      the ROM itself
    build.py --faults 3.o 13.o --into DIRECTORY     vmi-NAME.bin for each row of faults.yaml
"""
import argparse
import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
TOOLS = "i686-linux-gnu-"
ALIGNMENT = 2048        # of a ROM, so of what comes after it, too
LOST = 0x0bad0bad       # what faults leave in registers and memory
# A copy of what SetInitialAPState is given lies at (%esp) while it is made wrong.
STATE = ("push %esi; push %edi; sub $92, %esp; mov %eax, %esi; mov %esp, %edi; mov $23, %ecx; rep movsl; {}; "
         "mov %esp, %eax; call native; add $92, %esp; pop %edi; pop %esi; ret")


def run(tool, *words):
    return subprocess.run([TOOLS + tool, *(str(word) for word in words)], check=True, capture_output=True, text=True).stdout


def link(rom, fault, out):
    """What a fault breaks is weak in the ROM; `native` is its second name."""
    objects = [rom]
    if "state" in fault:
        fault = fault | {"breaks": "SetInitialAPState", "code": STATE.format(fault["state"])}
    if "code" in fault:
        broken = fault.get("breaks", fault["entry"].rsplit(".")[-1])
        code = fault["code"].replace("native", broken + "_native").replace("LOST", hex(LOST))
        source, assembled = out.with_suffix(".fault.S"), out.with_suffix(".fault.o")
        source.write_text(f"\t.globl {broken}\n{broken}:\n{code}\n")
        run("as", "--32", "--noexecstack", source, "-o", assembled)
        objects.append(assembled)
    run("ld", "-m", "elf_i386", "--build-id=none", "--no-warn-rwx-segments", "--emit-relocs", "-T", HERE / "rom.ld", *objects, "-o", out)


def check_that_it_can_be_moved(elf):
    """An address of 32 bits in the code would be right at one place only."""
    fixed = [line for line in run("readelf", "-r", elf).splitlines() if "R_386_32 " in line]
    if fixed:
        sys.exit("build.py: not position independent:\n" + "\n".join(fixed))


def table_of_kinds(elf):
    return next(int(line.split()[0], 16) for line in run("nm", elf).splitlines() if line.endswith(" relocations"))


def finished(image, elf, fault):
    """Whole blocks, the length, what a fault changes, and the sums of the PnP header and of the ROM."""
    rom = bytearray(image)
    rom += bytes(-(len(rom) + 1) % ALIGNMENT + 1)
    rom[2] = len(rom) // 512
    pci, pnp = struct.unpack_from("<HH", rom, 0x18)
    struct.pack_into("<H", rom, pci + 16, len(rom) // 512)
    for key, base in (("bytes", 0), ("pci", pci), ("pnp", pnp)):
        for place, value in fault.get(key, {}).items():
            rom[base + place] = value
    for number, kind in fault.get("kinds", {}).items():
        rom[table_of_kinds(elf) + 8 * number + 4] = kind
    rom[pnp + 9] = -sum(rom[pnp:pnp + 32]) & 0xff
    rom[-1] = -sum(rom) & 0xff
    return rom


def build(rom, fault, out):
    elf = out.with_suffix(".elf")
    link(rom, fault, elf)
    if not fault:
        check_that_it_can_be_moved(elf)
    run("objcopy", "-O", "binary", elf, out)
    out.write_bytes(finished(out.read_bytes(), elf, fault))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", dest="out", type=Path)
    parser.add_argument("object", type=Path, nargs="?")
    parser.add_argument("--faults", nargs=2, type=Path)
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    try:
        if options.object:
            build(options.object, {}, options.out)
        if options.faults:
            objects = dict(zip((3, 13), options.faults))
            rows = list(yaml.safe_load_all((HERE / "faults.yaml").read_text()))[-1]
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(lambda row: build(objects[row.get("abi", 3)], row, options.into / f"vmi-{row['name']}.bin"), rows))
    except subprocess.CalledProcessError as error:
        sys.exit(f"build.py: {' '.join(error.cmd)}\n{error.stderr}")


if __name__ == "__main__":
    main()
