#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Contradictions and gaps planted into copies of our own specifications: `assay lint` finds them, with a call that shows it, and
that call is made in QEMU.

A contradiction: whatever the blob does at that call, one of the rules that lint names is broken. A gap: the call is made and the rule
with the hole in it judges nothing, whereas the rule as it was does."""
import os
import random
import re
import shutil
import unittest

import yaml
from program import BUILD, ROOT, ProgramTest

SEED = 5
COPY = 10  # faults in one copy, each in an entry of its own
# How many, and which blob runs into them; of a specification this one has these chapters.
PLANTED = {
    "sbi": (20, BUILD / "blobs" / "faults" / "clean.bin",
            "base time ipi rfence hsm srst dbcn cppc nacl sta mpxy".split()),
    "vmi": (10, ROOT / "blobs" / "vmi-reference.yaml",
            "apic core cpu descriptor information io mmu processor stack timer".split()),
}
FINDING = re.compile(r"^\S*?(\w+)\.yaml:\d+:\d+: \w+: (.*), as in (\w+)\((.*?)\)(?: with .*)? \[(contradiction|silent)\]$")
# What a rule of the caller's own values alone can be written with.
SEEN = re.compile(r"\b(error|value|returned|landed|trapped|stopped|shutdown|reset|after|later|land|console|ipis|end_time|known)\b|\[")


class Faults:
    """Ways to spoil a chapter's text. Each names the entry and what must be said of it; None: there is nothing to spoil."""

    def __init__(self, text, taken, result, choose):
        self.text, self.chapter, self.taken, self.result, self.choose = text, yaml.safe_load(text), taken, result, choose

    def entries(self, wanted):
        """Those that have no call written for them yet, nor a fault planted."""
        return [entry for entry in self.chapter.get("entries", []) if not entry.keys() & {"samples", "until"} and "rules" in entry
                and entry["name"] not in self.taken and wanted(entry)]

    def add_rule(self, entry, rule):
        """The text with a rule before the entry's first one."""
        start = re.search(rf"^  - name: {entry['name']}$", self.text, re.M).start()
        rules = re.compile(r"^    rules:( \[)?\n?", re.M).search(self.text, start)
        if rules.group(1):
            return self.text[:rules.end()] + f" {rule}, " + self.text[rules.end():]
        return self.text[:rules.end()] + f"      - {rule}\n" + self.text[rules.end():]

    def another_code(self):
        """A rule like one that is there, with another code of those that are listed."""
        found = []
        for entry in self.entries(lambda entry: len(entry.get("errors", [])) > 1):
            for rule in entry.get("rules", []):
                code = re.fullmatch(r"error == (\w+)", rule.get("must", ""))
                if code and "when" in rule and not SEEN.search(rule["when"]) and "confidence" not in rule and "until" not in rule:
                    found.append((entry, rule, code[1]))
        if not found:
            return None
        entry, rule, code = self.choose.choice(found)
        other = self.choose.choice([name for name in entry["errors"] if name != code])
        since = f', since: "{rule["since"]}"' if "since" in rule else ""
        when = " ".join(rule["when"].split())
        return entry, "contradiction", self.add_rule(entry, f'{{ id: planted, cite: "1"{since}, when: "{when}", must: "error == {other}" }}')

    def no_code_is_left(self):
        """A rule that forbids every listed code to one call."""
        entries = self.entries(lambda entry: entry.get("errors") and "optional" not in entry and self.plain_argument(entry))
        if not entries:
            return None
        entry = self.choose.choice(entries)
        when = f"{self.plain_argument(entry)} == {self.choose.randrange(100, 120)}"
        codes = ", ".join(entry["errors"])
        return entry, "contradiction", self.add_rule(
            entry, f'{{ id: planted, cite: "1", when: "{when}", must: "returned && error not in {{ {codes} }}" }}')

    def two_results(self):
        """Two rules that want two values of one result."""
        entries = self.entries(lambda entry: "errors" not in entry and "results" not in entry and "preserved" not in entry
                               and "outcomes" not in entry and entry.get("rules") and self.has_results(entry))
        if not entries:
            return None
        entry = self.choose.choice(entries)
        self.text = self.add_rule(entry, '{ id: planted, cite: "1", must: "%s == 3" }' % self.result)
        return entry, "contradiction", self.add_rule(entry, '{ id: planted-before, cite: "1", must: "%s == 4" }' % self.result)

    def a_hole(self):
        """Of a rule about every call one call is left out."""
        entries = self.entries(lambda entry: len(entry.get("rules", [])) == 1 and "when" not in entry["rules"][0]
                               and "must" in entry["rules"][0] and "confidence" not in entry["rules"][0]
                               and "unspecified" not in entry and self.plain_argument(entry))
        if not entries:
            return None
        entry = self.choose.choice(entries)
        start = re.search(rf"^  - name: {entry['name']}$", self.text, re.M).start()
        must = self.text.index("must:", start)
        before = self.text[self.text.index("rules:", start):must]
        inside = before.count("{") > before.count("}")
        hole = f'when: "{self.plain_argument(entry)} != 0x123"' + (", " if inside else "\n        ")
        return entry, "silent", self.text[:must] + hole + self.text[must:]

    def has_results(self, entry):
        return not any(isinstance(arg, dict) and arg.get("name") == self.result for arg in entry.get("args", []))

    @staticmethod
    def plain_argument(entry):
        """One that any number may be given, but for a few small ones."""
        for arg in entry.get("args", []):
            plain = isinstance(arg, dict) and (isinstance(arg.get("type"), dict) or re.fullmatch(r"[us](32|64)", arg.get("type", "")))
            if plain and not arg.keys() & {"handle", "buffer", "code", "role"}:
                return arg["name"]
        return None


