#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes reports/published/: one report per blob, the matrix of all, what was found and why; and the known deviations that follow.
With --check, compares instead.

The published files hold no times and no paths, so that the same blobs, specification and seed give the same bytes.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import causes
import yaml

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "reports" / "published"
ASSAY = ROOT / "build" / "assay"


def manifests():
    found = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "blobs").glob("*.yaml"))]
    return [manifest["blob"] for manifest in found if manifest.get("published")]


def run(blob, directory):
    """The run directory, or None when the blob is not on this machine."""
    rundir = directory / blob
    result = subprocess.run([ASSAY, "run", "--blob", blob, "--seed", "1", "-o", rundir], cwd=ROOT, capture_output=True, text=True)
    if result.returncode in (0, 1):
        return rundir
    print(f"publish: {blob}: {result.stderr.strip()}", file=sys.stderr)
    return None


def failing_rules(report):
    """First failure of every failing rule, by rule."""
    found = {}
    for failure in report["failures"]:
        found.setdefault(failure["rule"], failure)
    return dict(sorted(found.items()))


AFTER_SHOWN = 8


def after_lines(failure):
    """The cases without which it does not fail."""
    cases = failure["only_after"]["cases"] if failure["only_after"] else []
    more = [f"and {len(cases) - AFTER_SHOWN} more; the search for fewer was cut off"] if len(cases) > AFTER_SHOWN else []
    return [f"    {'' if number else 'after':10}{case}" for number, case in enumerate(cases[:AFTER_SHOWN] + more)]


def blob_page(report):
    """What one blob does against its specification: rules, not how often, for how often is a matter of the plan."""
    blob, failures = report["blob"], failing_rules(report)
    lines = [f"# {blob['name']}", "", f"Version {blob['version']}, sha256 `{blob['sha256']}`, judged as {report['spec']['claimed']}.", "",
             f"{len(failures)} rules fail; {report['rules']['tested']} of {report['rules']['mandatory']} mandatory rules were tested.", ""]
    for rule, failure in failures.items():
        lines += [f"## `{rule}`", "", f"{failure['verdict']}. {failure['cite']}", "", f"    expected  {failure['expected']}",
                  f"    got       {failure['got']}", f"    case      {failure['case']}", *after_lines(failure), ""]
    return "\n".join(lines)


def findings_of(reports):
    """{rule: {blob: verdict}}"""
    found = {}
    for report in reports:
        for rule, failure in failing_rules(report).items():
            found.setdefault(rule, {})[report["blob"]["name"]] = failure["verdict"]
    return dict(sorted(found.items()))


def findings_page(names, findings, explained):
    """Which rules fail in which blobs."""
    lines = ["# Findings", "", "Rules that fail, by blob; each blob's page has the citation, what was expected and what came.", "",
             "| rule | " + " | ".join(names) + " | why |", "|---|" + "---|" * (len(names) + 1)]
    for rule, blobs in findings.items():
        why = ", ".join(f"[{cause}](causes.md#{cause})" for cause in causes.causes_of(explained, rule))
        lines += [f"| `{rule}` | " + " | ".join(blobs.get(name, "") for name in names) + f" | {why} |"]
    return "\n".join(lines) + "\n"


def common_pages(names, reports):
    """What is about all blobs, by path."""
    book, findings = causes.load(), findings_of(reports)
    explained, left, stale = causes.explain(book, findings)
    for rule, blob in left:
        print(f"publish: {blob}: {rule} fails, and reports/causes.yaml does not say why", file=sys.stderr)
    for cause, pattern, blob in stale:
        print(f"publish: reports/causes.yaml: {cause}: {pattern} does not fail in {blob}", file=sys.stderr)
    return {PUBLISHED / "findings.md": findings_page(names, findings, explained),
            PUBLISHED / "causes.md": causes.causes_page(book, explained),
            causes.DEVIATIONS: causes.deviations(book, findings, explained)}


def pages(directory, names):
    """Path -> text, for the blobs that are here."""
    rundirs = [rundir for blob in names if (rundir := run(blob, directory))]
    reports = [json.loads((rundir / "report.json").read_text()) for rundir in rundirs]
    texts = {PUBLISHED / f"{report['blob']['name']}.md": blob_page(report) for report in reports}
    if names != manifests() or len(reports) != len(names):
        return texts
    matrix = subprocess.run([ASSAY, "matrix", "--format", "markdown", *rundirs], capture_output=True, text=True, cwd=ROOT)
    texts[PUBLISHED / "matrix.md"] = "# Matrix\n\nEntries by blobs, quick effort, seed 1.\n\n" + matrix.stdout
    return texts | common_pages(names, reports)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="blobs (default: all that are published; only then the matrix is written)")
    parser.add_argument("--check", action="store_true", help="compare with what is published; exit 1 on a difference")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        texts = pages(Path(scratch), options.names or manifests())
    if not options.check:
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return 0
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"publish: {path.relative_to(ROOT)} is not what the program prints now; run ./dev matrix", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
