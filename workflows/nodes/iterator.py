"""Iterator: runs another workflow once for every item of a list."""

from __future__ import annotations

from typing import Any

from workflows.nodes.base import Node, setting
from workflows.nodes.for_each import ForEachSettings


class IteratorSettings(ForEachSettings):
    workflow: str = setting(
        title="Workflow",
        description="The workflow to run for each item; its published version is used.",
        widget="workflow",
        min_length=1,
    )
    payload: Any = setting(
        None,
        title="Payload",
        description="What each run starts with, any JSON, with {{ item }} and {{ index }}; without it the item.",
        widget="json",
    )


class Iterator(Node):
    kind = "iterator"
    title = "Iterator"
    category = "flow"
    description = "Runs another workflow once for every item of a list; its output is the list of their outputs."
    icon = "layers"
    keywords = ("loop", "map", "for each", "batch", "child", "list")
    params = IteratorSettings
    expands = ("for_each", "sub_workflow")
    loop_roots = frozenset({"item", "index"})
