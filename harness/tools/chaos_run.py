# SPDX-License-Identifier: BSD-2-Clause
"""One run of assay that can be disturbed, and what must not come of that; for chaos.py and its kinds of faults."""
import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from program import ASSAY, BUILD, guest_processes, verdicts  # noqa: E402,F401

FAULTS = BUILD.resolve() / "blobs" / "faults"
FILTER = "sbi.base.*"
SHORTER = "sbi.base.get_impl_id:*"
ENDS = BUILD.resolve() / "blobs" / "chaos"
# One that passes, one that fails here and there and often, and one that hangs until its entry is given up.
BLOBS = ("clean", "every-50th-probe-fails", "version-fails", "probe-hangs-after-twenty")
DONE = (0, 1)
LONGEST = 120  # seconds that any one run may take on a busy machine


class Loss(Exception):
    """What a fault must not do."""


def send_all(pids, number):
    """Sends a signal to all of them. Those that got it: others may have ended meanwhile."""
    got = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            got.append(pid)
    return got


def bound(losses, tried, confidence=0.95):
    """The highest share of losses that is not refuted: Clopper and Pearson's, one-sided."""
    if losses >= tried:
        return 1.0

    def at_most(share):  # as few losses as were seen, or fewer
        term, total = (1 - share) ** tried, 0.0
        for number in range(losses + 1):
            total += term
            term *= (tried - number) / (number + 1) * share / (1 - share)
        return total

    low, high = losses / tried, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle < 1 and at_most(middle) > 1 - confidence else (low, middle)
    return high


class Run:
    """One run of assay in a directory of its own, to be disturbed."""

    def __init__(self, scratch, name):
        self.directory, self.name = scratch, name
        self.rundir = scratch / "run"

    def words(self, cases=FILTER):
        return ["run", "--blob", str(FAULTS / f"{self.name}.bin"), "--filter", cases, "--jobs", "2", "--audit", "10", "-o", "run"]

    def start(self, *words, before=(), **settings):
        """before: a command that runs it; settings: as for Popen."""
        with open(self.directory / "stderr", "w") as stderr:
            settings = {"stdout": subprocess.DEVNULL, **settings}
            return subprocess.Popen([*before, ASSAY, *(words or self.words())], cwd=self.directory, stdin=subprocess.DEVNULL,
                                    stderr=stderr, **settings)

    def end(self, process):
        try:
            return process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            raise Loss(f"no end after {LONGEST} s") from None
        finally:
            process.kill()
            process.wait()

    def do(self, *words, **settings):
        return self.end(self.start(*words, **settings))

    def said(self):
        complaints = self.directory / "stderr"
        return complaints.read_text().strip() if complaints.exists() else ""

    def one_line(self, *words):
        """What it said is one line with these words, and perhaps how to go on."""
        lines = [line for line in self.said().splitlines() if "assay run --resume" not in line]
        if len(lines) != 1 or not all(word in lines[0] for word in words):
            raise Loss(f"no clear line: {self.said()!r}")

    def seen(self):
        report = json.loads((self.rundir / "report.json").read_text())
        found = {**verdicts(report), "audit": report["audit"]}
        for failure in found["failures"]:
            failure.pop("replay")  # names the directory
        return found

    def none_left(self, pid, patience=5.0):
        end = time.monotonic() + patience
        while guest_processes(pid):
            if time.monotonic() > end:
                raise Loss(f"{len(guest_processes(pid))} processes are left")
            time.sleep(0.01)

    def nothing_half_written(self, killed=False):
        """A report that is there is all there. Only who was killed leaves one under another name."""
        for path in self.rundir.glob("*.json"):
            try:
                json.loads(path.read_text())
            except ValueError as error:
                raise Loss(f"{path.name} is half written: {error}") from None
        for path in () if killed else self.rundir.glob("*.new"):
            raise Loss(f"{path.name} was left")

    def take_up(self):
        """Goes on with what was recorded; from the start where nothing was."""
        return self.start("run", "--resume", "run") if (self.rundir / "journal").exists() else self.start()

    def outcome(self, code):
        """The exit status of the run. Where nothing was left to do, a look at it tells."""
        nothing_left = code == 2 and "run is complete; `assay judge run` shows it" in self.said()
        return self.do("judge", "run") if nothing_left else code

    def go_on(self, expected, wanted):
        self.same(expected, self.outcome(self.end(self.take_up())), wanted)

    def same(self, expected, code, wanted):
        """The run came to its end as the undisturbed one did."""
        if code != wanted:
            raise Loss(f"ended with {code} instead of {wanted}: {self.said()}")
        self.nothing_half_written()
        seen = self.seen()
        if any(seen[key] != value for key, value in expected.items()):
            raise Loss("; ".join(difference(expected, seen)))


def difference(was, found, path=""):
    """The first few things that are not the same, and where."""
    if was == found:
        return []
    if isinstance(was, dict) and isinstance(found, dict):
        pairs = [(key, was.get(key), found.get(key)) for key in {**was, **found}]
    elif isinstance(was, list) and isinstance(found, list):
        pairs = [(number, *pair) for number, pair in enumerate(itertools.zip_longest(was, found))]
    else:
        return [f"{path} was {was!r} and is {found!r}"]
    return list(itertools.chain.from_iterable(difference(one, other, f"{path}/{key}") for key, one, other in pairs))[:6]
