"""The seam between the engine and the node kinds. Both sides stop here.

A node kind is one class in one file: its settings as a pydantic model, what a repeat after a crash
may do, its handles, and `run`. It never sees the database; all it may reach is its `Context`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

if TYPE_CHECKING:
    from workflows.expressions import Scope

Category = Literal["trigger", "flow", "data", "action"]
Repeat = Literal["safe", "keyed", "once"]

OUT = "out"
ERROR = "error"
COMPENSATE = "compensate"

TASK_TIMEOUT = "task_timeout"
"""The code of the failure of a task that no worker did in time."""

# A setting that is a program: nobody looks for expressions in it.
Source = Annotated[str, Field(json_schema_extra={"x-widget": "code"})]

# A setting that is one Python expression (without braces); the engine hands `run` its value.
Expression = Annotated[Any, Field(json_schema_extra={"x-widget": "expression"})]


def as_text(value: Any) -> Any:
    """A lone expression keeps its type; where a setting is text, numbers and JSON become text."""
    return (
        value
        if value is None or isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )


# A setting that is text whatever its expression gives: `{{ input.id }}` may be the number 5.
Text = Annotated[str, BeforeValidator(as_text)]


class Params(BaseModel):
    """Settings of a node kind. Keys that it does not know are kept by the editor and ignored here."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


def setting(
    default: Any = ...,
    *,
    title: str,
    description: str,
    widget: str | None = None,
    language: str | None = None,
    placeholder: str | None = None,
    labels: Mapping[str, str] | None = None,
    show_if: Mapping[str, Any] | None = None,
    **constraints: Any,
) -> Any:
    """One field of a `Params` with what its form needs: a `widget` only where the type does not tell it, the
    `language` of code, `labels` for the values of a choice, and in `show_if` the values of other fields without which
    this one has no sense."""
    shown = {"x-widget": widget, "x-language": language, "x-placeholder": placeholder, "x-labels": labels}
    hints = shown | {"x-show-if": show_if}
    extra: Any = {name: hint for name, hint in hints.items() if hint is not None}
    return Field(default, title=title, description=description, json_schema_extra=extra, **constraints)


@dataclass(frozen=True, slots=True)
class Output:
    """The node is done: its value (any JSON) leaves by `handle`."""

    value: Any
    handle: str = OUT


@dataclass(frozen=True, slots=True)
class Wait:
    """The node sleeps without holding a worker; after `delay` it completes with `then`."""

    delay: timedelta
    then: Output


@dataclass(frozen=True, slots=True)
class WaitForEvent:
    """The node sleeps until the run is told an event of this name, and completes with its payload. `until` is the
    moment (with zone) from which it completes with `otherwise` instead; None waits for ever."""

    name: str
    correlation: str | None = None
    """By which events find the run that are raised for whoever waits for this value; without it the run's own."""
    until: datetime | None = None
    otherwise: Output = Output(None, "timeout")
    exit_by: str | None = None
    """The key of the payload that names the exit."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Kept with the wait, for who asks what it waits for."""


@dataclass(frozen=True, slots=True)
class RaiseEvent:
    """Tells a run (its id, or its own) something, or every run that waits for this correlation. The node completes
    with `{"runs": [ids]}`; repeated, it is the same event."""

    name: str
    payload: Any
    run: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerTask:
    """Work for a program outside, which asks for tasks of this type. The node completes with what it reports, or
    fails."""

    type: str
    input: Any
    lease: float | None = None
    """Seconds without word after which another worker gets it; None as the type says."""
    timeout: timedelta | None = None
    """How long it may take in all; None as the type says."""


@dataclass(frozen=True, slots=True)
class StartChild:
    """Starts a run of another workflow (its id or key). With `wait` the node completes with the child's output."""

    workflow: str
    payload: Any
    wait: bool = True


_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Respond:
    """Answers the caller that waits for this run, now; the run goes on. The node completes with `body`.

    Raises NodeError for a header that HTTP cannot carry."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: Any
    more: bool = False
    """The answer stays open: what later respond nodes say is added to it."""

    def __post_init__(self) -> None:
        for name, value in self.headers:
            if not _HEADER_NAME.fullmatch(name):
                message = f'"{name}" is no name for a header.'
            elif not _HEADER_VALUE.fullmatch(value):
                message = f'The header "{name}" holds a line break or another sign that headers cannot carry.'
            else:
                continue
            raise NodeError("invalid_header", message, field="headers", retryable=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the whole run: nothing else starts, what runs is cancelled."""

    status: Literal["completed", "failed", "terminated"]
    output: Any = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Passes:
    """Opens a container: what lies in it runs once for each item, in order, `at_once` of them at the same time.

    With `keep_going` a pass that fails does not end the others; its result is then `{"error": …}`.
    """

    items: Sequence[Any]
    at_once: int = 1
    keep_going: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """What a container that repeats says after a pass: there is another one, which begins with its result."""


Result = Output | Wait | WaitForEvent | RaiseEvent | WorkerTask | StartChild | Respond | Stop | Passes | Again


