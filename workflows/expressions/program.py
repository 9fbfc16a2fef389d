"""The one program that computes all expressions of a node in one go, and what its errors mean to the author."""

import ast
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from wire import strict_json
from workflows.expressions.errors import ExpressionError, Fault, Place
from workflows.expressions.limits import Limits
from workflows.expressions.paths import read
from workflows.expressions.rewrite import GET, OR_ELSE, Reads
from workflows.expressions.sandbox import Frame, SandboxError, run_code
from workflows.expressions.scope import Scope
from workflows.expressions.syntax import Source, walk_together
from workflows.expressions.vocabulary import IMPORTS

_OUT = "__out"
_WRITERS = {_OUT, "__text", "__plain"}

_HELPERS = {
    GET: """
def __get(owner, key):
    if isinstance(owner, dict):
        return owner[key]
    return getattr(owner, key)
""",
    OR_ELSE: """
def __or_else(read, other):
    try:
        return read()
    except (KeyError, IndexError, TypeError, AttributeError, NameError):
        return other()
""",
    "now": """
def __now():
    return __datetime.now(__timezone.utc)
""",
}

# Each result leaves as JSON text: it is checked and measured inside, where the memory limit holds, and one
# long text is taken over faster than many small objects.
WRITER = """
import json as __json
def __text(value):
    return __json.dumps({}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
def __out(value):
    text = __text(value)
    return text if len(text) <= __most else None
"""

# Only expressions that name them can come by times, which leave as text in UTC.
_MAKERS_OF_TIMES = {"date", "datetime", "now"}
TIMES = """
from datetime import date as __date, datetime as __datetime, timezone as __timezone
def __plain(value):
    if isinstance(value, dict):
        return {key: __plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [__plain(member) for member in value]
    if isinstance(value, __datetime):
        if value.tzinfo is not None:
            value = value.astimezone(__timezone.utc)
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, __date):
        return value.isoformat()
    return value
"""


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression for the sandbox: the author's source, where it stands, and its rewritten form."""

    source: Source
    place: Place
    tree: ast.expr

    def error(self, code: str, message: str, offset: int = 0) -> ExpressionError:
        return self.place.error(Fault(f"expression_{code}", message, offset))


