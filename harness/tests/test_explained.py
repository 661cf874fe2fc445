#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Our own specifications have no warning that they do not explain; what is not explained any more shows."""
import os
import resource
import shutil
import unittest

from program import BUILD, ROOT, ProgramTest

# What was proved stays between runs: only entries that changed are looked at again.
PROOFS = BUILD / "proofs"


class Explained(ProgramTest):
    def lint(self, path):
        result = self.assay("lint", "--quiet", path, timeout=1200, env=dict(os.environ, XDG_CACHE_HOME=str(PROOFS)))
        self.assertEqual(result.returncode, 2 if "error:" in result.stdout else 0, result.stdout + result.stderr)
        return [line for line in result.stdout.splitlines() if "warning:" in line or "error:" in line]

    def changed(self, chapter, old, new):
        """What is found in a copy of spec/sbi in which this is changed."""
        path = self.directory / "sbi" / f"{chapter}.yaml"
        shutil.copytree(ROOT / "spec" / "sbi", self.directory / "sbi")
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1))
        return self.lint(self.directory / "sbi")

    def test_everything_we_ship_is_sound_or_explained(self):
        self.assertEqual(self.lint(ROOT / "spec"), [])

    def test_a_silence_that_is_not_declared_any_more_is_told(self):
        found = self.changed("fwft", 'cite: "18.2"\n        when: "feature in { 0x40000000..0x7fffffff, 0xc0000000..0xffffffff }"',
                             'cite: "18.2"\n        when: "feature == 0x40000000"')
        self.assertTrue(found)
        for line in found:
            self.assertRegex(line, r"fwft.yaml:\d+:5: warning: no rule of get .*\[silent\]$")

    def test_a_contradiction_that_is_planted_is_told(self):
        found = self.changed("cppc", "    rules:\n", """    rules:
      - { id: planted, cite: "1", when: "cppc_reg_id == 0x7777", must: "error == SBI_SUCCESS" }
""")
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], r"error: `planted` and `reserved` contradict each other.*\[contradiction\]$")

    def test_an_explanation_of_nothing_is_told(self):
        found = self.changed("cppc", 'must_not: "error == SBI_ERR_DENIED"', 'must_not: "error == SBI_ERR_INVALID_PARAM"')
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], r"cppc.yaml:\d+:9: warning: .*\[nothing-to-accept\]$")

    def test_rules_that_are_too_large_to_prove_are_said_to_be(self):
        # What a solver would make of these takes gigabytes. Two seconds and half a GiB of addresses are more than enough.
        rule = 'id: r%d, cite: "1", when: "all(i, 0, 400, x * (y + i) / (x + i) %% 7 != 3)", must: "error == OK"'
        text = (ROOT / "spec" / "fixtures" / "unsound" / "no-rule-at-all.yaml").read_text().split("    entries:\n")[0]
        path = self.directory / "large.yaml"
        path.write_text(text + """    entries:
      - name: f
        call: { n: 1 }
        args: [{ name: x, type: u64 }, { name: y, type: u64 }]
        errors: [OK]
        rules:
""" + "".join(f"          - {{ {rule % number} }}\n" for number in range(40)))

        def bound():
            resource.setrlimit(resource.RLIMIT_CPU, (2, 2))
            resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))

        result = self.assay("lint", "--quiet", path, preexec_fn=bound, env=dict(os.environ, XDG_CACHE_HOME=str(self.directory)))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("not decided of f: its rules are too large [undecided]", result.stdout)


if __name__ == "__main__":
    unittest.main()
