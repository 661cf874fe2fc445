#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the program makes of a specification besides tests: what changed in it, and reference pages."""
import json
import subprocess
import unittest
from html.parser import HTMLParser

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


class Balance(HTMLParser):
    """Every tag closed in its order, every link to a place on the page, nothing from elsewhere."""
    VOID = {"meta", "br", "hr"}

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.wrong = [], set(), set(), []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in {"script", "link", "img", "iframe"} or "src" in attrs:
            self.wrong.append(f"<{tag}> loads something")
        if "id" in attrs:
            self.wrong += [f"two of #{attrs['id']}"] if attrs["id"] in self.ids else []
            self.ids.add(attrs["id"])
        if "href" in attrs:
            self.links.add(attrs["href"])

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


class Doc(ProgramTest):
    SPECS = [SBI, ROOT / "spec" / "vmi", *sorted((ROOT / "spec" / "fixtures").glob("*.yaml"))]

    def test_html_is_sound_and_loads_nothing(self):
        for spec in self.SPECS:
            with self.subTest(spec=spec.name):
                page = Balance()
                page.feed(self.assay("doc", spec).stdout)
                self.assertEqual((page.wrong, page.open), ([], []))
                self.assertEqual({link for link in page.links if link[1:] not in page.ids}, set())

    def test_man_pages_are_taken_by_mandoc(self):
        for spec in self.SPECS:
            page = self.file("page.7", self.assay("doc", spec, "--format", "man").stdout)
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "error", page], capture_output=True, text=True)
            with self.subTest(spec=spec.name):
                self.assertEqual((lint.returncode, lint.stdout), (0, ""))

    def test_a_man_page_shows_what_the_rules_say(self):
        page = self.file("sbi.7", self.assay("doc", SBI, "--format", "man").stdout)
        shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", page], capture_output=True, text=True, check=True).stdout
        shown = "".join(shown[i] for i in range(len(shown)) if shown[i] != "\b" and shown[i + 1:i + 2] != "\b")
        self.assertIn("must error == SBI_ERR_INVALID_PARAM", shown)
        self.assertIn("RISC-V SBI 3.0, 9.1", shown)

    def test_an_older_version_is_a_page_of_its_own(self):
        page = self.assay("doc", f"{SBI}@0.2", "--format", "markdown").stdout
        self.assertIn("hart_start", page)
        self.assertNotIn("debug_console_write", page)

    def test_what_is_not_there_is_refused(self):
        self.refused(self.assay("doc", f"{SBI}@9.9"), 2, "no version `9.9`")
        self.assertEqual(self.assay("doc", SBI, "--format", "pdf").returncode, 2)


if __name__ == "__main__":
    unittest.main()
