#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The house: who may include whom, one licence line per file, no binaries, no engine that knows an interface by name."""
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# A layer may include itself and these; what a layer's neighbours include does not count.
ALLOWED = {
    "base": set(),
    "spec": {"base"},
    "prove": {"base", "spec"},
    "plan": {"base", "spec"},
    "sandbox": {"base"},
    "guest": {"base", "sandbox", "wire"},
    "record": {"base"},
    "run": {"base", "spec", "plan", "guest", "record", "wire"},
    "judge": {"base", "spec", "plan", "record"},
    "matrix": {"base", "spec", "record", "judge"},
    "compare": {"base", "spec", "plan"},
    "doc": {"base", "spec"},
    "draft": {"base", "spec", "record"},
    "reports": {"base", "spec", "record", "judge", "matrix", "compare"},
    "cli": {"base", "spec", "prove", "plan", "compare", "doc", "draft", "guest", "sandbox", "record", "run", "judge", "matrix", "reports"},
    "probes": {"wire", "probes"},
}
LICENSED = {".c", ".h", ".S", ".ld", ".py", ".yaml", ".build", ".sh", ".xsd"}
INTERFACES = r"sbi|vmi|papr|opal|palcode|psci|acpi|riscv64|i386|x86_64|ppc64|alpha|s390x|hppa|aarch64"


def tracked():
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).exists()]


def layer_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1] if parts[0] == "harness" else parts[0]


def layer_named(include, source):
    """The layer that an include names, None for a file beside its source."""
    if include == "wire.h":
        return "wire"
    if "/" in include:
        return include.split("/")[0]
    if (source.parent / include).exists():
        return None
    return "reports" if (ROOT / "reports" / include).exists() else "probes"


def is_test(path):
    return path.name.startswith("test_") or "tests" in path.parts


class House(unittest.TestCase):
    def test_a_layer_includes_only_what_lies_below_it(self):
        wrong = []
        for path in tracked():
            if path.suffix not in {".c", ".h", ".S"} or is_test(path):
                continue
            layer = layer_of(path)
            for include in re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M):
                named = layer_named(include, path)
                if layer in ALLOWED and named and named != layer and named not in ALLOWED[layer]:
                    wrong.append(f"{path.relative_to(ROOT)} includes {include}")
        self.assertEqual(wrong, [])

    def test_the_check_would_see_a_wrong_include(self):
        self.assertEqual(layer_named("judge/judge.h", ROOT / "harness" / "guest" / "guest.h"), "judge")
        self.assertNotIn("judge", ALLOWED["guest"])

    def test_every_source_file_names_its_licence(self):
        wrong = [str(path.relative_to(ROOT)) for path in tracked()
                 if path.suffix in LICENSED and "SPDX-License-Identifier: BSD-2-Clause" not in path.read_text(errors="replace")[:400]]
        self.assertEqual([name for name in wrong if "spec/fixtures/wrong/" not in name], [])

    def test_no_binary_is_in_git(self):
        wrong = [str(path.relative_to(ROOT)) for path in tracked() if b"\0" in path.read_bytes()[:8192]]
        self.assertEqual(wrong, [])

    def test_the_engine_knows_no_interface_and_no_architecture_by_name(self):
        pattern = re.compile(rf'"({INTERFACES})["./]')
        wrong = []
        for path in tracked():
            if path.suffix in {".c", ".h"} and path.is_relative_to(ROOT / "harness") and not is_test(path):
                wrong += [f"{path.relative_to(ROOT)}: {line.strip()}" for line in path.read_text().splitlines()
                          if pattern.search(line) and not line.lstrip().startswith(("*", "/*", "//")) and "/*" not in line]
        self.assertEqual(wrong, [])

    def test_every_top_level_folder_has_a_readme(self):
        for folder in ("spec", "harness", "probes", "blobs", "reports"):
            self.assertTrue((ROOT / folder / "README.md").exists(), folder)

    def test_no_file_is_too_long_to_be_read(self):
        wrong = [f"{path.relative_to(ROOT)}" for path in tracked()
                 if path.suffix in {".c", ".h", ".S", ".py"} and len(path.read_text().splitlines()) > 700]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