class Program:
    """Compiled once for a node's settings. `run` gives the expressions' values in order."""

    def __init__(self, expressions: Sequence[Expression], reads: Reads, uses: Set[str]) -> None:
        self._expressions = tuple(expressions)
        self._reads = reads
        self._spans: list[tuple[int, int]] = []
        self._text = self._written(uses)

    def _written(self, uses: Set[str]) -> str:
        used = {**IMPORTS, **_HELPERS}
        has_times = bool(uses & _MAKERS_OF_TIMES)
        prelude = [TIMES, WRITER.format("__plain(value)")] if has_times else [WRITER.format("value")]
        lines = "\n".join([*prelude, *(used[name] for name in sorted(uses))]).split("\n")
        for number, expression in enumerate(self._expressions):
            code = ast.unparse(expression.tree).split("\n")
            # The number printed before each tells later where time or memory ran out.
            lines += [f"print({number})", f"__result{number} = {_OUT}("]
            self._spans.append((len(lines) + 1, len(lines) + len(code)))
            lines += [*code, ")"]
        lines.append(f"[{', '.join(f'__result{number}' for number in range(len(self._expressions)))}]")
        return "\n".join(lines)

    async def run(self, scope: Scope, limits: Limits) -> list[Any]:
        inputs, missing = self._gathered(scope)
        try:
            texts, _ = await run_code(self._text, {**inputs, "__most": limits.result_chars}, limits)
        except SandboxError as error:
            raise self._explained(error, missing, limits) from None
        return [
            self._value(expression, text, limits) for expression, text in zip(self._expressions, texts, strict=True)
        ]

    def _gathered(self, scope: Scope) -> tuple[dict[str, Any], dict[str, Fault]]:
        """The variables of the program. A path that is not there has none: only who reads it shall fail."""
        inputs: dict[str, Any] = {}
        missing: dict[str, Fault] = {}
        for path, variable in self._reads.variables.items():
            try:
                inputs[variable] = read(path, scope)
            except Fault as fault:
                missing[variable] = fault
        for path, variable in self._reads.presence.items():
            inputs[variable] = self._reads.variables[path] not in missing
        return inputs, missing

    def _value(self, expression: Expression, text: str | None, limits: Limits) -> Any:
        if text is None:
            raise expression.error(
                "result_too_large", f"The result is larger than {limits.result_chars:,} characters of JSON."
            )
        try:
            return strict_json.loads(text.encode())
        except strict_json.JsonFault as fault:
            raise expression.error("not_json", f"The result is no JSON value: {fault.message}") from None

    # --- errors ---

    def _explained(self, error: SandboxError, missing: Mapping[str, Fault], limits: Limits) -> ExpressionError:
        number, frame = self._place(error)
        expression = self._expressions[number]
        if error.failure == "timeout":
            return expression.error("timeout", f"The expressions of this node took longer than {limits.seconds:g} s.")
        if error.failure == "memory":
            megabytes = limits.memory_bytes // 1024**2
            return expression.error("memory", f"The expressions of this node need more than {megabytes} MB.")
        if error.failure == "crashed":
            return expression.error("crashed", f"The sandbox did not answer: {error.message}")
        if error.frames and error.frames[-1].function in _WRITERS:
            return expression.error("not_json", _not_json(error.message))
        code, message, node = "failed", error.message, self._node(number, frame)
        variable = re.fullmatch(r"NameError: name '(\w+)' is not defined", error.message)
        if variable and (fault := missing.get(variable[1])):
            code, message = fault.code.removeprefix("expression_"), fault.message
        elif node and (what := _what_is_missing(expression.source, node, error.raised)):
            code, message = "missing", what
        return expression.error(code, message, expression.source.offset(node) if node else 0)

    def _place(self, error: SandboxError) -> tuple[int, Frame | None]:
        """Which expression it was, and the innermost of its own places."""
        for frame in reversed(error.frames):
            for number, (first, last) in enumerate(self._spans):
                if first <= frame.line <= last:
                    return number, frame
        started = error.prints.split()
        by_wrapper = [
            n for frame in error.frames for n, (first, _) in enumerate(self._spans) if frame.line == first - 1
        ]
        return (by_wrapper or [int(started[-1]) if started else 0])[0], None

    def _node(self, number: int, frame: Frame | None) -> ast.AST | None:
        """The node of the rewritten tree that stands where the frame points to in its printed text."""
        if frame is None:
            return None
        tree, first = self._expressions[number].tree, self._spans[number][0]
        printed = ast.parse(ast.unparse(tree), mode="eval").body
        wanted = (frame.line - first + 1, frame.column - 1, frame.end_line - first + 1, frame.end_column - 1)
        lines = ast.unparse(tree).split("\n")
        for there, node in walk_together(printed, tree):
            if isinstance(there, ast.expr) and _span(there, lines) == wanted:
                return node
        return None


def _span(node: ast.expr, lines: Sequence[str]) -> tuple[int, int, int, int]:
    end_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return node.lineno, _characters(lines, node.lineno, node.col_offset), end_line, _characters(lines, end_line, end)


def _characters(lines: Sequence[str], line: int, byte: int) -> int:
    return len(lines[line - 1].encode()[:byte].decode(errors="ignore"))


_WRONG_TYPE = re.compile(r"'(\w+)' object has no attribute")
_KINDS = {
    "NoneType": "null",
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
}


def _what_is_missing(source: Source, node: ast.AST, raised: BaseException | None) -> str | None:
    """`i has no "price"` for a look-up of the author's that found nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == GET:
        owner, key = node.args
        wanted = f'has no "{ast.literal_eval(key)}"'
        if isinstance(raised, AttributeError) and (kind := _WRONG_TYPE.match(str(raised))):
            return f"{source.segment(owner)} is {_KINDS.get(kind[1], kind[1])}, it {wanted}"
        return f"{source.segment(owner)} {wanted}"
    if isinstance(node, ast.Subscript) and isinstance(raised, KeyError):
        return f"{source.segment(node.value)} has no {raised.args[0]!r}" if raised.args else None
    return None


def _not_json(message: str) -> str:
    kind = re.search(r"Object of type (\w+) is not JSON serializable", message)
    if kind is None:
        return f"The result is no JSON value: {message}"
    if kind[1] in ("set", "frozenset"):
        return "The result is a set, which JSON does not have: use list(…) or sorted(…)."
    return f"The result is of Python's type {kind[1]}, which JSON does not have."
