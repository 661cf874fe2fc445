#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A certificate says what a run found, and no lie in one goes unnoticed by those who look where it lies."""
import base64
import hashlib
import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import jsonschema
from program import BUILD, ROOT, ProgramTest, assay
from test_structures import AT, FIRMWARE, SPEC, table

FAULTS = BUILD / "blobs" / "faults"
FORGERS = BUILD / "blobs" / "forgers"
TYPE = "application/vnd.in-toto+json"


def openssl(*words, **settings):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, **settings)


def make_key(place, name):
    """A key pair, the way the help says; NAME.key and NAME.pub."""
    openssl("genpkey", "-algorithm", "ed25519", "-out", place / f"{name}.key", check=True)
    openssl("pkey", "-in", place / f"{name}.key", "-pubout", "-out", place / f"{name}.pub", check=True)


def what_is_signed(kind, payload):
    """DSSE's PAE, written down from its protocol once more."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def statement_in(envelope):
    return json.loads(base64.b64decode(json.loads(Path(envelope).read_text())["payload"], validate=True))


def last_record(journal):
    """Where the record begins that says that a journal is complete (record/format.h)."""
    at = after = 8
    while after < len(journal):
        at, after = after, after + 8 + int.from_bytes(journal[after:after + 4], "little")
    return at


class Signer(ProgramTest):
    """A vendor, a stranger, and their keys."""

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = Path(place.name)
        for name in ("vendor", "stranger"):
            make_key(cls.place, name)
        cls.certificate = cls.place / "certificate.json"

    def verify(self, *words, certificate=None, key="vendor"):
        return self.assay("verify", certificate or self.certificate, "--pub", self.place / f"{key}.pub", *words)

    def signed(self, statement, kind=TYPE, key="vendor"):
        """A certificate that says something else, signed by openssl."""
        payload = json.dumps(statement).encode()
        to_sign = self.file("signed", what_is_signed(kind, payload))
        signature = self.directory / "signature"
        openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.place / f"{key}.key", "-in", to_sign, "-out", signature, check=True)
        return self.file("doctored.json", json.dumps({
            "payload": base64.b64encode(payload).decode(), "payloadType": kind,
            "signatures": [{"sig": base64.b64encode(signature.read_bytes()).decode()}]}))

    def answers(self, result, code, word):
        """The exit status, and the last line's words."""
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertRegex(result.stdout.splitlines()[-1], word)
        self.assertEqual(result.stderr, "")


class Certified(Signer):
    """One run, and a certificate of it."""

    blob = FAULTS / "clean.bin"
    words = ("--cases", "2")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_dir = cls.place / "run"
        cls.recorded = assay("run", "--blob", cls.blob, "-o", cls.run_dir, *cls.words)
        cls.certified = assay("certify", cls.run_dir, "--key", cls.place / "vendor.key", "-o", cls.certificate)

    def statement(self):
        return statement_in(self.certificate)

    def envelope(self, **changes):
        """The certificate with some members of its envelope changed."""
        return self.file("changed.json", json.dumps({**json.loads(self.certificate.read_text()), **changes}))


