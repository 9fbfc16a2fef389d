"""What goes wrong with an expression, and where.

ExpressionError   what callers see: a field, a position in its text, a stable code
Fault             inside this room: a place in one source text, before the field is known
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a setting's text: line and column count from 1, offset (in characters) from 0."""

    line: int
    column: int
    offset: int

    @classmethod
    def at(cls, text: str, offset: int) -> "Position":
        offset = max(0, min(offset, len(text)))
        line_start = text.rfind("\n", 0, offset) + 1
        return cls(text.count("\n", 0, offset) + 1, offset - line_start + 1, offset)


class ExpressionError(Exception):
    """`field` reads like `headers[0].value`, counted from the node's settings; `code` is stable."""

    def __init__(self, message: str, field: str = "", position: Position | None = None, code: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.message = message
        self.field = field
        self.position = position
        self.code = code


class Fault(Exception):  # noqa: N818 - the error is ExpressionError, made from this
    """A mistake at `offset` characters into the text that was being read."""

    def __init__(self, code: str, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: in a setting, in its text, `start` characters in."""

    field: str
    text: str
    start: int = 0

    def error(self, fault: Fault) -> ExpressionError:
        position = Position.at(self.text, self.start + fault.offset)
        return ExpressionError(fault.message, self.field, position, fault.code)
