#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Consumers' profiles: linted like specifications, and answered for in every run."""
import shutil
import unittest

from program import BUILD, ROOT, ProgramTest

PROFILE = (ROOT / "spec" / "consumers" / "linux-6.1-riscv.yaml").read_text()


class Consumers(ProgramTest):
    def outcome(self, fault, chosen):
        self.result = self.assay("run", "--blob", BUILD / "blobs" / "faults" / f"{fault}.bin", "--filter", chosen, "-o", "run")
        self.assertIn(self.result.returncode, (0, 1), self.result.stderr)
        row = self.report("run")["consumers"][0]
        shutil.rmtree(self.directory / "run")
        return row["consumer"], row["outcome"], row["reasons"][0]["need"] if row["reasons"] else ""

    def test_a_fault_that_stops_linux_is_told_with_its_need(self):
        for fault in ("start-opaque-of-32-bits", "start-leaves-translation"):
            with self.subTest(fault):
                self.assertEqual(self.outcome(fault, "sbi.hsm.hart_start"),
                                 ("linux-6.1-riscv", "crashes", "cpus-start-where-they-are-sent"))
                self.assertIn("return sbi_hsm_hart_start(hartid, boot_addr, hsm_data);", self.result.stdout)

    def test_a_fault_that_linux_does_not_meet_does_not_stop_it(self):
        self.assertEqual(self.outcome("timer-hangs-at-the-sign", "sbi.*.[hs]*")[1], "runs")

    def test_a_run_of_a_part_does_not_say_more_than_it_saw(self):
        self.assertEqual(self.outcome("start-unknown-hart-fails", "sbi.base.*")[1:], ("unknown", "timer-comes-back"))

    def test_profiles_are_linted_with_the_place_of_each_mistake(self):
        shutil.copytree(ROOT / "spec" / "sbi", self.directory / "spec" / "sbi")
        self.file("spec/consumers/good.yaml", PROFILE)
        self.assertEqual(self.assay("lint", "spec/consumers").returncode, 0)
        self.file("spec/consumers/bad.yaml", PROFILE.replace("entry: time.set_timer", "entry: time.set_timmer", 1))
        line = PROFILE[:PROFILE.index("entry: time.set_timer")].count("\n") + 1
        for path in ("spec/consumers", "spec/consumers/bad.yaml", "spec"):
            result = self.assay("lint", "-q", path)
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"bad.yaml:{line}:12: error: `entry`: there is no entry `time.set_timmer`", result.stdout)
            self.assertIn("did you mean `time.set_timer`?", result.stdout)

    def test_a_profile_of_no_interface_is_named(self):
        self.file("consumers/odd.yaml", PROFILE.replace("interface: sbi", "interface: nothing"))
        result = self.assay("lint", "consumers/odd.yaml")
        self.assertEqual(result.returncode, 2)
        self.assertIn("consumers/odd.yaml:1:1: error: the interface `nothing`", result.stdout)

    def test_a_profile_with_a_mistake_is_left_out_of_a_run_and_said_so(self):
        shutil.copytree(ROOT / "spec" / "sbi", self.directory / "spec" / "sbi")
        self.file("spec/consumers/bad.yaml", PROFILE.replace("otherwise: loses", "otherwise: lose", 1))
        result = self.assay("run", "--spec", "spec/sbi", "--filter", "sbi.base.get_impl_id", "-o", "run")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertIn("bad.yaml:", result.stderr)
        self.assertEqual(self.report("run")["consumers"], [])


if __name__ == "__main__":
    unittest.main()
