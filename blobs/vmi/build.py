#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One ROM: compiled for an ABI, with one fault linked into it or none, made whole blocks, and summed up.

    build.py --abi 3|13 [--fault NAME] -o OUT.bin -- COMPILER SOURCES...
"""
import argparse
import struct
import subprocess
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
OPTIONS = ["-std=gnu11", "-m32", "-march=i686", "-Os", "-ffreestanding", "-nostdlib", "-static", "-fpie", "-fno-stack-protector", "-fno-common",
           "-fno-asynchronous-unwind-tables", "-mno-sse", "-mno-mmx", "-mno-80387", "-Wall", "-Wextra", "-Wshadow", "-Werror",
           f"-I{HERE}", "-Wl,-m,elf_i386", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-Wl,-z,noexecstack", "-Wl,--emit-relocs", f"-Wl,-T,{HERE / 'rom.ld'}"]
ALIGNMENT = 2048        # of a ROM, so of what comes after it, too


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def fault_named(name):
    rows = list(yaml.safe_load_all((HERE / "faults.yaml").read_text()))[-1]
    return next(row for row in rows if row["name"] == name)


def compile_rom(compiler, sources, abi, fault, out):
    """The linked file. A fault's code takes the place of its entry, its symbols are those that the sources ask for."""
    words = list(sources)
    for symbol, value in fault.get("set", {}).items():
        words.append(f"-Wa,--defsym,{symbol}={value}")
    if "code" in fault:
        entry = fault["entry"].rsplit(".")[-1]
        source = out.with_suffix(".fault.S")
        source.write_text(f'#include "rom.inc"\n#define native {entry}_native\n\t.text\n\t.globl {entry}\n{entry}:\n{fault["code"]}\n')
        words.append(source)
    run(compiler, *OPTIONS, f"-DABI={abi}", *words, "-o", out)


def check_that_it_can_be_moved(compiler, elf):
    """An address of 32 bits in the code would be right at one place only."""
    relocations = run(compiler.replace("gcc", "readelf"), "-r", elf)
    fixed = [line for line in relocations.splitlines() if "R_386_32 " in line]
    if fixed:
        sys.exit("build.py: not position independent:\n" + "\n".join(fixed))


def finished(image, fault):
    """Whole blocks, the length, the sums of the PnP header and of the ROM; then the bytes that a fault changes."""
    rom = bytearray(image)
    rom += bytes(-(len(rom) + 1) % ALIGNMENT + 1)
    rom[2] = len(rom) // 512
    pci, pnp = struct.unpack_from("<HH", rom, 0x18)
    struct.pack_into("<H", rom, pci + 16, len(rom) // 512)
    rom[pnp + 9] = -sum(rom[pnp:pnp + 32]) & 0xff
    for place, value in fault.get("bytes", {}).items():
        rom[place] = value
    rom[-1] = -sum(rom) + fault.get("sum", 0) & 0xff
    return rom


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--abi", choices=["3", "13"], required=True)
    parser.add_argument("--fault")
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("compiler")
    parser.add_argument("sources", nargs="+")
    options = parser.parse_args()
    fault = fault_named(options.fault) if options.fault else {}
    elf = options.out.with_suffix(".elf")
    try:
        compile_rom(options.compiler, options.sources, options.abi, fault, elf)
        check_that_it_can_be_moved(options.compiler, elf)
        run(options.compiler.replace("gcc", "objcopy"), "-O", "binary", elf, options.out)
    except subprocess.CalledProcessError as error:
        sys.exit(f"build.py: {error.stderr}")
    options.out.write_bytes(finished(options.out.read_bytes(), fault))


if __name__ == "__main__":
    main()
