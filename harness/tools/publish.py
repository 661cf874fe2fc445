#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes reports/published/: one report per blob, the matrix of all, and what was found. With --check, compares instead.

The published files hold no times and no paths, so that the same blobs, specification and seed give the same bytes.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

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


def findings(rundirs):
    """Every failing rule of every blob, by rule: what is demanded, what came, in which versions."""
    by_rule = {}
    for rundir in rundirs:
        report = json.loads((rundir / "report.json").read_text())
        for failure in report["failures"]:
            by_rule.setdefault(failure["rule"], {}).setdefault(report["blob"]["name"], failure)
    lines = ["# Findings", "", "Rules that fail, by rule. Written by `./dev matrix`; every line can be had again with `assay run --blob NAME`.", ""]
    for rule, blobs in sorted(by_rule.items()):
        first = next(iter(blobs.values()))
        lines += [f"## `{rule}`", "", f"{first['cite']}; {first['verdict']} in {', '.join(blobs)}.", "", "    expected  " + first["expected"]]
        lines += [f"    {blob:<14}{failure['got']}" for blob, failure in blobs.items()]
        lines += [f"    case      {first['case']}", ""]
    return "\n".join(lines)


def pages(directory):
    """File name -> text, for the blobs that are here."""
    rundirs = [rundir for blob in manifests() if (rundir := run(blob, directory))]
    texts = {f"{rundir.name}.md": (rundir / "report.md").read_text() for rundir in rundirs}
    matrix = subprocess.run([ASSAY, "matrix", "--format", "markdown", *rundirs], capture_output=True, text=True, cwd=ROOT)
    texts["matrix.md"] = "# Matrix\n\nEntries by blobs, quick effort, seed 1.\n\n" + matrix.stdout
    texts["findings.md"] = findings(rundirs)
    return texts, {rundir.name for rundir in rundirs} == set(manifests())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with what is published; exit 1 on a difference")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        texts, complete = pages(Path(scratch))
    if not options.check:
        PUBLISHED.mkdir(exist_ok=True)
        for name, text in texts.items():
            (PUBLISHED / name).write_text(text)
        return 0
    if not complete:
        texts = {name: text for name, text in texts.items() if name not in ("matrix.md", "findings.md")}
    stale = [name for name, text in texts.items()
             if not (PUBLISHED / name).exists() or (PUBLISHED / name).read_text() != text]
    for name in stale:
        print(f"publish: reports/published/{name} is not what the program prints now; run ./dev matrix", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
