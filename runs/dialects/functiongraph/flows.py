"""A flow's definition as the vendor's clients send it, checked: `WorkflowCreateBody`. Pure.

Fields that we do not know are kept and returned, not refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from runs.dialects.functiongraph.errors import invalid
from runs.dialects.functiongraph.timers import TIMER
from wire.strict_json import join_path

NAME = r"^[A-Za-z0-9\u3400-\u9fff\uf900-\ufaff_().\-]{1,64}$"

Name = Annotated[str, StringConstraints(pattern=NAME)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Part = TypeVar("Part", bound="_Part")


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class FunctionRef(_Part):
    ref_name: str
    invoke_mode: Literal["synchronize"] | None = "synchronize"
    arguments: dict[str, Any] | None = None


class Action(_Part):
    function_ref: FunctionRef


class OnError(_Part):
    error: str | None = None
    transition: str | None = None
    retry_ref: str | None = None


class DataFilter(_Part):
    input: str | None = None
    output: str | None = None


class State(_Part):
    id: Id
    name: str
    type: Literal["Operation", "Sleep", "End"]
    action_mode: Literal["sequential", "parallel"] | None = "sequential"
    actions: Annotated[list[Action], Field(max_length=100)] | None = None
    on_errors: list[OnError] | None = None
    end: bool | None = None
    transition: str | None = None
    state_data_filter: DataFilter | None = None
    duration: Annotated[int, Field(ge=0)] | None = None

    @property
    def is_last(self) -> bool:
        return bool(self.end) or self.type == "End"


class Function(_Part):
    name: str
    operation: str

    @property
    def target(self) -> str:
        """The node kind or the workflow that is meant: the operation itself, or the name in its URN."""
        parts = self.operation.split(":")
        return parts[6] if parts[0] == "urn" and len(parts) > 6 else self.operation


class Retry(_Part):
    name: str
    delay: Annotated[float, Field(ge=0)] | None = 1
    max_attempts: Annotated[int, Field(ge=0, le=20)] | None = 3


class Trigger(_Part):
    trigger_name: str
    trigger_type: str
    enabled: bool | None = True
    trigger_config: dict[str, Any] | None = None

    @property
    def is_enabled(self) -> bool:
        return self.enabled is not False


class Flow(_Part):
    name: Name
    description: Annotated[str, StringConstraints(max_length=512)] | None = None
    start: str
    states: Annotated[list[State], Field(min_length=1, max_length=100)]
    functions: Annotated[list[Function], Field(max_length=100)] | None = None
    triggers: Annotated[list[Trigger], Field(max_length=200)] | None = None
    constants: dict[str, Any] | None = None
    retries: Annotated[list[Retry], Field(max_length=200)] | None = None
    mode: Literal["NORMAL", "EXPRESS"] | None = "NORMAL"
    enable_stream_response: bool | None = None

    @property
    def is_express(self) -> bool:
        return self.mode == "EXPRESS"


def read_flow(body: Any) -> Flow:
    """Raises BadRequest with the path of the first fault."""
    try:
        flow = Flow.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise invalid(join_path(first["loc"]), first["msg"]) from None
    _check_names(flow)
    for place, state in enumerate(flow.states):
        _check_state(flow, state, f"states[{place}]")
    _check_reach(flow)
    return flow


def _check_names(flow: Flow) -> None:
    for part, names in (
        ("states", [state.id for state in flow.states]),
        ("functions", [function.name for function in flow.functions or ()]),
        ("retries", [retry.name for retry in flow.retries or ()]),
    ):
        if (twice := _first_twice(names)) is not None:
            raise invalid(part, f"{twice!r} is there twice.")
    _known("start", flow.start, [state.id for state in flow.states])
    for place, trigger in enumerate(flow.triggers or ()):
        if trigger.is_enabled and trigger.trigger_type != TIMER:
            told = f"Of the vendor's triggers only {TIMER} can start flows here; send others with enabled: false."
            raise invalid(f"triggers[{place}].enabled", told)


def _check_state(flow: Flow, state: State, path: str) -> None:
    ids = [other.id for other in flow.states]
    if state.type == "Sleep" and state.duration is None:
        raise invalid(f"{path}.duration", "A Sleep state needs it, in seconds.")
    if not state.is_last and state.transition is None:
        raise invalid(f"{path}.transition", "A state needs a transition, or end: true.")
    if state.transition is not None:
        _known(f"{path}.transition", state.transition, ids)
    for place, action in enumerate(state.actions or ()):
        names = [function.name for function in flow.functions or ()]
        _known(f"{path}.actions[{place}].function_ref.ref_name", action.function_ref.ref_name, names)
    for place, handler in enumerate(state.on_errors or ()):
        here = f"{path}.on_errors[{place}]"
        if handler.transition is not None:
            _known(f"{here}.transition", handler.transition, ids)
        if handler.retry_ref is not None:
            _known(f"{here}.retry_ref", handler.retry_ref, [retry.name for retry in flow.retries or ()])


def _check_reach(flow: Flow) -> None:
    by_id = {state.id: state for state in flow.states}
    reached: set[str] = set()
    work = [flow.start]
    while work:
        if (at := work.pop()) not in reached:
            reached.add(at)
            work += ways_on(by_id[at])
    for place, state in enumerate(flow.states):
        if state.id not in reached:
            raise invalid(f"states[{place}]", f"Nothing leads to the state {state.id!r}.")


def ways_on(state: State) -> list[str]:
    """The states that may come next."""
    onward = [] if state.is_last or state.transition is None else [state.transition]
    return onward + [handler.transition for handler in state.on_errors or () if handler.transition is not None]


def _known(path: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise invalid(path, f"There is no {name!r}.")


def _first_twice(names: list[str]) -> str | None:
    return next((name for place, name in enumerate(names) if name in names[:place]), None)
