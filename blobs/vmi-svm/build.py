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
PLACES = {"MEMORY": "hypervisor_end", "LOADER": "loader", "HOST_STATE": "host_state"}  # what the ROM has to know of it


def run(*command):
    return subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def build(compiler, options, script, sources, elf):
    run(*compiler, *options, f"-Wl,-T,{HERE / script}", *sources, "-o", elf)
    binary = elf.with_suffix(".bin")
    run(compiler[0].replace("gcc", "objcopy"), "-O", "binary", elf, binary)
    return binary


def address(compiler, elf, symbol):
    for line in run(compiler[0].replace("gcc", "nm"), "--defined-only", elf).splitlines():
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
        places = {name: address(compiler, scratch / "hypervisor.elf", symbol) for name, symbol in PLACES.items()}
        if places["MEMORY"] >= 0x10000:
            raise SystemExit("the hypervisor is too large for the segment that post.S fills")
        size = 0
        for _ in range(2):  # its length is in it
            elf = options.output.with_suffix(".elf")
            numbers = places | {"BLOCKS": -(-size // BLOCK), "IMAGE": hypervisor.stat().st_size}
            rom = build(compiler, [f"-Wa,-I{scratch}", *(f"-D{name}={number}" for name, number in numbers.items())], "rom.ld", options.rom, elf).read_bytes()
            size = len(rom) + 1
    rom += bytes(-size % BLOCK)
    options.output.write_bytes(rom + bytes([-sum(rom) % 256]))


if __name__ == "__main__":
    main()
