"""The program of a code node: Python that somebody wrote, run in the sandbox.

It is the body of a function whose parameters are the names that it reads; what it returns is the result, and
without a `return` the value of its last line.
"""

import ast
from typing import Any

from wire import strict_json
from workflows.expressions.errors import ExpressionError, Position
from workflows.expressions.limits import Limits
from workflows.expressions.program import TIMES, WRITER
from workflows.expressions.reporting import PROGRESS, TOO_MUCH, ReportingPrints, Told
from workflows.expressions.sandbox import SandboxError, run_code
from workflows.expressions.scope import Scope
from workflows.expressions.vocabulary import ROOTS

MAX_CODE = 100_000
"""Characters of one program."""
_INDENT = "    "
_BEFORE = 1
"""Lines that stand before the author's first one: the function's head."""


class Code:
    """Raises ExpressionError for what is no Python."""

    def __init__(self, source: str, field: str) -> None:
        self._field = field
        if len(source) > MAX_CODE:
            raise ExpressionError(f"Code may have {MAX_CODE:,} characters.", field, code="code_too_long")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise self._no_python(source, error) from None
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self._parameters = sorted(used & ROOTS)
        self._reports = "progress" in used
        self._text = _as_function(source, tree, self._parameters)

    async def run(self, scope: Scope, limits: Limits, told: Told) -> tuple[Any, str]:
        """The result as JSON, and what was printed. `told` hears, in the loop, how far the program says that it is.
        Raises CodeError."""
        available = {**scope.roots, "nodes": dict(scope.nodes)}
        inputs = {f"__in_{name}": available[name] for name in self._parameters if name in available}
        missing = [name for name in self._parameters if name not in available]
        if missing:
            raise CodeError("code_failed", f'There is no "{missing[0]}" here: it exists inside a loop only.', "")
        prints = ReportingPrints(told if self._reports else None)
        try:
            inputs["__most"] = limits.result_chars
            text, printed = await run_code(self._text, inputs, limits, apart=True, prints=prints)
        except SandboxError as error:
            raise _explained(error, limits, is_full=prints.is_full) from None
        if text is None:
            message = f"The result is larger than {limits.result_chars:,} characters of JSON."
            raise CodeError("code_result_too_large", message, printed)
        try:
            return strict_json.loads(text.encode()), printed
        except strict_json.JsonFault as fault:
            raise CodeError("code_result_no_json", f"The result is no JSON value: {fault.message}", printed) from None

    def _no_python(self, source: str, error: Exception) -> ExpressionError:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        said = error.msg if isinstance(error, SyntaxError) else "this cannot be read"
        starts = [0, *(place + 1 for place, sign in enumerate(source) if sign == "\n")]
        position = Position.at(source, starts[min(line, len(starts)) - 1])
        return ExpressionError(f"Line {line}: {said}.", self._field, position, "code_syntax")


class CodeError(Exception):
    def __init__(self, code: str, message: str, printed: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.printed = printed


def _as_function(source: str, tree: ast.Module, parameters: list[str]) -> str:
    lines = source.split("\n")
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        row, column = last.lineno - 1, len(lines[last.lineno - 1].encode()[: last.col_offset].decode())
        lines[row] = f"{lines[row][:column]}return ({lines[row][column:]}"
        end = (last.end_lineno or 1) - 1
        # From the end of the text, for the beginning may have been shifted.
        rest = len(source.split("\n")[end].encode()[last.end_col_offset or 0 :].decode())
        cut = len(lines[end]) - rest
        lines[end] = f"{lines[end][:cut]}){lines[end][cut:]}"
    within_text = _lines_within_text(tree)
    body = [line if number in within_text else _INDENT + line for number, line in enumerate(lines, 1)]
    head = f"def __main({', '.join(parameters)}):"
    call = f"__out(__main({', '.join(f'__in_{name}' for name in parameters)}))"
    return "\n".join([head, *body, f"{_INDENT}pass", PROGRESS, TIMES, WRITER.format("__plain(value)"), call])


def _lines_within_text(tree: ast.Module) -> set[int]:
    """Lines that begin within a literal: what stands before them belongs to the text."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }


def _explained(error: SandboxError, limits: Limits, *, is_full: bool) -> CodeError:
    if is_full:
        return CodeError("code_printed_too_much", f"The code printed {TOO_MUCH}.", error.prints)
    if error.failure == "timeout":
        return CodeError("code_timeout", f"The code took longer than {limits.seconds:g} s.", error.prints)
    if error.failure == "memory":
        megabytes = limits.memory_bytes // 1024**2
        return CodeError("code_memory", f"The code needs more than {megabytes} MB.", error.prints)
    if error.failure == "crashed":
        return CodeError("code_crashed", f"The sandbox did not answer: {error.message}", error.prints)
    if error.frames and error.frames[-1].function in ("__out", "__text", "__plain"):
        return CodeError("code_result_no_json", f"The result is no JSON value: {error.message}", error.prints)
    lines = [frame.line - _BEFORE for frame in error.frames if frame.function != ""]
    where = f"Line {lines[-1]}: " if lines else ""
    return CodeError("code_failed", f"{where}{error.message}", error.prints)
