#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite for VMI can fail: every seeded fault of blobs/vmi/ is found by the rule that the row names, nothing else is blamed, and the
reference ROMs pass.

A fault is looked for in its chapter. A rule that is only likely, or that recommends, is OBSERVED where it is not kept: such a row says so,
and then nothing is observed of it on the reference ROM. A few rows are no faults but choices, and have to be conformant.
"""
import fnmatch
import json
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from program import BUILD, ROOT, assay

ROWS = list(yaml.safe_load_all((ROOT / "blobs" / "vmi" / "faults.yaml").read_text()))[-1]
REFERENCE = {(3, 1): "vmi-reference", (13, 1): "vmi-reference-13.0", (3, 2): "vmi-reference-2-cpus", (13, 2): "vmi-reference-13.0-2-cpus"}
FAILING = {"FLAKY", "FAIL", "CRASH", "HANG"}
UNIVERSAL = {"returns", "declared-error", "preserved-registers", "preserved-control", "guard-zones", "declared-writes", "console-silence",
             "deadline", "unsupported", "found"}
WITHOUT_FAULT = {
    "vmi.rom.header:has-a-length",              # a BIOS does not take a ROM of length 0, nor one that says so once it runs
    "vmi.rom.header:version-13",                # a ROM of another major number is judged by another ABI
    "vmi.rom.header:length-is-positive",        # 64 KiB have no room beside the video BIOS
}


def judge(blob, scratch, *options):
    """Verdicts by rule, what sums them up, and what was said beside."""
    rundir = Path(scratch) / blob.stem
    result = assay("run", "--blob", blob, "-o", rundir, "--jobs", "1", *options, cwd=scratch)
    report = rundir / "report.json"
    if not report.exists():
        return {}, {}, f"exit {result.returncode}: {result.stderr}"
    seen = json.loads(report.read_text())
    return {rule["id"]: rule["verdict"] for entry in seen["entries"] for rule in entry["rules"]}, seen, ""


def manifest(name, scratch):
    """The reference as blobs/ has it, and the ROM of this build."""
    words = yaml.safe_load((ROOT / "blobs" / f"{name}.yaml").read_text())
    place = Path(scratch) / f"{name}.yaml"
    place.write_text(yaml.safe_dump(words | {"path": str(BUILD / "blobs" / "vmi" / Path(words["path"]).name)}))
    return place


def part(row):
    """A fault is looked for in its chapter; that nothing is wrong takes the whole plan."""
    return () if row.get("verdict") == "CONFORMANT" else ("--filter", row["entry"].rsplit(".", 1)[0] + ".*")


class Vmi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        vmi, scratch = BUILD / "blobs" / "vmi", cls.scratch.name
        cls.reference = {which: judge(manifest(name, scratch), scratch) for which, name in REFERENCE.items()}
        with ThreadPoolExecutor(2) as pool:
            cls.seen = dict(zip((row["name"] for row in ROWS), pool.map(
                lambda row: judge(vmi / f"vmi-{row['name']}.bin", scratch, *part(row)), ROWS)))

    def test_there_are_at_least_sixty_faults(self):
        self.assertGreaterEqual(len(ROWS), 60)

    def test_every_rule_that_the_reference_roms_keep_has_a_fault_that_breaks_it(self):
        broken = {f"{row['entry']}:{row['rule']}" for row in ROWS if row.get("verdict") != "CONFORMANT"}
        for which, (rules, _, _) in self.reference.items():
            kept = {rule for rule, verdict in rules.items() if verdict == "PASS" and rule.split(":")[1] not in UNIVERSAL}
            self.assertEqual(kept - broken - WITHOUT_FAULT, set(), f"ABI and processors {which}")

    def test_the_reference_roms_are_conformant(self):
        for which, (rules, seen, error) in self.reference.items():
            with self.subTest(abi_and_processors=which):
                self.assertEqual(error, "")
                self.assertEqual({rule: verdict for rule, verdict in rules.items() if verdict in FAILING}, {})
                self.assertTrue(seen["conformant"])


def check(row):
    def test(self):
        wanted, rule = row.get("verdict", "FAIL"), f"{row['entry']}:{row['rule']}"
        clean, _, _ = self.reference[row.get("abi", 3), row.get("harts", 1)]
        rules, seen, error = self.seen[row["name"]]
        self.assertEqual(error, "")
        self.assertIn(clean.get(rule), {"PASS", "SKIP"}, "on the reference ROM")
        if wanted == "CONFORMANT":
            self.assertEqual({name: verdict for name, verdict in rules.items() if verdict in FAILING}, {})
            self.assertTrue(seen["conformant"])
            return
        self.assertIn(rules[rule], FAILING if wanted == "FAIL" else {wanted}, f"not found: {row['wrong']}")
        touched = [row["entry"], *row.get("also", [])]
        blamed = {name: verdict for name, verdict in rules.items()
                  if verdict in FAILING and not any(fnmatch.fnmatch(name.split(":")[0], pattern) for pattern in touched)}
        self.assertEqual(blamed, {}, "blamed without a fault")
    return test


for fault in ROWS:
    setattr(Vmi, f"test_{fault['name'].replace('-', '_')}_is_found", check(fault))


if __name__ == "__main__":
    unittest.main()
