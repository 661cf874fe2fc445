# SPDX-License-Identifier: BSD-2-Clause
"""
Firmware that forges the probe's records (blobs/forgers/). None of it may come out as if nothing had been: the audit leaves a mark.
"""
import json
import tempfile
import unittest
from pathlib import Path

import yaml
from program import BUILD, ROOT, assay

ROWS = list(yaml.safe_load_all((ROOT / "blobs" / "forgers" / "forgers.yaml").read_text()))[-1]
FAILING = {"FLAKY", "FAIL", "CRASH", "HANG"}


class Forgers(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def judge(self, blob, entries, audit=100):
        """The report of a run over the entries, and the rules that failed in it."""
        rundir = self.scratch / f"{audit}"
        result = assay("run", "--blob", blob, "-o", rundir, "--jobs", "1", "--audit", audit, "--filter", entries, cwd=self.scratch)
        self.assertTrue((rundir / "report.json").exists(), f"exit {result.returncode}: {result.stderr}")
        report = json.loads((rundir / "report.json").read_text())
        failed = [rule["id"] for entry in report["entries"] for rule in entry["rules"] if rule["verdict"] in FAILING]
        self.assertNotIn("BROKEN", report["summary"])
        return report, failed, result.stdout

    def test_there_are_at_least_twelve_forgers(self):
        self.assertGreaterEqual(len([row for row in ROWS if not row.get("honest")]), 12)

    def test_every_call_of_the_clean_firmware_stands_up_to_the_audit(self):
        report, failed, _ = self.judge(BUILD / "blobs" / "faults" / "clean.bin", "sbi.*")
        self.assertEqual((report["audit"]["mismatches"], report["audit"]["first"], failed), (0, None, []))
        self.assertGreaterEqual(report["audit"]["calls"], report["calls"])

    def test_long_batches_are_looked_at_too_though_not_as_often(self):
        result = assay("run", "--blob", BUILD / "blobs" / "faults" / "clean.bin", "-o", self.scratch / "long", "--filter",
                       "sbi.base.probe_extension", "--cases", "100000", "--format", "json", cwd=self.scratch)
        report = json.loads(result.stdout)
        self.assertGreaterEqual(report["audit"]["calls"], 2)
        self.assertLess(report["audit"]["calls"], report["calls"] / 1000)

    def test_the_same_seed_picks_the_same_calls(self):
        reports = []
        for audit in (5, 100, 5):
            reports.append(self.judge(BUILD / "blobs" / "faults" / "clean.bin", "sbi.base.*", audit)[0]["audit"]["calls"])
            for path in (self.scratch / f"{audit}").rglob("*"):
                path.unlink()
            (self.scratch / f"{audit}").rmdir()
        self.assertEqual(reports[0], reports[2])
        self.assertLess(reports[0], reports[1])
        self.assertGreater(reports[0], 0)


def check(row):
    def test(self):
        blob = BUILD / "blobs" / "forgers" / f"{row['name']}.bin"
        report, failed, text = self.judge(blob, row.get("entries", "sbi.base.*"))
        marked = report["audit"]["mismatches"] > 0
        if row.get("honest"):
            self.assertEqual((marked, failed), (False, []))
            return
        self.assertEqual(marked, not row.get("unmarked", False), report["audit"])
        self.assertEqual("FORGED RECORDS" in text, marked)
        self.assertTrue(failed, "nothing failed")
        self.assertFalse(report["conformant"])
        again = json.loads(assay("judge", self.scratch / "100", "--format", "json", cwd=self.scratch).stdout)
        self.assertEqual((again["audit"], again["conformant"]), (report["audit"], False))
    return test


for forger in ROWS:
    setattr(Forgers, f"test_{forger['name'].replace('-', '_')}_is_found", check(forger))


if __name__ == "__main__":
    unittest.main()
