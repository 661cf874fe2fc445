#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is published in reports/published/ is what the program prints today."""
import subprocess
import sys
import unittest

from program import ROOT


class Published(unittest.TestCase):
    def test_the_published_page_of_the_default_blob_is_up_to_date(self):
        result = subprocess.run([sys.executable, ROOT / "harness" / "tools" / "publish.py", "--check", "opensbi-1.1"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
