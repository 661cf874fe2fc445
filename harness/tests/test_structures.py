#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Structures in whole runs: a table behind Debian's OpenSBI in the same file, so that it lies in the guest's memory, and what may be wrong with it."""
import struct
import unittest
from pathlib import Path

from program import ROOT, ProgramTest

FIRMWARE = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")
AT = 0x100000  # behind everything that the firmware has and uses
SIZE = 512
SPEC = """\
assay: 1
interface: toy
title: A table and a call
document: { title: Toy, short: Toy, revision: "1", url: "https://example.org" }
versions: ["1.0", "2.0"]
claim: { entry: all.table, major: major, minor: minor }
convention:
  gate: ecall
  word: 64
  byte_order: little
  selector: { eid: a7, fid: a6 }
  arguments: [a0]
  results: [ { name: error, type: s64, in: a0 }, { name: value, type: u64, in: a1 } ]
  preserved: { all_but: [a0, a1], cite: "1" }
  deadline: 10ms
chapters:
  - chapter: all
    title: All
    cite: "1"
    structures:
      - name: table
        cite: "1.1"
        find: { signature: "TOY!", range: [0x80100000, 0x801fffff], step: 4096 }
        fields:
          - { name: major, type: u8, offset: 4 }
          - { name: minor, type: u8, offset: 5 }
          - { name: length, type: u16, offset: 6 }
          - { name: next, type: u32, offset: 8 }
        size: length
        rules:
          - { id: sum, cite: "1.1", must: "sum8(0, length) == 0" }
          - { id: two, cite: "1.1", since: "2.0", must: "major == 2" }
      - name: next
        cite: "1.2"
        find: { offset: table.next }
        fields: [ { name: word, type: u32, offset: 0 } ]
        rules: [ { id: word, cite: "1.2", must: "word == 7" } ]
    entries:
      - name: get_spec_version
        cite: "1.3"
        call: { eid: 0x10, fid: 0 }
        rules: [ { id: works, cite: "1.3", must: "error == 0" } ]
"""


def table(major=2, length=SIZE, signature=b"TOY!", wrong=0, word=7):
    """The bytes of a table, with `wrong` added to its sum."""
    head = signature + struct.pack("<BBHI", major, 0, length, 64)
    content = bytearray(head.ljust(64, b"\0") + struct.pack("<I", word)).ljust(SIZE, b"\0")
    content[-1] = (wrong - sum(content)) & 0xff
    return bytes(content)


def ends_of_records(journal):
    """Where each record of a journal ends; the first one is its head."""
    ends, at = [], 8
    while at < len(journal):
        at += 8 + int.from_bytes(journal[at:at + 4], "little")
        ends.append(at)
    return ends


@unittest.skipUnless(FIRMWARE.exists(), "OpenSBI is not installed")
class Structures(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file("toy.yaml", SPEC)

    def judged(self, content, *more):
        """The report of a run on the firmware with this table behind it."""
        self.file("my.bin", FIRMWARE.read_bytes().ljust(AT, b"\0") + content)
        self.file("my.bin.yaml", "machine: riscv-virt\nspec: toy.yaml\n")
        self.result = self.assay("run", "--blob", "my.bin", "-o", "run", *more)
        self.assertIn(self.result.returncode, (0, 1), self.result.stderr)
        return self.report("run")

    def failed(self, report):
        return {failure["rule"] for failure in report["failures"]}

    def test_a_good_table_passes_and_its_claim_counts(self):
        report = self.judged(table())
        self.assertEqual(self.failed(report), set())
        self.assertEqual(report["spec"]["claimed"], "2.0")
        self.assertTrue(report["conformant"], self.result.stdout)
        self.assertEqual(self.result.returncode, 0)

    def test_a_wrong_sum_fails_and_replay_shows_it_again(self):
        report = self.judged(table(wrong=1))
        self.assertEqual(self.failed(report), {"toy.all.table:sum"})
        shown = self.assay("replay", "run", "toy.all.table:structure")
        self.assertEqual(shown.returncode, 1, shown.stderr)
        self.assertIn("reproduced exactly", shown.stdout)
        self.assertIn("FAIL     toy.all.table:sum", shown.stdout)

    def test_the_claim_of_the_table_chooses_the_rules(self):
        report = self.judged(table(major=1))
        self.assertEqual(self.failed(report), set())
        self.assertEqual(report["spec"]["claimed"], "1.0")

    def test_what_the_table_points_to_is_judged(self):
        self.assertEqual(self.failed(self.judged(table(word=8))), {"toy.all.next:word"})

    def test_no_table_fails_and_nothing_is_called(self):
        report = self.judged(table(signature=b"TOY?"))
        self.assertEqual(self.failed(report), {"toy.all.table:found"})
        calls = [entry for entry in report["entries"] if entry["name"] == "toy.all.get_spec_version"]
        self.assertEqual(calls[0]["verdict"], "UNTESTED")
        self.assertEqual(self.result.returncode, 1)

    def test_a_table_that_ends_early_is_not_whole(self):
        report = self.judged(table()[:400])
        self.assertIn("toy.all.table:found", self.failed(report))

    def test_a_filter_chooses_structures_like_entries(self):
        report = self.judged(table(wrong=1), "--filter", "toy.all.next")
        self.assertEqual(report["cases"], 1)
        self.assertEqual(self.failed(report), set())

    def test_a_recording_with_structures_is_taken_up_where_it_ended(self):
        whole = self.judged(table(wrong=1))
        journal = self.directory / "run" / "journal"
        content = journal.read_bytes()
        for end in ends_of_records(content)[:-1:5]:
            journal.write_bytes(content[:end])
            result = self.assay("run", "--resume", "run")
            self.assertEqual(result.returncode, 1, result.stderr)
            again = self.report("run")
            for key in ("summary", "rules", "entries", "conformant", "cases"):
                self.assertEqual(again[key], whole[key])

    def test_a_recording_is_judged_again_by_a_corrected_rule(self):
        self.judged(table(word=8))
        self.file("toy.yaml", SPEC.replace("word == 7", "word == 8"))
        self.assertEqual(self.assay("judge", "run", "--spec", "toy.yaml").returncode, 0)

    def test_an_interface_of_data_alone_can_be_run(self):
        result = self.assay("run", "--blob", "opensbi-1.1", "--spec", ROOT / "spec" / "fixtures" / "devicetree.yaml", "-o", "tree")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(self.report("tree")["spec"]["claimed"], "17.0")


if __name__ == "__main__":
    unittest.main()
