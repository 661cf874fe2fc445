#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A short fault campaign; the long one is `./dev chaos`."""
import subprocess
import sys
import unittest

from program import ROOT

sys.path.insert(0, str(ROOT / "harness" / "tools"))
import chaos  # noqa: E402


class Chaos(unittest.TestCase):
    def test_nothing_is_lost_whatever_happens_to_a_run(self):
        result = subprocess.run([sys.executable, ROOT / "harness" / "tools" / "chaos.py", "--short"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_no_loss_in_n_bounds_the_share_by_about_three_in_n(self):
        self.assertAlmostEqual(chaos.bound(0, 1000), 1 - 0.05 ** (1 / 1000), places=9)
        self.assertAlmostEqual(chaos.bound(1, 1000), 0.00473, places=4)
        self.assertEqual(chaos.bound(3, 3), 1)

    def test_other_verdicts_are_a_loss(self):
        run = chaos.Run(ROOT / "nowhere", "clean")
        run.seen = lambda: {"summary": {"CRASH": 1}}
        with self.assertRaises(chaos.Loss):
            run.same({"summary": {"PASS": 1}}, 1, 1)
        with self.assertRaises(chaos.Loss):
            run.same({"summary": {"CRASH": 1}}, 3, 1)
        run.same({"summary": {"CRASH": 1}}, 1, 1)


if __name__ == "__main__":
    unittest.main()
