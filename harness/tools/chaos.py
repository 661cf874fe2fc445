#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A bounded, seeded fault campaign: whatever happens to a run, nothing of it is lost and nothing is blamed on the blob.

Every kind of fault is done to a run a number of times, and what comes of it is compared with what came of the same run undisturbed.
For each kind one line tells how often it was tried, how often that was a loss, and below which share of losses the truth lies with
95 % confidence (Clopper-Pearson; for no loss in n it is 1 - 0.05^(1/n), about 3/n). Exit 1 when there was a loss.
"""
import argparse
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from program import ASSAY, BUILD, guest_processes, verdicts  # noqa: E402

FAULTS = BUILD.resolve() / "blobs" / "faults"
FILTER = "sbi.base.*"
# One that passes, one that fails here and there and often, and one that hangs until its entry is given up.
BLOBS = ("clean", "every-50th-probe-fails", "version-fails", "probe-hangs-after-twenty")
DONE = (0, 1)
LONGEST = 120  # seconds that any one run may take on a busy machine


class Loss(Exception):
    """What a fault must not do."""


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

    def words(self):
        return ["run", "--blob", str(FAULTS / f"{self.name}.bin"), "--filter", FILTER, "--jobs", "2", "-o", "run"]

    def start(self, *words, before=()):
        with open(self.directory / "stderr", "w") as stderr:
            return subprocess.Popen([*before, ASSAY, *(words or self.words())], cwd=self.directory, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=stderr)

    def end(self, process):
        try:
            return process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            raise Loss(f"no end after {LONGEST} s") from None
        finally:
            process.kill()
            process.wait()

    def do(self, *words, before=()):
        return self.end(self.start(*words, before=before))

    def said(self):
        complaints = self.directory / "stderr"
        return complaints.read_text().strip() if complaints.exists() else ""

    def seen(self):
        found = verdicts(json.loads((self.rundir / "report.json").read_text()))
        for failure in found["failures"]:
            failure.pop("replay")  # names the directory
        return found

    def none_left(self, pid, patience=5.0):
        end = time.monotonic() + patience
        while guest_processes(pid):
            if time.monotonic() > end:
                raise Loss(f"{len(guest_processes(pid))} processes are left")
            time.sleep(0.01)

    def same(self, expected, code, wanted):
        """The run came to its end as the undisturbed one did."""
        if code != wanted:
            raise Loss(f"ended with {code} instead of {wanted}: {self.said()}")
        for path in self.rundir.glob("*.new"):
            raise Loss(f"{path.name} was left")
        seen = self.seen()
        for key, value in expected.items():
            if seen[key] != value:
                raise Loss(f"{key} differ: {difference(value, seen[key])}")


def difference(was, found):
    if isinstance(was, dict):
        return {key: (was.get(key), found.get(key)) for key in was.keys() | found.keys() if was.get(key) != found.get(key)}
    if isinstance(was, list):
        return [pair for pair in itertools.zip_longest(was, found) if pair[0] != pair[1]][:1]
    return was, found


class Campaign:
    def __init__(self, seed, short, times):
        self.random, self.short = random.Random(seed), short
        self.times = times or (16 if short else 1000)
        self.losses, self.undisturbed = 0, {}

    def expected(self, name):
        """What the run is like when nobody disturbs it: its exit status, verdicts and length."""
        if name not in self.undisturbed:
            with tempfile.TemporaryDirectory() as scratch:
                run = Run(Path(scratch), name)
                begin = time.monotonic()
                code = run.do()
                if code not in DONE:
                    raise SystemExit(f"chaos: {name} does not run undisturbed: {run.said()}")
                self.undisturbed[name] = code, run.seen(), time.monotonic() - begin
        return self.undisturbed[name]

    def tell(self, kind, tried, losses, note=""):
        if not tried:
            raise SystemExit(f"chaos: {kind}: nothing could be tried")
        self.losses += losses
        print(f"{kind:44} {tried:7} tried {losses:4} lost   95 %: below {100 * bound(losses, tried):.3g} %{note}", flush=True)

    def lost(self, kind, what, error):
        print(f"chaos: LOST: {kind}: {what}: {error}", file=sys.stderr, flush=True)

    def many(self, kind, wanted, disturb):
        """Does it until it has happened `wanted` times; disturb() is false when the run was over before it could."""
        tried = losses = 0
        for number in range(3 * wanted):
            if tried == wanted:
                break
            name = BLOBS[number % len(BLOBS)]
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    tried += bool(disturb(Run(Path(scratch), name), *self.expected(name)))
                except Loss as error:
                    tried += 1
                    losses += 1
                    self.lost(kind, name, error)
        self.tell(kind, tried, losses)

    # ---- processes that die ----

    def kill_a_guest(self, run, code, expected, length):
        process = run.start()
        time.sleep(self.random.random() * length)
        found = sorted(guest_processes(process.pid))
        try:
            victim = self.random.choice(found) if found else 0
            if victim:
                os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            victim = 0
        ended = run.end(process)
        run.none_left(process.pid)
        run.same(expected, ended, code)
        return victim

    def whole_or_not_there(self, run):
        """A report that is there is all there, whenever one looks."""
        for path in run.rundir.glob("*.json"):
            json.loads(path.read_text())

    def kill_the_harness(self, run, code, expected, length):
        process = run.start()
        time.sleep(self.random.random() * length)
        process.kill()
        killed = run.end(process) == -signal.SIGKILL
        run.none_left(process.pid)
        try:
            self.whole_or_not_there(run)
        except ValueError as error:
            raise Loss(f"a report is half written: {error}") from None
        if killed:
            self.go_on(run, code, expected)
        return killed

    def go_on(self, run, code, expected):
        """With what was recorded; from the start where nothing was."""
        resumed = (run.rundir / "journal").exists()
        run.same(expected, run.do("run", "--resume", "run") if resumed else run.do(), code)

    # ---- kinds ----

    def guests_killed(self):
        self.many("guest: SIGKILL at a random moment", self.times, self.kill_a_guest)

    def harness_killed(self):
        self.many("harness: SIGKILL at a random moment, --resume", self.times, self.kill_the_harness)


    # ---- journals ----

    def journal_damaged(self):
        """Cut at every byte, and single bits flipped; in one process, for there are many."""
        with tempfile.TemporaryDirectory() as scratch:
            run = Run(Path(scratch), "clean")
            run.do()
            seen = subprocess.run([BUILD.resolve() / "chaos_journal", run.rundir / "journal", str(self.random.getrandbits(32)), "10000"],
                                  capture_output=True, text=True, check=True, timeout=LONGEST)
        for line in seen.stdout.splitlines():
            kind, tried, losses = line.split()
            self.tell(f"journal: {kind}", int(tried), int(losses))

    def judge_damaged(self, run, code, expected, _length):
        """The same end to end: what is judged is what was recorded before the cut, and not for complete."""
        if run.do() != code:
            raise Loss(run.said())
        journal = run.rundir / "journal"
        size = journal.stat().st_size
        os.truncate(journal, self.random.randrange(size // 4, size))
        judged = subprocess.run([ASSAY, "judge", "run", "--format", "json"], cwd=run.directory, capture_output=True, text=True,
                                timeout=LONGEST)
        report = json.loads(judged.stdout)
        if not report["partial"] or report["conformant"] or report["cases"] > expected["cases"]:
            raise Loss("a journal that was cut passes for whole")
        run.same(expected, run.do("run", "--resume", "run"), code)
        return True

    def journals_judged(self):
        self.many("journal: cut, judged, --resume", 8 if self.short else 20, self.judge_damaged)

    # ---- two at once ----

    def come_second(self, run, code, expected, _length):
        """The first is let into its journal, then two others come to the same directory."""
        first = run.start()
        end = time.monotonic() + LONGEST
        while first.poll() is None and not (run.rundir / "journal").exists() and time.monotonic() < end:
            time.sleep(0.002)
        first.send_signal(signal.SIGSTOP)  # so that it is still there when they come
        try:
            if first.poll() is not None:
                return False
            for words in (["run", "--resume", "run"], run.words()):
                second = subprocess.run([ASSAY, *words], cwd=run.directory, capture_output=True, text=True, timeout=LONGEST)
                if second.returncode != 2 or len(second.stderr.splitlines()) != 1:
                    raise Loss(f"the second ended with {second.returncode}: {second.stderr}")
        finally:
            first.send_signal(signal.SIGCONT)
            ended = run.end(first)
        run.same(expected, ended, code)
        return True

    def two_at_once(self):
        self.many("two harnesses on one directory", 4 if self.short else 100, self.come_second)

    # ---- a host that stands still ----

    def stop_the_guest(self, run, code, expected, length):
        """QEMU gets no processor for three seconds, which is no hang of the blob."""
        process = run.start()
        time.sleep(self.random.random() * length)
        found = guest_processes(process.pid)
        try:
            for pid in found:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(3)
            for pid in found:
                os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            found = []
        run.same(expected, run.end(process), code)
        return bool(found)

    def guests_stopped(self):
        self.many("guest: SIGSTOP for 3 s", 4 if self.short else 100, self.stop_the_guest)


KINDS = {"guest": Campaign.guests_killed, "harness": Campaign.harness_killed, "journal": Campaign.journal_damaged,
         "judge": Campaign.journals_judged, "two": Campaign.two_at_once, "stopped": Campaign.guests_stopped}


def main():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="about a minute, as in the tests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, metavar="N", help="how often the random kinds are done, instead of 1000 or 16")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="only these: " + ", ".join(KINDS))
    options = parser.parse_args()
    for kind in options.kinds:
        if kind not in KINDS:
            parser.error(f"there is no kind `{kind}`")
    begin = time.monotonic()
    campaign = Campaign(options.seed, options.short, options.times)
    for kind in options.kinds or KINDS:
        KINDS[kind](campaign)
    print(f"seed {options.seed}: {campaign.losses} lost, {time.monotonic() - begin:.0f} s")
    return 1 if campaign.losses else 0


if __name__ == "__main__":
    sys.exit(main())
