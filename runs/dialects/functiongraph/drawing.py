"""A flow as a workflow on our canvas. Pure.

A state becomes the node of its id; one with several actions or with a filter becomes a few, `id/in`, `id/1`, … and
`id`, so that the node of the state's id always gives the state's output. The definition stays with the trigger node.
An enabled timer becomes a schedule beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from runs.dialects.functiongraph.arguments import Arguments, has_queries
from runs.dialects.functiongraph.flows import Action, Flow, OnError, State
from runs.dialects.functiongraph.timers import schedule_of
from workflows.nodes.base import Node
from workflows.nodes.registry import REGISTRY

KEPT_AS = "flow"
"""The trigger node's setting that holds the definition as it was sent."""
MERGE = "merge_fn_parameters"
"""The run's metadata that says whether a state's arguments are merged over the output before it."""

Json = dict[str, Any]

_NEVER: Json = {"count": 0}


def document_of(flow: Flow, body: Json) -> Json:
    """Nodes and edges. Raises BadRequest for what cannot be run here."""
    drawing = _Drawing(flow, body)
    for place, state in enumerate(flow.states):
        drawing.add(state, f"states[{place}]")
    return {"nodes": drawing.nodes, "edges": drawing.edges}


def state_of(node_id: str) -> str:
    """The id of the state that a node belongs to."""
    return node_id.partition("/")[0]


