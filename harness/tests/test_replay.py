#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A failure can be debugged: run again as it was recorded, stopped at its call, traced, shrunk, and handed to others."""
import json
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from program import ASSAY, BUILD, ProgramTest, assay, processes_of

OPENSBI = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")
FAULTS = BUILD / "blobs" / "faults"
PASSING = "sbi.base.probe_extension:base-is-there:extension_id=enum:EID_BASE"
BARE = {"PATH": "/usr/bin:/bin"}  # what a stranger's machine has, besides QEMU


class Recorded(ProgramTest):
    """One run, which the tests of a class look into."""

    run_words = ()

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.place.cleanup)
        cls.run_dir = Path(cls.place.name) / "run"
        cls.recorded = assay("run", "--blob", cls.blob(), "-o", cls.run_dir, "--jobs", "1", *cls.run_words)
        report = json.loads((cls.run_dir / "report.json").read_text())
        cls.failures = report["failures"]

    def failure(self, *, alone, verdict="FAIL"):
        """One failure of this kind that the run has seen: alone in a fresh guest, or only after others."""
        seen_alone = {(failure["rule"], failure["case"]) for failure in self.failures if failure["alone"]}
        for failure in self.failures:
            if failure["verdict"] == verdict and ((failure["rule"], failure["case"]) in seen_alone) == alone:
                if alone or failure["rule"] not in {rule for rule, _ in seen_alone}:
                    return failure
        self.skipTest("this OpenSBI shows no such failure")

    def replay(self, case, *options, **settings):
        return self.assay("replay", self.run_dir, case, *options, **settings)


