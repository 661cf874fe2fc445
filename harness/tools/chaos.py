#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A bounded, seeded fault campaign: whatever happens to a run, nothing of it is lost and nothing is blamed on the blob.

Every kind of fault is done to a run a number of times, and what comes of it is compared with what came of the same run undisturbed.
For each kind one line tells how often it was tried, how often that was a loss, and below which share of losses the truth lies with
95 % confidence (Clopper-Pearson; for no loss in n it is 1 - 0.05^(1/n), about 3/n). Exit 1 when there was a loss.
"""
import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import chaos_guests  # noqa: E402
import chaos_host  # noqa: E402
from chaos_run import ASSAY, BLOBS, BUILD, DONE, FILTER, LONGEST, SHORTER, Loss, Run, bound, guest_processes, send_all  # noqa: E402


KILLS = 3  # in one run


class Campaign:
    def __init__(self, seed, short, times):
        self.random, self.short = random.Random(seed), short
        self.times = times or (4 if short else 1000)
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

    def trials(self, kind, cases, wanted, one, note=""):
        """Does it to one case after the other until it has happened `wanted` times; one(case) says how often it happened, and is false
        when it could not. Who is interrupted tells how far it came."""
        tried = losses = 0
        try:
            for case in cases:
                if wanted is not None and tried >= wanted:
                    break
                try:
                    tried += int(one(case))
                except Loss as error:
                    tried += 1
                    losses += 1
                    self.lost(kind, case, error)
        except KeyboardInterrupt:
            self.tell(kind, tried, losses, "   interrupted")
            raise
        self.tell(kind, tried, losses, note() if callable(note) else note)

    @contextlib.contextmanager
    def scratch_run(self, name=BLOBS[0]):
        with tempfile.TemporaryDirectory() as scratch:
            yield Run(Path(scratch), name)

    def many(self, kind, wanted, disturb):
        """To one blob after the other; disturb() is false when the run was over before it could."""
        def one(name):
            with self.scratch_run(name) as run:
                return disturb(run, *self.expected(name))

        names = (BLOBS[number % len(BLOBS)] for number in range(3 * wanted + 10))
        self.trials(kind, names, wanted, one)

    def each(self, kind, cases, disturb, note="", wanted=None):
        """disturb(run, case) is false when there was nothing to disturb. note: words, or what gives them."""
        def one(case):
            with self.scratch_run() as run:
                return disturb(run, case)

        self.trials(kind, cases, wanted, one, note)

    def many_numbers(self, kind, wanted, disturb, note=""):
        """The same with numbers, until it has happened `wanted` times."""
        self.each(kind, range(3 * wanted + 10), disturb, note, wanted)

    # ---- processes that die ----

    def kill_one_of(self, pid):
        """One of its guests, if it has any."""
        found = sorted(guest_processes(pid))
        try:
            if found:
                os.kill(self.random.choice(found), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return bool(found)

    def kill_guests(self, run, code, expected, length):
        """Up to three of one run."""
        process, killed = run.start(), 0
        for _ in range(KILLS):
            time.sleep(self.random.random() * length / 2)
            killed += self.kill_one_of(process.pid)
        ended = run.end(process)
        run.none_left(process.pid)
        run.same(expected, ended, code)
        return killed

    def kill_the_harness(self, run, code, expected, length):
        """And those that go on with its run, up to three in all; the next one comes to the end."""
        for killed in range(KILLS):
            process = run.take_up()
            time.sleep(self.random.random() * length)
            process.kill()
            ended = run.end(process)
            run.none_left(process.pid)
            run.nothing_half_written(ended == -signal.SIGKILL)
            if ended != -signal.SIGKILL:
                run.same(expected, run.outcome(ended), code)
                return killed
        run.go_on(expected, code)
        return KILLS

    # ---- kinds ----

    def guests_killed(self):
        self.many("guest: SIGKILL at random moments", self.times, self.kill_guests)

    def harness_killed(self):
        self.many("harness: SIGKILL at random moments, --resume", self.times, self.kill_the_harness)

    # ---- journals ----

    def journal_damaged(self):
        """Cut at every byte, and single bits flipped; in one process, for there are many."""
        with tempfile.TemporaryDirectory() as scratch:
            run = Run(Path(scratch), "clean")
            # how long it takes goes with the square of the journal's length
            run.do(*run.words(SHORTER if self.short else FILTER))
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
        self.many("journal: cut, judged, --resume", 2 if self.short else 20, self.judge_damaged)

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
        self.many("two harnesses on one directory", 1 if self.short else 100, self.come_second)

    # ---- a host that stands still ----

    def stop_the_guest(self, run, code, expected, length):
        """QEMU gets no processor for three seconds, which is no hang of the blob."""
        process = run.start()
        time.sleep(self.random.random() * length)
        stopped = send_all(guest_processes(process.pid), signal.SIGSTOP)
        time.sleep(3)
        send_all(stopped, signal.SIGCONT)
        run.same(expected, run.end(process), code)
        return bool(stopped)

    def guests_stopped(self):
        self.many("guest: SIGSTOP for 3 s", 1 if self.short else 100, self.stop_the_guest)


KINDS = {"guest": Campaign.guests_killed, "harness": Campaign.harness_killed, "journal": Campaign.journal_damaged,
         "judge": Campaign.journals_judged, "two": Campaign.two_at_once, "stopped": Campaign.guests_stopped,
         **chaos_guests.KINDS, **chaos_host.KINDS}


def main():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="half a minute, as in the tests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, metavar="N", help="how often the random kinds are done, instead of 1000 or 4")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="only these: " + ", ".join(KINDS))
    options = parser.parse_args()
    for kind in options.kinds:
        if kind not in KINDS:
            parser.error(f"there is no kind `{kind}`")
    begin = time.monotonic()
    campaign = Campaign(options.seed, options.short, options.times)
    with contextlib.suppress(KeyboardInterrupt):
        for kind in options.kinds or KINDS:
            KINDS[kind](campaign)
    print(f"seed {options.seed}: {campaign.losses} lost, {time.monotonic() - begin:.0f} s")
    return 1 if campaign.losses else 0


if __name__ == "__main__":
    sys.exit(main())
