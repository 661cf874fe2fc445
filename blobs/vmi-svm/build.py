#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The ROM from the hypervisor's sources and its own: build.py -o ROM --rom SOURCE... --hypervisor SOURCE... -- COMPILER OPTION..."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BLOCK = 512


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def build(compiler, options, script, sources, elf):
    run(*compiler, *options, f"-Wl,-T,{HERE / script}", *sources, "-o", elf)
    binary = elf.with_suffix(".bin")
    run(compiler[0].replace("gcc", "objcopy"), "-O", "binary", elf, binary)
    return binary


def address(compiler, elf, symbol):
    for line in run(compiler[0].replace("gcc", "nm"), elf).splitlines():
        value, _, name = line.split()
        if name == symbol:
            return int(value, 16)
    raise SystemExit(f"{elf} has no symbol {symbol}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", dest="output", type=Path, required=True)
    parser.add_argument("--rom", nargs="+", required=True)
    parser.add_argument("--hypervisor", nargs="+", required=True)
    arguments = sys.argv[1:]
    split = arguments.index("--")
    options = parser.parse_args(arguments[:split])
    compiler = arguments[split + 1:]

    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        hypervisor = build(compiler, [], "hypervisor.ld", options.hypervisor, scratch / "hypervisor.elf")
        image = hypervisor.read_bytes()
        hypervisor.write_bytes(image + bytes(-len(image) % 4))
        memory = address(compiler, scratch / "hypervisor.elf", "hypervisor_end")
        if memory >= 0x10000:
            raise SystemExit("the hypervisor is too large for the segment that post.S fills")
        size = 0
        for _ in range(2):  # its length is in it
            elf = options.output.with_suffix(".elf")
            rom = build(compiler, [f"-DBLOCKS={-(-size // BLOCK)}", f"-DMEMORY={memory}", f"-DIMAGE={hypervisor.stat().st_size}",
                                   f"-Wa,-I{scratch}"], "rom.ld", options.rom, elf).read_bytes()
            size = len(rom) + 1
    rom += bytes(-size % BLOCK)
    options.output.write_bytes(rom + bytes([-sum(rom) % 256]))


if __name__ == "__main__":
    main()
