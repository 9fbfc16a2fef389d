"""Turns an author's expression into what the sandbox runs, and finds the data that it reads.

`a.b` on data becomes a look-up of the key "b". A chain that starts at a root (`input.items[0].price`) is
resolved outside, before the sandbox starts, and stands in the program as one variable, so that only those
subtrees are sent. A call such as `x.lower()` stays a method call.
"""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from workflows.expressions import vocabulary
from workflows.expressions.paths import Path
from workflows.expressions.syntax import Source, fault_at

GET = "__get"
OR_ELSE = "__or_else"

_ALLOWED = (
    ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Constant, ast.JoinedStr, ast.FormattedValue,
    ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Subscript, ast.Slice, ast.Starred, ast.Call, ast.keyword, ast.Name,
    ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context, ast.arguments, ast.arg, ast.comprehension,
)  # fmt: skip

_NOT_OFFERED: dict[type[ast.AST], str] = {
    ast.NamedExpr: "An expression cannot assign to a name with :=.",
    ast.Await: "An expression cannot wait with await.",
    ast.Yield: "yield is not possible in an expression.",
    ast.YieldFrom: "yield is not possible in an expression.",
}


@dataclass
class Reads:
    """The paths that the expressions of one node read, each under the variable that holds its value."""

    variables: dict[Path, str] = field(default_factory=dict)
    presence: dict[Path, str] = field(default_factory=dict)
    """For `default(path, …)`: the variable that says whether the path is there."""

    def variable(self, path: Path) -> str:
        return self.variables.setdefault(path, f"__path{len(self.variables)}")

    @property
    def paths(self) -> set[Path]:
        return {*self.variables, *self.presence}

    def is_there(self, path: Path) -> str:
        return self.presence.setdefault(path, f"__there{len(self.presence)}")