@unittest.skipUnless(OPENSBI.exists(), "Debian's opensbi is not installed")
class OpenSbi(Recorded):
    """A chapter in which OpenSBI 1.1 fails alone, hangs, and fails only after other cases."""

    run_words = ("--filter", "sbi.pmu.*")

    @classmethod
    def blob(cls):
        # without the deviations on record: what fails shall be a failure
        (Path(cls.place.name) / "opensbi.yaml").write_text(f"machine: riscv-virt\nspec: spec/sbi\npath: {OPENSBI}\n")
        return Path(cls.place.name) / "opensbi.yaml"

    # ---- replay ----

    def test_a_failure_that_was_seen_alone_is_reproduced_exactly(self):
        for failure in (self.failure(alone=True), self.failure(alone=True, verdict="HANG")):
            result = self.replay(failure["case"])
            with self.subTest(case=failure["case"]):
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertIn("reproduced exactly", result.stdout)
                self.assertIn(failure["rule"], result.stdout)
                self.assertNotIn("in the same guest", result.stdout)

    def test_a_failure_that_takes_others_is_run_after_them(self):
        failure = self.failure(alone=False)
        result = self.replay(failure["case"])
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, r"^after \d+ cases? in the same guest:")
        self.assertIn("reproduced exactly", result.stdout)
        self.assertIn(failure["rule"], result.stdout)

    # ---- trace ----

    def test_a_trace_holds_the_call_from_its_gate_to_its_return(self):
        failure = self.failure(alone=True)
        result = self.replay(failure["case"], "--trace")
        self.assertEqual(result.returncode, 1, result.stderr)
        path = Path(self.directory / re.search(r"the whole trace: (.*)", result.stdout).group(1))
        lines = [line for line in path.read_text().splitlines() if re.match(r" *\d+  [0-9a-f]{16}  ", line)]
        self.assertRegex(lines[0], r" 1  \S+ +ecall")
        self.assertRegex(lines[-1], r" mret")
        # the trap handler saves the call's registers: what it reads and writes is told
        self.assertTrue(any(re.search(r"csrrw? \w+,mepc.*; \w+=0x", line) for line in lines), lines[:30])
        self.assertRegex(path.read_text(), rf"\n *{lines[-1].split()[0]} instructions; here the call returns")
        self.assertIn("here the call returns", result.stdout)
        self.assertLess(len(result.stdout.splitlines()), 220)

    def test_a_trace_of_a_hang_says_so_and_is_folded(self):
        failure = self.failure(alone=True, verdict="HANG")
        result = self.replay(failure["case"], "--trace")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, r"the call does not return|the call has not come back")
        path = Path(self.directory / re.search(r"the whole trace: (.*)", result.stdout).group(1))
        self.assertRegex(path.read_text(), r"the last \d+ lines? again, \d+ times")
        self.assertLess(path.stat().st_size, 20 << 20)

    # ---- shrink ----

    def test_a_sequence_is_shrunk_and_replay_uses_it(self):
        failure = self.failure(alone=False)
        run = self.directory / "run"
        shutil.copytree(self.run_dir, run)
        result = self.assay("shrink", run, failure["case"])
        self.assertEqual(result.returncode, 1, result.stderr)
        found = re.search(r"fails after (\d+) of the (\d+) cases before it", result.stdout)
        self.assertIsNotNone(found, result.stdout)
        self.assertLess(int(found.group(1)), 5)
        self.assertGreater(int(found.group(2)), int(found.group(1)))
        self.assertIn(f"assay replay {run}", result.stdout)
        (written,) = (run / "shrunk").iterdir()
        shrunk = json.loads(written.read_text())
        self.assertEqual(len(shrunk["after"]), int(found.group(1)))
        self.assertIn(failure["rule"], shrunk["rules"])
        again = self.assay("replay", run, failure["case"])
        self.assertEqual(again.returncode, 1, again.stderr)
        self.assertRegex(again.stdout, rf"^after {found.group(1)} cases? in the same guest:")
        self.assertIn(f"FAIL     {failure['rule']}", again.stdout)
        shutil.rmtree(run / "shrunk")
        self.assertEqual(self.assay("shrink", run, failure["case"]).stdout, result.stdout, "the same search finds the same")

    def test_what_fails_alone_needs_nothing(self):
        failure = self.failure(alone=True)
        run = self.directory / "run"
        shutil.copytree(self.run_dir, run)
        result = self.assay("shrink", run, failure["case"], "--rule", failure["rule"])
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("fails alone, in a fresh guest", result.stdout)

    def test_tries_are_bounded(self):
        failure = self.failure(alone=False)
        run = self.directory / "run"
        shutil.copytree(self.run_dir, run)
        result = self.assay("shrink", run, failure["case"], "--tries", "3")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("(3 tries)", result.stdout)
        self.assertIn("perhaps after fewer", result.stdout)

    def test_an_interrupt_ends_a_search_cleanly(self):
        failure = self.failure(alone=False)
        run = self.directory / "run"
        shutil.copytree(self.run_dir, run)
        process = subprocess.Popen([ASSAY, "shrink", run, failure["case"]], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.6)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
        # a fast machine may have been done before
        self.assertIn(process.returncode, (130, 1), out + error)
        self.assertEqual(processes_of(process.pid), [])

    # ---- bundle ----

    def bundle(self, case):
        place = self.directory / "bundle"
        result = self.replay(case, "--bundle", place)
        self.assertEqual(result.returncode, 1, result.stderr)
        return place

    def run_bundle(self, place):
        return subprocess.run(["/bin/sh", place / "run.sh"], env=BARE, cwd="/", capture_output=True, text=True, timeout=200)

    def test_a_bundle_reproduces_a_failure_without_us(self):
        failure = self.failure(alone=True)
        place = self.bundle(failure["case"])
        readme = (place / "README.txt").read_text()
        for words in (failure["rule"], failure["cite"], failure["expected"], failure["got"], "sh run.sh"):
            self.assertIn(words, readme)
        result = self.run_bundle(place)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("REPRODUCED", result.stdout)
        self.assertRegex(result.stdout, r"a0 +recorded 0x0{16} +now 0x0{16}")
        # and it can fail: with another firmware in the place of the blob
        shutil.copy(FAULTS / "clean.bin", place / "blob.bin")
        other = self.run_bundle(place)
        self.assertEqual(other.returncode, 1, other.stdout + other.stderr)
        self.assertIn("NOT REPRODUCED", other.stdout)
        # and it says when it could not be tried
        text = (place / "case.sh").read_text()
        (place / "case.sh").write_text(text.replace("'-bios'", "'-no-such-option'"))
        self.assertEqual(self.run_bundle(place).returncode, 2)

    def test_a_bundle_reproduces_a_hang(self):
        failure = self.failure(alone=True, verdict="HANG")
        result = self.run_bundle(self.bundle(failure["case"]))
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertRegex(result.stdout, r"outcome +recorded no-return +now no-return")

    def test_a_bundle_brings_the_cases_that_it_takes(self):
        failure = self.failure(alone=False)
        place = self.bundle(failure["case"])
        self.assertIn("before that in the same machine", (place / "README.txt").read_text())
        result = self.run_bundle(place)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_a_bundle_overwrites_nothing(self):
        failure = self.failure(alone=True)
        self.file("bundle/mine", "precious")
        result = self.replay(failure["case"], "--bundle", "bundle")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("exists already", result.stderr)
        self.assertEqual([path.name for path in (self.directory / "bundle").iterdir()], ["mine"])


