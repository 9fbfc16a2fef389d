"""Keys made once and kept in the data folder with mode 0600, for operators who set none."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from config.environment import BadEnvironment


def kept(folder: Path, name: str, make: Callable[[], str]) -> str:
    """The text in `folder/name`; made by `make` when the file is not there.

    Written aside and linked into place, so that of several processes that start together one wins
    and none ever reads half a key.
    """
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write(path, make())
        return path.read_text().strip()
    except OSError as fault:
        raise BadEnvironment(f"PENSTOCK_DATA: cannot use {fault.filename}: {fault.strerror}") from None


def _write(path: Path, text: str) -> None:
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _link(aside, path)
    finally:
        os.unlink(aside)


def _link(aside: str, path: Path) -> None:
    try:
        os.link(aside, path)
    except FileExistsError:
        return  # another process was first; its key is the one that counts
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
