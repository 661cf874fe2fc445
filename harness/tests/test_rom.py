#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A vendor's path: a VMI ROM with a manifest of two lines, and files that are none. Each gets a finding; nothing hangs."""
import json
import shutil
import unittest

from program import BUILD, ProgramTest

ROMS = BUILD / "blobs" / "vmi"
MANIFEST = "machine: i386-pc\nspec: spec/vmi\n"


def summed(rom):
    """The ROM with a last byte that makes the sum of all 0."""
    return rom[:-1] + bytes([-sum(rom[:-1]) & 0xff])


def changed(rom, at, value):
    return summed(rom[:at] + bytes([value]) + rom[at + 1:])


@unittest.skipUnless(shutil.which("qemu-system-x86_64"), "QEMU for x86 is not installed")
class VendorsRom(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.rom = (ROMS / "vmi-reference.bin").read_bytes()

    def judged(self, content, *more):
        self.file("my.rom", content)
        self.file("my.rom.yaml", MANIFEST)
        self.result = self.assay("run", "--blob", "my.rom", "--spec", "spec/vmi", "-o", "run", *more, timeout=600)
        self.assertIn(self.result.returncode, (0, 1), self.result.stderr)
        return self.report("run")

    def judged_header(self, content):
        """Of a ROM that is not called, or by its jump points alone."""
        return self.judged(content, "--filter", "vmi.rom.*")

    def failed(self, report):
        return {failure["rule"] for failure in report["failures"]}

    def found_words(self, report):
        return [failure["got"] for failure in report["failures"] if failure["rule"] == "vmi.rom.header:found"][0]

    def outcome(self, report, consumer):
        return [row for row in report["consumers"] if row["consumer"] == consumer][0]

    def test_a_good_rom_fails_nothing_of_its_header_and_linux_takes_it(self):
        report = self.judged_header(self.rom)
        self.assertEqual(self.failed(report), set())
        self.assertEqual(report["spec"]["claimed"], "3.0")
        header = [entry for entry in report["entries"] if entry["name"] == "vmi.rom.header"][0]
        self.assertGreater(header["counts"]["PASS"], 3)
        for row in report["consumers"]:
            self.assertNotIn(row["outcome"], ("crashes",), row)
        self.assertEqual(self.outcome(report, "sanos-vmi")["outcome"], "refuses")
        self.assertEqual(self.outcome(report, "sanos-vmi")["reasons"][0]["need"], "version")

    def test_a_rom_of_the_older_abi_is_judged_by_that(self):
        report = self.judged((ROMS / "vmi-reference-13.0.bin").read_bytes(), "--filter", "vmi.rom.header*")
        self.assertEqual(self.failed(report), set())
        self.assertEqual(report["spec"]["claimed"], "13.0")
        self.assertEqual(self.outcome(report, "linux-2.6.25-vmi")["outcome"], "refuses")

    def test_an_abi_that_nobody_has_is_a_finding(self):
        report = self.judged_header(changed(self.rom, 13, 5))
        self.assertIn("vmi.rom.header:version", self.failed(report))

    def test_a_wrong_checksum_is_a_finding_although_the_machine_refuses_the_rom(self):
        report = self.judged(self.rom[:-1] + bytes([self.rom[-1] ^ 0xff]))
        self.assertEqual(self.failed(report), {"vmi.rom.header:found", "vmi.rom.header:checksum"} | self.failed_below(report))
        self.assertIn("nothing in the guest's memory", self.found_words(report))
        self.assertEqual(report["calls"], 0)
        self.assertIn("so no call is made", self.result.stderr)

    def failed_below(self, report):
        """Headers that the one of the ROM leads to are not in memory either."""
        return {rule for rule in self.failed(report) if rule.endswith(":found")}

    def test_a_rom_that_ends_early_is_a_finding(self):
        report = self.judged(self.rom[:len(self.rom) // 2])
        self.assertIn("vmi.rom.header:found", self.failed(report))
        self.assertIn(f"{len(self.rom) // 2} of its {len(self.rom)} bytes in the blob's file", self.found_words(report))

    def test_what_is_no_rom_at_all_is_a_finding(self):
        report = self.judged(bytes(range(256)) * 16)
        self.assertEqual(self.failed(report), {"vmi.rom.header:found"})
        self.assertIn("nothing, neither in the guest's memory nor in the blob's file", self.found_words(report))
        self.assertEqual(self.outcome(report, "linux-2.6.36-vmi")["outcome"], "refuses")

    def test_an_option_rom_that_is_no_vmi_rom_is_a_finding(self):
        report = self.judged(changed(self.rom, 8, ord("x")))
        self.assertEqual(self.failed(report), {"vmi.rom.header:found"})

    def test_each_fault_that_stops_linux_is_told_with_the_line_that_stops_it(self):
        for fault, chosen, outcome, need in (
                ("no-pci-header", "vmi.rom.*", "refuses", "pci-header"),
                ("no-licence", "vmi.rom.*", "refuses", "says-its-license"),
                ("init-fails", "vmi.core.Init", "refuses", "init-succeeds"),
                ("iret-is-none", "vmi.rom.*", "crashes", "iret-is-patched"),
                ("sysexit-is-nop", "vmi.rom.*", "crashes", "sysexit-is-patched"),
                ("frequency-is-nop", "vmi.rom.*", "crashes", "frequency-can-be-called"),
                ("clock-without-alarms", "vmi.rom.*", "crashes", "a-clock-comes-whole")):
            with self.subTest(fault):
                shutil.rmtree(self.directory / "run", ignore_errors=True)
                report = self.judged((ROMS / f"vmi-{fault}.bin").read_bytes(), "--filter", chosen)
                for kernel in ("linux-2.6.25-vmi", "linux-2.6.36-vmi"):
                    row = self.outcome(report, kernel)
                    self.assertEqual((row["outcome"], row["reasons"][0]["need"]), (outcome, need), row)
                    self.assertTrue(row["reasons"][0]["line"] and row["reasons"][0]["cite"].startswith("vmi_32.c, "))

    def test_old_recordings_say_which_kernel_runs_on_which_rom(self):
        self.judged(self.rom)
        shutil.move(self.directory / "run", self.directory / "good")
        self.judged((ROMS / "vmi-iret-is-none.bin").read_bytes())
        table = self.assay("matrix", "good", "run", "--consumers")
        self.assertRegex(table.stdout, r"linux-2\.6\.36-vmi +runs +crashes")
        self.assertRegex(table.stdout, r"sanos-vmi +refuses +refuses")
        self.assertIn("source     vmi_32.c, activate_vmi: pv_cpu_ops.iret = (void *)0xbadbab0;", table.stdout)
        self.assertIn("| linux-2.6.25-vmi | runs | crashes: ",
                      self.assay("matrix", "good", "run", "--consumers", "--format", "markdown").stdout)
        page = self.assay("matrix", "good", "run", "--consumers", "--format", "html").stdout
        self.assertIn("<span class=\"v CRASH\">crashes</span>", page)
        whole = json.loads(self.assay("matrix", "good", "run", "--format", "json").stdout)
        self.assertEqual([self.outcome(run, "linux-2.6.36-vmi")["outcome"] for run in whole["runs"]], ["runs", "crashes"])

    def test_tables_that_the_machine_s_own_firmware_made_are_judged_too(self):
        self.file("my.rom", self.rom)
        self.file("my.rom.yaml", MANIFEST)
        result = self.assay("run", "--blob", "my.rom", "--spec", "spec/fixtures/acpi.yaml", "-o", "run")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        report = self.report("run")
        passed = {rule["id"] for entry in report["entries"] for rule in entry["rules"] if rule["verdict"] == "PASS"}
        self.assertLessEqual({"acpi.tables.rsdp:checksum", "acpi.tables.rsdt:checksum", "acpi.tables.rsdt:signature"}, passed)
        self.assertEqual(report["spec"]["claimed"], "1.0")

    def test_a_rom_that_hangs_when_the_machine_starts_is_told_in_one_line(self):
        self.file("my.rom", summed(self.rom[:3] + b"\xeb\xfe" + self.rom[5:]))  # jmp to itself, where the BIOS calls
        self.file("my.rom.yaml", MANIFEST)
        result = self.assay("run", "--blob", "my.rom", "-o", "run", timeout=300)
        self.refused(result, 1, "the blob never came to the probe: it hung")

    def test_an_empty_file_is_refused_in_one_line(self):
        self.file("my.rom", b"")
        self.file("my.rom.yaml", MANIFEST)
        self.refused(self.assay("run", "--blob", "my.rom"), 2, "my.rom")


if __name__ == "__main__":
    unittest.main()
