"""From the text of one expression to Python's syntax tree, with every place in it known."""

import ast
import re
import threading
import warnings
from collections.abc import Iterator

from workflows.expressions.errors import Fault
from workflows.expressions.limits import MAX_NESTING, MAX_SOURCE
from workflows.expressions.template import TEXT_LITERAL
from workflows.expressions.vocabulary import KEYWORDS

# Data has keys such as "from" and "class". Python reads identifiers in Unicode's NFKC form, but recognises
# keywords before that: with its first letter in mathematical bold, `.from` is an attribute named "from".
_BOLD_A = {"upper": 0x1D400, "lower": 0x1D41A}
_KEYWORD_ATTRIBUTE = re.compile(
    rf"(?s:{TEXT_LITERAL})|\d[\w.]*|[^\W\d]\w*|(?P<dot>\.\s*)(?P<word>{'|'.join(sorted(KEYWORDS))})\b"
)

_LINE_END = re.compile(r"\r\n|\r|\n")

# `warnings.catch_warnings` changes what the whole process sees, so only one thread may be in it.
_warnings_lock = threading.Lock()


class Source:
    """One expression's text and its tree."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > MAX_SOURCE:
            raise Fault(
                "expression_too_long", f"An expression may have {MAX_SOURCE:,} characters, this has {len(text):,}."
            )
        if not text:
            raise Fault("expression_syntax", "The expression is empty.")
        self._parsed_text = _KEYWORD_ATTRIBUTE.sub(_disguise, text)
        self.tree = _parse(self._parsed_text)
        self._check_nesting()

    def offset(self, node: ast.AST) -> int:
        """Where the node begins, in characters into the text."""
        return self._offset(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))

    def segment(self, node: ast.AST) -> str:
        """The author's own words for the node."""
        end = self._offset(getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0))
        return self.text[self.offset(node) : end]

    def _offset(self, line: int, byte: int) -> int:
        start = _line_start(self._parsed_text, line)
        return start + len(self._parsed_text[start:].encode()[:byte].decode(errors="ignore"))

    def _check_nesting(self) -> None:
        level: list[ast.AST] = [self.tree]
        for _ in range(MAX_NESTING):
            level = [child for node in level for child in ast.iter_child_nodes(node)]
            if not level:
                return
        raise Fault("expression_too_deep", f"An expression may be nested {MAX_NESTING} levels deep, no more.")


def fault_at(source: Source, node: ast.AST, code: str, message: str) -> Fault:
    return Fault(code, message, source.offset(node))


def walk_together(one: ast.AST, other: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Pairs of nodes at the same place of two trees of one shape."""
    yield one, other
    for mine, theirs in zip(ast.iter_child_nodes(one), ast.iter_child_nodes(other), strict=False):
        yield from walk_together(mine, theirs)


def _disguise(match: re.Match[str]) -> str:
    word = match["word"]
    if word is None:
        return match.group()
    first = word[0]
    bold = _BOLD_A["upper"] + ord(first) - ord("A") if first.isupper() else _BOLD_A["lower"] + ord(first) - ord("a")
    return f"{match['dot']}{chr(bold)}{word[1:]}"


def _parse(text: str) -> ast.expr:
    try:
        with _warnings_lock, warnings.catch_warnings():
            # "\d" in a pattern is no reason to write to the server's error output.
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise Fault("expression_syntax", _syntax_message(error), _syntax_offset(text, error)) from None
    except (RecursionError, MemoryError):
        raise Fault("expression_too_deep", "This expression is nested too deep.") from None
    except ValueError as error:  # a NUL character, half of a surrogate pair
        raise Fault("expression_syntax", f"This cannot be read as an expression: {error}.") from None


def _syntax_message(error: SyntaxError) -> str:
    return f"Not a Python expression: {error.msg}."


def _syntax_offset(text: str, error: SyntaxError) -> int:
    if not error.lineno or not error.offset:  # what is missing is at the end
        return len(text)
    return min(_line_start(text, error.lineno) + error.offset - 1, len(text))


def _line_start(text: str, line: int) -> int:
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return starts[min(line, len(starts)) - 1]
