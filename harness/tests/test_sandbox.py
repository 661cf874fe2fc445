#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The walls around QEMU, as a user meets them: on record, refused when they cannot be built, and gone with the program."""
import json
import os
import random
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from program import ASSAY, ROOT, ProgramTest, processes_of, verdicts

ALL = "namespaces filter uid qemu limits"
FEW = ("--filter", "sbi.base.get_impl_id")


class OnRecord(ProgramTest):
    def test_the_walls_are_named_in_the_head_and_in_the_report(self):
        result = self.assay("run", *FEW, "-o", "run")
        self.assertNotIn("note:", result.stderr)
        self.assertEqual(json.loads((self.directory / "run" / "run.json").read_text())["sandbox"], ALL)
        self.assertEqual(self.report("run")["sandbox"], ALL)
        self.assertEqual(json.loads(self.assay("judge", "run", "--format", "json").stdout)["sandbox"], ALL)

    def test_whoever_asks_for_less_is_told_what_they_got_and_sees_the_same_verdicts(self):
        self.assay("run", *FEW, "-o", "all")
        result = self.assay("run", *FEW, "-o", "off", "--sandbox", "off")
        self.assertIn("only these hold the blob: qemu limits", result.stderr)
        self.assertEqual(self.report("off")["sandbox"], "qemu limits")
        seen = [verdicts(self.report(run)) for run in ("all", "off")]
        self.assertEqual(*[{**report, "failures": [{**failure, "replay": ""} for failure in report["failures"]]} for report in seen])

    def test_a_failure_replays_without_walls_too(self):
        self.assay("run", "--filter", "sbi.hsm.hart_start", "-o", "run")
        words = shlex.split(next(failure["replay"] for failure in self.report("run")["failures"] if failure["alone"]))
        self.assertEqual(self.assay(*words[1:], "--sandbox", "off").returncode, 1)

    def test_another_word_is_refused(self):
        self.assertEqual(self.assay("run", "--sandbox", "some").returncode, 2)


class WhereItCannotBe(ProgramTest):
    """$PATH leads to QEMU, and to a bubblewrap of ours or to none."""

    def setUp(self):
        super().setUp()
        self.directory.chmod(0o755)  # for whom the program becomes
        self.file("bin/.keep")
        (self.directory / "bin" / "qemu-system-riscv64").symlink_to(shutil.which("qemu-system-riscv64"))
        self.settings = {"env": {**os.environ, "PATH": str(self.directory / "bin")}}

    def bubblewrap(self, script):
        self.file("bin/bwrap", f"#!/bin/sh\n{script}\n").chmod(0o755)

    def test_without_bubblewrap_nothing_runs_and_the_package_is_named(self):
        self.refused(self.assay("run", *FEW, "-o", "run", **self.settings), 3, "apt install bubblewrap", "--sandbox best")
        self.assertFalse((self.directory / "run").exists())

    def test_a_bubblewrap_that_fails_is_quoted(self):
        self.bubblewrap("echo 'bwrap: Creating new namespace failed' >&2; exit 1")
        self.refused(self.assay("run", *FEW, "-o", "run", **self.settings), 3, "Creating new namespace failed")

    def test_a_bubblewrap_that_builds_no_wall_is_not_believed(self):
        self.bubblewrap("exit 0")
        result = self.assay("run", *FEW, "-o", "run", **self.settings)
        self.assertEqual(result.returncode, 3, result.stderr)

    def test_the_best_without_bubblewrap_is_on_record(self):
        result = self.assay("run", *FEW, "-o", "run", "--sandbox", "best", **self.settings)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(self.report("run")["sandbox"], "filter uid qemu limits")
        self.assertIn("only these hold the blob", result.stderr)