class Plant:
    """One fault: where it is, what must be said of it, and the call that was said to show it."""

    def __init__(self, chapter, entry, code):
        self.chapter, self.entry, self.code = chapter, entry, code
        self.rules, self.call = set(), None

    def __str__(self):
        return f"{self.chapter}.{self.entry['name']} [{self.code}]"

    def look_for(self, lines, version):
        """Among what lint says: the rules it names and the arguments of the call."""
        for line in lines:
            found = FINDING.match(line)
            if not found or (found[1], found[3], found[5]) != (self.chapter, self.entry["name"], self.code):
                continue
            told = re.search(r"version ([\d.]+)", found[2])
            names = set(re.findall("`([^`]+)`", found[2]))
            if (told and told[1] != version) or (self.code == "contradiction" and not any("planted" in name for name in names)):
                continue
            self.rules = names
            self.call = dict(item.split(" = ") for item in found[4].split(", ") if item)
            return

    def kind_of(self, name):
        """What the argument is: a number; an address, which is the guest's to choose; what another call has to return."""
        arg = next(arg for arg in self.entry["args"] if isinstance(arg, dict) and arg["name"] == name)
        return "handle" if "handle" in arg else "address" if arg.keys() & {"buffer", "code"} else "number"

    def may_be_passed(self, name, value):
        """An address may be written down where there is nothing."""
        nowhere = re.fullmatch(r"0x[0-9a-f]+|-?\d+", value) and not 4096 <= int(value, 0) < 0x88000000
        return {"number": value != "unknown", "address": nowhere, "handle": False}[self.kind_of(name)]

    def is_literal(self):
        """The call that was named can be made as it is; any handle will do."""
        return all(self.kind_of(name) == "handle" or self.may_be_passed(name, value) for name, value in self.call.items())

    def sample(self):
        return {name: value for name, value in self.call.items() if self.may_be_passed(name, value)}

    def add_sample(self, text):
        """The chapter's text with the call written down as one that is always made."""
        values = ", ".join(f"{name}: {value}" for name, value in self.sample().items())
        end = re.search(rf"^  - name: {self.entry['name']}$\n", text, re.M).end()
        return text[:end] + f"    samples: [{{ {values} }}]\n" + text[end:]


