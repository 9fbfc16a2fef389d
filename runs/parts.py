"""Which nodes of a draft a run from the editor is about, and whose outcomes it takes for given. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from runs.engine.plan import Part, Plan

Scope = Literal["all", "to", "only", "from"]


@dataclass(frozen=True, slots=True)
class Asked:
    """`fixed` are the nodes whose output somebody set (pinned, or edited for this run), `known` all that have one."""

    scope: Scope
    node_id: str
    fixed: frozenset[str]
    known: frozenset[str]


def choose(plan: Plan, reads: Mapping[str, Collection[str]], asked: Asked) -> Part:
    """`reads` tells whose outputs the expressions of a node name.

    What is fixed does not run, nor does what would run for its sake alone. What lies before the part hands on what
    it put out last.
    """
    base = _base(plan, asked)
    fixed = asked.fixed - ({asked.node_id} if asked.scope in ("to", "only") else set())
    targets = _without_spared(plan, reads, base - fixed, asked.node_id)
    given = fixed | (asked.known - targets if asked.scope in ("only", "from") else frozenset())
    return Part(targets, frozenset(given & _needed(plan, reads, targets)))


def _base(plan: Plan, asked: Asked) -> frozenset[str]:
    if asked.scope == "all":
        return frozenset(plan.ids)
    if asked.scope == "only":
        return frozenset({asked.node_id})
    neighbours = _before(plan) if asked.scope == "to" else _after(plan)
    found, work = {asked.node_id}, [asked.node_id]
    while work:
        new = neighbours.get(work.pop(), set()) - found
        found |= new
        work += new
    return frozenset(found)


def _without_spared(
    plan: Plan, reads: Mapping[str, Collection[str]], targets: frozenset[str], wanted: str
) -> frozenset[str]:
    """Takes away, from the end to the beginning, every node whose ways all lead to nodes that do not run, unless
    somebody wants it for itself or reads it."""
    before, after, left = _before(plan), _after(plan), set(targets)
    readers = _joined((read, node_id) for node_id, named in reads.items() for read in named)
    work = list(targets)
    while work:
        node_id = work.pop()
        following = after.get(node_id, set())
        is_wanted = node_id == wanted or not following or bool((following | readers.get(node_id, set())) & left)
        if node_id in left and not is_wanted:
            left.discard(node_id)
            work += before.get(node_id, set())
    return frozenset(left)


def _needed(plan: Plan, reads: Mapping[str, Collection[str]], targets: Iterable[str]) -> set[str]:
    """Whose outputs come in at the targets or are read there."""
    before = _before(plan)
    return {source for node_id in targets for source in (*before.get(node_id, ()), *reads.get(node_id, ()))}


def _after(plan: Plan) -> dict[str, set[str]]:
    return _joined((plan.ids[a], plan.ids[b]) for a, b in zip(plan.sources, plan.targets, strict=True))


def _before(plan: Plan) -> dict[str, set[str]]:
    return _joined((plan.ids[b], plan.ids[a]) for a, b in zip(plan.sources, plan.targets, strict=True))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    joined: dict[str, set[str]] = {}
    for one, other in pairs:
        joined.setdefault(one, set()).add(other)
    return joined
