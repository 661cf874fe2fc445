#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A failure is attributed: to its case, to others before it, or to luck; whatever interrupts that, the verdict is the same."""
import json
import os
import shlex
import shutil
import tempfile
import unittest
from pathlib import Path

from program import BUILD, ProgramTest, assay, verdicts

FAULTS = BUILD / "blobs" / "faults"


class Recorded(ProgramTest):
    """One run of one faulty firmware, with the part of the plan that shows the fault."""

    fault, part = None, None

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.place.cleanup)
        cls.rundir = Path(cls.place.name) / "run"
        cls.result = assay("run", "--blob", FAULTS / f"{cls.fault}.bin", "--filter", cls.part, "-o", cls.rundir)
        cls.seen = json.loads((cls.rundir / "report.json").read_text())

    def failures(self, rule):
        return [failure for failure in self.seen["failures"] if failure["rule"] == rule]

    def verdict(self, rule):
        return next(row["verdict"] for entry in self.seen["entries"] for row in entry["rules"] if row["id"] == rule)

    def check_old_recording(self):
        result = assay("judge", self.rundir, "--format", "json", env={**os.environ, "PATH": "/nonexistent"})
        self.assertEqual(verdicts(json.loads(result.stdout)), verdicts(self.seen))


class Sequence(Recorded):
    fault, part = "status-clobbers-s3-after-an-ipi", "sbi.[ih]*"
    rule = "sbi.hsm.hart_get_status:preserved-registers"

    def test_it_fails_and_names_the_one_case_it_takes(self):
        self.assertEqual(self.result.returncode, 1, self.result.stderr)
        self.assertEqual(self.verdict(self.rule), "FAIL")
        (after,) = [failure["only_after"] for failure in self.failures(self.rule) if failure["only_after"]]
        self.assertEqual((len(after["cases"]), after["shortest"]), (1, True))
        self.assertTrue(after["cases"][0].startswith("sbi.ipi.send_ipi:"), after)
        self.assertFalse(any(failure["alone"] for failure in self.failures(self.rule)))
        for name in ("report.tap", "junit.xml", "report.md", "report.html"):
            text = (self.rundir / name).read_text()
            self.assertIn("only after", text, name)
            self.assertIn(after["cases"][0].split(",")[0], text, name)
        self.assertIn(f"only after {after['cases'][0]}", self.result.stdout)

    def test_its_replay_line_shows_it_exactly(self):
        (failure,) = [failure for failure in self.failures(self.rule) if failure["only_after"]]
        result = assay(*shlex.split(failure["replay"])[1:])
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("after 1 case in the same guest:", result.stdout)
        self.assertIn(f"FAIL     {self.rule}", result.stdout)
        self.assertIn("reproduced exactly", result.stdout)

    def test_a_rule_that_the_case_did_not_fail_is_not_replayed(self):
        case = self.failures(self.rule)[0]["case"]
        self.refused(assay("replay", self.rundir, case, "--rule", "sbi.hsm.hart_get_status:returns"), 2, "did not fail the rule")

    def test_an_old_recording_is_attributed_without_a_guest(self):
        self.check_old_recording()

    def test_a_run_that_was_cut_anywhere_in_its_trials_is_attributed_alike(self):
        journal = (self.rundir / "journal").read_bytes()
        for cut in (20, 60, 150, 400, 900):  # bytes: the end, the trials, and the last cases that were run again alone
            run = self.directory / f"cut-{cut}"
            shutil.copytree(self.rundir, run)
            (run / "journal").write_bytes(journal[:-cut])
            result = self.assay("run", "--resume", run)
            with self.subTest(cut=cut):
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(*(self.without_paths(report) for report in (json.loads((run / "report.json").read_text()), self.seen)))

    @staticmethod
    def without_paths(report):
        seen = verdicts(report)
        return seen | {"failures": [{**failure, "replay": None} for failure in seen["failures"]]}


