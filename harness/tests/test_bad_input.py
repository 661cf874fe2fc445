#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What goes in wrong comes out as one clear line with its place, the right exit status, and nothing half-written."""
import os
import subprocess
import unittest

from program import ASSAY, ROOT, ProgramTest

MANIFEST = "machine: riscv-virt\nspec: spec/sbi\n"
SPEC = """\
assay: 1
interface: t
title: T
document: {{ title: T, short: T, revision: "1", url: "https://example.org" }}
versions: ["1"]
convention:
  gate: ecall
  word: 64
  byte_order: little
  selector: {{ eid: a7 }}
  arguments: [a0, a1]
  results: [ {{ name: error, type: s64, in: a0 }} ]
  preserved: {{ all_but: [a0], cite: "1" }}
  deadline: 1ms
chapters:
  - chapter: c
    title: C
    cite: "1"
    entries:
      - name: e
        cite: "1"
        call: {{ eid: 1 }}
        args: [ {{ name: x, type: u64 }} ]
        rules:
          - {{ id: r, cite: "1", {rule} }}
{more}"""


class BadInput(ProgramTest):
    def test_no_command_is_a_usage_error(self):
        self.assertEqual(self.assay().returncode, 2)

    def test_an_unknown_command_is_named(self):
        self.refused(self.assay("frobnicate"), 2, "frobnicate", "--help")

    def test_an_unknown_option_is_a_usage_error(self):
        self.assertEqual(self.assay("run", "--frobnicate").returncode, 2)

    def test_an_unknown_blob_is_named(self):
        self.refused(self.assay("run", "--blob", "nothing"), 2, "nothing")

    def test_a_missing_blob_file_is_named(self):
        self.refused(self.assay("run", "--blob", "./missing.bin"), 2, "missing.bin")

    def test_a_blob_without_a_manifest_gets_the_two_lines_to_write(self):
        self.file("my.bin", b"x" * 4096)
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "machine:")

    def test_a_directory_is_no_blob(self):
        (self.directory / "my.bin").mkdir()
        self.file("my.bin.yaml", MANIFEST)
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "directory")

    def test_an_empty_blob_is_refused(self):
        self.file("my.bin")
        self.file("my.bin.yaml", MANIFEST)
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "my.bin")

    def test_a_truncated_blob_is_refused_by_its_digest(self):
        self.file("my.bin", b"x" * 100)
        self.file("my.bin.yaml", MANIFEST + f"sha256: {'0' * 64}\n")
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "sha256")

    def test_a_blob_that_is_no_firmware_is_judged_and_not_conformant_or_said_to_be_dead(self):
        self.file("my.bin", b"\x00" * 4096)
        self.file("my.bin.yaml", MANIFEST)
        result = self.assay("run", "--blob", "./my.bin")
        self.assertIn(result.returncode, (1, 2), result.stderr)
        self.assertIn("my.bin", result.stderr + result.stdout)

    def test_a_manifest_with_an_unknown_key_is_refused_with_its_place(self):
        self.file("my.bin", b"x" * 4096)
        self.file("my.bin.yaml", MANIFEST + "colour: red\n")
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "my.bin.yaml:3", "colour")

    def test_a_manifest_that_is_no_yaml_is_refused_with_its_place(self):
        self.file("my.bin", b"x" * 4096)
        self.file("my.bin.yaml", "machine: [\n")
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "my.bin.yaml:")

    def test_a_manifest_with_an_unknown_machine_is_refused(self):
        self.file("my.bin", b"x" * 4096)
        self.file("my.bin.yaml", "machine: toaster\nspec: spec/sbi\n")
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "toaster")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_an_unreadable_manifest_is_refused(self):
        self.file("my.bin", b"x" * 4096)
        self.file("my.bin.yaml", MANIFEST).chmod(0)
        self.refused(self.assay("run", "--blob", "./my.bin"), 2, "my.bin.yaml")

    def test_a_missing_specification_is_named(self):
        self.refused(self.assay("run", "--spec", "./nowhere"), 2, "nowhere")

    def test_a_filter_that_matches_nothing_is_a_usage_error(self):
        self.refused(self.assay("run", "--filter", "sbi.bose.*"), 2, "sbi.bose")

    def test_an_existing_run_directory_is_left_alone(self):
        kept = self.file("run/report.json", "somebody's")
        self.refused(self.assay("run", "-o", "run"), 2, "run", "exists")
        self.assertEqual(list((self.directory / "run").iterdir()), [kept])
        self.assertEqual(kept.read_text(), "somebody's")

    def test_an_empty_directory_is_used_as_one_that_a_killed_run_left_behind(self):
        (self.directory / "run").mkdir()
        self.assertIn(self.assay("run", "-o", "run", "--filter", "sbi.base.get_spec_version").returncode, (0, 1))
        self.assertTrue((self.directory / "run" / "report.json").exists())

    def test_a_run_directory_that_cannot_be_made_is_named(self):
        self.refused(self.assay("run", "-o", "no/such/place"), 3, "no/such/place")

    def test_without_qemu_the_harness_says_what_to_install(self):
        result = self.assay("run", "-o", "run", env={**os.environ, "PATH": "/nonexistent"})
        self.refused(result, 3, "qemu-system-riscv64")
        self.assertFalse((self.directory / "run").exists())

    def test_a_run_that_is_none_cannot_be_judged(self):
        self.refused(self.assay("judge", "nowhere"), 2, "nowhere")

    def test_a_journal_that_is_none_is_refused(self):
        self.file("run/journal", "this is no journal, and long enough to look like one")
        self.refused(self.assay("judge", "run"), 2, "journal")

    def lint(self, rule='must: "error == 0"', more=""):
        self.file("t.yaml", SPEC.format(rule=rule, more=more))
        return self.assay("lint", "t.yaml")

    def test_the_specification_these_tests_spoil_is_sound(self):
        self.assertEqual(self.lint().returncode, 0, self.lint().stdout)

    def test_a_bad_expression_is_found_with_its_column(self):
        result = self.lint('must: "error == "')
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stdout, r"t\.yaml:25:\d+: error: .*\[bad-expression\]")

    def test_a_mistyped_key_is_found_with_a_hint(self):
        result = self.lint('mst: "error == 0"')
        self.assertEqual(result.returncode, 2)
        self.assertIn("unknown-key", result.stdout)
        self.assertIn("must", result.stdout)

    def test_a_name_of_nothing_is_found_with_a_hint(self):
        result = self.lint('must: "eror == 0"')
        self.assertEqual(result.returncode, 2)
        self.assertIn("`error`", result.stdout)

    def test_a_duplicate_id_is_found(self):
        result = self.lint(more='          - { id: r, cite: "1", must: "error == 0" }\n')
        self.assertEqual(result.returncode, 2)
        self.assertIn("duplicate-id", result.stdout)

    def test_all_mistakes_are_reported_at_once(self):
        result = self.lint('mst: "error == 0"', more='          - { id: q, cite: "1", must: "1 +" }\n')
        self.assertGreaterEqual(result.stdout.count("error:"), 2)

    def test_a_wrong_specification_is_not_run(self):
        self.file("t.yaml", SPEC.format(rule='must: "eror == 0"', more=""))
        result = self.assay("run", "--spec", "t.yaml", "-o", "run")
        self.assertEqual(result.returncode, 2)
        self.assertFalse((self.directory / "run").exists())

    def test_a_full_standard_output_is_noticed(self):
        with open("/dev/full", "w") as full:
            result = subprocess.run([ASSAY, "plan", "--spec", ROOT / "spec" / "sbi", "--filter", "sbi.base.*"], stdout=full,
                                    stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, 3)


if __name__ == "__main__":
    unittest.main()
