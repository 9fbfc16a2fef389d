"""Opened secrets never get into what is kept: their values are replaced in outputs, errors and messages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "•••"

# Shorter values would black out ordinary words; nobody's secret is shorter.
SHORTEST = 6


class Mask:
    """Knows the values that must not be shown, in every form in which they travel."""

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def add(self, values: Iterable[str]) -> None:
        for value in values:
            if len(value) >= SHORTEST:
                raw = value.encode("utf-8", "surrogatepass")
                encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
                forms = {value, quote(value, safe=""), quote(value), quote_plus(value), *encoded}
                forms |= {form.rstrip("=") for form in encoded}
                # As they stand in JSON text, which is what is masked.
                self._forms |= {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms}

    def in_json(self, text: str) -> str:
        """JSON text with every known value replaced; still JSON, as a value's text holds no bare quote."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, MASK)
        return text
