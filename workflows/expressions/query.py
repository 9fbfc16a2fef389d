"""`{"$path": "$.input.items[?@.price > 5].id", "default": []}`: JSONPath (RFC 9535) over the same roots.

Queries run in-process and cannot be interrupted, so they are metered: every value that a query comes by and
every test of a filter costs steps, and the steps are limited. `match` and `search` are not offered, because
a pattern of the author's could keep Python's regex engine busy for ever.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError, JSONPathMatch, JSONPathTypeError, NodeList
from jsonpath.filter import BaseExpression, FilterExpression, FilterQuery, RootFilterQuery
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import Filter, FilterContext, NameSelector

from workflows.expressions.errors import Fault
from workflows.expressions.limits import MAX_QUERY, MAX_QUERY_STEPS
from workflows.expressions.paths import MISSING, Path, read
from workflows.expressions.scope import Scope
from workflows.expressions.vocabulary import ROOTS

INVALID = "expression_query"
_METER = "meter"


class Query:
    """A compiled query. A singular one (names and indexes only) finds one value, any other a list of values."""

    def __init__(self, text: str, node_ids: frozenset[str]) -> None:
        if len(text) > MAX_QUERY:
            raise Fault(INVALID, f"A query may have {MAX_QUERY} characters, this has {len(text)}.")
        compiled = _compile(text)
        self._text = text
        self.is_singular = compiled.singular_query()
        self.starts = frozenset(_start(path, node_ids) for path in (compiled, *_absolute(compiled)))
        self._path = _metered(compiled)

    def find(self, scope: Scope) -> Any:
        """One value, or a list of values. Raises Fault where a singular query finds nothing."""
        try:
            matches = self._path.finditer(self._document(scope), filter_context={_METER: _Meter(MAX_QUERY_STEPS)})
            found = [match.obj for match in matches]
        except _OutOfStepsError:
            raise Fault("expression_query_too_long", "The query looks at too many values; narrow it down.") from None
        except JSONPathError as error:
            raise Fault(INVALID, f"The query failed: {_message(error)}") from None
        if not self.is_singular:
            return found
        if not found:
            raise Fault(MISSING, f"There is nothing at {self._text}.")
        return found[0]

    def _document(self, scope: Scope) -> dict[str, Any]:
        """Only what the query starts from. What is not there is left out, and so is not found."""
        document: dict[str, Any] = {"nodes": {}}
        for start in self.starts:
            here, name = (document["nodes"], start.node) if start.node else (document, start.root)
            with suppress(Fault):
                here[name] = read(start, scope)
        return document


def _compile(text: str) -> JSONPath:
    try:
        compiled = _environment.compile(text)
    except JSONPathError as error:
        offset = error.token.index if error.token and error.token.index >= 0 else len(text)
        raise Fault(INVALID, f"Not a JSONPath query: {_message(error)}", offset) from None
    except RecursionError:
        raise Fault(INVALID, "This query is nested too deep.") from None
    if not isinstance(compiled, JSONPath):  # a union, which strict queries cannot be
        raise TypeError(text)
    return compiled


def _message(error: JSONPathError) -> str:
    return f"{error.args[0]}." if error.args else "it cannot be read."


def _start(path: JSONPath, node_ids: frozenset[str]) -> Path:
    """Where in the scope the query starts: it must say so with its first names, as data is fetched by them."""
    names = _leading_names(path)
    root = next(names, None)
    if root not in ROOTS:
        raise Fault(INVALID, f'A query begins with "$." and one of {", ".join(sorted(ROOTS))}.')
    if root != "nodes":
        return Path(root, None, ())
    node = next(names, None)
    if node not in node_ids:
        raise Fault(
            "expression_unknown_node",
            f'There is no node "{node}" in this workflow.' if node else "Name the node: $.nodes.some_id.",
        )
    return Path("nodes", node, ())


def _leading_names(path: JSONPath) -> Iterator[str]:
    for segment in path.segments:
        first = segment.selectors[0]
        if not isinstance(segment, JSONPathChildSegment) or len(segment.selectors) > 1:
            return
        if not isinstance(first, NameSelector):
            return
        yield first.name


def _absolute(path: JSONPath) -> Iterator[JSONPath]:
    """The queries in its filters that begin with "$" too, however deep."""
    for selector in _filters(path):
        for query in _queries(selector.expression):
            if isinstance(query, RootFilterQuery):
                yield query.path
            yield from _absolute(query.path)


def _filters(path: JSONPath) -> Iterator[Filter]:
    for segment in path.segments:
        yield from (selector for selector in segment.selectors if isinstance(selector, Filter))


def _queries(test: BaseExpression) -> Iterator[FilterQuery]:
    """The queries of a test itself, without those of filters within them."""
    return (node for node in _nodes(test) if isinstance(node, FilterQuery))


def _nodes(test: BaseExpression) -> Iterator[BaseExpression]:
    yield test
    if not isinstance(test, FilterQuery):
        for child in test.children():
            yield from _nodes(child)


# --- metering ---


def _metered(path: JSONPath) -> "_MeteredPath":
    for selector in _filters(path):
        size = sum(1 for _ in _nodes(selector.expression))
        for query in _queries(selector.expression):
            query.path = _metered(query.path)
        selector.expression = _MeteredTest(selector.expression.expression, size)
    return _MeteredPath(env=_environment, segments=path.segments)


class _OutOfStepsError(Exception):
    pass


class _Meter:
    def __init__(self, steps: int) -> None:
        self.steps = steps

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise _OutOfStepsError


class _MeteredMatch(JSONPathMatch):
    """A value that a query came by. It costs its members too: whatever comes next looks at each of them."""

    __slots__ = ()

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        members = len(self.obj) if isinstance(self.obj, list | dict) else 0
        self.filter_context()[_METER].spend(1 + members)

    def new_child(self, obj: object, key: int | str) -> JSONPathMatch:
        """Only values are asked for, so none keeps track of the way to it."""
        return _MeteredMatch(
            filter_context=self.filter_context(), obj=obj, parent=None, path="", parts=(), root=self.root
        )

    def add_child(self, *children: JSONPathMatch) -> None:
        pass


class _MeteredPath(JSONPath):
    __slots__ = ()

    def finditer(self, data: Any, *, filter_context: Mapping[str, Any] | None = None) -> Iterable[JSONPathMatch]:
        matches: Iterable[JSONPathMatch] = [
            _MeteredMatch(filter_context=filter_context, obj=data, parent=None, path="", parts=(), root=data)
        ]
        for segment in self.segments:
            matches = segment.resolve(matches)
        return matches


class _MeteredTest(FilterExpression):
    """A whole test of a filter; its size is what asking it costs."""

    __slots__ = ("_size",)

    def __init__(self, expression: BaseExpression, size: int) -> None:
        super().__init__(expression)
        self._size = size

    def evaluate(self, context: FilterContext) -> bool:
        context.extra_context[_METER].spend(self._size)
        return super().evaluate(context)


class _Environment(JSONPathEnvironment):
    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        del self.function_extensions["match"], self.function_extensions["search"]

    def compare(self, left: object, operator: str, right: object) -> bool:
        if operator not in ("&&", "||") and _is_container(left) and _is_container(right):
            # Comparing two whole trees is not metered.
            raise JSONPathTypeError("a filter compares text, numbers, true, false and null, not lists and objects")
        return super().compare(left, operator, right)


def _is_container(value: object) -> bool:
    return isinstance(value, list | dict) and not isinstance(value, NodeList)


_environment = _Environment(strict=True, filter_caching=False)
