"""Reading a node's `data`: the options that every node has, and the settings of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from workflows.nodes.base import Node, Repeat, Retry

OnError = Literal["stop", "continue", "error"]

MAX_NODE_SECONDS = 24 * 60 * 60


class NodeOptions(BaseModel):
    """What every node may say beside its kind's settings. Fixed values of the right type: expressions have no
    place here, and others than pydantic read `disabled` and must not disagree with it about "yes"."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    label: str | None = Field(None, max_length=200)
    notes: str | None = Field(None, max_length=10_000)
    disabled: bool = False
    retry: Retry | None = None
    timeout: float | None = Field(None, gt=0, le=MAX_NODE_SECONDS)
    """Seconds for one attempt."""
    on_error: OnError = "stop"
    compensate: bool = False
    """Offers the exit `compensate`, which leads to the step that undoes this one."""
    repeat: Repeat | None = None
    """What a repeat after a crash may do, where the author knows better than the kind."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> NodeOptions:
        """The options in a node's `data`; raises pydantic's ValidationError."""
        return cls.model_validate(common_options(data))


def common_options(data: Mapping[str, Any]) -> dict[str, Any]:
    """The options as written; `null` stands for the default, `continue_on_error` for its newer name."""
    written = {key: data[key] for key in NodeOptions.model_fields if data.get(key) is not None}
    if data.get("continue_on_error") is True:
        written.setdefault("on_error", "error")
    return written


def node_settings(node: Node, data: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in a node's `data`, in the words of its kind: nested `parameters` win over flat ones, what
    was written under an alias is translated, and what is null or not known to the kind is left out."""
    nested = data.get("parameters")
    written = {**data, **nested} if isinstance(nested, dict) else data
    adapted = node.adapt(str(data.get("componentId", node.kind)), written)
    known = node.params.model_fields
    return {key: value for key, value in adapted.items() if key in known and value is not None}
