"""How much an author may write, and how much a run of it may use. docs/expressions.md names these figures."""

from dataclasses import dataclass

MAX_SOURCE = 4_000
"""Characters of one expression."""
MAX_NESTING = 100
"""Levels of one expression; Python's own parser and printer recurse."""
MAX_EXPRESSIONS = 1_000
"""Expressions in the settings of one node."""
MAX_PRINTED = 64 * 1024
"""Characters that one program may print."""
MAX_QUERY = 500
"""Characters of one JSONPath query."""
MAX_QUERY_STEPS = 200_000
"""Values that one JSONPath query may look at; it runs in-process and cannot be interrupted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """For all expressions of one node together, except `result_chars`: each result, counted as JSON text."""

    seconds: float = 1.0
    memory_bytes: int = 64 * 1024 * 1024
    result_chars: int = 1024 * 1024
    text_chars: int = 10 * 1024 * 1024
    """What all texts with holes may come to, together: one short text can name a large value many times."""


DEFAULT_LIMITS = Limits()
