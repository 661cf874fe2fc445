#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A whole run on a real blob: Debian's OpenSBI 1.1, quick."""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import jsonschema
from program import ASSAY, BUILD, ROOT, ProgramTest, assay, processes_of, verdicts

SCHEMAS = ROOT / "reports" / "schema"


def schema(name):
    return json.loads((SCHEMAS / name).read_text())


class WholeRun(ProgramTest):
    """One run, looked at from many sides."""

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.place.cleanup)
        cls.rundir = Path(cls.place.name) / "run"
        cls.result = assay("run", "-o", cls.rundir, cwd=cls.place.name)
        cls.seen = json.loads((cls.rundir / "report.json").read_text())

    def test_the_exit_status_says_whether_the_blob_is_conformant(self):
        self.assertEqual(self.result.returncode, 0 if self.seen["conformant"] else 1, self.result.stderr)

    def test_nothing_of_ours_broke(self):
        self.assertNotIn("BROKEN", self.seen["summary"])

    def test_every_extension_of_the_specification_is_in_the_matrix(self):
        chapters = {entry["name"].split(".")[1] for entry in self.seen["entries"]}
        self.assertEqual(chapters, {"base", "legacy", "time", "ipi", "rfence", "hsm", "srst", "pmu", "dbcn", "susp", "cppc", "nacl",
                                    "sta", "sse", "fwft", "dbtr", "mpxy"})

    def test_the_blob_is_judged_by_the_version_it_claims(self):
        self.assertEqual(self.seen["spec"]["claimed"], "1.0")
        newer = [entry["verdict"] for entry in self.seen["entries"] if re.match(r"sbi\.(sse|fwft|dbtr|mpxy)\.", entry["name"])]
        self.assertEqual(set(newer), {"SKIP"})

    def test_the_basic_functions_pass(self):
        passed = {entry["name"] for entry in self.seen["entries"] if entry["verdict"] in ("PASS", "OBSERVED")}
        self.assertLessEqual({"sbi.base.get_spec_version", "sbi.base.get_impl_id", "sbi.base.get_mvendorid"}, passed)

    def test_the_json_report_keeps_its_schema(self):
        jsonschema.Draft202012Validator(schema("run.schema.json")).validate(self.seen)

    def test_the_json_on_standard_output_is_the_report(self):
        printed = json.loads(assay("judge", self.rundir, "--format", "json").stdout)
        jsonschema.Draft202012Validator(schema("run.schema.json")).validate(printed)

    def test_the_junit_report_keeps_its_schema(self):
        result = subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "junit.xsd", self.rundir / "junit.xml"],
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_tap_report_has_as_many_points_as_it_plans(self):
        lines = (self.rundir / "report.tap").read_text().splitlines()
        self.assertEqual(lines[0], "TAP version 14")
        points = [line for line in lines if re.match(r"(not )?ok \d+ - ", line)]
        self.assertEqual(lines[1], f"1..{len(points)}")

    def test_a_failure_has_rule_citation_expected_got_and_a_replay_line(self):
        for failure in self.seen["failures"]:
            for key in ("case", "rule", "cite", "expected", "got", "replay"):
                self.assertTrue(failure[key], failure)

    def test_the_replay_line_of_every_failure_that_was_seen_alone_shows_it_again(self):
        alone = {failure["rule"]: failure for failure in self.seen["failures"] if failure["alone"]}
        rules = {failure["rule"] for failure in self.seen["failures"]}
        self.assertGreater(len(alone), len(rules) * 3 // 4, sorted(rules - set(alone)))
        for failure in alone.values():
            words = shlex.split(failure["replay"])
            self.assertEqual(words[0], "assay")
            result = assay(*words[1:])
            with self.subTest(rule=failure["rule"]):
                self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
                self.assertIn(failure["rule"], result.stdout)

    def test_an_old_recording_gives_the_same_verdicts_without_a_guest(self):
        result = assay("judge", self.rundir, "--format", "json", env={**os.environ, "PATH": "/nonexistent"})
        self.assertEqual(verdicts(json.loads(result.stdout)), verdicts(self.seen))

    def test_a_run_does_not_differ_from_itself(self):
        result = assay("diff", self.rundir, self.rundir)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_against_itself_as_a_baseline_nothing_is_new(self):
        result = self.assay("run", "--baseline", self.rundir, "-o", "again")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_the_text_has_no_escapes_when_it_is_no_terminal(self):
        self.assertNotIn("\033", self.result.stdout)

    def test_the_matrix_of_two_runs_has_two_columns(self):
        report = json.loads(assay("matrix", self.rundir, self.rundir, "--format", "json").stdout)
        self.assertEqual(len(report["runs"]), 2)

    def test_nothing_is_left_running(self):
        self.assertEqual(processes_of(self.result.pid), [])

    def test_the_run_directory_holds_every_report_and_nothing_half_written(self):
        names = {path.name for path in self.rundir.iterdir()}
        self.assertLessEqual({"run.json", "journal", "report.json", "junit.xml", "report.tap", "report.md", "report.html"}, names)
        self.assertFalse([name for name in names if name.endswith(".new")])


class Repeatable(ProgramTest):
    def test_three_runs_with_one_seed_give_the_same_verdicts_also_under_load(self):
        seen = []
        for number in range(3):
            burners = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(4 * (number == 1))]
            try:
                self.assay("run", "-o", f"run{number}", "--seed", "7", "--jobs", "1" if number == 2 else "2")
            finally:
                for burner in burners:
                    burner.kill()
                    burner.wait()
            seen.append(verdicts(self.report(f"run{number}")))
            for failure in seen[-1]["failures"]:
                failure.pop("replay")
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0], seen[2])

    def test_the_plan_is_the_same_byte_for_byte(self):
        words = ("plan", "--seed", "5")
        self.assertEqual(self.assay(*words).stdout, self.assay(*words).stdout)

    def test_another_seed_makes_other_random_cases_and_the_same_others(self):
        one, two = (self.assay("plan", "--seed", seed, "--filter", "sbi.base.*").stdout for seed in (1, 2))
        self.assertNotEqual(one, two)
        fixed = [[line for line in text.splitlines() if line.startswith("sbi.") and ":random:" not in line] for text in (one, two)]
        self.assertEqual(*fixed)


