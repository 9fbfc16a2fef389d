"""From a request's address and method to the workflow and the trigger node.

What an address led to is kept as a guess. The commit that takes the run asks whether it is still so, hence active
means reachable at once, and switched off unreachable at once, on every web process.

    /hooks/{token}/…            the workflow's own address
    /hooks/{project}/{name}/…   a readable one, where the trigger has a name
    /hooks/test/{token}/…       what an editor listens at: the draft, and no run
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pydantic import ValidationError

from wire.problems import Conflict, MethodNotAllowed, NotFound
from workflows.models import Node, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.webhook_trigger import WebhookSettings, WebhookTrigger

PREFIX = "/hooks/"
TEST = "test"
_PROJECT = "prj_"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a request knocked. Either `token`, or `project_id` and `name`; `path` is the rest without outer slashes."""

    path: str
    token: str = ""
    project_id: str = ""
    name: str = ""
    is_test: bool = False

    @classmethod
    def read(cls, path: str) -> Address:
        first, _, rest = path.removeprefix(PREFIX).partition("/")
        if first == TEST:
            token, _, rest = rest.partition("/")
            return cls(rest.strip("/"), token=token, is_test=True)
        if first.startswith(_PROJECT):
            name, _, rest = rest.partition("/")
            return cls(rest.strip("/"), project_id=first, name=name)
        return cls(rest.strip("/"), token=first)


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook trigger of a version."""

    node_id: str
    settings: WebhookSettings

    def match(self, path: str) -> dict[str, str] | None:
        """The values of the path's `{names}`; None when the path is another one."""
        pattern = [part for part in self.settings.path.split("/") if part]
        parts = [part for part in path.split("/") if part]
        if len(pattern) != len(parts):
            return None
        params: dict[str, str] = {}
        for expected, given in zip(pattern, parts, strict=True):
            if expected.startswith("{"):
                params[expected.strip("{}")] = given
            elif expected != given:
                return None
        return params


@dataclass(frozen=True, slots=True)
class Door:
    """The workflow behind an address, as the database said it when it was last asked."""

    token: str
    project_id: str
    workflow_id: str
    draft_id: str
    version_id: str | None
    is_active: bool
    deadline_seconds: int | None

    def route(self, address: Address, method: str) -> Route:
        """Raises NotFound, MethodNotAllowed, or Conflict when the workflow is switched off or not published."""
        if self.version_id is None:
            raise Conflict("The workflow is not published yet.", code="not_published")
        if not self.is_active:
            raise Conflict("The workflow is switched off.", code="workflow_inactive")
        return self._route(hooks_of(self.version_id), address, method)

    def test_route(self, address: Address, method: str) -> Route:
        """By the draft as it is now, so this asks the database."""
        return self._route(_read_hooks(self.draft_id), address, method)

    def _route(self, hooks: Iterable[Hook], address: Address, method: str) -> Route:
        if address.name:
            hooks = [hook for hook in hooks if hook.settings.name == address.name]
        fitting = [(hook, params) for hook in hooks if (params := hook.match(address.path)) is not None]
        if not fitting:
            raise NotFound("The workflow has no webhook with this path.", code="unknown_path")
        for hook, params in fitting:
            if method in hook.settings.methods:
                return Route(self, hook, params)
        allowed = ", ".join(sorted({name for hook, _ in fitting for name in hook.settings.methods}))
        raise MethodNotAllowed(f"This webhook answers to {allowed}.", headers={"Allow": allowed})


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes."""

    door: Door
    hook: Hook
    params: dict[str, str]


def find_door(address: Address) -> Door:
    """Raises NotFound."""
    if address.name:
        named = Workflow.objects.filter(hook_names__project=address.project_id, hook_names__name=address.name)
    else:
        named = Workflow.objects.filter(hook_token=address.token)
    columns = ("hook_token", "project_id", "id", "draft_id", "published_id", "is_active", "deadline_seconds")
    found = named.filter(deleted_at=None).values_list(*columns).first()
    if found is None:
        raise NotFound("There is no such webhook.", code="unknown_address")
    door = Door(*found)
    if door.version_id is not None:
        hooks_of(door.version_id)  # read now, where waiting for the database holds nobody up
    return door


@lru_cache(maxsize=1_000)
def hooks_of(version_id: str) -> tuple[Hook, ...]:
    """The enabled webhook triggers of a published version, which never changes; fixed paths before those with names."""
    return _read_hooks(version_id)


def _read_hooks(version_id: str) -> tuple[Hook, ...]:
    kinds = [WebhookTrigger.kind, *(alias.kind for alias in WebhookTrigger.aliases)]
    rows = Node.objects.filter(version_id=version_id, kind__in=kinds)
    hooks = [hook for row in rows if row.data.get("disabled") is not True and (hook := _hook(row))]
    return tuple(sorted(hooks, key=lambda hook: hook.settings.path.count("{")))


def _hook(row: Node) -> Hook | None:
    """None for the unfinished one of a draft."""
    kind = REGISTRY.get(row.kind)
    assert isinstance(kind, WebhookTrigger)  # noqa: S101 - the query asked for its kinds
    try:
        return Hook(row.node_id, WebhookSettings.model_validate(node_settings(kind, row.data)))
    except ValidationError:
        return None