@dataclass
class _Drawing:
    flow: Flow
    body: Json
    nodes: list[Json] = field(default_factory=list)
    edges: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        taken = {state.id for state in self.flow.states}
        trigger = "start"
        while trigger in taken:
            trigger = f"_{trigger}"
        first = self._entry(self._state(self.flow.start))
        self._node(trigger, "manual_trigger", label="Start", **{KEPT_AS: self.body})
        self._edge(trigger, first)
        for place, timer in enumerate(self.flow.triggers or ()):
            if timer.is_enabled:
                node_id, path = f"{trigger}/{place + 1}", f"triggers[{place}].trigger_config"
                schedule = schedule_of(timer.trigger_config or {}, path)
                self._node(node_id, "schedule_trigger", label=timer.trigger_name, **schedule)
                self._edge(node_id, first)

    def add(self, state: State, path: str) -> None:
        root = "trigger" if state.id == self.flow.start else "input"
        if state.type == "Sleep":
            self._node(state.id, "delay", label=state.name, duration=state.duration, unit="seconds")
        elif self._is_simple(state):
            self._single(state, root, path)
        else:
            self._several(state, root, path)
        if not state.is_last and state.transition is not None:
            self._edge(state.id, self._entry(self._state(state.transition)))

    def _single(self, state: State, root: str, path: str) -> None:
        if state.actions:
            self._action(state, state.actions[0], state.id, state.name, root, f"{path}.actions[0]")
        else:
            self._node(state.id, "transform", label=state.name, expression=root)

    def _several(self, state: State, root: str, path: str) -> None:
        """The state's input, its actions in a row or side by side, and what comes of them."""
        first = f"{state.id}/in"
        filters = state.state_data_filter
        wanted = self._filtered(filters.input if filters else None, root, f"{path}.state_data_filter.input")
        self._node(first, "transform", label=f"{state.name}: input", expression=wanted)
        actions = state.actions or []
        before = first
        for place, action in enumerate(actions):
            node_id = f"{state.id}/{place + 1}"
            label = f"{state.name}: {action.function_ref.ref_name}"
            self._action(state, action, node_id, label, _output_of(first), f"{path}.actions[{place}]")
            entry = f"{node_id}/arguments" if self._looks_up(action) else node_id
            self._edge(first if state.action_mode == "parallel" else before, entry)
            before = node_id
        if state.action_mode == "parallel" and actions:
            before = f"{state.id}/all"
            self._node(before, "transform", label=f"{state.name}: all", expression=_together(state))
            for place in range(len(actions)):
                self._edge(f"{state.id}/{place + 1}", before)
        self._edge(before, state.id)
        result = self._filtered(filters.output if filters else None, "input", f"{path}.state_data_filter.output")
        self._node(state.id, "transform", label=state.name, expression=result)

    def _action(self, state: State, action: Action, node_id: str, label: str, root: str, path: str) -> None:
        reference = action.function_ref
        target = self._target(action)
        arguments = Arguments(root, self.flow.constants or {}, f"{path}.function_ref.arguments")
        if _kind_of(target):
            settings = {"componentId": target, **arguments.setting(reference.arguments or {})}
        else:
            own = self._own(action, arguments, node_id, label)
            asked = f'default(run.metadata.{MERGE}, "") == "true" and isinstance({root}, dict)'
            payload = f"{{{{ {{**({root} if {asked} else {{}}), **{own}}} }}}}"
            settings = {"componentId": "sub_workflow", "workflow": target, "payload": payload}
        handlers = state.on_errors or []
        if retry := self._retry(handlers):
            settings["retry"] = retry
        if any(handler.transition for handler in handlers):
            settings["on_error"] = "error"
        self._node(node_id, settings.pop("componentId"), label=label, **settings)
        self._on_errors(node_id, label, handlers)

    def _own(self, action: Action, arguments: Arguments, node_id: str, label: str) -> str:
        """The arguments as one expression."""
        given = action.function_ref.arguments or {}
        if not self._looks_up(action):
            return arguments.expression(given)
        first = f"{node_id}/arguments"
        self._node(first, "set", label=f"{label}: arguments", mapping=arguments.setting(given))
        self._edge(first, node_id)
        return _output_of(first)

    def _retry(self, handlers: list[OnError]) -> Json | None:
        """The rule of the first entry that fits an error; one that names no error ends the search."""
        codes: dict[str, Json] = {}
        others = _NEVER
        for handler in handlers:
            if _fits_all(handler):
                others = self._rule(handler)
                break
            codes.setdefault(handler.error or "", self._rule(handler))
        codes = {code: rule for code, rule in codes.items() if rule != others}
        return {**others, **({"codes": codes} if codes else {})} if codes or others["count"] else None

    def _rule(self, handler: OnError) -> Json:
        retry = next((each for each in self.flow.retries or () if each.name == handler.retry_ref), None)
        if retry is None:
            return _NEVER
        return {"count": retry.max_attempts or 0, "delay": retry.delay or 0, "backoff": "fixed"}

    def _on_errors(self, node_id: str, label: str, handlers: list[OnError]) -> None:
        """The way of the first entry that fits; several are told apart by the error's code."""
        ways = [handler for handler in handlers if handler.transition]
        if not ways:
            return
        if len(ways) == 1 and _fits_all(ways[0]):
            self._edge(node_id, self._entry(self._state(ways[0].transition or "")), "error")
            return
        choice, failed = f"{node_id}/error", f"{node_id}/failed"
        cases = [{"name": f"case_{n + 1}", "conditions": [_condition(way)]} for n, way in enumerate(ways)]
        self._node(choice, "switch", label=f"{label}: which error", cases=cases)
        self._edge(node_id, choice, "error")
        for n, way in enumerate(ways):
            self._edge(choice, self._entry(self._state(way.transition or "")), f"case_{n + 1}")
        message = "{{ input.error.message }}"
        self._node(failed, "stop", label=f"{label}: failed", status="failed", message=message)
        self._edge(choice, failed, "default")

    def _filtered(self, query: str | None, root: str, path: str) -> Any:
        if query is None:
            return root
        arguments = Arguments(root, self.flow.constants or {}, path)
        return arguments.setting(query) if has_queries(query) else arguments.expression(query)

    def _state(self, state_id: str) -> State:
        return next(state for state in self.flow.states if state.id == state_id)

    def _entry(self, state: State) -> str:
        return state.id if state.type == "Sleep" or self._is_simple(state) else f"{state.id}/in"

    def _is_simple(self, state: State) -> bool:
        """One node is enough."""
        actions = state.actions or []
        looks_up = any(self._looks_up(action) for action in actions)
        return state.type == "End" or (len(actions) <= 1 and state.state_data_filter is None and not looks_up)

    def _looks_up(self, action: Action) -> bool:
        """Its arguments are made by a node of their own: only settings hold queries, and a sub-flow's arguments are
        an expression."""
        return _kind_of(self._target(action)) is None and has_queries(action.function_ref.arguments)

    def _target(self, action: Action) -> str:
        named = action.function_ref.ref_name
        return next(each.target for each in self.flow.functions or () if each.name == named)

    def _node(self, node_id: str, kind: str, **data: Any) -> None:
        self.nodes.append({"id": node_id, "data": {"componentId": kind, **data}})

    def _edge(self, source: str, target: str, handle: str | None = None) -> None:
        way = {"sourceHandle": handle} if handle else {}
        self.edges.append({"id": f"e{len(self.edges) + 1}", "source": source, "target": target, **way})


def _kind_of(target: str) -> Node | None:
    kind = REGISTRY.get(target)
    return None if kind is None or kind.is_trigger else kind


def _output_of(node_id: str) -> str:
    return f"nodes[{json.dumps(node_id, ensure_ascii=False)}]"


def _together(state: State) -> str:
    """What parallel actions gave, by the names of their functions."""
    names = [action.function_ref.ref_name for action in state.actions or ()]
    keys = [name if names.count(name) == 1 else f"{name}_{n + 1}" for n, name in enumerate(names)]
    members = (f"{key!r}: {_output_of(f'{state.id}/{n + 1}')}" for n, key in enumerate(keys))
    return f"{{{', '.join(members)}}}"


def _fits_all(handler: OnError) -> bool:
    return handler.error in (None, "", "*", "all", "ALL", "States.ALL")


def _condition(handler: OnError) -> Json:
    if _fits_all(handler):
        return {"left": True, "type": "boolean", "operator": "is_true"}
    return {"left": "{{ input.error.code }}", "type": "string", "operator": "equals", "right": handler.error}
