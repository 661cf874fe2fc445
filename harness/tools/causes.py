# SPDX-License-Identifier: BSD-2-Clause
"""Findings and the bugs behind them: reports/causes.yaml explains, this matches it with what was found and writes it out.

Findings are {rule: {blob: verdict}}. An explanation covers a rule in a blob; a finding may have several.
"""
import fnmatch
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CAUSES = ROOT / "reports" / "causes.yaml"
DEVIATIONS = ROOT / "blobs" / "deviations" / "opensbi.yaml"
PUBLISHED = ROOT / "reports" / "published"


def load():
    return yaml.safe_load(CAUSES.read_text())


def read_findings(text):
    """The table of findings.md."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    blobs = rows[0][1:-1]
    return {row[0].strip("`"): {blob: verdict for blob, verdict in zip(blobs, row[1:-1]) if verdict} for row in rows[1:]}


def claims(book):
    """Every (cause, pattern, blob) that the book states."""
    for cause in book["causes"]:
        for fails in cause["fails"]:
            for pattern in fails["rules"]:
                for version in fails["versions"]:
                    yield cause, pattern, f"{book['family']}-{version}"


def explain(book, findings):
    """{cause id: {rule: {blobs}}}, findings without a cause, and claims without a finding."""
    explained, stale = {cause["id"]: {} for cause in book["causes"]}, []
    left = {(rule, blob) for rule, blobs in findings.items() for blob in blobs}
    for cause, pattern, blob in claims(book):
        rules = [rule for rule, blobs in findings.items() if blob in blobs and fnmatch.fnmatchcase(rule, pattern)]
        for rule in rules:
            explained[cause["id"]].setdefault(rule, set()).add(blob)
            left.discard((rule, blob))
        if not rules:
            stale.append((cause["id"], pattern, blob))
    return explained, sorted(left), stale


def causes_of(explained, rule):
    return [cause for cause, rules in explained.items() if rule in rules]


def one_line(text):
    return " ".join(text.split())


def cause_section(cause, rules):
    lines = [f"## {cause['id']}", "", f"**{cause['title']}** (RISC-V SBI 3.0, {cause['cite']})", ""]
    for key, title in (("text", "The text"), ("does", "The firmware"), ("where", "Where"), ("upstream", "Upstream"), ("doubt", "Doubt")):
        if key in cause:
            lines += [f"* {title}: {one_line(cause[key])}"]
    lines += ["", "| rule | fails in |", "|---|---|"]
    lines += [f"| `{rule}` | {', '.join(sorted(blobs, key=version_of))} |" for rule, blobs in sorted(rules.items())]
    return lines + [""]


def causes_page(book, explained):
    lines = ["# Causes", "", f"The {len(explained)} bugs behind the findings, as reports/causes.yaml explains them. One bug can break several "
             "rules, and one rule can be broken by several bugs.", ""]
    for cause in book["causes"]:
        lines += cause_section(cause, explained[cause["id"]])
    return "\n".join(lines)


def version_of(blob):
    return [int(part) for part in number(blob).split(".")]


def reasons(book, explained, rule, blob):
    """The bugs that make this rule fail in this blob, and a link when one of them has one."""
    bugs = [cause for cause in book["causes"] if blob in explained[cause["id"]].get(rule, ())]
    links = [link.group() for bug in bugs if (link := re.search(r"https://[^\s,;)]*[\w/]", bug["upstream"]))]
    return " and ".join(f"{bug['title']} ({bug['id']})" for bug in bugs), links[0] if links else None


def neighbours(blobs, all_blobs, key):
    """[first, last, key] of blobs that follow each other among the published versions and have the same key."""
    found, before = [], None
    for blob in sorted(all_blobs, key=version_of):
        if blob in blobs and found and found[-1][1:] == [before, key(blob)]:
            found[-1][1] = blob
        elif blob in blobs:
            found.append([blob, blob, key(blob)])
        before = blob
    return found


def number(blob):
    return blob.rsplit("-", 1)[1]


def deviations(book, findings, explained):
    """The known failures for those who ship this firmware. Crashes and hangs cannot be excused, so they are not listed."""
    all_blobs = {blob for blobs in findings.values() for blob in blobs}
    lines = ["# SPDX-License-Identifier: BSD-2-Clause",
             "# Known failures of OpenSBI, from reports/causes.yaml and reports/published/findings.md. Written by ./dev matrix.",
             "# Nothing uses this by itself: name it in the manifest of a blob that is shipped with these bugs.", "deviations:"]
    for rule, blobs in findings.items():
        failing = {blob for blob, verdict in blobs.items() if verdict == "FAIL"}
        for first, last, (reason, link) in neighbours(failing, all_blobs, lambda blob: reasons(book, explained, rule, blob)):
            if reason:
                lines += [f"  - rule: {rule}", f"    reason: \"{reason}\""] + ([f"    link: {link}"] if link else [])
                lines += [f"    from: \"{number(first)}\"", f"    to: \"{number(last)}\"", f"    expires: {book['expires']}"]
    return "\n".join(lines) + "\n"
