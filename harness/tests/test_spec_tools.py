#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the program makes of a specification besides tests: what changed in it, reference pages, headers, and drafts."""
import json
import os
import re
import subprocess
import unittest
from html.parser import HTMLParser

import jsonschema
import yaml

from program import BUILD, ROOT, ProgramTest

SBI = ROOT / "spec" / "sbi"
SCHEMA = json.loads((ROOT / "reports" / "schema" / "changes.schema.json").read_text())


class SpecDiff(ProgramTest):
    def diff(self, *words):
        result = self.assay("spec", "diff", *words, "--format", "json")
        self.assertEqual(result.stderr, "")
        report = json.loads(result.stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(report)
        return result.returncode, report

    def test_two_versions_of_one_directory(self):
        code, report = self.diff(f"{SBI}@2.0", "@3.0")
        self.assertEqual(code, 1)
        self.assertEqual((report["old"]["version"], report["new"]["version"]), ("2.0", "3.0"))
        timer = [change for change in report["changes"] if change["subject"] == "sbi.time.set_timer" and change["kind"] == "rule-added"]
        self.assertEqual([change["implementers"]["class"] for change in timer], ["breaking"])
        self.assertEqual(timer[0]["implementers"]["witness"]["breaks"], "sbi.time.set_timer:always-succeeds")
        broken = sum(change["callers"]["class"] == "breaking" for change in report["changes"])
        self.assertEqual(report["breaking"]["callers"], broken)

    def test_the_newest_version_is_meant_where_none_is_named(self):
        code, report = self.diff(SBI, f"{SBI}@3.0")
        self.assertEqual((code, report["changes"]), (0, []))

    def test_only_what_one_party_has_to_care_about_decides(self):
        # 2.0 added nothing that a caller written for 1.0 stumbles over.
        self.assertEqual(self.assay("spec", "diff", "--for", "callers", f"{SBI}@1.0", "@2.0").returncode, 0)
        self.assertEqual(self.assay("spec", "diff", "--for", "implementers", f"{SBI}@1.0", "@2.0").returncode, 1)

    def test_an_edited_copy_is_compared_by_what_it_demands(self):
        for path in SBI.glob("*.yaml"):
            self.file(f"copy/{path.name}", path.read_text())
        self.assertEqual(self.assay("spec", "diff", SBI, "copy").returncode, 0)
        text = (SBI / "hsm.yaml").read_text()
        self.file("copy/hsm.yaml", text.replace("call: { fid: 0 }", "call: { fid: 9 }", 1))
        result = self.assay("spec", "diff", SBI, "copy")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"sbi\.hsm\.hart_start\n  breaking +breaking +the selector moved")

    def test_the_text_shows_the_call(self):
        result = self.assay("spec", "diff", f"{SBI}@2.0", "@3.0")
        self.assertRegex(result.stdout, r"shown by  set_timer\(.*answers error = -1 \(SBI_ERR_FAILED\): 2\.0 allows it, 3\.0 does not")

    def test_versions_and_specifications_that_are_not_there(self):
        self.refused(self.assay("spec", "diff", f"{SBI}@2.5", SBI), 2, "no version `2.5`", "0.2, 0.3")
        self.refused(self.assay("spec", "diff", "nowhere", SBI), 2, "nowhere")
        self.assertEqual(self.assay("spec", "diff", SBI).returncode, 2)
        self.assertEqual(self.assay("spec", "undo").returncode, 2)


class Balance(HTMLParser):
    """Every tag closed in its order, every link to a place on the page, nothing from elsewhere."""
    VOID = {"meta", "br", "hr"}

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.wrong = [], set(), set(), []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in {"script", "link", "img", "iframe"} or "src" in attrs:
            self.wrong.append(f"<{tag}> loads something")
        if "id" in attrs:
            self.wrong += [f"two of #{attrs['id']}"] if attrs["id"] in self.ids else []
            self.ids.add(attrs["id"])
        if "href" in attrs:
            self.links.add(attrs["href"])

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


