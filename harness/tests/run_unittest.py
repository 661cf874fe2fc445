#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the unittest cases of a file and prints TAP, so that every sentence counts as a test of its own."""
import importlib.util
import sys
import traceback
import unittest
from pathlib import Path


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0

    def point(self, test, ok, directive="", detail=""):
        self.number += 1
        name = test.id().split(".")[-1].removeprefix("test_") if hasattr(test, "id") else str(test)
        print(f"{'ok' if ok else 'not ok'} {self.number} - {name}{directive}", flush=True)
        for line in detail.splitlines():
            print(f"# {line}", file=sys.stderr, flush=True)

    def addSuccess(self, test):
        self.point(test, True)

    def addFailure(self, test, problem):
        super().addFailure(test, problem)
        self.point(test, False, detail="".join(traceback.format_exception(*problem)))

    addError = addFailure

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.point(test, True, directive=f" # SKIP {reason}")

    def addSubTest(self, test, subtest, problem):
        if problem:
            super().addFailure(test, problem)
            self.point(test, False, detail=f"{subtest}\n" + "".join(traceback.format_exception(*problem)))


def main():
    path = Path(sys.argv[1])
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = Tap()
    suite.run(result)
    print(f"1..{result.number}")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
