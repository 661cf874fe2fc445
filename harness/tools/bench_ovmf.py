# SPDX-License-Identifier: BSD-2-Clause
"""What a reset in place is worth where the firmware takes seconds to boot: q35 with OVMF, by the means of harness/guest/snapshot.c.

No probe for x86 is needed to measure it: the machine is brought back to the moment when the firmware has found nothing to boot.
"""
import json
import mmap
import os
import socket
import statistics
import subprocess
import time
from pathlib import Path

CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
QEMU = "qemu-system-x86_64"
RAM = 256 << 20
ROUNDS = 30


class Monitor:
    def __init__(self, end):
        self.file = end.makefile("rw")
        self.file.readline()
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        for text in self.file:
            answer = json.loads(text)
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise RuntimeError(f"{command}: QEMU is gone")

    def line(self, text):
        answer = self.execute("human-monitor-command", **{"command-line": text})
        if answer:
            raise RuntimeError(f"{text}: {answer}")


def parts(ram):
    """What of RAM is no hole."""
    found, at = [], 0
    while True:
        try:
            start = os.lseek(ram, at, os.SEEK_DATA)
        except OSError:
            return found
        at = os.lseek(ram, start, os.SEEK_HOLE)
        found.append((start, at))


def prepare(monitor, state):
    monitor.execute("migrate-set-capabilities", capabilities=[{"capability": "x-ignore-shared", "state": True}])
    monitor.execute("blockdev-add", driver="file", filename=f"/proc/self/fd/{state}", **{"node-name": "file"})
    monitor.execute("blockdev-create", options={"driver": "qcow2", "file": "file", "size": 0}, **{"job-id": "make"})
    while monitor.execute("query-jobs")[0]["status"] != "concluded":
        time.sleep(0.001)
    monitor.execute("job-dismiss", id="make")
    monitor.execute("blockdev-add", driver="qcow2", file="file", **{"node-name": "state"})


def wait_for_boot(console, begun):
    """Seconds until the firmware has written nothing for a second; it has given up by then."""
    size, last = 0, begun
    while time.monotonic() - last < 1 or not size:
        now = os.fstat(console).st_size
        if now != size:
            size, last = now, time.monotonic()
        time.sleep(0.01)
        if time.monotonic() - begun > 120:
            raise RuntimeError("OVMF does not boot")
    return last - begun


def measure():
    """(seconds of a boot, seconds of a reset), or None where QEMU for x86 or OVMF is missing."""
    if not CODE.exists() or subprocess.run(["which", QEMU], capture_output=True).returncode:
        return None
    ram, state, console = (os.memfd_create(name) for name in ("ram", "state", "console"))
    os.ftruncate(ram, RAM)
    ours, theirs = socket.socketpair()
    command = [QEMU, "-nodefaults", "-display", "none", "-nic", "none", "-M", "q35,memory-backend=ram", "-m", str(RAM >> 20), "-S",
               "-object", f"memory-backend-file,id=ram,share=on,mem-path=/proc/self/fd/{ram},size={RAM}",
               "-drive", f"if=pflash,format=raw,readonly=on,file={CODE}", "-serial", f"file:/proc/self/fd/{console}",
               "-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control", "-accel", "tcg"]
    process = subprocess.Popen(command, pass_fds=(ram, state, console, theirs.fileno()), stderr=subprocess.DEVNULL)
    try:
        monitor = Monitor(ours)
        prepare(monitor, state)
        begun = time.monotonic()
        monitor.execute("cont")
        boot = wait_for_boot(console, begun)
        monitor.execute("stop")
        monitor.line("savevm begin")
        memory = mmap.mmap(ram, RAM)
        saved = [(start, memory[start:end]) for start, end in parts(ram)]
        took = []
        for _ in range(ROUNDS):
            monitor.execute("cont")
            time.sleep(0.01)
            monitor.execute("stop")
            begun = time.monotonic()
            monitor.line("loadvm begin")
            for start, content in saved:
                memory[start:start + len(content)] = content
            took.append(time.monotonic() - begun)
        return boot, statistics.median(took)
    finally:
        process.kill()
        process.wait()