class Doc(ProgramTest):
    SPECS = [SBI, ROOT / "spec" / "vmi", *sorted((ROOT / "spec" / "fixtures").glob("*.yaml"))]

    def test_html_is_sound_and_loads_nothing(self):
        for spec in self.SPECS:
            with self.subTest(spec=spec.name):
                page = Balance()
                page.feed(self.assay("doc", spec).stdout)
                self.assertEqual((page.wrong, page.open), ([], []))
                self.assertEqual({link for link in page.links if link[1:] not in page.ids}, set())

    def test_man_pages_are_taken_by_mandoc(self):
        for spec in self.SPECS:
            page = self.file("page.7", self.assay("doc", spec, "--format", "man").stdout)
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "error", page], capture_output=True, text=True)
            with self.subTest(spec=spec.name):
                self.assertEqual((lint.returncode, lint.stdout), (0, ""))

    def test_a_man_page_shows_what_the_rules_say(self):
        page = self.file("sbi.7", self.assay("doc", SBI, "--format", "man").stdout)
        shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", page], capture_output=True, text=True, check=True).stdout
        shown = "".join(shown[i] for i in range(len(shown)) if shown[i] != "\b" and shown[i + 1:i + 2] != "\b")
        self.assertIn("must error == SBI_ERR_INVALID_PARAM", shown)
        self.assertIn("RISC-V SBI 3.0, 9.1", shown)

    def test_an_older_version_is_a_page_of_its_own(self):
        page = self.assay("doc", f"{SBI}@0.2", "--format", "markdown").stdout
        self.assertIn("hart_start", page)
        self.assertNotIn("debug_console_write", page)

    def test_what_is_not_there_is_refused(self):
        self.refused(self.assay("doc", f"{SBI}@9.9"), 2, "no version `9.9`")
        self.assertEqual(self.assay("doc", SBI, "--format", "pdf").returncode, 2)


FREESTANDING = ["-Wall", "-Wextra", "-Werror", "-ffreestanding"]
PROGRAM = ["-O2", "-nostdlib", "-static", "-fno-pic", "-fno-toplevel-reorder", "-Wl,-N,--build-id=none", "-Wl,--no-warn-rwx-segments"]
RISCV = ["riscv64-linux-gnu-gcc", *FREESTANDING, *PROGRAM, "-mcmodel=medany", "-Wl,-Ttext=0x80200000"]
I386 = ["i686-linux-gnu-gcc", *FREESTANDING, *PROGRAM, "-Wl,-Ttext=0x100000"]
COMPILERS = {
    "sbi": [["riscv64-linux-gnu-gcc", "-xc"], ["clang", "--target=riscv64", "-xc"], ["clang", "--target=riscv64", "-xc++", "-std=c++17"]],
    "vmi": [["i686-linux-gnu-gcc", "-xc"], ["g++", "-m32", "-fPIC", "-xc++", "-std=c++17"], ["clang", "-m32", "-xc"],
            ["clang", "-m32", "-xc++", "-std=c++17"]],
}


class Header(ProgramTest):
    def header(self, spec, name):
        result = self.assay("header", spec)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return self.file(name, result.stdout).read_text()

    def command(self, *words, timeout=60):
        return subprocess.run([str(word) for word in words], cwd=self.directory, capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)

    def compiled(self, compiler, program):
        result = self.command(*compiler, "-I.", ROOT / "harness" / "tests" / "programs" / program, "-o", "guest.elf")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_every_call_compiles_with_every_compiler(self):
        for spec in ("sbi", "sbi@0.2", "vmi", "vmi@13.0"):
            functions = re.findall(r"^static __inline__ .*?[ *](\w+)\(", self.header(ROOT / "spec" / spec, "it.h"), re.M)
            self.assertGreater(len(functions), 20)
            uses = "".join(f"(void *){name}, " for name in functions)
            self.file("use.c", f'#include "it.h"\nextern void *const all[];\nvoid *const all[] = {{ {uses} }};\n')
            for compiler in COMPILERS[spec.split("@")[0]]:
                for level in ("-O0", "-O2"):
                    result = self.command(*compiler, level, *FREESTANDING, "-c", "use.c", "-o", "use.o")
                    with self.subTest(spec=spec, compiler=" ".join(compiler), level=level):
                        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def firmware(self, *names):
        """Blobs that are on this machine, the one of the distribution among them."""
        cache = os.environ.get("ASSAY_CACHE") or os.path.expanduser("~/.cache/assay")
        for name in names:
            manifest = yaml.safe_load((ROOT / "blobs" / f"{name}.yaml").read_text())
            paths = [manifest.get("installed", ""), os.path.join(cache, name, os.path.basename(manifest["package"]["path"]))]
            yield from ((name, path) for path in paths if path and os.path.exists(path))

    def run_on(self, firmware):
        return self.command("qemu-system-riscv64", "-M", "virt", "-m", "128", "-display", "none", "-nodefaults", "-serial", "stdio",
                            "-bios", firmware, "-kernel", "guest.elf").stdout

    def test_a_program_that_knows_the_header_alone_talks_to_the_firmware(self):
        self.header(SBI, "sbi.h")
        self.compiled(RISCV, "test_sbi.c")
        ran = []
        for name, path in self.firmware("opensbi-1.1", "opensbi-1.9"):
            console = "debug" if name == "opensbi-1.9" else "legacy"
            version = "0000000003000000" if name == "opensbi-1.9" else "0000000001000000"
            with self.subTest(firmware=name):
                self.assertTrue(self.run_on(path).replace("\r", "").endswith(
                    f"{console} console\nversion {version}\nimplementation 0000000000000001\nnobody 0000000000000000\n"
                    "status fffffffffffffffd\n"))
            ran.append(name)
        self.assertIn("opensbi-1.1", ran)

    def test_a_header_with_a_wrong_number_would_be_noticed(self):
        text = self.header(SBI, "sbi.h")
        stub = text.index(" sbi_base_get_spec_version(void)")
        self.file("sbi.h", text[:stub] + text[stub:].replace("(\"a6\") = 0x0", "(\"a6\") = 0x2", 1))
        self.compiled(RISCV, "test_sbi.c")
        for _, path in self.firmware("opensbi-1.1"):
            self.assertNotIn("version 0000000001000000", self.run_on(path))

    def test_a_program_that_knows_the_header_alone_talks_to_the_rom(self):
        self.header(ROOT / "spec" / "vmi", "vmi.h")
        self.compiled(I386, "test_vmi.c")
        result = self.command("qemu-system-x86_64", "-M", "pc", "-m", "64", "-display", "none", "-nodefaults", "-device", "VGA",
                              "-option-rom", BUILD / "blobs" / "vmi" / "vmi-reference.bin", "-debugcon", "stdio",
                              "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", "guest.elf")
        self.assertEqual((result.stdout, result.returncode), ("init 0\ninterrupts off\nalarm set\n", 33))

    def test_an_interface_without_a_gate_of_ours_has_numbers_only(self):
        text = self.header(ROOT / "spec" / "fixtures" / "psci.yaml", "psci.h")
        self.assertIn("#define PSCI_POWER_VERSION_FUNCTION_ID", text)
        self.assertIn("gate `hvc`", text)
        self.assertNotIn("__asm__", text)