class InAContainer(ProgramTest):
    """Systems that allow less, made with unshare."""

    def within(self, outer, script, *words):
        line = shlex.join(map(str, (ASSAY, "run", *FEW, "-o", "run", *words)))
        return subprocess.run([*outer, "sh", "-c", f"{script}; exec {line}"], cwd=self.directory, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120)

    def need_user_namespaces(self):
        if subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode:
            self.skipTest("there are no user namespaces here")

    def own_user_namespace(self, script, *words):
        self.need_user_namespaces()
        return self.within(["unshare", "-Ur"], script, *words)

    NO_MORE = "echo 0 > /proc/sys/user/max_user_namespaces"

    def test_a_root_that_cannot_become_another_user_is_refused(self):
        self.refused(self.own_user_namespace("true"), 3, "another user", "--sandbox best")

    @unittest.skipIf(os.geteuid(), "only root can become another user and keep its namespace")
    def test_where_no_namespace_can_be_made_nothing_runs_and_the_switch_is_named(self):
        self.need_user_namespaces()
        line = shlex.join(map(str, (ASSAY, "run", *FEW, "-o", "run")))
        as_root = shlex.join(("exec", "sh", "-c", f"{self.NO_MORE}; exec {line}"))
        process = subprocess.Popen(["unshare", "-U", "sh", "-c", f"echo; read go; {as_root}"], cwd=self.directory,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()  # it is in its namespace now, and gets all our users
        for kind in ("uid", "gid"):
            Path(f"/proc/{process.pid}/{kind}_map").write_text("0 0 65536")
        stdout, stderr = process.communicate("go\n", timeout=60)
        self.refused(subprocess.CompletedProcess([], process.returncode, stdout, stderr), 3, "user.max_user_namespaces")

    def test_root_of_a_container_without_other_users_gets_all_the_rest(self):
        result = self.own_user_namespace("true", "--sandbox", "best")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(self.report("run")["sandbox"], "namespaces filter qemu limits")

    def test_without_namespaces_the_filter_still_holds(self):
        result = self.own_user_namespace(self.NO_MORE, "--sandbox", "best")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(self.report("run")["sandbox"], "filter qemu limits")

    @unittest.skipIf(os.geteuid(), "only root can chroot")
    def test_in_a_chroot_root_builds_all_walls(self):
        place = tempfile.mkdtemp()  # removed directory by directory: what is mounted there must never be deleted
        directories = ("usr", "etc", "var", "proc", "dev", "tmp")
        links = ("bin", "sbin", "lib", "lib64")
        os.chmod(place, 0o755)
        for name in directories:
            os.mkdir(f"{place}/{name}")
        for name in links:
            os.symlink(f"usr/{name}", f"{place}/{name}")
        for path in {"/" + str(path).split("/")[1] for path in (ASSAY, ROOT, self.directory)} - {"/usr", "/etc", "/var", "/tmp"}:
            self.skipTest(f"this tree lies in {path}")
        mounts = " && ".join(f"mount --rbind /{name} {place}/{name}" for name in directories)
        try:
            result = self.within(["unshare", "-m", "sh", "-c", f'{mounts} && exec chroot {place} "$@"', "sh"],
                                 f"cd {shlex.quote(str(self.directory))}")
        finally:
            for name in links:
                os.unlink(f"{place}/{name}")
            for path in (*(f"{place}/{name}" for name in directories), place):
                os.rmdir(path)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        self.assertEqual(self.report("run")["sandbox"], ALL)


class Orphans(ProgramTest):
    def test_a_killed_program_leaves_no_process_whenever_it_is_killed(self):
        rng, most = random.Random(1), 0
        for number in range(20):
            process = subprocess.Popen([ASSAY, "run", "-o", f"run{number}", "--filter", "sbi.base.*", "--isolate", "case"],
                                       cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.05, 0.8))
            most = max(most, len(processes_of(process.pid)))
            process.kill()
            process.wait()
            deadline = time.monotonic() + 1
            while processes_of(process.pid) and time.monotonic() < deadline:
                time.sleep(0.02)
            self.assertEqual(processes_of(process.pid), [])
        self.assertGreater(most, 1, "there was nothing to be left over")


if __name__ == "__main__":
    unittest.main()
