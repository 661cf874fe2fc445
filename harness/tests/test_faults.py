#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The suite can fail: every seeded fault of blobs/faults/ is found, nothing else is blamed, and the clean firmware passes.

One fault is one firmware, built like the clean one but for a single hook. It has to fail at least one rule of the entry that the
row names, and every entry that the row does not name has to come out as it does for the clean firmware: those of its chapter, and of
all chapters for every sixth row and for those whose fault takes calls of other chapters, or shows there, too.
"""
import fnmatch
import json
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from program import BUILD, ROOT, assay

ROWS = list(yaml.safe_load_all((ROOT / "blobs" / "faults" / "faults.yaml").read_text()))[-1]
FAILING = {"FLAKY", "FAIL", "CRASH", "HANG"}
WHOLE_EVERY = 6  # rows


def chapter(entry):
    return entry.rsplit(".", 1)[0] + ".*"


def part(number, row):
    """What is run of the plan: a chapter costs a quarter of everything."""
    apart = "takes" in row or any(chapter(entry) != chapter(row["entry"]) for entry in row.get("also", []))
    return () if apart or number % WHOLE_EVERY == 0 else ("--filter", chapter(row["entry"]))


def takes(report, rule):
    """What a rule that failed takes besides one of its cases, as faults.yaml says it: others, luck, or nothing."""
    if rule["verdict"] == "FLAKY":
        return "luck"
    failures = [failure for failure in report["failures"] if failure["rule"] == rule["id"]]
    if any(failure["only_after"] for failure in failures):
        return "others"
    return "nothing" if any(failure["alone"] for failure in failures) else "unknown"


def judge(name, scratch, *options):
    """Verdicts by entry, the rules that failed and what they take, and what went wrong with us."""
    rundir = Path(scratch) / name
    result = assay("run", "--blob", BUILD / "blobs" / "faults" / f"{name}.bin", "-o", rundir, "--jobs", "1", *options, cwd=scratch)
    report = rundir / "report.json"
    if not report.exists():
        return {}, {}, f"exit {result.returncode}: {result.stderr}"
    seen = json.loads(report.read_text())
    entries = {entry["name"]: entry["verdict"] for entry in seen["entries"]}
    failed = {rule["id"]: takes(seen, rule) for entry in seen["entries"] for rule in entry["rules"] if rule["verdict"] in FAILING}
    return entries, failed, "BROKEN" if "BROKEN" in seen["summary"] else ""


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        runs = [("clean",)] + [(row["name"], *part(number, row)) for number, row in enumerate(ROWS)]
        with ThreadPoolExecutor(2) as pool:
            cls.seen = {run[0]: seen for run, seen in zip(runs, pool.map(lambda run: judge(run[0], cls.scratch.name, *run[1:]), runs))}

    def test_there_are_at_least_forty_faults(self):
        self.assertGreaterEqual(len(ROWS), 40)

    def test_nothing_is_found_on_the_clean_firmware(self):
        entries, failed, ours = self.seen["clean"]
        self.assertEqual((failed, ours), ({}, ""))
        self.assertTrue(entries)


def check(number, row):
    def test(self):
        clean, _, _ = self.seen["clean"]
        entries, failed, ours = self.seen[row["name"]]
        touched = [row["entry"], *row.get("also", [])]
        self.assertEqual(ours, "")
        found = {what for rule, what in failed.items() if rule.startswith(row["entry"] + ":")}
        self.assertTrue(found, f"not found: {row['wrong']}; failed were {failed}")
        self.assertNotIn("unknown", failed.values())
        if "takes" in row:
            self.assertEqual(found, {row["takes"]}, failed)
        else:
            self.assertNotIn("luck", failed.values())
        blamed = {name: verdict for name, verdict in entries.items()
                  if verdict in FAILING and not any(fnmatch.fnmatch(name, pattern) for pattern in touched)}
        self.assertEqual(blamed, {}, "blamed without a fault")
        for name, verdict in clean.items():
            told = not part(number, row) or fnmatch.fnmatch(name, chapter(row["entry"]))
            if told and verdict == "PASS" and not any(fnmatch.fnmatch(name, pattern) for pattern in touched):
                self.assertIn(entries[name], ("PASS", "OBSERVED"), name)
    return test


for at, fault in enumerate(ROWS):
    setattr(Faults, f"test_{fault['name'].replace('-', '_')}_is_found", check(at, fault))


if __name__ == "__main__":
    unittest.main()