class Draft(ProgramTest):
    FAULTS = BUILD / "blobs" / "faults"

    def draft(self, blob, *words):
        result = self.assay("draft", "--blob", blob, *words, "-o", "draft.yaml")
        self.assertEqual(result.returncode, 0, result.stderr)
        path = self.directory / "draft.yaml"
        if not path.exists():
            return result, []
        lint = self.assay("lint", "--quiet", path)
        self.assertEqual((lint.returncode, lint.stdout), (0, ""))
        chapters = yaml.safe_load(path.read_text())["chapters"]
        return result, [(chapter["chapter"], entry) for chapter in chapters for entry in chapter["entries"]]

    def test_a_firmware_that_hides_nothing_yields_no_draft(self):
        result, found = self.draft(self.FAULTS / "clean.bin")
        self.assertRegex(result.stderr, r"\d+ calls without a name tried, 0 of them answer")
        self.assertEqual(found, [])

    def test_a_hidden_call_is_found_and_what_it_did_is_written_down(self):
        _, found = self.draft(self.FAULTS / "hidden-function.bin")
        self.assertEqual([(chapter, entry["name"]) for chapter, entry in found], [("eid_0x10", "fid_0x7")])
        entry = found[0][1]
        self.assertEqual(entry["call"], {"eid": 0x10, "fid": 7})
        self.assertEqual([key for key in entry if key in {"rules", "errors"}], [])
        note = entry["unspecified"][0]["note"]
        self.assertIn("returned error SBI_SUCCESS value 0x5eed", note)
        self.assertIn("wrote 8 bytes where argument 1 points to", note)
        self.assertIn("did not keep s3", note)
        self.assertIn("(0 of 6 calls like one that is not there)", note)

    def test_a_draft_is_a_specification_that_the_same_firmware_keeps(self):
        self.draft(self.FAULTS / "hidden-function.bin")
        result = self.assay("run", "--blob", self.FAULTS / "hidden-function.bin", "--spec", "draft.yaml", "--format", "json", "-o", "run")
        self.assertEqual(json.loads(result.stdout)["failures"], [])

    def test_ranges_are_tried_besides(self):
        near, _ = self.draft(self.FAULTS / "clean.bin", "--near", "1")
        more, _ = self.draft(self.FAULTS / "clean.bin", "--near", "1", "--select", "eid=0x0A000000..0x0A000003")
        count = [int(re.search(r"(\d+) calls", result.stderr)[1]) for result in (near, more)]
        self.assertEqual(count[1], count[0] + 4 * 2)

    def test_calls_that_end_the_machine_do_not_end_the_draft(self):
        _, found = self.draft("opensbi-1.1", "--near", "2")
        ends = {(chapter, entry["name"]): entry["unspecified"][0]["note"] for chapter, entry in found}
        # Its legacy calls do not look at a function number, the one that switches off among them.
        self.assertIn("switched the machine off", ends["eid_0x8", "fid_0x1"])

    def test_what_cannot_be_tried_is_refused(self):
        self.refused(self.assay("draft", "--select", "nid=1"), 2, "--select", "`nid`")
        self.refused(self.assay("draft", "--near", "0"), 2, "no call without a name is in reach")
        self.assertEqual(self.assay("draft", "--near", "x").returncode, 2)


if __name__ == "__main__":
    unittest.main()
