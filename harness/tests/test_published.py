#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is published in reports/published/ is what the program prints today, and every finding there is explained."""
import copy
import json
import subprocess
import sys
import unittest

import yaml
from program import ROOT, ProgramTest

sys.path.insert(0, str(ROOT / "harness" / "tools"))
import causes  # noqa: E402

BLOB = "opensbi-1.1"


class Published(unittest.TestCase):
    def test_the_published_page_of_the_default_blob_is_up_to_date(self):
        result = subprocess.run([sys.executable, ROOT / "harness" / "tools" / "publish.py", "--check", BLOB], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)


class Explained(unittest.TestCase):
    def setUp(self):
        self.book = causes.load()
        self.findings = causes.read_findings((causes.PUBLISHED / "findings.md").read_text())
        self.explained, self.left, self.stale = causes.explain(self.book, self.findings)

    def test_every_finding_has_a_cause_and_every_cause_its_findings(self):
        self.assertGreater(len(self.findings), 50)
        self.assertEqual((self.left, self.stale), ([], []))

    def test_the_pages_about_causes_follow_from_the_findings(self):
        self.assertEqual((causes.PUBLISHED / "causes.md").read_text(), causes.causes_page(self.book, self.explained))
        self.assertEqual(causes.DEVIATIONS.read_text(), causes.deviations(self.book, self.findings, self.explained))

    def test_a_new_finding_has_no_cause(self):
        findings = copy.deepcopy(self.findings)
        findings["sbi.time.set_timer:not-there"] = {BLOB: "FAIL"}
        findings["sbi.dbtr.set_shmem:flags-reserved"][BLOB] = "FAIL"
        _, left, _ = causes.explain(self.book, findings)
        self.assertEqual(left, [("sbi.dbtr.set_shmem:flags-reserved", BLOB), ("sbi.time.set_timer:not-there", BLOB)])

    def test_a_finding_that_is_gone_leaves_its_cause_behind(self):
        findings = copy.deepcopy(self.findings)
        del findings["sbi.pmu.counter_start:already-started"]
        _, left, stale = causes.explain(self.book, findings)
        self.assertEqual((left, stale), ([], [("firmware-counter-started-twice", "sbi.pmu.counter_start:already-started", BLOB)]))

    def test_a_deviation_is_there_once_a_version_and_never_for_a_hang(self):
        rows = yaml.safe_load(causes.DEVIATIONS.read_text())["deviations"]
        for rule, blobs in self.findings.items():
            for blob, verdict in blobs.items():
                version = causes.version_of(blob)
                found = [row for row in rows if row["rule"] == rule and
                         causes.version_of("-" + row["from"]) <= version <= causes.version_of("-" + row["to"])]
                self.assertEqual(len(found), verdict == "FAIL", f"{rule} in {blob}")

    def test_no_manifest_of_ours_hides_its_failures(self):
        for path in (ROOT / "blobs").glob("*.yaml"):
            self.assertNotIn("deviations", yaml.safe_load(path.read_text()), path.name)


class Deviations(ProgramTest):
    def test_who_names_the_file_sees_known_failures_and_is_not_conformant(self):
        manifest = yaml.safe_load((ROOT / "blobs" / f"{BLOB}.yaml").read_text()) | {"deviations": "blobs/deviations/opensbi.yaml"}
        self.file("mine.yaml", yaml.safe_dump(manifest))
        result = self.assay("run", "--blob", "./mine.yaml", "--filter", "sbi.ipi.*", "-o", "run")
        report = json.loads((self.directory / "run" / "report.json").read_text())
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertGreater(report["summary"].get("KNOWN", 0), 0)
        self.assertNotIn("FAIL", report["summary"])
        self.assertFalse(report["conformant"])


if __name__ == "__main__":
    unittest.main()
