"""Reads a node's settings once, for every run of a version: fixed values, paths, queries, sandbox code."""

import ast
from collections.abc import Collection, Mapping
from typing import Any

from wire import strict_json
from workflows.expressions import vocabulary
from workflows.expressions.errors import ExpressionError, Fault, Place
from workflows.expressions.limits import MAX_EXPRESSIONS
from workflows.expressions.parts import Computed, Fixed, Items, Members, Part, PathValue, QueryValue, Text
from workflows.expressions.paths import Path
from workflows.expressions.program import Expression, Program
from workflows.expressions.query import Query
from workflows.expressions.rewrite import Reads, Rewriter
from workflows.expressions.syntax import Source
from workflows.expressions.template import CLOSE, OPEN, Hole, split

Steps = tuple[str | int, ...]


class CompiledParameters:
    """Settings ready to be resolved. With `errors` there is nothing to run: show them instead."""

    def __init__(
        self,
        parts: Part,
        program: Program | None,
        paths: Collection[Path],
        errors: Collection[ExpressionError],
    ) -> None:
        self.parts = parts
        self.program = program
        self.errors = tuple(errors)
        self.roots = frozenset(path.root for path in paths)
        """The roots that are read, such as `item`, which exists in loops only."""
        self.node_ids = frozenset(path.node for path in paths if path.node is not None)

    @property
    def needs_sandbox(self) -> bool:
        return self.program is not None


def compile_parameters(
    params: Mapping[str, Any],
    node_ids: Collection[str],
    *,
    expressions: Collection[str] = (),
    verbatim: Collection[str] = (),
) -> CompiledParameters:
    """Any JSON object as settings; text in it may have holes. Mistakes end up in `errors`, all of them.

    `expressions` names the settings that are an expression without braces, `verbatim` those that are
    never looked into (the source of a code node). Within lists they are written `cases[].value`.
    """
    compiler = _Compiler(frozenset(node_ids), frozenset(expressions), frozenset(verbatim))
    return compiler.compiled(params)


def references(compiled: CompiledParameters) -> frozenset[str]:
    """The ids of the nodes whose output these settings read."""
    return compiled.node_ids


class _Compiler:
    def __init__(self, node_ids: frozenset[str], expressions: frozenset[str], verbatim: frozenset[str]) -> None:
        self._node_ids = node_ids
        self._bare = expressions
        self._verbatim = verbatim
        self._reads = Reads()
        self._uses: set[str] = set()
        self._paths: set[Path] = set()
        self._sandboxed: list[Expression] = []
        self._errors: list[ExpressionError] = []
        self._count = 0

    def compiled(self, params: Mapping[str, Any]) -> CompiledParameters:
        parts = self._object(dict(params), ())
        program = Program(self._sandboxed, self._reads, self._uses) if self._sandboxed else None
        return CompiledParameters(parts, program, self._paths | self._reads.paths, self._errors)

    # --- settings ---

    def _value(self, value: Any, steps: Steps) -> Part:
        if self._verbatim and _pattern(steps) in self._verbatim:
            return Fixed(value)
        if isinstance(value, str):
            return self._text(value, steps)
        if isinstance(value, list):
            return Items.of([self._value(item, (*steps, index)) for index, item in enumerate(value)])
        return self._object(value, steps) if isinstance(value, dict) else Fixed(value)

    def _object(self, value: dict[str, Any], steps: Steps) -> Part:
        if isinstance(value.get("$path"), str) and value.keys() <= {"$path", "default"}:
            return self._query(value, steps)
        return Members.of({key: self._value(member, (*steps, key)) for key, member in value.items()})

    def _query(self, value: dict[str, Any], steps: Steps) -> Part:
        place = Place(strict_json.join_path((*steps, "$path")), value["$path"])
        try:
            self._count_one()
            query = Query(value["$path"], self._node_ids)
        except Fault as fault:
            return self._failed(place, fault)
        self._paths |= query.starts
        return QueryValue(query, place, Fixed(value["default"]) if "default" in value else None)

    def _text(self, text: str, steps: Steps) -> Part:
        is_bare = bool(self._bare) and _pattern(steps) in self._bare
        if OPEN not in text and not is_bare:
            return Fixed(text)
        place = Place(strict_json.join_path(steps), text)
        try:
            pieces = [_bare(text)] if is_bare else split(text)
        except Fault as fault:
            return self._failed(place, fault)
        parts = [piece if isinstance(piece, str) else self._hole(piece, place) for piece in pieces]
        if len(parts) == 1 and not isinstance(parts[0], str):
            return parts[0]
        return Text(tuple(parts), place)

    # --- expressions ---

    def _hole(self, hole: Hole, setting: Place) -> Part:
        place = Place(setting.field, setting.text, hole.start)
        try:
            self._count_one()
            return self._expression(Source(hole.source), place)
        except Fault as fault:
            return self._failed(place, fault)
        except RecursionError:  # called from deep in a stack of its own
            return self._failed(place, Fault("expression_too_deep", "This expression is nested too deep."))

    def _expression(self, source: Source, place: Place) -> Part:
        rewriter = Rewriter(source, self._node_ids, self._reads)
        part = _literal(source.tree) or self._path(source.tree, place, rewriter)
        if part is not None:
            return part
        tree = rewriter.visit(source.tree)
        self._uses |= rewriter.uses
        self._sandboxed.append(Expression(source, place, tree))
        return Computed(len(self._sandboxed) - 1)

    def _path(self, tree: ast.expr, place: Place, rewriter: Rewriter) -> Part | None:
        """A plain path, or `default(path, literal)`: no sandbox needed."""
        path, default = self._whole_path(tree, rewriter), None
        match tree:
            case ast.Call(func=ast.Name(id=vocabulary.DEFAULT), args=[target, other], keywords=[]):
                path, default = rewriter.path(target), _literal(other)
                if default is None:
                    return None
        if path is None:
            return None
        self._paths.add(path)
        return PathValue(path, place, default)

    def _whole_path(self, tree: ast.expr, rewriter: Rewriter) -> Path | None:
        if isinstance(tree, ast.Name) and tree.id in self._node_ids - vocabulary.ROOTS:
            return Path("nodes", tree.id, ())  # alone, even an id such as "sum" means the node
        return rewriter.path(tree)

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MAX_EXPRESSIONS:
            raise Fault("expression_too_many", f"A node may have {MAX_EXPRESSIONS:,} expressions, no more.")

    def _failed(self, place: Place, fault: Fault) -> Part:
        if self._count <= MAX_EXPRESSIONS + 1:  # one too many is told once
            self._errors.append(place.error(fault))
        return Fixed(None)


def _pattern(steps: Steps) -> str:
    """`cases[].value` for the steps `cases`, 3, `value`."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _bare(text: str) -> Hole:
    """A setting that is an expression needs no braces, but may have them."""
    hole = Hole.within(text, 0, len(text))
    if hole.source.startswith(OPEN) and hole.source.endswith(CLOSE):
        end = hole.start + len(hole.source)
        return Hole.within(text, hole.start + len(OPEN), end - len(CLOSE))
    return hole


def _literal(tree: ast.expr) -> Fixed | None:
    """A constant such as `"{{"` or `[1, 2]`; what is no JSON (a set) is left for the sandbox to refuse."""
    try:
        value = ast.literal_eval(tree)
        strict_json.check_value(value)
    except (ValueError, TypeError):
        return None
    return Fixed(value)
