"""From a hook's token, method and path to the workflow and the trigger node.

What a token led to is kept as a guess. The commit that takes the run asks whether it is still so, hence active
means reachable at once, and switched off unreachable at once, on every web process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wire.problems import Conflict, MethodNotAllowed, NotFound
from workflows.models import Node, Workflow
from workflows.node_settings import node_settings
from workflows.nodes.registry import REGISTRY
from workflows.nodes.webhook_trigger import WebhookSettings, WebhookTrigger


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook trigger of a published version."""

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
    """Where a token leads, as the database said it when it was last asked."""

    token: str
    project_id: str
    workflow_id: str
    version_id: str

    def route(self, method: str, path: str) -> Route:
        """Raises NotFound or MethodNotAllowed."""
        hooks = hooks_of(self.version_id)
        fitting = [(hook, params) for hook in hooks if (params := hook.match(path)) is not None]
        if not fitting:
            raise NotFound("The workflow has no webhook with this path.")
        for hook, params in fitting:
            if method in hook.settings.methods:
                return Route(self, hook, params)
        allowed = sorted({name for hook, _ in fitting for name in hook.settings.methods})
        raise MethodNotAllowed(f"This webhook answers to {', '.join(allowed)}.", headers={"Allow": ", ".join(allowed)})


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes."""

    door: Door
    hook: Hook
    params: dict[str, str]


def find_door(token: str) -> Door:
    """Raises NotFound, or Conflict when the workflow is switched off or not published."""
    columns = ("project_id", "id", "published_id", "is_active")
    found = Workflow.objects.filter(hook_token=token, deleted_at=None).values_list(*columns).first()
    if found is None:
        raise NotFound("There is no such webhook.")
    project_id, workflow_id, version_id, is_active = found
    if version_id is None:
        raise Conflict("The workflow is not published yet.", code="not_published")
    if not is_active:
        raise Conflict("The workflow is switched off.", code="workflow_inactive")
    hooks_of(version_id)  # read now, where waiting for the database holds nobody up
    return Door(token, project_id, workflow_id, version_id)


@lru_cache(maxsize=1_000)
def hooks_of(version_id: str) -> tuple[Hook, ...]:
    """The enabled webhook triggers of a published version, which never changes; fixed paths before those with names."""
    kinds = [WebhookTrigger.kind, *(alias.kind for alias in WebhookTrigger.aliases)]
    rows = Node.objects.filter(version_id=version_id, kind__in=kinds)
    hooks = [Hook(row.node_id, _settings(row.data)) for row in rows if row.data.get("disabled") is not True]
    return tuple(sorted(hooks, key=lambda hook: hook.settings.path.count("{")))


def _settings(data: dict[str, Any]) -> WebhookSettings:
    kind = REGISTRY.get(data["componentId"])
    assert isinstance(kind, WebhookTrigger)  # noqa: S101 - the query asked for its kinds
    return WebhookSettings.model_validate(node_settings(kind, data))