class RetryRule(BaseModel):
    """How often a failed attempt is made again, and after how many seconds."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    count: int = Field(0, ge=0, le=20)
    delay: float = Field(1.0, ge=0, le=24 * 60 * 60)
    backoff: Literal["fixed", "linear", "exponential"] = "fixed"


class Retry(RetryRule):
    """The rule of a node; failures with one of these `codes` have rules of their own."""

    codes: dict[str, RetryRule] = Field(default_factory=dict, max_length=200)

    def rule_for(self, code: str) -> RetryRule:
        return self.codes.get(code, self)


class NodeError(Exception):
    """The node failed. `code` is stable, `message` says what, where and what to do; `field` names the setting."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        retryable: bool = True,
        details: Any = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.retryable = retryable
        self.details = details
        self.retry: Retry | None = None
        """The rule for further attempts where the node's own options have none."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer from outside: header names in lower case, body as raw bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class HttpClient(Protocol):
    """The guarded way out: inner addresses are refused, also after a redirect. Raises NodeError."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        timeout: float = 30.0,
        follow_redirects: bool = True,
        max_bytes: int = 10_000_000,
    ) -> HttpResponse: ...


@dataclass(frozen=True, slots=True)
class Secret:
    """An opened credential: `kind` (bearer, basic, header, query) and its fields."""

    kind: str
    data: Mapping[str, str] = field(repr=False)


class Context(Protocol):
    """What a running node may reach. `runs.engine.context` implements it."""

    input: Any
    """What came in over the edges, merged."""
    inputs: Mapping[str, Any]
    """The same unmerged: source node id → value, taken edges only, in the order of the edges."""
    trigger: Any
    """The run's trigger payload."""
    trigger_type: str
    run_id: str
    node_id: str
    attempt: int
    repeat: Repeat
    """What a repeat after a crash may do here: the author's choice, else the kind's `repeat_of`."""
    token: str
    """The same for every attempt of this call, sent as Idempotency-Key."""
    results: Collection[Any]
    """Of a container that repeats: what its passes have given so far."""
    http: HttpClient

    @property
    def cancelled(self) -> bool: ...

    def now(self) -> datetime: ...

    def readable(self) -> Scope:
        """What expressions can read here."""

    async def secret(self, credential_id: str) -> Secret: ...

    async def own_api(self, method: str, path: str, content: bytes | None) -> HttpResponse:
        """An answer of this server's own API to the member for whom the workflow acts. Raises NodeError."""

    def log(self, text: str, level: Literal["debug", "info", "warning", "error"] = "info") -> None: ...

    def progress(self, fraction: float | None = None, message: str = "") -> None:
        """How far the node is, from 0 to 1 where it knows. Shown live; as often as it likes."""


@dataclass(frozen=True, slots=True)
class DynamicHandles:
    """Handles named by a list setting: one per item, its `key`, and a last one for everything else."""

    setting: str
    key: str
    default: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name under which the kind is stored and returned; `adapt` maps that name's settings to ours."""

    kind: str
    title: str


class Node:
    """A node kind. Subclass, set the class variables, write `run`; the registry lists one instance of each."""

    kind: ClassVar[str]
    title: ClassVar[str]
    category: ClassVar[Category]
    description: ClassVar[str]
    icon: ClassVar[str]
    """Name of a lucide icon."""
    keywords: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[Alias, ...]] = ()
    params: ClassVar[type[Params]] = Params
    repeat: ClassVar[Repeat] = "safe"
    pure: ClassVar[bool] = False
    """No effect and no waiting: running it again gives the same answer, so nothing need be on disk first."""
    handles: ClassVar[tuple[str, ...]] = (OUT,)
    dynamic_handles: ClassVar[DynamicHandles | None] = None
    assigns: ClassVar[bool] = False
    """Its output is an object whose fields become variables of the run, which expressions read as `vars`."""
    is_container: ClassVar[bool] = False
    """Other nodes lie in it. `run` gives `Passes`, and their results are the node's output."""
    repeats: ClassVar[bool] = False
    """A container whose first pass begins with its input; settings are read and `run` is asked after every pass,
    with the pass's result as `ctx.input`: `Again`, or the `Output`."""
    expands: ClassVar[tuple[str, str] | None] = None
    """A kind that is drawn as one node and runs as two: a container, and the kind that runs in each of its passes. Each
    takes those of the settings that it knows."""
    loop_roots: ClassVar[frozenset[str]] = frozenset()
    """Of `item` and `index`, those that expressions inside the container may read."""
    can_fail: ClassVar[bool] = True
    """Offers the `error` handle when its on-error setting asks for it."""

    @property
    def is_trigger(self) -> bool:
        return self.category == "trigger"

    def adapt(self, kind: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settings written under an alias, as this kind's own."""
        return settings

    def repeat_of(self, params: Any) -> Repeat:
        """What a repeat after a crash may do, for these settings (the author's own choice comes first)."""
        return self.repeat

    def join(self, settings: Mapping[str, Any]) -> tuple[int, bool] | None:
        """Of a node that does not wait for all its edges: how many taken ones start it, and whether what only leads
        to it is stopped then. The settings are as written."""
        return None

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Faults that the schema cannot tell, as (field, message)."""
        return []

    async def run(self, params: Any, ctx: Context) -> Result:
        raise NotImplementedError
