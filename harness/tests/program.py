# SPDX-License-Identifier: BSD-2-Clause
"""The program as a user runs it, for the end-to-end tests."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ASSAY_BUILD", ROOT / "build"))
ASSAY = BUILD / "assay"


def assay(*words, timeout=300, **settings):
    """Runs the program to its end; stdout, stderr and returncode as text and number, and the pid it had."""
    with subprocess.Popen([ASSAY, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, **settings) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        finally:
            process.kill()
    result = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
    result.pid = process.pid
    return result


def guest_processes(pid):
    """The living processes that hold a guest of the assay with that pid, QEMU's own among them: pid and command line."""
    mark, found = f"assay-{pid},debug-threads=on".encode(), {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if mark in line:
            found[int(path.parent.name)] = line
    return found


def processes_of(pid):
    """Their command lines."""
    return list(guest_processes(pid).values())


def verdicts(report):
    """What a report says about the blob, without what may differ between two runs."""
    return {key: report[key] for key in ("summary", "rules", "entries", "failures", "conformant", "cases")}


class ProgramTest(unittest.TestCase):
    """A scratch directory, which is also where the program runs."""

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.directory = Path(self.scratch.name)

    def assay(self, *words, **settings):
        return assay(*words, cwd=self.directory, **settings)

    def file(self, name, content=""):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content) if isinstance(content, bytes) else path.write_text(content)
        return path

    def refused(self, result, code, *words):
        """Exit status, nothing on stdout, and one clear line on stderr that holds the words."""
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertLessEqual(len(result.stderr.strip().splitlines()), 3, result.stderr)

    def report(self, rundir):
        return json.loads((self.directory / rundir / "report.json").read_text())
