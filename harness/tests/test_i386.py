#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Another architecture: what a run of a VMI ROM finds can be repeated, traced, debugged and handed on as it can on RISC-V."""
import shutil
import subprocess
import time
import unittest

from program import ASSAY, BUILD, ProgramTest, processes_of

CASE = "vmi.cpu.CLTS:boundary:nominal"
LANDING = "vmi.stack.SYSEXIT:boundary:nominal"


@unittest.skipUnless(shutil.which("qemu-system-x86_64"), "QEMU for x86 is not installed")
class AnotherArchitecture(ProgramTest):
    def run_of(self, blob, pattern, *more):
        self.result = self.assay("run", "--blob", blob, "--filter", pattern, "-o", "run", "--effort", "quick", *more, timeout=600)
        return self.report("run")

    def replayed(self, case, *more):
        return self.assay("replay", "run", case, *more)

    def test_every_call_is_what_qemu_saw(self):
        report = self.run_of("vmi-reference", "vmi.processor.*", "--audit", "100")
        self.assertEqual(report["failures"], [])
        self.assertEqual(report["audit"]["mismatches"], 0)
        # all but those that ended the machine, about
        self.assertGreater(report["audit"]["calls"], report["calls"] * 9 // 10)

    def test_a_case_alone_is_what_it_was_among_others_to_the_tick(self):
        self.run_of("vmi-reference", "vmi.cpu.*")
        self.assertIn("reproduced exactly", self.replayed(CASE).stdout)

    def test_a_fault_is_found_and_comes_again(self):
        report = self.run_of(BUILD / "blobs" / "vmi" / "vmi-clts-does-not.bin", "vmi.cpu.CLTS")
        self.assertEqual({failure["rule"] for failure in report["failures"]}, {"vmi.cpu.CLTS:cleared"})
        result = self.replayed(report["failures"][0]["case"])
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("reproduced", result.stdout)

    def test_a_call_is_traced_with_the_roms_own_names(self):
        self.run_of("vmi-reference", "vmi.cpu.CLTS")
        text = self.replayed(CASE, "--trace").stdout
        self.assertRegex(text, r"CLTS\+0x0 +clts .*CR0=0x80010031")
        self.assertIn("here the call returns", text)

    def test_a_jump_that_comes_out_at_a_pad_is_traced_too(self):
        self.run_of("vmi-reference", "vmi.stack.SYSEXIT")
        text = self.replayed(LANDING, "--trace").stdout
        self.assertRegex(text, r"SYSEXIT\+0x\w+ +sysexit")
        self.assertIn("does not return", text)

    def test_a_bundle_reproduces_the_case_without_us(self):
        self.run_of("vmi-reference", "vmi.cpu.CLTS")
        self.replayed(CASE, "--bundle", "bundle")
        result = subprocess.run(["/bin/sh", self.directory / "bundle" / "run.sh"], cwd="/", capture_output=True, text=True, timeout=200)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("NOT REPRODUCED", result.stdout)
        # and it can fail: with another ROM in the place of the blob
        shutil.copy(BUILD / "blobs" / "vmi" / "vmi-clts-clears-more.bin", self.directory / "bundle" / "blob.bin")
        result = subprocess.run(["/bin/sh", self.directory / "bundle" / "run.sh"], cwd="/", capture_output=True, text=True, timeout=200)
        self.assertIn("NOT REPRODUCED", result.stdout)

    @unittest.skipUnless(shutil.which("gdb-multiarch"), "gdb-multiarch is not installed")
    def test_a_debugger_stands_before_the_call_and_steps_into_the_rom(self):
        self.run_of("vmi-reference", "vmi.cpu.CLTS")
        process = subprocess.Popen([ASSAY, "replay", "run", CASE, "--gdb"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   stdin=subprocess.DEVNULL, text=True, cwd=self.directory)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        command = next(line for line in process.stdout if "gdb-multiarch" in line)
        result = subprocess.run(command.strip() + " -batch -ex stepi -ex 'x/i $pc' -ex 'info symbol $pc'", shell=True, capture_output=True, text=True,
                                stdin=subprocess.DEVNULL, timeout=120)
        self.assertRegex(result.stdout, r"=> 0x\w+( <\w+>)?:\s+clts", result.stderr)
        self.assertIn("CLTS", result.stdout)
        process.terminate()
        process.wait(timeout=60)
        time.sleep(0.1)
        self.assertEqual(processes_of(process.pid), [])


if __name__ == "__main__":
    unittest.main()
