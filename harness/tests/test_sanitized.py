# SPDX-License-Identifier: BSD-2-Clause
"""The program that is built with sanitizers, on blobs that have it take batches apart, start guests anew and doubt what it reads.

The unit tests show each part such a blob; what two guests at once do to one plan is seen only here.
"""
import tempfile
import unittest
from pathlib import Path

from program import BUILD, assay

BLOBS = {
    "forgers/ends-the-batch-early": "sbi.base.*",
    "forgers/says-done-early": "sbi.base.*",
    "forgers/wraps-the-landings": "sbi.base.*",
    "chaos/nowhere-at-call": "sbi.base.*",
    "faults/clean": "sbi.hsm.*",
}


class Sanitized(unittest.TestCase):
    pass


def check(blob, entries):
    def test(self):
        with tempfile.TemporaryDirectory() as scratch:
            result = assay("run", "--blob", BUILD / "blobs" / f"{blob}.bin", "-o", f"{scratch}/run", "--jobs", "1", "--audit", "100", "--filter",
                           entries, cwd=scratch)
            self.assertNotRegex(result.stderr, "Sanitizer|runtime error")
            self.assertTrue(Path(scratch, "run", "report.json").exists(), f"exit {result.returncode}: {result.stderr}")
    return test


for name, filtered in BLOBS.items():
    setattr(Sanitized, f"test_nothing_is_wrong_with_memory_on_{name.split('/')[1].replace('-', '_')}", check(name, filtered))


if __name__ == "__main__":
    unittest.main()
