"""What nodes say while they run: text that any database takes, and only so much of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from wire.times import to_wire

Level = Literal["debug", "info", "warning", "error"]

MAX_TEXT_CHARS = 10_000
MAX_MESSAGES = 1_000
MAX_MESSAGES_CHARS = 256 * 1024
LEFT_OUT = f"More was said, and is left out: {MAX_MESSAGES:,} messages and {MAX_MESSAGES_CHARS:,} characters are kept."


def storable(text: str) -> str:
    """Any text as the database takes it: NUL and lone surrogates replaced, cut where nobody reads on."""
    more = len(text) - MAX_TEXT_CHARS
    cut = f"{text[:MAX_TEXT_CHARS]}… ({more:,} more characters)" if more > 0 else text
    return cut.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


class Messages:
    """Of one attempt. When there are too many, the last one says so."""

    def __init__(self, said: Sequence[dict[str, Any]] = ()) -> None:
        self.said = list(said)
        self._chars = sum(len(each["text"]) for each in said)

    def add(self, at: datetime, level: Level, text: str) -> None:
        if self.said and self.said[-1]["text"] == LEFT_OUT:
            return
        text = storable(text)
        self._chars += len(text)
        if len(self.said) >= MAX_MESSAGES or self._chars > MAX_MESSAGES_CHARS:
            level, text = "warning", LEFT_OUT
        self.said.append({"at": to_wire(at), "level": level, "text": text})
