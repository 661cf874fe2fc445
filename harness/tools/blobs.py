#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fetches candidate blobs: exactly the package versions their manifests name, with apt, into a cache.

The machine's own apt state is not touched: lists, cache and configuration live in the cache directory, and the suites a
manifest names are read from the mirror the machine is configured for. A version that its suite no longer carries is skipped.
"""
import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def cache_directory():
    return Path(os.environ.get("ASSAY_CACHE") or Path.home() / ".cache" / "assay")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def mirror():
    """The archive the machine is configured for, in either of apt's two notations."""
    etc = Path("/etc/apt")
    for path in sorted(etc.glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            found = re.search(r"^URIs:\s*(\S+)", block, re.M)
            if found and re.search(r"^Suites:.*\b(bookworm|stable)\b", block, re.M) and "security" not in found[1]:
                return found[1]
    for path in [etc / "sources.list", *sorted(etc.glob("sources.list.d/*.list"))]:
        text = path.read_text() if path.exists() else ""
        found = re.search(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+/debian/?)\s", text, re.M)
        if found:
            return found[1]
    sys.exit("blobs: no Debian mirror found in /etc/apt; configure one and try again")


class Apt:
    """apt with a state of its own, for the suites that are asked for."""

    def __init__(self, directory, suites):
        self.directory = directory
        (directory / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (directory / "archives" / "partial").mkdir(parents=True, exist_ok=True)
        source = directory / "sources.list"
        uri = mirror()
        source.write_text("".join(f"deb [signed-by={KEYRING}] {uri} {suite} main\n" for suite in sorted(suites)))
        settings = {
            "Dir::State": directory, "Dir::State::lists": directory / "lists", "Dir::State::status": "/dev/null",
            "Dir::Cache": directory, "Dir::Cache::archives": directory / "archives",
            "Dir::Etc::sourcelist": source, "Dir::Etc::sourceparts": "/dev/null",
            "APT::Architectures": "amd64", "Acquire::Languages": "none", "APT::Sandbox::User": "",
        }
        self.options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]

    def run(self, *words):
        return subprocess.run(["apt-get", *self.options, "-qq", *words], cwd=self.directory, capture_output=True, text=True)

    def update(self):
        result = self.run("update")
        if result.returncode:
            print(f"blobs: apt could not read its lists: {result.stderr.strip()}", file=sys.stderr)

    def download(self, name, version):
        """The path of the package file, or None when the suite has no such version."""
        if self.run("download", f"{name}={version}").returncode:
            return None
        files = sorted(self.directory.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
        return files[-1] if files else None


def unpack(package, inner, target):
    """Puts the file at `inner` in the package, and what lies beside it under the same stem, into the target directory."""
    scratch = package.with_suffix(".unpacked")
    shutil.rmtree(scratch, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-x", str(package), str(scratch)], check=True)
    wanted = scratch / inner
    target.mkdir(parents=True, exist_ok=True)
    for path in wanted.parent.glob(wanted.stem + ".*"):
        shutil.copy(path, target / path.name)
    shutil.rmtree(scratch)


def fetch(apt, manifest):
    """One line about what became of it, and whether it is there."""
    name, package = manifest["blob"], manifest["package"]
    target = cache_directory() / name
    blob = target / Path(package["path"]).name
    if blob.exists() and sha256(blob) == manifest["sha256"]:
        return f"{name}: in the cache", True
    installed = Path(manifest.get("installed", "/nonexistent"))
    if installed.exists() and sha256(installed) == manifest["sha256"]:
        return f"{name}: installed on this machine", True
    file = apt().download(package["name"], package["version"])
    if not file:
        return f"{name}: skipped: {package['suite']} has no {package['name']} {package['version']} (any more)", False
    unpack(file, package["path"], target)
    file.unlink()
    got = sha256(blob)
    if got != manifest["sha256"]:
        shutil.rmtree(target)
        return f"{name}: refused: sha256 is {got}, the manifest says {manifest['sha256']}", False
    return f"{name}: fetched", True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", help="blobs to fetch (default: all that name a package)")
    options = parser.parse_args()
    library = Path(__file__).resolve().parents[2] / "blobs"
    manifests = [yaml.safe_load(path.read_text()) for path in sorted(library.glob("*.yaml"))]
    manifests = [m for m in manifests if "package" in m and (not options.names or m["blob"] in options.names)]
    unknown = set(options.names) - {m["blob"] for m in manifests}
    if unknown:
        sys.exit(f"blobs: no manifest with a package is called {', '.join(sorted(unknown))}")
    ready = []

    def apt():
        if not ready:
            ready.append(Apt(cache_directory() / "apt", {m["package"]["suite"] for m in manifests}))
            ready[0].update()
        return ready[0]

    refused = False
    for manifest in manifests:
        line, there = fetch(apt, manifest)
        refused |= "refused" in line
        print(line, file=sys.stdout if there else sys.stderr)
    return 3 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
