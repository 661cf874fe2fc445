#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the tests of the build directories and closes with one line that counts what really ran.

A cmocka program counts each of its tests, any other program counts once. A program that dies counts as one failure.
"""
import subprocess
import sys
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path


def count(build):
    """Verdicts of one build directory, from what meson wrote down, and the names of what failed."""
    counts, failed = Counter(), []
    report = build / "meson-logs" / "testlog.junit.xml"
    if not report.exists():
        return counts, [f"{build}: no tests ran"]
    for case in xml.parse(report).iter("testcase"):
        if case.find("skipped") is not None:
            counts["skipped"] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            counts["failed"] += 1
            failed.append(f"{build.name}: {case.get('classname', '')} {case.get('name')}")
        else:
            counts["passed"] += 1
    return counts, failed


def run(build, names):
    report = build / "meson-logs" / "testlog.junit.xml"
    report.unlink(missing_ok=True)
    command = ["meson", "test", "-C", str(build), "--no-rebuild", "--print-errorlogs"]
    if build.name.endswith("asan"):
        command += ["--suite", "unit"] if not names else []
    status = subprocess.run(command + names, stdin=subprocess.DEVNULL).returncode
    counts, failed = count(build)
    if status and not failed:
        counts["failed"] += 1
        failed.append(f"{build.name}: the test runner ended with status {status}")
    return counts, failed


def main():
    builds = [Path(word) for word in sys.argv[1:3]]
    total, failures = Counter(), []
    for build in builds:
        counts, failed = run(build, sys.argv[3:])
        total += counts
        failures += failed
    for line in failures:
        print(f"failed: {line}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
