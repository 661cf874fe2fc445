# SPDX-License-Identifier: BSD-2-Clause
"""Kinds of faults for chaos.py: what a host does to a run. A full disk, a clock that is set, somebody who wants it to end."""
import re
import shutil
import signal
import time
from collections import Counter

from chaos_run import BLOBS, BUILD, ENDS, FILTER, Loss

# ---- told to end ----

LATEST = 5.0  # seconds on a busy machine with a slow disk


def told_to_end(campaign):
    """In any phase, that of a boot which comes to nothing among them: it ends soon, and can be taken up."""
    blobs = [None, ENDS / "flood-at-boot.bin", None, ENDS / "nowhere-at-boot.bin", None, ENDS / "flood-at-call.bin"]
    longest = [0.0]

    def tell(run, number):
        code, expected, length = campaign.expected(run.name)
        blob = blobs[number % len(blobs)]
        words = ("run", "--blob", str(blob), "--filter", FILTER, "-o", "run") if blob else run.words()
        process = run.start(*words)
        time.sleep(campaign.random.random() * (length if not blob else 3))
        begin = time.monotonic()
        process.send_signal(campaign.random.choice((signal.SIGTERM, signal.SIGINT)))
        ended = run.end(process)
        latency = time.monotonic() - begin
        run.none_left(process.pid, 0.5)
        run.nothing_half_written(killed=ended < 0)
        if ended not in (130, 1, code) and not (ended < 0 and not run.rundir.exists()):
            raise Loss(f"ended with {ended}: {run.said()}")
        longest[0] = max(longest[0], latency)
        if latency > LATEST:
            raise Loss(f"it took {latency:.1f} s to end")
        if ended == 130 and not blob:
            run.go_on(expected, code)
        return ended == 130 or ended < 0

    campaign.many_numbers("harness: SIGTERM or SIGINT, --resume", campaign.times, tell, lambda: f"   latest end: {longest[0]:.2f} s")


# ---- a full disk ----

FILES = ("run.json", "report.json", "report.html", "report.md", "report.tap", "junit.xml")
# What asks the disk for room. A journal's first bytes are written before it has a name.
CALLS = ("mkdir", "openat", "write", "fsync", "fdatasync", "linkat", "rename")
NO_ROOM = re.compile("No space left|disk full")


def traced(run, calls, inject=()):
    """A command that runs assay and writes down what it asks of the run directory's disk, failing one of them."""
    paths = ["run", "run/journal", *(f"run/{name}.new" for name in FILES)]
    paths += [str(run.directory.resolve() / path) for path in paths]
    return ["strace", "-D", "-qq", "-o", str(run.directory / "trace"), "-e", "signal=none", "-e", f"trace={','.join(calls)}",
            *(word for path in paths for word in ("-P", path)), *inject]


def write_sites(campaign):
    """(call, number): each time that an undisturbed run asks for room."""
    with campaign.scratch_run() as run:
        run.do(before=traced(run, CALLS))
        done = Counter(re.findall(r"^(\w+)\(", (run.directory / "trace").read_text(), re.M))
    return [(call, number) for call in CALLS for number in range(1, done[call] + 1)]


def fill_disk(campaign, run, site):
    code, expected, _length = campaign.expected(run.name)
    call, number = site
    inject = ("-e", f"inject={call}:error=ENOSPC:when={number}")
    process = run.start(before=traced(run, (call,), inject))
    ended = run.end(process)
    run.none_left(process.pid)
    run.nothing_half_written()
    if "(INJECTED)" not in (run.directory / "trace").read_text():
        run.same(expected, ended, code)
        return False
    if ended != 3 or not NO_ROOM.search(run.said()):
        raise Loss(f"ended with {ended}: {run.said()}")
    run.one_line("run")
    run.go_on(expected, code)
    return True


def disk_full(campaign):
    if not shutil.which("strace"):
        raise SystemExit("chaos: strace is missing, without which no disk is full")
    sites = write_sites(campaign)
    if campaign.short:
        sites = sorted(campaign.random.sample([site for site in sites if site[0] == "write"], 1)) + campaign.random.sample(
            [site for site in sites if site[0] != "write"], 2)
    campaign.each("disk: full at a write site, --resume", sites, lambda run, site: fill_disk(campaign, run, site))


def stdout_full(campaign):
    def say_nothing(run, _number):
        with open("/dev/full", "w") as full:
            ended = run.do(stdout=full)
        if ended != 3:
            raise Loss(f"ended with {ended}")
        run.one_line("standard output")
        run.nothing_half_written()
        return True

    campaign.each("disk: standard output is full", range(1), say_nothing)


def disks(campaign):
    disk_full(campaign)
    stdout_full(campaign)


# ---- a clock that is set ----

def clock_set(campaign):
    """Every look at the time of day tells another one, years apart. (A time namespace has no such clock of its own.)"""
    shim = BUILD.resolve() / "chaos_clock.so"

    def set_clock(run, number):
        run.name = BLOBS[number % len(BLOBS)]
        code, expected, _length = campaign.expected(run.name)
        run.same(expected, run.do(before=("env", f"LD_PRELOAD={shim}", f"CHAOS_CLOCK_SEED={number + 1}")), code)
        return True

    campaign.each("clock: the time of day is set", range(1 if campaign.short else min(campaign.times, 100)), set_clock)


KINDS = {"told": told_to_end, "disk": disks, "clock": clock_set}