class Interrupted(ProgramTest):
    def interrupted_run(self):
        process = subprocess.Popen([ASSAY, "run", "-o", "run", "--effort", "standard"], cwd=self.directory, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        journal = self.directory / "run" / "journal"
        guests = []
        for _ in range(600):
            guests = processes_of(process.pid)
            if process.poll() is not None or (guests and journal.exists() and journal.stat().st_size > 100_000):
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=60)[1]
        self.assertTrue(guests, stderr)
        self.assertEqual(processes_of(process.pid), [])
        return stderr, process.returncode

    def test_ctrl_c_leaves_a_journal_to_resume_and_no_guest(self):
        stderr, code = self.interrupted_run()
        self.assertEqual(code, 130, stderr)
        self.assertIn("--resume run", stderr)
        judged = self.assay("judge", "run", "--format", "json")
        self.assertTrue(json.loads(judged.stdout)["partial"])
        before = json.loads(judged.stdout)["cases"]
        for budget in ("1", "8", "60"):  # on a busy machine the first is over before a guest is up
            resumed = self.assay("run", "--resume", "run", "--budget", budget)
            self.assertIn(resumed.returncode, (0, 1), resumed.stderr)
            if self.report("run")["cases"] > before:
                return
        self.fail(f"nothing was added to {before} cases")

    def test_only_the_same_blob_and_specification_go_on_with_a_run(self):
        for name in ("clean.bin", "clean.bin.yaml"):
            self.file(name, (BUILD / "blobs" / "faults" / name).read_bytes())
        shutil.copytree(ROOT / "spec" / "sbi", self.directory / "sbi")
        self.assay("run", "--blob", "clean.bin", "--spec", "sbi", "--filter", "sbi.base.*", "-o", "run")
        journal = self.directory / "run" / "journal"
        os.truncate(journal, journal.stat().st_size - 1)
        recorded = journal.read_bytes()
        self.file("clean.bin", (BUILD / "blobs" / "faults" / "version-fails.bin").read_bytes())
        self.refused(self.assay("run", "--resume", "run"), 2, "run: was recorded with another blob")
        self.file("clean.bin", (BUILD / "blobs" / "faults" / "clean.bin").read_bytes())
        with open(self.directory / "sbi" / "base.yaml", "a") as chapter:
            chapter.write("# another\n")
        self.refused(self.assay("run", "--resume", "run"), 2, "run: was recorded with another specification")
        shutil.copy(ROOT / "spec" / "sbi" / "base.yaml", self.directory / "sbi")
        self.assertTrue(recorded.startswith(journal.read_bytes()), "a run that is refused records nothing")
        resumed = self.assay("run", "--resume", "run")
        self.assertEqual(resumed.returncode, 1, resumed.stderr)

    def test_a_resumed_run_tells_of_the_whole_audit(self):
        self.assay("run", "--filter", "sbi.base.*", "--audit", "20", "-o", "run")
        audit, journal = self.report("run")["audit"], self.directory / "run" / "journal"
        self.assertGreater(audit["calls"], 0)
        os.truncate(journal, journal.stat().st_size * 3 // 4)
        self.assertIn(self.assay("run", "--resume", "run").returncode, (0, 1))
        self.assertEqual(self.report("run")["audit"], audit)
        told = json.loads((self.directory / "run" / "run.json").read_text())["audit"]
        self.assertEqual(told, {key: audit[key] for key in ("calls", "mismatches")})

    def test_a_complete_run_is_not_resumed(self):
        self.assay("run", "-o", "run", "--filter", "sbi.base.*")
        self.refused(self.assay("run", "--resume", "run"), 2, "complete")


if __name__ == "__main__":
    unittest.main()
