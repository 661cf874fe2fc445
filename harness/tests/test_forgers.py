# SPDX-License-Identifier: BSD-2-Clause
"""
Firmware that forges the probe's records (blobs/forgers/). None of it may come out as if nothing had been: the audit leaves a mark.
"""
import json
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from program import BUILD, ROOT, assay

ROWS = list(yaml.safe_load_all((ROOT / "blobs" / "forgers" / "forgers.yaml").read_text()))[-1]
FAILING = {"FLAKY", "FAIL", "CRASH", "HANG"}
CLEAN = BUILD / "blobs" / "faults" / "clean.bin"


def record(blob, entries, rundir, audit=100):
    """A run over the entries, as the program tells it."""
    return assay("run", "--blob", blob, "-o", rundir, "--jobs", "1", "--audit", audit, "--filter", entries, cwd=rundir.parent)


def record_forger(row, scratch):
    return record(BUILD / "blobs" / "forgers" / f"{row['name']}.bin", row.get("entries", "sbi.base.*"), scratch / row["name"])


class Forgers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        with ThreadPoolExecutor(2) as pool:
            clean = pool.submit(record, CLEAN, "sbi.*", cls.scratch / "clean")
            cls.results = dict(zip((row["name"] for row in ROWS), pool.map(lambda row: record_forger(row, cls.scratch), ROWS)))
            cls.results["clean"] = clean.result()

    def judge(self, name, result):
        """The report of a run, and the rules that failed in it."""
        written = self.scratch / name / "report.json"
        self.assertTrue(written.exists(), f"exit {result.returncode}: {result.stderr}")
        report = json.loads(written.read_text())
        failed = [rule["id"] for entry in report["entries"] for rule in entry["rules"] if rule["verdict"] in FAILING]
        self.assertNotIn("BROKEN", report["summary"])
        return report, failed

    def test_there_are_at_least_twelve_forgers(self):
        self.assertGreaterEqual(len([row for row in ROWS if not row.get("honest")]), 12)

    def test_every_call_of_the_clean_firmware_stands_up_to_the_audit(self):
        report, failed = self.judge("clean", self.results["clean"])
        self.assertEqual((report["audit"]["mismatches"], report["audit"]["first"], failed), (0, None, []))
        self.assertGreaterEqual(report["audit"]["calls"], report["calls"])

    def test_long_batches_are_looked_at_too_though_not_as_often(self):
        result = assay("run", "--blob", CLEAN, "-o", self.scratch / "long", "--filter",
                       "sbi.base.probe_extension", "--cases", "100000", "--format", "json", cwd=self.scratch)
        report = json.loads(result.stdout)
        self.assertGreaterEqual(report["audit"]["calls"], 2)
        self.assertLess(report["audit"]["calls"], report["calls"] / 1000)

    def test_the_same_seed_picks_the_same_calls(self):
        reports = []
        for number, audit in enumerate((5, 100, 5)):
            result = record(CLEAN, "sbi.base.*", self.scratch / f"share-{number}", audit)
            reports.append(self.judge(f"share-{number}", result)[0]["audit"]["calls"])
        self.assertEqual(reports[0], reports[2])
        self.assertLess(reports[0], reports[1])
        self.assertGreater(reports[0], 0)


def check(row):
    def test(self):
        result = self.results[row["name"]]
        report, failed = self.judge(row["name"], result)
        marked = report["audit"]["mismatches"] > 0
        if row.get("honest"):
            self.assertEqual((marked, failed), (False, []))
            return
        self.assertEqual(marked, not row.get("unmarked", False), report["audit"])
        self.assertEqual("FORGED RECORDS" in result.stdout, marked)
        self.assertTrue(failed, "nothing failed")
        self.assertFalse(report["conformant"])
        again = json.loads(assay("judge", self.scratch / row["name"], "--format", "json", cwd=self.scratch).stdout)
        self.assertEqual((again["audit"], again["conformant"]), (report["audit"], False))
    return test


for forger in ROWS:
    setattr(Forgers, f"test_{forger['name'].replace('-', '_')}_is_found", check(forger))


if __name__ == "__main__":
    unittest.main()