class Planted(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment = dict(os.environ, XDG_CACHE_HOME=str(self.directory / "cache"))

    def lint(self, directory):
        return self.assay("lint", "--quiet", directory, env=self.environment, timeout=900).stdout.splitlines()

    def plant(self, copy, result, chapters, plants, choose):
        """One more fault in the copy, in an entry that has none."""
        while True:
            path = choose.choice(sorted(path for path in copy.glob("*.yaml") if path.stem in chapters))
            taken = {plant.entry["name"] for plant in plants if plant.chapter == path.stem}
            faults = Faults(path.read_text(), taken, result, choose)
            fault = choose.choice((faults.another_code, faults.no_code_is_left, faults.two_results, faults.a_hole))()
            if fault:
                entry, code, text = fault
                path.write_text(text)
                return Plant(path.stem, entry, code)

    def copy_of(self, name, number):
        copy = self.directory / f"{name}-{number}"
        shutil.copytree(ROOT / "spec" / name, copy)
        return copy

    def run_part(self, spec, blob, part):
        """What failed, as entry and rule, and which rules no case reached."""
        rundir = f"run-{len(list(self.directory.glob('run-*')))}"
        result = self.assay("run", "--blob", blob, "--spec", spec, "--filter", part, "--cases", 1, "-o", rundir)
        self.assertIn(result.returncode, (0, 1), result.stderr)
        report = self.report(rundir)
        return {failure["rule"] for failure in report["failures"]}, set(report["rules"]["untested"])

    def check_contradictions(self, name, copy, blob, plants):
        """At the call that lint names; where that has an address that is the guest's to choose, at one that the rule is aimed at by."""
        at_call, _ = self.run_part(copy, blob, "*:sample:*")
        aimed, _ = (set(), set()) if all(plant.is_literal() for plant in plants) else self.run_part(copy, blob, "*:planted*:*")
        for plant in plants:
            broken = at_call if plant.is_literal() else aimed
            wanted = {f"{name}.{plant.chapter}.{plant.entry['name']}:{rule}" for rule in plant.rules}
            self.assertTrue(wanted & broken, f"{plant}: {plant.call} breaks none of {wanted}")

    def check_gaps(self, name, copy, whole, blob, plants):
        for plant in plants:
            entry = f"{name}.{plant.chapter}.{plant.entry['name']}"
            rule = f"{entry}:{plant.entry['rules'][0]['id']}"
            _, silent = self.run_part(copy, blob, f"{entry}:sample:*")  # other entries' cases may make the same call
            _, untested = self.run_part(whole, blob, f"{entry}:sample:*")
            self.assertTrue(plant.is_literal(), plant)
            self.assertTrue(rule in silent, f"{plant}: {plant.call} is judged")
            self.assertFalse(rule in untested, f"{plant}: {plant.call} is not judged without the hole either")

    def check_copy(self, name, number, choose, plants):
        _, blob, chapters = PLANTED[name]
        copy, whole = self.copy_of(name, number), self.copy_of(name, f"{number}-whole")
        interface = yaml.safe_load((copy / "interface.yaml").read_text())
        for _ in range(COPY):
            plants.append(self.plant(copy, interface["convention"]["results"][-1]["name"], chapters, plants, choose))
        new, lines = plants[-COPY:], self.lint(copy)
        for plant in new:
            plant.look_for(lines, interface["versions"][-1])
        self.assertEqual([str(plant) for plant in new if plant.call is None], [], "\n".join(lines))
        for plant in new:
            for directory in (copy, whole):
                path = directory / f"{plant.chapter}.yaml"
                path.write_text(plant.add_sample(path.read_text()))
        self.check_contradictions(name, copy, blob, [plant for plant in new if plant.code == "contradiction"])
        self.check_gaps(name, copy, whole, blob, [plant for plant in new if plant.code == "silent"])

    def check(self, name):
        choose, plants = random.Random(SEED), []
        for number in range(PLANTED[name][0] // COPY):
            self.check_copy(name, number, choose, plants)
        self.assertEqual(len(plants), PLANTED[name][0])
        return {plant.code for plant in plants}

    def test_what_is_planted_into_sbi_is_found_and_run_into(self):
        self.assertEqual(self.check("sbi"), {"contradiction", "silent"})

    def test_what_is_planted_into_vmi_is_found_and_run_into(self):
        self.check("vmi")


if __name__ == "__main__":
    unittest.main()