class Rewriter(ast.NodeTransformer):
    """For one expression. `uses` gathers the modules and helpers that its program needs."""

    def __init__(self, source: Source, node_ids: frozenset[str], reads: Reads) -> None:
        self.uses: set[str] = set()
        self._source = source
        self._node_ids = node_ids
        self._reads = reads
        self._own_names: frozenset[str] = frozenset()

    # --- paths ---

    def path(self, node: ast.expr) -> Path | None:
        """The node as a path from a root through fixed keys, or None. Raises Fault for a node that is not there."""
        keys: list[str | int] = []
        while isinstance(node, ast.Attribute | ast.Subscript) and (key := _fixed_key(node)) is not None:
            keys.append(key)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self._own_names:
            return None
        if node.id == "nodes":
            return self._node_path(node, keys[::-1])
        if node.id in vocabulary.ROOTS:
            return Path(node.id, None, tuple(keys[::-1]))
        if node.id in self._node_ids and (keys or node.id not in vocabulary.FUNCTIONS | vocabulary.HELPERS):
            return Path("nodes", node.id, tuple(keys[::-1]))
        return None

    def _node_path(self, node: ast.expr, keys: Sequence[str | int]) -> Path:
        if not keys or not isinstance(keys[0], str):
            self._refuse(node, "unknown_node", 'Name the node: nodes.some_id, or nodes["some-id"].')
        if keys[0] not in self._node_ids:
            self._refuse(node, "unknown_node", f'There is no node "{keys[0]}" in this workflow.')
        return Path("nodes", keys[0], tuple(keys[1:]))

    # --- names and attributes ---

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._own_names:
            return node
        if path := self.path(node):
            return self._variable(node, path)
        if node.id in vocabulary.IMPORTS:
            self.uses.add(node.id)
        elif node.id in vocabulary.HELPERS:
            self._refuse(node, "syntax", f"{node.id} is a function, write {node.id}(…).")
        elif node.id not in vocabulary.FUNCTIONS:
            self._refuse(node, "unknown_name", _unknown(node.id))
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if path := self.path(node):
            return self._variable(node, path)
        if self._is_module(node.value):
            return ast.copy_location(ast.Attribute(self.visit(node.value), node.attr, node.ctx), node)
        self.uses.add(GET)
        got = _call(GET, [self.visit(node.value), ast.Constant(node.attr)])
        return ast.copy_location(got, node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if path := self.path(node):
            return self._variable(node, path)
        return self.generic_visit(node)

    def _variable(self, node: ast.expr, path: Path) -> ast.expr:
        return ast.copy_location(ast.Name(self._reads.variable(path), ast.Load()), node)

    def _is_module(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in vocabulary.IMPORTS and node.id not in self._own_names

    # --- calls ---

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        if isinstance(function, ast.Name) and function.id not in self._own_names:
            if function.id == vocabulary.DEFAULT:
                return self._default(node)
            if function.id in vocabulary.HELPERS:
                self.uses.add(function.id)
                node.func = ast.copy_location(ast.Name(f"__{function.id}", ast.Load()), function)
            elif function.id in vocabulary.IMPORTS:
                self.uses.add(function.id)
            elif function.id not in vocabulary.FUNCTIONS:
                self._refuse(function, "unknown_name", f'There is no function "{function.id}".')
        elif isinstance(function, ast.Attribute):
            node.func = self._method(function)
        else:
            node.func = self.visit(function)
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(argument) for argument in node.keywords]
        return node

    def _method(self, method: ast.Attribute) -> ast.expr:
        if method.attr in vocabulary.CHANGING_METHODS:
            self._refuse(method, "changes_data", f"Expressions cannot change data, so {method.attr}() is not offered.")
        owner = method.value
        if isinstance(owner, ast.Name) and self._is_module(owner):
            self.uses.add(owner.id)  # even where a node has that id: a node's output has no such method
        else:
            owner = self.visit(owner)
        return ast.copy_location(ast.Attribute(owner, method.attr, ast.Load()), method)

    def _default(self, node: ast.Call) -> ast.expr:
        """`default(path, value)`: both sides are looked at only when needed, as in `path if there else value`."""
        if len(node.args) != 2 or node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
            self._refuse(node, "syntax", "default() takes a path and the value to use where the path is not there.")
        target, value = node.args
        if path := self.path(target):
            there = ast.Name(self._reads.is_there(path), ast.Load())
            return ast.copy_location(ast.IfExp(there, self._variable(target, path), self.visit(value)), node)
        if not isinstance(target, ast.Attribute | ast.Subscript | ast.Name):
            self._refuse(target, "syntax", "default() takes a path first, such as input.user.name.")
        self.uses.add(OR_ELSE)
        call = _call(OR_ELSE, [_later(self.visit(target)), _later(self.visit(value))])
        return ast.copy_location(call, node)

    # --- an author's own names ---

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        every = node.args
        names = [*every.posonlyargs, *every.args, *every.kwonlyargs, *filter(None, [every.vararg, every.kwarg])]
        every.defaults = [self.visit(value) for value in every.defaults]
        every.kw_defaults = [value and self.visit(value) for value in every.kw_defaults]
        with self._naming(node, [argument.arg for argument in names]):
            node.body = self.visit(node.body)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehension(node)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> ast.AST:
        outside = self._own_names
        for part in node.generators:
            if part.is_async:
                self._refuse(node, "not_offered", "async is not possible in an expression.")
            part.iter = self.visit(part.iter)
            self._own_names |= self._checked(node, self._target_names(part.target))
            part.ifs = [self.visit(condition) for condition in part.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        self._own_names = outside
        return node

    def _target_names(self, target: ast.expr) -> list[str]:
        names = []
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                names.append(node.id)
            elif isinstance(node, ast.Attribute | ast.Subscript):
                self._refuse(node, "not_offered", "A loop's variable is a name of its own.")
        return names

    @contextmanager
    def _naming(self, node: ast.expr, names: Sequence[str]) -> Iterator[None]:
        outside = self._own_names
        self._own_names |= self._checked(node, names)
        yield
        self._own_names = outside

    def _checked(self, node: ast.expr, names: Sequence[str]) -> frozenset[str]:
        for name in names:
            if name.startswith(vocabulary.RESERVED_PREFIX):
                self._refuse(node, "not_offered", f'A name of your own cannot begin with two underscores: "{name}".')
        return frozenset(names)

    # --- the rest ---

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _ALLOWED):
            message = _NOT_OFFERED.get(type(node), "This is not possible in an expression.")
            self._refuse(node, "not_offered", message)
        return super().generic_visit(node)

    def _refuse(self, node: ast.AST, code: str, message: str) -> NoReturn:
        raise fault_at(self._source, node, f"expression_{code}", message)


def _fixed_key(node: ast.Attribute | ast.Subscript) -> str | int | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    key, sign = node.slice, 1
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub):
        key, sign = key.operand, -1
    if not isinstance(key, ast.Constant):
        return None
    if isinstance(key.value, int) and not isinstance(key.value, bool):
        return sign * key.value
    return key.value if isinstance(key.value, str) and sign == 1 else None


def _call(function: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), arguments, [])


def _later(value: ast.expr) -> ast.Lambda:
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(nothing, value)


def _unknown(name: str) -> str:
    if name in vocabulary.OTHER_SPELLINGS:
        return f'"{name}" is written {vocabulary.OTHER_SPELLINGS[name]} in Python.'
    roots = ", ".join(sorted(vocabulary.ROOTS))
    return f'There is no "{name}": no node has this id, and the names for data are {roots}.'
