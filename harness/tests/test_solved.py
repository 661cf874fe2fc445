#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Both sides of every rule's `when`: found by trying, or solved, or explained here; and what was solved really runs."""
import fnmatch
import re
import unittest

from program import ROOT, ProgramTest, assay

NEEDLES = ROOT / "spec" / "fixtures" / "needles.yaml"
SPECS = {
    "sbi": [(version, "opensbi-1.9") for version in ("0.1", "0.2", "0.3", "1.0", "2.0", "3.0")],
    "vmi": [("13.0", "vmi-reference-13.0"), ("3.0", "vmi-reference")],
}

# Sides that no case aims at, and why. What is not here has cases on both sides.
ANSWER = "the call has no arguments, so its answer alone is on one side or the other"
BLOB = "whether there is something to read, or the machine goes off, is the blob's to say"
SEQUENCE = "only sequences get there: the entry's own preparation puts the state on the other side, or the blob's answers decide it"
NATURE = "every call that can be made from here is on the other side"
EXPLAINED = {
    "sbi.base.get_*:* not": ANSWER,
    "sbi.legacy.clear_ipi:* not": ANSWER,
    "sbi.legacy.console_getchar:reads-what-waits not": BLOB,
    "sbi.legacy.shutdown:shuts-down not": BLOB,
    "sbi.legacy.*:probed-and-answered holds": "version 0.1 has no probe_extension to ask with",
    "sbi.legacy.shutdown:does-not-return holds": "version 0.1 has no probe_extension to ask with",
    "sbi.mpxy.get_shmem_size:* not": ANSWER,
    "sbi.mpxy.get_channel_ids:beyond-the-last holds": SEQUENCE,
    "sbi.nacl.probe_feature:zero-or-one not": BLOB,
    "sbi.pmu.counter_fw_read:still-while-stopped holds": SEQUENCE,
    "sbi.pmu.counter_fw_read_hi:zero-after-error not": BLOB,
    "vmi.cpu.RDMSR:what-was-written holds": SEQUENCE,
    "vmi.descriptor.Set?DT:no-fault-for-good-memory not": NATURE + ": the argument is a buffer of the caller's",
    "vmi.descriptor.SetLDT:loaded not": NATURE + ": its type leaves out selectors that would not load",
    "vmi.mmu_13.TestAnd*:upper-half holds": NATURE + ": bits above the entry are left out",
    "vmi.stack.*:bad-address holds": NATURE + ": it would not come back",
    "vmi.stack.IRET:goes-on-there not": NATURE + ": it would not come back",
    "vmi.stack.IRET:to-user-mode holds": NATURE + ": it would not come back",
    "vmi.startup.StartupWithoutState:does-not-start not": SEQUENCE + ": only a reset takes a state back",
    "vmi.timer.SetAlarm:past-or-rewired holds": SEQUENCE,
    "vmi.timer.SetAlarm:*vector* holds": "whether an interrupt has come is the blob's to say",
    "vmi.timer.CancelAlarm:* holds": SEQUENCE,
}
GAP = re.compile(r"^no case aims at (\S+) where its `when` (holds|does not hold): (.*)$", re.M)


def plan(*words):
    result = assay("plan", "--cases", 1, *words)
    return result.stdout, {f"{rule} {'holds' if side == 'holds' else 'not'}": why for rule, side, why in GAP.findall(result.stderr)}


class Sides(ProgramTest):
    def test_each_rule_of_our_specifications_has_both_sides_or_an_explanation(self):
        used, unexplained = set(), []
        for name, versions in SPECS.items():
            for version, blob in versions:
                for gap in plan("--blob", blob, "--spec", ROOT / "spec" / name, "--claim", version)[1]:
                    keys = [key for key in EXPLAINED if fnmatch.fnmatchcase(gap, key)]
                    used.update(keys)
                    unexplained += [] if keys else [f"{version}: {gap}"]
        self.assertEqual(unexplained, [])
        self.assertEqual(set(EXPLAINED) - used, set(), "explained, and not so")

    def test_a_solved_plan_is_the_same_in_another_process(self):
        first, second = (plan("--spec", NEEDLES) for _ in range(2))
        self.assertEqual(first, second)
        self.assertIn("word=0x3d6f7305ce66d01c", first[0])

    def test_what_is_too_hard_is_told_and_nothing_else_is(self):
        gaps = plan("--spec", NEEDLES)[1]
        self.assertEqual(set(gaps), {"needles.hay.two_words:two-primes holds", "needles.hay.behind_door:excepted holds"})
        self.assertIn("gave up", gaps["needles.hay.two_words:two-primes holds"])

    def test_what_was_solved_is_run_and_leaves_nothing_else_untested(self):
        result = self.assay("run", "--blob", "opensbi-1.1", "--spec", NEEDLES, "--cases", 5, "-o", "run")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        untested = set(self.report("run")["rules"]["untested"])
        # no firmware has the door, or says REFUSED
        self.assertEqual(untested, {"needles.hay.two_words:two-primes", "needles.hay.two_words:said-so",
                                    "needles.hay.behind_door:when-open", "needles.hay.behind_door:excepted",
                                    "needles.hay.in_memory:somewhere"})

    def test_a_solved_case_is_found_again_by_its_name(self):
        self.assay("run", "--blob", "opensbi-1.1", "--spec", NEEDLES, "--filter", "*:a-product:*", "-o", "run")
        result = self.assay("replay", "run", "needles.hay.one_word:a-product:word=0x3d6f7305ce66d01c")
        self.assertIn("0x3d6f7305ce66d01c", result.stdout, result.stderr)


if __name__ == "__main__":
    unittest.main()