class Faults(Recorded):
    """A firmware with symbols, and a fault in it."""

    run_words = ("--filter", "sbi.base.*", "--cases", "3")

    @classmethod
    def blob(cls):
        return FAULTS / "version-bit-31.bin"

    def setUp(self):
        super().setUp()
        self.case = next(failure["case"] for failure in self.failures if failure["rule"].endswith(":bit-31-zero"))

    def test_a_trace_names_the_functions(self):
        result = self.replay(self.case, "--trace")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, r"trap_entry\+0x0")
        self.assertRegex(result.stdout, r"; a1=0x83000000")
        self.assertIn("<trap", result.stdout)

    def test_a_case_that_passes_exits_with_0_and_has_nothing_to_shrink(self):
        result = self.replay(PASSING, "--trace")
        self.assertEqual(result.returncode, 0, result.stderr)
        # it was recorded after others, so a call may take a tick more or less
        self.assertRegex(result.stdout, r"(?m)^reproduced (exactly|in its verdicts)")
        self.refused(self.assay("shrink", self.run_dir, PASSING), 2, "nothing to shrink")
        self.refused(self.assay("shrink", self.run_dir, "sbi.base.nothing:x"), 2, "did not make this case")
        self.refused(self.assay("shrink", self.run_dir, self.case, "--rule", "sbi.base.nothing:x"), 2, "did not fail the rule")

    def test_what_is_not_reproduced_is_said(self):
        """The firmware is exchanged behind the run's back: a comparison that cannot fail would be none."""
        blob = self.file("my.bin", (FAULTS / "clean.bin").read_bytes())
        self.file("my.bin.yaml", "machine: riscv-virt\nspec: spec/sbi\n")
        self.assay("run", "--blob", blob, "-o", "mine", "--jobs", "1", *self.run_words)
        self.assertEqual(self.assay("replay", "mine", self.case).returncode, 0)
        blob.write_bytes((FAULTS / "version-bit-31.bin").read_bytes())
        result = self.assay("replay", "mine", self.case)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, r"NOT reproduced: recorded is PASS; now it is FAIL \S+:bit-31-zero")
        self.assertIn("not the one that was recorded", result.stderr)

    def test_a_call_that_is_not_there_is_refused(self):
        result = self.replay(self.case, "--trace", "--call", "7")
        self.assertEqual(result.returncode, 2)
        self.assertIn("the case has 1 calls", result.stderr)

    def debugged(self):
        """A replay that waits for a debugger, and the command that it prints."""
        process = subprocess.Popen([ASSAY, "replay", self.run_dir, self.case, "--gdb"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, cwd=self.directory)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        seen = []
        for line in process.stdout:
            seen.append(line)
            if "gdb-multiarch" in line:
                return process, shlex.split(line)
        self.fail("no gdb command: " + "".join(seen))

    @unittest.skipUnless(shutil.which("gdb-multiarch"), "gdb-multiarch is not installed")
    def test_a_debugger_stops_at_the_call(self):
        process, command = self.debugged()
        into = "tbreak *($mtvec & ~3)"
        orders = ["info registers pc a7 a6", "x/i $pc", into, "continue", "info symbol $pc", "stepi", "info symbol $pc", "detach"]
        words = command[:1] + ["-batch"] + command[1:]
        for order in orders:
            words += ["-ex", order]
        seen = subprocess.run(words, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        rest, error = process.stdout.read(), process.stderr.read()
        self.assertEqual(process.wait(30), 1, error)
        self.assertRegex(seen.stdout, r"pc .*wire_gate_1_0")
        self.assertRegex(seen.stdout, r"a7 +0x10\b")  # the Base extension
        self.assertRegex(seen.stdout, r"a6 +0x0\b")  # its first function
        self.assertRegex(seen.stdout, r"=> .*ecall")
        self.assertRegex(seen.stdout, r"trap_entry in section")
        self.assertRegex(seen.stdout, r"trap_entry \+ \d+ in section")
        self.assertIn(into, rest)

    def test_an_interrupt_ends_the_wait_and_leaves_nothing(self):
        process, command = self.debugged()
        socket = re.search(r"target remote (\S+)", " ".join(command)).group(1)
        self.assertTrue(Path(socket).is_socket())
        self.assertEqual(Path(socket).parent.stat().st_mode & 0o077, 0)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        self.assertEqual(process.wait(30), 1)
        self.assertFalse(Path(socket).parent.exists())
        self.assertEqual(processes_of(process.pid), [])

    def test_help_teaches_with_an_example(self):
        for command in ("replay", "shrink"):
            text = self.assay(command, "--help").stdout
            self.assertIn(f"  assay {command} RUN", text)


if __name__ == "__main__":
    unittest.main()
