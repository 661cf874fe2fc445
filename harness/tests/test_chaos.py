#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A short fault campaign; the long one is `./dev chaos`."""
import os
import subprocess
import sys
import time
import unittest

from program import BUILD, ROOT

sys.path.insert(0, str(ROOT / "harness" / "tools"))
import chaos  # noqa: E402
import chaos_run  # noqa: E402


class Chaos(unittest.TestCase):
    def test_nothing_is_lost_whatever_happens_to_a_run(self):
        result = subprocess.run([sys.executable, ROOT / "harness" / "tools" / "chaos.py", "--short"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_no_loss_in_n_bounds_the_share_by_about_three_in_n(self):
        self.assertAlmostEqual(chaos.bound(0, 1000), 1 - 0.05 ** (1 / 1000), places=9)
        self.assertAlmostEqual(chaos.bound(1, 1000), 0.00473, places=4)
        self.assertEqual(chaos.bound(3, 3), 1)

    def test_a_clock_that_is_set_is_seen_to_be(self):
        shimmed = {**os.environ, "LD_PRELOAD": str(BUILD.resolve() / "chaos_clock.so")}
        told = subprocess.run([sys.executable, "-c", "import time; print(time.time())"], env=shimmed, capture_output=True, text=True)
        self.assertGreater(abs(float(told.stdout) - time.time()), 24 * 3600)

    def test_a_difference_is_told_by_its_place(self):
        self.assertEqual(chaos_run.difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}), ["/a/1/b was 2 and is 3"])
        self.assertEqual(chaos_run.difference([1, 2], [1, 2]), [])

    def test_more_than_one_line_is_a_loss(self):
        run = chaos.Run(ROOT / "nowhere", "clean")
        run.said = lambda: "assay: this\nassay: and that"
        with self.assertRaises(chaos.Loss):
            run.one_line("this")
        run.said = lambda: "assay: this\nassay: ... `assay run --resume run` goes on with it"
        run.one_line("this")

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