class Conformant(Certified):
    def test_it_is_written_and_says_passed(self):
        self.assertEqual(self.certified.returncode, 0, self.certified.stderr)
        self.assertIn("PASSED", self.certified.stdout)
        statement = self.statement()
        self.assertEqual(statement["predicate"]["result"], "PASSED")
        self.assertEqual(statement["subject"][0]["digest"]["sha256"], digest(self.blob))
        self.assertEqual(statement["predicate"]["failedTests"], [])

    def test_it_keeps_its_schema(self):
        schema = json.loads((ROOT / "reports" / "schema" / "certificate.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(self.statement())

    def test_it_says_of_each_rule_what_the_report_says(self):
        predicate = self.statement()["predicate"]
        report = json.loads((self.run_dir / "report.json").read_text())
        rules = {rule["id"]: rule["verdict"] for entry in report["entries"] for rule in entry["rules"]}
        self.assertEqual(set(predicate["passedTests"]), {rule for rule, verdict in rules.items() if verdict == "PASS"})
        self.assertEqual(set(predicate["warnedTests"]), {rule for rule, verdict in rules.items() if verdict == "OBSERVED"})
        own = predicate["assay"]
        self.assertEqual(own["summary"], report["summary"])
        self.assertEqual(own["rules"], report["rules"])
        self.assertEqual((own["cases"], own["calls"]), (report["cases"], report["calls"]))
        self.assertEqual((own["spec"]["sha256"], own["run"]["qemu"]), (report["spec"]["sha256"], report["qemu"]))
        self.assertEqual(own["run"]["journal"]["sha256"], digest(self.run_dir / "journal"))
        self.assertEqual((own["audit"]["calls"], own["audit"]["mismatches"]), (report["audit"]["calls"], 0))

    def test_it_says_what_its_audit_cannot_show(self):
        words = " ".join(self.statement()["predicate"]["assay"]["audit"]["cannot_show"])
        for what in ("recognise", "undoes", "registers and the memory", "sandbox", "whoever signs this", "0.99"):
            self.assertIn(what, words)

    def test_the_same_run_gives_the_same_certificate(self):
        again = self.directory / "again.json"
        self.assay("certify", self.run_dir, "--key", self.place / "vendor.key", "-o", again)
        self.assertEqual(again.read_bytes(), self.certificate.read_bytes())

    def test_openssl_alone_says_that_the_signature_is_good(self):
        envelope = json.loads(self.certificate.read_text())
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = self.file("signature", base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
        good = self.file("good", what_is_signed(envelope["payloadType"], payload))
        bad = self.file("bad", what_is_signed(envelope["payloadType"], payload + b" "))
        verify = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", self.place / "vendor.pub", "-sigfile", signature, "-in")
        self.assertEqual(openssl(*verify, good).returncode, 0)
        self.assertNotEqual(openssl(*verify, bad).returncode, 0)

    def test_the_name_of_the_key_is_what_openssl_makes_of_it(self):
        der = openssl("pkey", "-pubin", "-in", self.place / "vendor.pub", "-outform", "DER", check=True).stdout
        name = json.loads(self.certificate.read_text())["signatures"][0]["keyid"]
        self.assertEqual(name, hashlib.sha256(der).hexdigest())

    # ---- what is true ----

    def test_it_stands_up_to_everything_that_can_be_looked_at(self):
        result = self.verify("--blob", self.blob, "--spec", ROOT / "spec" / "sbi", "--run", self.run_dir, "--rerun", "40", "--seed", "3")
        self.answers(result, 0, "^GENUINE AND CONFORMANT$")
        self.assertRegex(result.stdout, r"rerun +40 of \d+ cases run again \(--seed 3\), \d+ checks passed: all as it says")
        self.assertRegex(result.stdout, r"run +\S+ is the recording, and its verdicts follow from it: \d+ cases")
        self.assertNotIn("not looked at", result.stdout)

    def test_what_was_not_looked_at_is_said(self):
        result = self.verify()
        self.answers(result, 0, "^GENUINE AND CONFORMANT$")
        for words in ("--blob FILE", "--spec DIR", "--run RUNDIR", "--rerun N"):
            self.assertIn(f"not looked at ({words})", result.stdout)

    def test_the_same_seed_draws_the_same_sample(self):
        lines = [self.verify("--blob", self.blob, "--rerun", "10", "--seed", seed).stdout for seed in ("5", "5", "6")]
        checks = [next(line.split(",")[1] for line in text.splitlines() if "run again" in line) for text in lines]
        self.assertEqual(checks[0], checks[1])

    def test_a_signature_of_another_key_besides_is_no_harm(self):
        envelope = json.loads(self.certificate.read_text())
        stranger = json.loads(self.signed(self.statement(), key="stranger").read_text())["signatures"]
        result = self.verify(certificate=self.envelope(signatures=stranger + envelope["signatures"]))
        self.answers(result, 0, "^GENUINE AND CONFORMANT$")
        self.assertIn("1 more, which this key did not make", result.stdout)

    # ---- what is not genuine ----

    def test_a_changed_word_of_the_payload_is_noticed(self):
        statement = self.statement()
        statement["predicate"]["assay"]["run"]["seed"] = 2
        payload = base64.b64encode(json.dumps(statement).encode()).decode()
        self.answers(self.verify(certificate=self.envelope(payload=payload)), 1, "^NOT GENUINE: .* was changed after it was signed")

    def test_another_key_is_told_from_a_change(self):
        self.answers(self.verify(key="stranger"), 1, "^NOT GENUINE: .* was not signed with this key$")

    def test_another_type_is_noticed(self):
        self.answers(self.verify(certificate=self.envelope(payloadType="application/json")), 1, "^NOT GENUINE: .* was changed after")
        other = self.signed(self.statement(), kind="application/json")
        self.answers(self.verify(certificate=other), 1, r"^NOT GENUINE: .* holds something else \(application/json\)")

    def test_what_is_no_certificate_is_told(self):
        for content in ("", "{}", "no JSON", self.certificate.read_text()[:-30], self.certificate.read_text() + "{}"):
            with self.subTest(content=content[:20]):
                self.answers(self.verify(certificate=self.file("other.json", content)), 1, "^NOT GENUINE: .* is no signed envelope")

    def test_what_a_terminal_would_obey_is_not_printed(self):
        result = self.verify(certificate=self.file("other.json", '{"a": \x1b]0;mine\x07\u009b31m}'))
        self.answers(result, 1, "^NOT GENUINE")
        self.assertFalse([c for c in result.stdout if ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160], result.stdout)

    def test_a_huge_file_is_not_read(self):
        path = self.file("huge.json")
        with path.open("wb") as file:
            file.truncate(1 << 34)
        self.refused(self.verify(certificate=path), 2, "larger than")

    def test_another_statement_of_the_same_signer_is_no_certificate(self):
        for change in ({"_type": "https://in-toto.io/Statement/v0.1"}, {"predicateType": "https://slsa.dev/provenance/v1"},
                       {"subject": []}, {"predicate": {}}):
            with self.subTest(change=change):
                other = self.signed({**self.statement(), **change})
                self.answers(self.verify(certificate=other), 1, "^NOT GENUINE: .* is signed, and is no certificate of assay's")

    def test_fields_of_the_wrong_kind_are_no_certificate(self):
        for path, value in ((("result",), "WARNED"), (("passedTests",), [1]), (("assay", "cases"), "all"), (("assay", "calls"), -1),
                            (("assay", "run", "journal", "sha256"), "0" * 63), (("assay", "audit", "shows"), "everything")):
            with self.subTest(path=path):
                statement = self.statement()
                place = statement["predicate"]
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = value
                self.answers(self.verify(certificate=self.signed(statement)), 1, "^NOT GENUINE: .* is no certificate of assay's")

    def test_a_certificate_that_contradicts_itself_is_refused(self):
        def failed(predicate):
            predicate["failedTests"] = predicate["passedTests"][:1]
            predicate["passedTests"] = predicate["passedTests"][1:]

        def twice(predicate):
            predicate["warnedTests"] += predicate["passedTests"][:1]

        def untested(predicate):
            predicate["assay"]["rules"]["tested"] -= 1

        def forged(predicate):
            predicate["assay"]["audit"]["mismatches"] = 1

        def unlike(predicate):
            predicate["assay"]["conformant"] = False

        for lie in (failed, twice, untested, forged, unlike):
            with self.subTest(lie=lie.__name__):
                statement = self.statement()
                lie(statement["predicate"])
                self.answers(self.verify(certificate=self.signed(statement)), 1, "^NOT GENUINE: .* contradicts itself")

    # ---- what is not true ----

    def test_another_blob_is_noticed(self):
        other = FAULTS / "version-bit-31.bin"
        self.answers(self.verify("--blob", other), 1, "^CONTRADICTED: .* is another blob")
        self.answers(self.verify("--blob", other, "--rerun", "5"), 1, "^CONTRADICTED: .* is another blob")

    def test_another_specification_is_noticed(self):
        other = ROOT / "spec" / "vmi"
        self.answers(self.verify("--spec", other), 1, "^CONTRADICTED: .* is another text of the specification")

    def test_a_vendor_who_puts_a_good_certificate_on_a_bad_blob_is_found_out(self):
        statement = self.statement()
        blob = FAULTS / "version-bit-31.bin"
        statement["subject"][0]["digest"]["sha256"] = digest(blob)
        lie = self.signed(statement)
        self.answers(self.verify("--blob", blob, certificate=lie), 0, "^GENUINE")  # it is, as far as anybody has looked
        result = self.verify("--blob", blob, "--rerun", "400", "--seed", "1", certificate=lie)
        self.answers(result, 1, "^CONTRADICTED: sbi.base.get_spec_version:bit-31-zero: it says passed, and here it is FAIL in 4 of 4 tries")

    def test_a_lie_about_what_takes_other_calls_is_found_out(self):
        statement = self.statement()
        blob = FAULTS / "every-50th-probe-fails.bin"
        statement["subject"][0]["digest"]["sha256"] = digest(blob)
        lie = self.signed(statement)
        result = self.verify("--blob", blob, "--rerun", "400", "--seed", "1", certificate=lie)
        self.answers(result, 1, r"^CONTRADICTED: sbi.base.probe_extension:\S+: it says passed, and here it is FAIL in 4 of 4 tries after \d+ other cases")

    def test_another_machine_is_no_contradiction_and_said(self):
        manifest = (FAULTS / "clean.bin.yaml").read_text().replace("symbols: ", f"symbols: {FAULTS}/")
        self.file("fw.yaml", f"{manifest}\npath: {self.blob}\nharts: 1\n")
        result = self.verify("--blob", "fw.yaml", "--rerun", "1")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("names another machine", result.stderr)

    def test_the_same_machine_with_another_cpu_model_is_another_machine(self):
        manifest = (FAULTS / "clean.bin.yaml").read_text().replace("symbols: ", f"symbols: {FAULTS}/")
        self.file("fw.yaml", f"{manifest}\npath: {self.blob}\ncpu: rv64,sstc=off\n")
        result = self.verify("--blob", "fw.yaml", "--rerun", "1")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("names another machine than the certificate is about (`rv64 ", result.stderr)
        self.assertIn("here `rv64,sstc=off ", result.stderr)

    def test_what_ran_the_blob_is_bound_to_the_build(self):
        program = shutil.which("qemu-system-riscv64")
        run = self.statement()["predicate"]["assay"]["run"]
        self.assertEqual(run["qemu_sha256"], digest(program))
        self.assertEqual(json.loads((self.run_dir / "run.json").read_text())["qemu_sha256"], digest(program))
        self.assertIn("-cpu rv64 -smp 2", run["machine"]["words"])
        statement = self.statement()
        statement["predicate"]["assay"]["run"]["qemu_sha256"] = "0" * 64
        lie = self.signed(statement)
        self.answers(self.verify("--run", self.run_dir, certificate=lie), 1, "of another build of QEMU than the certificate says")

    def test_a_plan_with_fewer_cases_is_found_out(self):
        statement = self.statement()
        statement["predicate"]["assay"]["cases"] -= 1
        result = self.verify("--blob", self.blob, "--rerun", "1", certificate=self.signed(statement))
        self.answers(result, 1, r"^CONTRADICTED: it tells of \d+ cases")

    def test_a_certificate_of_fewer_random_cases_than_it_says_is_found_out(self):
        statement = self.statement()
        statement["predicate"]["assay"]["run"]["random_cases"] = 5
        lie = self.signed(statement)
        self.answers(self.verify("--blob", self.blob, "--rerun", "1", certificate=lie), 1, r"^CONTRADICTED: it tells of \d+ cases")
        self.answers(self.verify("--run", self.run_dir, certificate=lie), 1, "^CONTRADICTED: .* another number of random cases")

    def test_verdicts_that_do_not_follow_from_the_recording_are_found_out(self):
        statement = self.statement()
        predicate = statement["predicate"]
        rule = predicate["warnedTests"].pop()
        predicate["passedTests"].append(rule)
        result = self.verify("--run", self.run_dir, certificate=self.signed(statement))
        self.answers(result, 1, f"^CONTRADICTED: {rule}: it says passed, and from the recording follows OBSERVED")

    def test_an_edited_journal_is_noticed(self):
        run = self.directory / "run"
        shutil.copytree(self.run_dir, run)
        journal = bytearray((run / "journal").read_bytes())
        journal[len(journal) // 2] ^= 1
        (run / "journal").write_bytes(journal)
        self.answers(self.verify("--run", run), 1, "^CONTRADICTED: .* its journal is not the one that was certified")
        result = self.assay("certify", run, "--key", self.place / "vendor.key", "-o", "new.json")
        self.refused(result, 2, "its journal is damaged")
        # a vendor who certifies it all the same
        statement = self.statement()
        statement["predicate"]["assay"]["run"]["journal"]["sha256"] = digest(run / "journal")
        self.answers(self.verify("--run", run, certificate=self.signed(statement)), 1, "^CONTRADICTED: .* damaged")

    # ---- what is not certified ----

    def certify(self, run, *words, key="vendor"):
        return self.assay("certify", run, "--key", self.place / f"{key}.key", "-o", "new.json", *words)

    def test_a_part_is_not_certified(self):
        self.assay("run", "--blob", self.blob, "--filter", "sbi.base.*", "--cases", "1", "-o", "part")
        self.refused(self.certify("part"), 2, "tells of a part only", "sbi.base.*")
        self.assertFalse((self.directory / "new.json").exists())

    def test_an_unfinished_run_is_not_certified(self):
        run = self.directory / "run"
        shutil.copytree(self.run_dir, run)
        content = (run / "journal").read_bytes()
        (run / "journal").write_bytes(content[:last_record(content)])
        self.refused(self.certify(run), 2, "is unfinished; go on with it first: assay run --resume")

    def test_a_changed_specification_is_not_certified(self):
        spec = self.directory / "sbi"
        shutil.copytree(ROOT / "spec" / "sbi", spec)
        with (spec / "interface.yaml").open("a") as file:
            file.write("# a word more\n")
        self.refused(self.certify(self.run_dir, "--spec", spec), 2, "the specification has changed since it was recorded")
        self.assertEqual(self.certify(self.run_dir, "--spec", ROOT / "spec" / "sbi").returncode, 0)

    def test_nothing_is_overwritten_that_is_no_certificate(self):
        shutil.copy(self.place / "vendor.key", self.directory / "my.key")
        result = self.assay("certify", self.run_dir, "--key", "my.key", "-o", "my.key")
        self.refused(result, 2, "is the key")
        self.assertEqual((self.directory / "my.key").read_bytes(), (self.place / "vendor.key").read_bytes())
        self.file("directory/file")
        self.refused(self.assay("certify", self.run_dir, "--key", "my.key", "-o", "directory"), 2, "no regular file")
        self.refused(self.assay("certify", self.run_dir, "--key", "my.key", "-o", "none/c.json"), 3, "cannot be written")

    def test_a_wrong_key_is_told_with_how_to_make_one(self):
        self.refused(self.assay("certify", self.run_dir, "--key", "none.key", "-o", "c.json"), 2, "none.key")
        self.file("text.key", "secret")
        self.refused(self.assay("certify", self.run_dir, "--key", "text.key", "-o", "c.json"), 2, "openssl genpkey -algorithm ed25519")
        self.refused(self.assay("verify", self.certificate, "--pub", self.place / "vendor.key"), 2, "private key", "-pubout")

    def test_what_is_missing_on_the_line_is_told(self):
        for words in (("certify", self.run_dir), ("certify", self.run_dir, "--key", "k"), ("verify", self.certificate),
                      ("verify", self.certificate, "--pub", self.place / "vendor.pub", "--rerun", "4")):
            with self.subTest(words=words):
                result = self.assay(*words)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertRegex(result.stderr, r"name a|needs the blob")


class Faulty(Certified):
    """A blob that is not conformant can have a certificate, which says so."""

    blob = FAULTS / "version-bit-31.bin"
    rule = "sbi.base.get_spec_version:bit-31-zero"

    def test_it_says_failed_and_what(self):
        self.assertEqual(self.certified.returncode, 1)
        self.assertIn("FAILED", self.certified.stdout)
        predicate = self.statement()["predicate"]
        self.assertEqual(predicate["result"], "FAILED")
        self.assertIn(self.rule, predicate["failedTests"])
        self.assertIn(self.rule, [failure["rule"] for failure in predicate["assay"]["failures"]])
        schema = json.loads((ROOT / "reports" / "schema" / "certificate.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(self.statement())

    def test_it_is_genuine_and_not_conformant(self):
        result = self.verify("--blob", self.blob, "--run", self.run_dir, "--rerun", "10", "--seed", "1")
        self.answers(result, 1, "^NOT CONFORMANT: ")
        self.assertIn(self.rule, result.stdout)
        self.assertRegex(result.stdout, r"\d+ of them fail, as it says")

    def test_a_rule_that_was_struck_from_the_failures_is_found_out(self):
        statement = self.statement()
        predicate = statement["predicate"]
        predicate["failedTests"].remove(self.rule)
        predicate["passedTests"].append(self.rule)
        predicate["assay"]["failures"] = [one for one in predicate["assay"]["failures"] if one["rule"] != self.rule]
        lie = self.signed(statement)
        self.answers(self.verify("--run", self.run_dir, certificate=lie), 1, f"^CONTRADICTED: {self.rule}: it says passed")
        self.answers(self.verify("--blob", self.blob, "--rerun", "400", "--seed", "1", certificate=lie), 1,
                     f"^CONTRADICTED: {self.rule}: it says passed, and here it is FAIL")

    def test_a_failure_that_was_made_up_is_found_out(self):
        statement = self.statement()
        predicate = statement["predicate"]
        rule = "sbi.base.get_impl_id:returns"
        predicate["passedTests"].remove(rule)
        predicate["failedTests"].append(rule)
        case = next(one["case"] for one in predicate["assay"]["failures"] if one["takes"] == "nothing")
        predicate["assay"]["failures"] = [{"rule": rule, "verdict": "FAIL", "case": case, "takes": "nothing"}]
        result = self.verify("--blob", self.blob, "--rerun", "1", "--seed", "1", certificate=self.signed(statement))
        self.answers(result, 1, f"^CONTRADICTED: {rule}: it says failed, and here it is not in 4 tries")

    def test_a_deviation_on_record_excuses_nothing(self):
        """The manifest names the failure as known: the run says KNOWN, and the certificate FAILED."""
        self.file("known.yaml", f"deviations:\n  - rule: {self.rule}\n    reason: it was always so\n")
        manifest = (FAULTS / "version-bit-31.bin.yaml").read_text()
        manifest = manifest.replace("symbols: ", f"symbols: {FAULTS}/")
        self.file("fw.yaml", f"{manifest}\npath: {self.blob}\ndeviations: known.yaml\n")
        result = self.assay("run", "--blob", "fw.yaml", "--cases", "1", "-o", "run")
        self.assertIn("KNOWN", result.stdout)
        self.assertEqual(self.assay("certify", "run", "--key", self.place / "vendor.key", "-o", "c.json").returncode, 1)
        self.assertIn(self.rule, statement_in(self.directory / "c.json")["predicate"]["failedTests"])


class Forged(Signer):
    def test_a_blob_that_forges_its_records_has_a_certificate_that_says_so(self):
        blob = FORGERS / "patches-the-gate.bin"
        self.assay("run", "--blob", blob, "--cases", "1", "--audit", "20", "-o", "run")
        self.assertEqual(self.assay("certify", "run", "--key", self.place / "vendor.key", "-o", self.certificate).returncode, 1)
        audit = statement_in(self.certificate)["predicate"]["assay"]["audit"]
        self.assertGreater(audit["mismatches"], 0)
        self.assertIn("not what the machine emulator saw", audit["shows"][0])
        self.assertNotIn("their records are true", " ".join(audit["shows"]))
        # records that are worth nothing are held against the case that forges them, and against no other
        result = self.verify("--blob", blob, "--run", "run", "--rerun", "40", "--seed", "1")
        self.answers(result, 1, "^NOT CONFORMANT")


@unittest.skipUnless(FIRMWARE.exists(), "OpenSBI is not installed")
class Structures(Signer):
    """What is read, not called, is read again."""

    def certified(self, content):
        self.file("toy.yaml", SPEC)
        self.file("my.bin", FIRMWARE.read_bytes().ljust(AT, b"\0") + content)
        self.file("my.bin.yaml", "machine: riscv-virt\nspec: toy.yaml\n")
        self.assay("run", "--blob", "my.bin", "-o", "run")
        return self.assay("certify", "run", "--key", self.place / "vendor.key", "-o", self.certificate)

    def everything(self, certificate=None):
        return self.verify("--blob", "my.bin", "--spec", "toy.yaml", "--run", "run", "--rerun", "9", certificate=certificate)

    def test_a_good_one_is_as_the_certificate_says(self):
        self.assertEqual(self.certified(table()).returncode, 0)
        self.answers(self.everything(), 0, "^GENUINE AND CONFORMANT$")

    def test_a_bad_one_is_as_the_certificate_says(self):
        self.assertEqual(self.certified(table(wrong=1)).returncode, 1)
        result = self.everything()
        self.answers(result, 1, "^NOT CONFORMANT")
        self.assertIn("1 of them fail, as it says", result.stdout)

    def test_where_calls_cannot_be_found_none_is_missed(self):
        self.assertEqual(self.certified(table(signature=b"TOY?")).returncode, 1)
        self.answers(self.everything(), 1, "^NOT CONFORMANT")

    def test_a_lie_about_one_is_found_out(self):
        self.certified(table())
        statement = statement_in(self.certificate)
        self.file("my.bin", FIRMWARE.read_bytes().ljust(AT, b"\0") + table(wrong=1))
        statement["subject"][0]["digest"]["sha256"] = digest(self.directory / "my.bin")
        result = self.verify("--blob", "my.bin", "--rerun", "1", certificate=self.signed(statement))
        self.answers(result, 1, "^CONTRADICTED: toy.all.table:sum: it says passed, and here it is FAIL in 4 of 4 tries")


if __name__ == "__main__":
    unittest.main()