class OneCaseForTwoRules(Recorded):
    """The second rule's search begins with what the first one took, and does so too when that is on record from an earlier run."""
    fault, part = "every-50th-probe-fails", "sbi.base.*"

    def test_a_run_that_was_cut_between_two_rules_is_attributed_alike(self):
        journal = (self.rundir / "journal").read_bytes()
        found = [failure for failure in self.seen["failures"] if failure["only_after"]]
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0]["case"], found[1]["case"])
        for percent in (70, 75, 80, 85):
            run = self.directory / f"cut-{percent}"
            shutil.copytree(self.rundir, run)
            (run / "journal").write_bytes(journal[: len(journal) * percent // 100])
            self.assay("run", "--resume", run)
            with self.subTest(percent=percent):
                self.assertEqual(Sequence.without_paths(self.report(run)), Sequence.without_paths(self.seen))


class Luck(Recorded):
    fault, part = "timer-clobbers-s3-by-chance", "sbi.time.*"
    rule = "sbi.time.set_timer:preserved-registers"

    def test_it_is_flaky_with_its_rate_and_no_conformance(self):
        self.assertEqual(self.result.returncode, 1, self.result.stderr)
        self.assertEqual(self.verdict(self.rule), "FLAKY")
        self.assertEqual(self.seen["summary"].get("FLAKY"), 1)
        self.assertFalse(self.seen["conformant"])
        self.assertIn("flaky", self.seen["reason"])
        rate = self.failures(self.rule)[0]["rate"]
        self.assertGreaterEqual(rate["tries"], 10)
        self.assertLess(rate["failed"], rate["tries"])
        self.assertIn(f"failed again in {rate['failed']} of {rate['tries']} tries", self.result.stdout)
        self.assertIn('<failure type="FLAKY"', (self.rundir / "junit.xml").read_text())

    def test_an_old_recording_is_attributed_without_a_guest(self):
        self.check_old_recording()

    def test_against_a_clean_run_it_is_a_regression(self):
        self.assay("run", "--blob", FAULTS / "clean.bin", "--filter", self.part, "-o", "clean")
        worse, better = self.assay("diff", "clean", self.rundir), self.assay("diff", self.rundir, "clean")
        self.assertEqual((worse.returncode, better.returncode), (1, 0), worse.stdout + better.stdout)
        self.assertIn("PASS -> FLAKY", worse.stdout)
        self.assertIn("1 cures", better.stdout)


class LuckyEnd(Recorded):
    fault, part = "fence-switches-off-by-chance", "sbi.rfence.*"

    def test_an_end_that_does_not_come_again_is_not_forgotten(self):
        self.assertEqual(self.verdict("sbi.rfence.remote_fence_i:returns"), "FLAKY", self.result.stdout)

    def test_an_old_recording_is_attributed_without_a_guest(self):
        self.check_old_recording()


class LuckyHang(Recorded):
    fault, part = "fence-hangs-by-chance", "sbi.rfence.*"

    def test_a_hang_that_does_not_come_again_is_not_forgotten(self):
        self.assertEqual(self.verdict("sbi.rfence.remote_sfence_vma:returns"), "FLAKY", self.result.stdout)

    def test_an_old_recording_is_attributed_without_a_guest(self):
        self.check_old_recording()


class Lost(Recorded):
    fault, part = "status-destroys-memory-after-an-ipi", "sbi.[ih]*"

    def test_memory_that_is_destroyed_only_behind_others_is_found(self):
        rule = "sbi.hsm.hart_get_status:returns"
        self.assertEqual(self.verdict(rule), "CRASH", self.result.stdout)
        (after,) = [failure["only_after"] for failure in self.failures(rule) if failure["only_after"]]
        self.assertTrue(after["cases"][0].startswith("sbi.ipi.send_ipi:"), after)

    def test_an_old_recording_is_attributed_without_a_guest(self):
        self.check_old_recording()


del Recorded  # what its name says of itself is nothing to run

if __name__ == "__main__":
    unittest.main()
