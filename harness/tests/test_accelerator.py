#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The axis `accelerator`: the guest by the host's clock, held by a breakpoint. With TCG everywhere, with KVM where there is one."""
import unittest
from pathlib import Path

import yaml
from program import BUILD, ROOT, ProgramTest

FAULTS = BUILD / "blobs" / "faults"
KVM = Path("/dev/kvm")
CONCURRENT = "tcg,thread=multi"


class Accelerator(ProgramTest):
    def run_on(self, accelerator, name, cases, *words, harts=1):
        """One of our firmwares with the axis in its manifest."""
        manifest = yaml.safe_load((FAULTS / f"{name}.bin.yaml").read_text())
        manifest |= {"path": str(FAULTS / f"{name}.bin"), "spec": str(ROOT / "spec" / "sbi"), "accelerator": accelerator, "harts": harts}
        manifest.pop("symbols")
        self.file("axis.yaml", yaml.safe_dump(manifest))
        return self.assay("run", "--blob", "axis.yaml", "--filter", cases, "-o", "run", *words)

    def verdicts(self):
        return {entry["name"]: entry["verdict"] for entry in self.report("run")["entries"]}

    def test_a_firmware_without_a_fault_passes_and_nobody_claims_to_have_looked_from_outside(self):
        result = self.run_on(CONCURRENT, "clean", "sbi.base.*")
        self.assertLess(result.returncode, 2, result.stderr)
        self.assertLessEqual(set(self.verdicts().values()), {"PASS", "OBSERVED", "SKIP", "UNTESTED"}, result.stdout)
        self.assertEqual(self.report("run")["failures"], [])
        self.assertIsNone(self.report("run").get("audit"))
        self.assertNotIn("audit:", result.stdout)

    def test_a_wrong_answer_is_found(self):
        self.run_on(CONCURRENT, "version-fails", "sbi.base.*")
        self.assertEqual(self.verdicts()["sbi.base.get_spec_version"], "FAIL")

    def test_a_hang_is_told_by_the_work_of_the_cpu(self):
        self.run_on(CONCURRENT, "timer-hangs-at-the-sign", "sbi.time.*")
        self.assertEqual(self.verdicts()["sbi.time.set_timer"], "HANG")

    def test_a_machine_that_was_switched_off_comes_back(self):
        self.run_on(CONCURRENT, "clean", "sbi.srst.*")
        self.assertIn(self.verdicts()["sbi.srst.system_reset"], ("PASS", "OBSERVED"))
        self.assertGreater(next(entry for entry in self.report("run")["entries"] if entry["name"] == "sbi.srst.system_reset")["counts"]["PASS"], 0)

    def test_more_than_one_cpu_is_refused_at_its_place(self):
        self.refused(self.run_on(CONCURRENT, "clean", "sbi.base.*", harts=2), 2, "axis.yaml:1:", "harts: 1")

    def test_looking_into_a_call_is_refused(self):
        self.run_on(CONCURRENT, "version-fails", "sbi.base.get_spec_version:*")
        case = self.report("run")["failures"][0]["case"]
        result = self.assay("replay", "run", case, "--gdb")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("without `accelerator`", result.stderr)

    def test_an_accelerator_that_is_not_there_is_told_in_one_line(self):
        self.refused(self.run_on("xen-of-another-kind", "clean", "sbi.base.*"), 3, "did not start", "xen-of-another-kind")

    @unittest.skipIf(KVM.exists() and KVM.stat().st_mode & 0o006, "there is a KVM here that anybody may use")
    def test_without_kvm_there_is_one_line(self):
        manifest = yaml.safe_load((ROOT / "blobs" / "vmi-reference.yaml").read_text())
        manifest |= {"path": str(BUILD / "blobs" / "vmi" / "vmi-reference.bin"), "spec": str(ROOT / "spec" / "vmi"), "accelerator": "kvm"}
        self.file("kvm.yaml", yaml.safe_dump(manifest))
        self.refused(self.assay("run", "--blob", "kvm.yaml", "-o", "run"), 3, "did not start", "kvm")


if __name__ == "__main__":
    unittest.main()
