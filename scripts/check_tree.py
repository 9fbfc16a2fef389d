"""Checks of the tree that no linter makes: no download address in a lock file, no file of more than 500 lines."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LONGEST = 500
LOCKS = {".lock", "package-lock.json", ".npmrc"}
ADDRESS = re.compile(r'"resolved"|https?://|--(extra-)?index-url|--find-links|^registry\s*=', re.MULTILINE)
# `npm` notes where a package's authors ask for money; that is no place to download from.
FUNDING = re.compile(r'"funding":\s*(\{[^}]*\}|\[[^\]]*\]|"[^"]*")')
WRITTEN = {".py", ".ts", ".tsx", ".css", ".mjs"}
GENERATED = {"schema.d.ts"}


def tracked() -> list[Path]:
    """Every file that git knows and that is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True, text=True).stdout  # noqa: S607
    return [path for name in listed.split("\0") if name and (path := Path(name)).is_file()]


def faults(path: Path) -> list[str]:
    if LOCKS & {path.name, path.suffix}:
        found = ADDRESS.search(FUNDING.sub("", path.read_text()))
        return [f"{path}: holds a download address ({found.group()})"] if found else []
    if path.suffix in WRITTEN and path.name not in GENERATED and "migrations" not in path.parts:
        lines = len(path.read_text().splitlines())
        return [f"{path}: {lines} lines, at most {LONGEST}"] if lines > LONGEST else []
    return []


def main() -> int:
    found = [fault for path in tracked() for fault in faults(path)]
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
