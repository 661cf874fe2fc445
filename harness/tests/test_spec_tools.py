#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the program makes of a specification besides tests: what changed in it."""
import json
import unittest

import jsonschema

from program import ROOT, ProgramTest

SBI = ROOT / "spec" / "sbi"
SCHEMA = json.loads((ROOT / "reports" / "schema" / "changes.schema.json").read_text())


class SpecDiff(ProgramTest):
    def diff(self, *words):
        result = self.assay("spec", "diff", *words, "--format", "json")
        self.assertEqual(result.stderr, "")
        report = json.loads(result.stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(report)
        return result.returncode, report

    def test_two_versions_of_one_directory(self):
        code, report = self.diff(f"{SBI}@2.0", "@3.0")
        self.assertEqual(code, 1)
        self.assertEqual((report["old"]["version"], report["new"]["version"]), ("2.0", "3.0"))
        timer = [change for change in report["changes"] if change["subject"] == "sbi.time.set_timer" and change["kind"] == "rule-added"]
        self.assertEqual([change["implementers"]["class"] for change in timer], ["breaking"])
        self.assertEqual(timer[0]["implementers"]["witness"]["breaks"], "sbi.time.set_timer:always-succeeds")
        broken = sum(change["callers"]["class"] == "breaking" for change in report["changes"])
        self.assertEqual(report["breaking"]["callers"], broken)

    def test_the_newest_version_is_meant_where_none_is_named(self):
        code, report = self.diff(SBI, f"{SBI}@3.0")
        self.assertEqual((code, report["changes"]), (0, []))

    def test_only_what_one_party_has_to_care_about_decides(self):
        # 2.0 added nothing that a caller written for 1.0 stumbles over.
        self.assertEqual(self.assay("spec", "diff", "--for", "callers", f"{SBI}@1.0", "@2.0").returncode, 0)
        self.assertEqual(self.assay("spec", "diff", "--for", "implementers", f"{SBI}@1.0", "@2.0").returncode, 1)

    def test_an_edited_copy_is_compared_by_what_it_demands(self):
        for path in SBI.glob("*.yaml"):
            self.file(f"copy/{path.name}", path.read_text())
        self.assertEqual(self.assay("spec", "diff", SBI, "copy").returncode, 0)
        text = (SBI / "hsm.yaml").read_text()
        self.file("copy/hsm.yaml", text.replace("call: { fid: 0 }", "call: { fid: 9 }", 1))
        result = self.assay("spec", "diff", SBI, "copy")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"sbi\.hsm\.hart_start\n  breaking +breaking +the selector moved")

    def test_the_text_shows_the_call(self):
        result = self.assay("spec", "diff", f"{SBI}@2.0", "@3.0")
        self.assertRegex(result.stdout, r"shown by  set_timer\(.*answers error = -1 \(SBI_ERR_FAILED\): 2\.0 allows it, 3\.0 does not")

    def test_versions_and_specifications_that_are_not_there(self):
        self.refused(self.assay("spec", "diff", f"{SBI}@2.5", SBI), 2, "no version `2.5`", "0.2, 0.3")
        self.refused(self.assay("spec", "diff", "nowhere", SBI), 2, "nowhere")
        self.assertEqual(self.assay("spec", "diff", SBI).returncode, 2)
        self.assertEqual(self.assay("spec", "undo").returncode, 2)


if __name__ == "__main__":
    unittest.main()
