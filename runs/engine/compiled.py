"""A version made ready to run, once: its plan, and for every node its kind, options and settings.

Versions never change, so what is compiled is kept by version id.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from pydantic import ValidationError

from runs.engine import queries
from runs.engine.database import Database
from runs.engine.plan import BrokenPlan, EdgeSpec, Inside, Join, NodeSpec, Place, Plan, compile_plan
from workflows.expressions import CompiledParameters, ExpressionError, Scope, resolve, resolve_now
from workflows.node_settings import NodeOptions, node_settings
from workflows.nodes.approve import Approve
from workflows.nodes.base import Node, NodeError, Params, Repeat, RetryRule
from workflows.nodes.schema import compile_settings
from workflows.requirements import ENGINE_FORMAT

KEPT = 500
LONGEST_BACK_OFF = timedelta(days=1)


class Kinds(Protocol):
    """The registry of node kinds, as far as the engine needs it."""

    def get(self, name: str) -> Node | None: ...

    def names(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class NodeLimits:
    """What no node of a workflow may exceed, where it has such limits."""

    node_seconds: float | None = None
    """At work, waiting apart."""
    delay_seconds: float | None = None
    items: int | None = None
    """Of one loop."""

    def check_delay(self, delay: timedelta) -> None:
        if self.delay_seconds is not None and delay > timedelta(seconds=self.delay_seconds):
            message = f"A delay can be {self.delay_seconds:g} seconds at most in this workflow."
            raise NodeError("delay_too_long", message, field="duration", retryable=False)

    def check_items(self, items: int) -> None:
        if self.items is not None and items > self.items:
            message = f"A loop goes over {self.items:,} items at most in this workflow; these are {items:,}."
            raise NodeError("too_many_items", message, field="items", retryable=False)


UNLIMITED = NodeLimits()


@dataclass(frozen=True, slots=True)
class Step:
    """One node of a version. With a `fault` it fails when it is reached, and says why."""

    node_id: str
    kind: str
    node: Node
    options: NodeOptions
    parameters: CompiledParameters
    fixed: Params | None
    """Settings without any expression: checked once."""
    fault: NodeError | None = None
    limits: NodeLimits = UNLIMITED

    @property
    def runs_inline(self) -> bool:
        """No effect, no waiting, no sandbox: run where it stands, without waiting for the disk."""
        return self.fault is not None or (self.node.pure and not self.parameters.needs_sandbox)

    @property
    def makes_items(self) -> bool:
        """What this container goes over is made for it alone, and is no part of what an earlier node gave."""
        return self.parameters.needs_sandbox and not self.node.repeats

    def settings_now(self, scope: Scope) -> Params:
        return self.fixed or self._checked(_resolved(lambda: resolve_now(self.parameters, scope)))

    async def settings(self, scope: Scope) -> Params:
        if self.fixed is not None:
            return self.fixed
        try:
            return self._checked(await resolve(self.parameters, scope))
        except ExpressionError as error:
            raise expression_fault(error) from None

    def repeat(self, settings: Params | None) -> Repeat:
        """What a repeat after a crash may do: the author's word, else the kind's for these settings."""
        if self.options.repeat is not None:
            return self.options.repeat
        return self.node.repeat if settings is None else self.node.repeat_of(settings)

    def _checked(self, values: Any) -> Params:
        try:
            return self.node.params.model_validate(values)
        except ValidationError as error:
            raise settings_fault(error) from None


@dataclass(frozen=True, slots=True)
class Compiled:
    version_id: str
    plan: Plan
    steps: Mapping[str, Step]
    bodies: Mapping[str, Step]
    """What runs in each pass of a container that is drawn as one node."""
    workflow: Mapping[str, Any]
    approvals: tuple[str, ...] = ()
    """The nodes that ask somebody."""
    is_beyond: bool = False
    """It needs a node kind, or a format of the engine, that this process does not know."""

    def step(self, place: Place) -> Step:
        if place.node_id in self.bodies:
            depth = place.iteration.count(".") + 1 if place.iteration else 0
            if depth > len(self.plan.chains.get(place.node_id, ())):
                return self.bodies[place.node_id]
        return self.steps[place.node_id]


def back_off(rule: RetryRule, failures: int) -> timedelta:
    """How long to wait after so many failed attempts."""
    factors = {"fixed": 1, "linear": failures, "exponential": 2 ** (failures - 1)}
    return min(timedelta(seconds=rule.delay * factors[rule.backoff]), LONGEST_BACK_OFF)


class SettingError(NodeError):
    """A setting that cannot be used. `position` says where in its text."""

    def __init__(self, code: str, message: str, field: str | None, position: Mapping[str, int] | None = None) -> None:
        super().__init__(code, message, field=field, retryable=False)
        self.position = position


def expression_fault(error: ExpressionError) -> NodeError:
    position = None if error.position is None else asdict(error.position)
    return SettingError(error.code or "expression_failed", error.message, error.field, position)


def settings_fault(error: ValidationError) -> NodeError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    return SettingError("settings_invalid", f"{first['msg']}.", field or None)


def _resolved(resolving: Any) -> Any:
    try:
        return resolving()
    except ExpressionError as error:
        raise expression_fault(error) from None


# --- compiling ---


def compile_version(
    version_id: str,
    nodes: Sequence[tuple[str, str, Mapping[str, Any], str | None]],
    edges: Sequence[tuple[str, str, str | None]],
    workflow: Mapping[str, Any],
    kinds: Kinds,
    limits: NodeLimits = UNLIMITED,
) -> Compiled:
    """`nodes` are (id, kind, data, parent), `edges` (source, target, handle). Raises BrokenPlan."""
    ids = [node_id for node_id, *_ in nodes]
    steps = {
        node_id: replace(_step(node_id, kind, data, ids, kinds), limits=limits) for node_id, kind, data, _ in nodes
    }
    bodies = {
        node_id: _step(node_id, kind, node_settings(node, data), ids, kinds, node.expands[1])
        for node_id, kind, data, _ in nodes
        if (node := kinds.get(kind)) and node.expands
    }
    specs = [node_spec(node_id, kinds.get(kind) or UNKNOWN, data, parent) for node_id, kind, data, parent in nodes]
    plan = compile_plan(specs, [EdgeSpec(*edge) for edge in edges])
    approvals = tuple(step.node_id for step in steps.values() if step.node.kind == Approve.kind)
    is_beyond = any(isinstance(step.node, _Unknown) and not step.options.disabled for step in steps.values())
    return Compiled(version_id, plan, steps, bodies, workflow, approvals, is_beyond)


def node_spec(node_id: str, node: Node, data: Mapping[str, Any], parent: str | None) -> NodeSpec:
    """What the plan needs to know of a node whose `data` is written so."""
    inside = Inside(node.repeats, node.loop_roots) if node.is_container else None
    if node.expands:
        inside = Inside(loop_roots=node.loop_roots, body=NodeSpec(node_id, node.expands[1]))
    join = node.join(node_settings(node, data))
    disabled = data.get("disabled") is True
    started_by = Join(*join) if join else None
    return NodeSpec(node_id, node.kind, node.is_trigger, disabled, parent, inside, started_by, node.assigns)


class _Unknown(Node):
    """Stands for a kind that this process does not know; its node fails when it is reached."""

    kind = "unknown"
    title = description = icon = "unknown"
    category = "action"


UNKNOWN = _Unknown()


def _step(
    node_id: str, kind: str, data: Mapping[str, Any], ids: Sequence[str], kinds: Kinds, runs_as: str | None = None
) -> Step:
    """`runs_as` is the kind that does the work, where that is another."""
    node = kinds.get(runs_as or kind)
    if node is not None and node.expands:
        node = kinds.get(node.expands[0])
    fault = None
    if node is None:
        node = UNKNOWN
        fault = NodeError("unknown_component", f"This server has no component {kind!r}.", retryable=False)
    try:
        options = NodeOptions.of(data)
    except ValidationError as error:
        options, fault = NodeOptions.model_construct(), fault or settings_fault(error)
    parameters = compile_settings(node.params, node_settings(node, data), ids)
    step = Step(node_id, kind, node, options, parameters, None, fault)
    if fault is not None or not _is_fixed(parameters):
        return step
    try:
        fixed = step.settings_now(Scope({}))
    except NodeError as error:
        return Step(node_id, kind, node, options, parameters, None, error)
    return Step(node_id, kind, node, options, parameters, fixed)


def _is_fixed(parameters: CompiledParameters) -> bool:
    return not (parameters.needs_sandbox or parameters.roots or parameters.errors)


# --- by version id ---


class Versions:
    """Compiled versions, the most recently used ones. Filled and asked in one thread."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._kept: OrderedDict[str, Compiled | BrokenPlan] = OrderedDict()

    def get(self, database: Database, version_ids: Sequence[str]) -> dict[str, Compiled | BrokenPlan]:
        missing = [version_id for version_id in dict.fromkeys(version_ids) if version_id not in self._kept]
        if missing:
            self._load(database, missing)
        found = {}
        for version_id in version_ids:
            self._kept.move_to_end(version_id)
            found[version_id] = self._kept[version_id]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _load(self, database: Database, version_ids: list[str]) -> None:
        ids = {"ids": json.dumps(version_ids)}
        nodes: dict[str, list[tuple[str, str, Any, str | None]]] = {version_id: [] for version_id in version_ids}
        edges: dict[str, list[tuple[str, str, str | None]]] = {version_id: [] for version_id in version_ids}
        for version_id, node_id, kind, data, parent in database.rows(queries.VERSION_NODES, ids):
            nodes[version_id].append((node_id, kind, json.loads(data), parent))
        for version_id, source, target, handle in database.rows(queries.VERSION_EDGES, ids):
            edges[version_id].append((source, target, handle))
        named = {row[0]: row[1:] for row in database.rows(queries.VERSION_WORKFLOWS, ids)}
        for version_id in version_ids:
            *words, limits, engine_format = named.get(version_id, (None, None))
            workflow = dict(zip(("id", "key", "name"), words, strict=False))
            drawing = nodes[version_id], edges[version_id], workflow
            within = NodeLimits(**json.loads(limits)) if limits else UNLIMITED
            self._kept[version_id] = self._compiled(version_id, drawing, within, engine_format or ENGINE_FORMAT)

    def _compiled(
        self,
        version_id: str,
        drawing: tuple[list[Any], list[Any], Mapping[str, Any]],
        limits: NodeLimits,
        engine_format: int,
    ) -> Compiled | BrokenPlan:
        nodes, edges, workflow = drawing
        if engine_format > ENGINE_FORMAT:  # nobody here knows how to read it
            return replace(compile_version(version_id, [], [], workflow, self._kinds), is_beyond=True)
        try:
            return compile_version(version_id, nodes, edges, workflow, self._kinds, limits)
        except BrokenPlan as broken:
            return broken
