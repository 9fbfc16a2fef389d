"""What is wrong with one node's settings: its options, its kind's parameters, and its expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wire.strict_json import join_path
from workflows.expressions import CompiledParameters
from workflows.expressions.template import OPEN
from workflows.expressions.vocabulary import LOOP_ROOTS
from workflows.faults import Fault, at
from workflows.graph_reading import GraphNode
from workflows.node_settings import NodeOptions, common_options, node_settings
from workflows.nodes.base import Node
from workflows.nodes.schedule_trigger import is_without_schedule
from workflows.nodes.schema import compile_settings

_NO_RETRY = "A container is not tried again as a whole: say “retry” at the nodes in it, or lay a loop around it."
_HEAD = re.compile(r"[^.\[]+")


class Leads(Protocol):
    def leads(self, before: str, after: str) -> bool: ...


def check_settings(
    node: GraphNode,
    kind: Node,
    known: frozenset[str],
    upstream: Leads | None,
    roots: frozenset[str],
    *,
    own_schedule: bool = False,
) -> list[Fault]:
    """All faults of a node; `roots` are those of loops that it may read.

    The settings of a disabled one may be unfinished: it only hands its input on.
    """
    checker = _Checker(node, kind)
    checker.check_options()
    if node.data.get("disabled") is not True:
        if not (own_schedule and is_without_schedule(kind, checker.settings)):
            checker.check_parameters()
        checker.check_expressions(known, upstream, roots)
    return checker.faults


class _Checker:
    def __init__(self, node: GraphNode, kind: Node) -> None:
        self.node = node
        self.kind = kind
        self.settings = node_settings(kind, node.data)
        self.faults: list[Fault] = []

    def fault(self, code: str, message: str, field: str) -> None:
        path = f"{at('nodes', self.node.index, 'data')}{self._as_written(field)}"
        self.faults.append(Fault(path, code, message, "settings", node_id=self.node.id, field=field))

    def _as_written(self, field: str) -> str:
        """Where the setting stands in `data`: nested or flat. Under an alias it may go by another name; then
        only the node is named."""
        setting = _HEAD.match(field)
        head = setting.group() if setting else field
        if head in (self.node.data.get("parameters") or {}):
            return f".parameters.{field}"
        is_translated = head in self.settings and head not in self.node.data
        return "" if is_translated else f".{field}"

    def check_options(self) -> None:
        written = common_options(self.node.data)
        if not written:
            return
        try:
            options = NodeOptions.model_validate(written)
        except ValidationError as error:
            for wrong in error.errors(include_url=False):
                self.fault("invalid_option", _in_words(NodeOptions, wrong), join_path(wrong["loc"]))
            return
        if self.kind.is_container and options.retry and (options.retry.count or options.retry.codes):
            self.fault("invalid_option", _NO_RETRY, "retry")

    def check_parameters(self) -> None:
        try:
            self.kind.params.model_validate(self.settings)
        except ValidationError as error:
            for wrong in error.errors(include_url=False):
                if not _is_filled_later(wrong["input"]):
                    code = "missing_parameter" if wrong["type"] == "missing" else "invalid_parameter"
                    self.fault(code, _in_words(self.kind.params, wrong), join_path(wrong["loc"]))
        for field, message in self.kind.check(self.settings):
            self.fault("invalid_parameter", message, field)

    def check_expressions(self, known: frozenset[str], upstream: Leads | None, roots: frozenset[str]) -> None:
        compiled = self._compiled(self.settings, known)
        for error in compiled.errors:
            where = f" (character {error.position.offset + 1})" if error.position else ""
            self.fault(error.code or "bad_expression", f"{error.message}{where}", error.field)
        for root in sorted((compiled.roots & LOOP_ROOTS) - roots):
            self.fault("not_in_a_loop", f'"{root}" exists inside a loop only.', self._field_that_reads(root, known))
        if upstream:
            for id_ in sorted(compiled.node_ids):
                if not upstream.leads(id_, self.node.id):
                    message = f'"{id_}" does not come before this node, so its output is not there yet.'
                    self.fault("not_upstream", message, self._field_that_reads(id_, known))

    def _compiled(self, settings: Mapping[str, Any], known: frozenset[str]) -> CompiledParameters:
        return compile_settings(self.kind.params, settings, known)

    def _field_that_reads(self, name: str, known: frozenset[str]) -> str:
        """The first setting whose expressions read this node or root."""
        for field, value in self.settings.items():
            compiled = self._compiled({field: value}, known)
            if name in compiled.node_ids or name in compiled.roots:
                return field
        return ""


def _is_filled_later(value: Any) -> bool:
    """Whether a run's data will stand here: text with an expression, or a JSONPath."""
    return (isinstance(value, str) and OPEN in value) or (isinstance(value, dict) and "$path" in value)


def _in_words(model: type[BaseModel], wrong: ErrorDetails) -> str:
    field = model.model_fields.get(str(wrong["loc"][0])) if wrong["loc"] else None
    name = f"“{field.title}”" if field and field.title else "This"
    if wrong["type"] == "missing":
        inside = wrong["loc"][1:]
        return f"{name} is incomplete: {inside[-1]} is missing." if inside else f"{name} is required."
    if wrong["type"] == "literal_error":
        return f"{name} must be {wrong['ctx']['expected']}."
    return f"{name}: {wrong['msg'][0].lower()}{wrong['msg'][1:]}."
