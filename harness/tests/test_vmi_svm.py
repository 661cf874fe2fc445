#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Another implementation of VMI: a ROM that runs its caller deprivileged is conformant where it differs as the document lets it, and each fault
of blobs/vmi-svm/faults.yaml, which goes further, is found by the rule that the row names."""
import json
import tempfile
import unittest
from pathlib import Path

import yaml
from program import BUILD, ROOT, assay

ROWS = list(yaml.safe_load_all((ROOT / "blobs" / "vmi-svm" / "faults.yaml").read_text()))[-1]
ROMS = BUILD / "blobs" / "vmi-svm"
FAILING = {"FLAKY", "FAIL", "CRASH", "HANG"}


def judge(blob, *options):
    """The report of a run, and its verdicts by rule."""
    with tempfile.TemporaryDirectory() as scratch:
        result = assay("run", "--blob", blob, "-o", Path(scratch) / "run", "--effort", "quick", *options, cwd=scratch)
        try:
            report = json.loads((Path(scratch) / "run" / "report.json").read_text())
        except FileNotFoundError:
            raise AssertionError(f"exit {result.returncode}: {result.stderr}") from None
    return report, {rule["id"]: rule["verdict"] for entry in report["entries"] for rule in entry["rules"]}


class VmiByHypervisor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.report, cls.rules = judge("vmi-svm")

    def test_it_is_conformant(self):
        self.assertEqual({rule: verdict for rule, verdict in self.rules.items() if verdict in FAILING}, {})
        self.assertTrue(self.report["conformant"])

    def test_it_is_not_the_native_machine(self):
        """SGDT shows other tables after a call than before it: nobody demands the contrary."""
        self.assertEqual(self.rules["vmi.descriptor.GetGDT:preserved-control"], "OBSERVED")


def check(row):
    def test(self):
        rule = f"{row['entry']}:{row['rule']}"
        self.assertEqual(self.rules[rule], "PASS", "without the fault")
        _, rules = judge(ROMS / f"vmi-svm-{row['name']}.bin", "--filter", row["entry"].rsplit(".", 1)[0] + ".*")
        self.assertIn(rules[rule], FAILING, f"not found: {row['wrong']}")
        blamed = {name: verdict for name, verdict in rules.items() if verdict in FAILING and name.split(":")[0] != row["entry"]}
        self.assertEqual(blamed, {}, "blamed without a fault")
    return test


for fault in ROWS:
    setattr(VmiByHypervisor, f"test_{fault['name'].replace('-', '_')}_is_found", check(fault))


if __name__ == "__main__":
    unittest.main()
