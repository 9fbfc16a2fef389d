"""Splits a setting's text at its `{{ … }}` holes.

Braces and `}}` inside a hole's own text literals and dicts do not end it. Text is not escaped: a literal
`{{` is written as an expression, `{{ "{{" }}`.
"""

import re
from dataclasses import dataclass

from workflows.expressions.errors import Fault

OPEN, CLOSE = "{{", "}}"

TEXT_LITERAL = (
    r'(?:"""(?:\\.|[^\\])*?"""'
    r"|'''(?:\\.|[^\\])*?'''"
    r'|(?!""")"(?:\\.|[^"\\\n])*"'
    r"|(?!''')'(?:\\.|[^'\\\n])*')"
)
"""A Python text literal without its prefix, as a pattern (with re.DOTALL)."""

# A quote that begins no whole literal stops the search, so that no text is searched to its end twice.
_TOKEN = re.compile(rf"{TEXT_LITERAL}|(?P<stray>[\"'])|}}}}|[{{}}]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression between braces, without the blanks around it; `start` is its place in the text."""

    source: str
    start: int

    @classmethod
    def within(cls, text: str, start: int, end: int) -> "Hole":
        inside = text[start:end]
        return cls(inside.strip(), start + len(inside) - len(inside.lstrip()))


def split(text: str) -> list[str | Hole]:
    """The text in order: plain parts as they are, and holes. Raises Fault for what is opened and not closed."""
    parts: list[str | Hole] = []
    done = 0
    while (opening := text.find(OPEN, done)) >= 0:
        if opening > done:
            parts.append(text[done:opening])
        closing = _closing(text, opening)
        parts.append(Hole.within(text, opening + len(OPEN), closing))
        done = closing + len(CLOSE)
    if done < len(text) or not parts:
        parts.append(text[done:])
    return parts


def _closing(text: str, opening: int) -> int:
    depth = 0
    place = opening + len(OPEN)
    while token := _TOKEN.search(text, place):
        if token["stray"]:
            raise Fault("expression_unclosed", "The text that begins here has no closing quote.", token.start())
        place = token.end()
        brace = token.group()
        if brace == "{":
            depth += 1
        elif brace == CLOSE and depth == 0:
            return token.start()
        elif brace in ("}", CLOSE):
            if depth == 0:
                break
            depth -= 1
            place = token.start() + 1
    raise Fault("expression_unclosed", 'This "{{" has no "}}" that closes it.', opening)
