#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every command once, on runs short enough for `./dev cover`."""
import json
import shlex
import tempfile
import unittest
from pathlib import Path

from program import BUILD, ROOT, ProgramTest, assay

COMMANDS = ("run", "plan", "judge", "replay", "shrink", "matrix", "diff", "lint", "spec", "doc", "header", "draft")
FORMATS = ("text", "json", "junit", "tap", "markdown", "html")
FAULTS = BUILD / "blobs" / "faults"
PART = ("--filter", "sbi.base.*", "--jobs", "1")


class Commands(ProgramTest):
    """Two runs of one chapter: a firmware without a fault, and one with a fault in it."""

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.place.cleanup)
        cls.clean, cls.faulty = (Path(cls.place.name) / name for name in ("clean", "faulty"))
        cls.passed = assay("run", "--blob", FAULTS / "clean.bin", "-o", cls.clean, "--verbose", *PART)
        cls.failed = assay("run", "--blob", FAULTS / "version-bit-31.bin", "-o", cls.faulty, "--isolate", "case", "--cases", "3", *PART)
        cls.failure = json.loads((cls.faulty / "report.json").read_text())["failures"][0]

    def test_a_run_of_a_part_says_that_it_is_one(self):
        self.assertTrue(json.loads((self.clean / "report.json").read_text())["partial"])
        self.assertEqual(self.passed.returncode, 1)
        self.assertRegex(self.passed.stdout, r"(?m)^UNDECIDED: only a part was run \(--filter 'sbi.base.\*'\), and nothing of it failed$")
        self.assertRegex(self.failed.stdout, r"(?m)^NOT CONFORMANT: \d rules? failed$")

    def test_a_fault_makes_the_run_fail(self):
        self.assertEqual(self.failed.returncode, 1, self.failed.stderr)
        self.assertTrue(self.failure["rule"].startswith("sbi.base.get_spec_version:"))

    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            result = self.assay(command, "--help")
            with self.subTest(command=command):
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("Usage:", result.stdout)

    def test_the_program_lists_its_commands(self):
        for word in ("--help", "-h", "help"):
            listed = self.assay(word).stdout
            self.assertEqual([command for command in COMMANDS if f"  {command} " not in listed], [])
        self.assertRegex(self.assay("--version").stdout, r"^assay \d")

    def test_a_recording_is_judged_in_every_format(self):
        for name in FORMATS:
            result = self.assay("judge", self.faulty, "--format", name, "--verbose")
            with self.subTest(format=name):
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn(self.failure["rule"], result.stdout)

    def test_a_recording_is_judged_by_the_specification_that_is_named(self):
        self.assertEqual(self.assay("judge", self.faulty, "--spec", ROOT / "spec" / "sbi").returncode, 1)

    def test_a_failing_case_is_replayed(self):
        result = self.assay(*shlex.split(self.failure["replay"])[1:])
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(self.failure["rule"], result.stdout)

    def test_a_case_that_the_plan_does_not_have_is_named(self):
        self.refused(self.assay("replay", self.faulty, "sbi.base.nothing:boundary:0"), 2, "sbi.base.nothing")

    def test_runs_are_compared(self):
        for name in ("text", "json", "markdown", "html"):
            for rules in ((), ("--rules",)):
                result = self.assay("matrix", self.clean, self.faulty, "--format", name, *rules)
                with self.subTest(format=name, rules=rules):
                    self.assertIn("fault-clean", result.stdout + result.stderr)

    def test_a_regression_is_a_difference_and_its_cure_is_none(self):
        worse, better = self.assay("diff", self.clean, self.faulty), self.assay("diff", self.faulty, self.clean)
        self.assertEqual((worse.returncode, better.returncode), (1, 0), worse.stdout + better.stdout)
        self.assertIn(self.failure["rule"], worse.stdout)

    def test_only_what_is_worse_than_the_baseline_fails(self):
        result = self.assay("run", "--blob", FAULTS / "version-bit-31.bin", "-o", "again", "--baseline", self.faulty, "--cases", "3", *PART)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_failure_on_record_is_known_or_cured(self):
        rows = "".join(f"  - {{ rule: '{self.failure['rule']}', reason: r, from: '0.0', to: '9.9', expires: {day} }}\n"
                       for day in ("2000-01-01", "2999-01-01"))
        self.file("known.yaml", "deviations:\n" + rows)
        for blob, word in (("version-bit-31", "KNOWN"), ("clean", "CURED")):
            self.file(f"{blob}.yaml", f"machine: riscv-virt\nspec: spec/sbi\npath: {FAULTS / blob}.bin\nversion: '1.0'\ndeviations: known.yaml\n")
            self.assay("run", "--blob", f"./{blob}.yaml", "-o", blob, *PART)
            self.assertIn(word, self.report(blob)["summary"])

    def test_the_plan_of_every_fixture_can_be_printed(self):
        for path in sorted((ROOT / "spec" / "fixtures").glob("*.yaml")):
            result = self.assay("plan", "--spec", path)
            with self.subTest(spec=path.name):
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(" cases", result.stderr)

    def test_the_rules_that_passed_could_have_failed(self):
        result = self.assay("judge", "--perturb", self.clean)
        self.assertRegex(result.stdout, r"\n?[1-9]\d* rules passed, 0 of them could not have failed")
        self.assertEqual(result.returncode, 0)

    def test_every_specification_is_linted(self):
        result = self.assay("lint", ROOT / "spec", timeout=900)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertNotIn("unobservable", self.assay("lint", "--quiet", ROOT / "spec" / "sbi").stdout)

    def test_wrong_use_is_a_usage_error(self):
        for words in (("run", "--effort", "much"), ("run", "--seed", "-1"), ("run", "--cases", "0"), ("run", "--format", "pdf"),
                      ("run", "more"), ("run", "--claim", "99.9"), ("run", "--resume", "nowhere"), ("run", "--resume", self.clean),
                      ("plan", "more"), ("judge",), ("judge", "a", "b"), ("judge", self.clean, "--format", "pdf"), ("replay", "a"),
                      ("replay", "nowhere", "case"), ("matrix",), ("matrix", "nowhere"), ("diff", "a"), ("diff", "a", "b"),
                      ("lint",), ("lint", "nowhere")):
            with self.subTest(words=words):
                self.assertEqual(self.assay(*words).returncode, 2)


if __name__ == "__main__":
    unittest.main()
