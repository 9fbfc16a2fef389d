"""The README's tour works as written: its commands are run, and print what it says they print."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.servers import ROOT, Server

TOUR = (ROOT / "README.md").read_text().split("## A five-minute tour")[1].split("\n## ")[0]


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TOUR, re.DOTALL)


def test_the_tour(server: Server, tmp_path: Path) -> None:
    with server.api() as api:
        key = api.call("POST", "/api-keys", {"name": "tour"}, status=201)["secret"]
    script = "\n".join(blocks("sh")).replace("http://127.0.0.1:8000", server.url)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "KEY": key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout == "".join(blocks("text"))


def test_every_page_that_is_named_is_there() -> None:
    missing = [
        f"{page.name}: {link}"
        for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert missing == []
