"""Opened secrets never get into what is kept: their values are replaced in outputs, errors and messages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from wire.strict_json import dumps

MASK = "•••"

# Shorter values would black out ordinary words; nobody's secret is shorter.
SHORTEST = 6


class Mask:
    """Knows the values that must not be shown, in every form in which they travel."""

    def __init__(self) -> None:
        self._forms: list[str] = []
        self._in_json: list[str] = []
        """The same as they stand in JSON text, where a quick look can find them."""

    def add(self, values: Iterable[str]) -> None:
        forms = {*self._forms}.union(*(_forms(value) for value in values if len(value) >= SHORTEST))
        self._forms = sorted(forms, key=len, reverse=True)
        self._in_json = [_escaped(form) for form in self._forms]

    def in_json(self, text: str) -> str:
        """JSON text with every known value replaced. Only what it holds is touched, not how it is written: a
        secret may look like a number, or like the commas between two."""
        if not any(form in text for form in self._in_json):
            return text
        return dumps(self._masked(json.loads(text)))

    def _masked(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._masked_text(value)
        if isinstance(value, list):
            return [self._masked(item) for item in value]
        if isinstance(value, dict):
            return {self._masked_text(key): self._masked(member) for key, member in value.items()}
        if isinstance(value, bool) or value is None:
            return value
        written = dumps(value)
        return MASK if self._masked_text(written) != written else value

    def _masked_text(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, MASK)
        return text


def _forms(value: str) -> Iterator[str]:
    """As it is, for URLs, as base64 with and without its end, and within JSON that is kept as text."""
    raw = value.encode("utf-8", "surrogatepass")
    yield from (value, quote(value, safe=""), quote(value), quote_plus(value))
    yield raw.decode("latin-1")  # a header's bytes as many servers read them
    for encoded in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        yield from (encoded, encoded.rstrip("="))
    for written in (_escaped(value), json.dumps(value)[1:-1]):
        yield from (written, written.replace("/", "\\/"))


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
