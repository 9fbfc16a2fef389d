"""Which nodes of a draft a run from the editor is about, and whose outcomes it takes for given. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from runs.engine.plan import Plan

Scope = Literal["all", "to", "only", "from"]
Reads = Mapping[str, Collection[str]]
"""Whose outputs the expressions of a node name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`fixed` are the nodes whose output somebody set (pinned, or edited for this run), `known` all that have one."""

    scope: Scope
    node_id: str
    fixed: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    targets: frozenset[str]
    given: frozenset[str]


def choose(plan: Plan, reads: Reads, asked: Asked) -> Chosen:
    """What is fixed does not run, nor does what would run for its sake alone. What lies before the part hands on what
    it put out last.

    Of a node in containers the part ends with its pass. Around it, what leads to the container runs where the node is
    run up to, and is given else. In containers that run as a whole, what is fixed is so in every pass.
    """
    reads = {**reads, **dict(_read_inside(plan, reads))}
    path = path_to(plan, asked.node_id)
    targets: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    for level, wanted in path:
        is_around = wanted != path[-1][1]
        scope: Scope = "only" if is_around and asked.scope == "from" else asked.scope
        part = _on_level(level, reads, Asked(scope, wanted, asked.fixed, asked.known))
        targets |= part.targets
        given |= part.given
        for container in (node_id for node_id in part.targets if not (is_around and node_id == wanted)):
            whole = _whole(level, container, reads, asked)
            targets |= whole.targets
            given |= whole.given
    return Chosen(targets, given - targets)


def path_to(plan: Plan, node_id: str) -> list[tuple[Plan, str]]:
    """From the outermost level inwards, each with the node that leads on: the containers, then the node."""
    path = []
    for container in plan.chains.get(node_id, ()):
        path.append((plan, container))
        plan = plan.inside[plan.number[container]]
    return [*path, (plan, node_id)]


def _whole(level: Plan, container: str, reads: Reads, asked: Asked) -> Chosen:
    """All that lies in a container, but for what is fixed there."""
    inside = level.inside.get(level.number[container])
    if inside is None or inside.around.body is not None:
        return Chosen(frozenset(), frozenset())
    part = _on_level(inside, reads, Asked("all", "", asked.fixed, asked.known))
    deeper = [_whole(inside, node_id, reads, asked) for node_id in part.targets]
    return Chosen(
        part.targets.union(*(each.targets for each in deeper)), part.given.union(*(each.given for each in deeper))
    )


def _read_inside(plan: Plan, reads: Reads) -> Iterator[tuple[str, frozenset[str]]]:
    """A container reads what is read in it."""
    for node, inside in plan.inside.items():
        deeper = dict(_read_inside(inside, reads))
        yield from deeper.items()
        ids = {plan.ids[node], *inside.ids}
        yield plan.ids[node], frozenset().union(*({**reads, **deeper}.get(node_id, ()) for node_id in ids))


def _on_level(plan: Plan, reads: Reads, asked: Asked) -> Chosen:
    base = _base(plan, asked)
    fixed = asked.fixed - ({asked.node_id} if asked.scope in ("to", "only") else set())
    targets = _without_spared(plan, reads, base - fixed, asked.node_id)
    given = fixed | (asked.known - targets if asked.scope in ("only", "from") else frozenset())
    return Chosen(targets, frozenset(given & _needed(plan, reads, targets)))


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


def _without_spared(plan: Plan, reads: Reads, targets: frozenset[str], wanted: str) -> frozenset[str]:
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


def _needed(plan: Plan, reads: Reads, targets: Iterable[str]) -> set[str]:
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


# --- passes ---


def passes_of(plan: Plan, node_id: str, iteration: str) -> dict[str, int] | None:
    """Container around the node → which of its passes is meant; the first where nothing is said. None for a path that
    is too long."""
    chain = plan.chains.get(node_id, ())
    numbers = [int(number) for number in iteration.split(".")] if iteration else []
    if len(numbers) > len(chain):
        return None
    return dict(zip(chain, numbers + [0] * (len(chain) - len(numbers)), strict=True))


def iteration_of(plan: Plan, node_id: str, passes: Mapping[str, int]) -> str:
    """The other way round: where the node stands in these passes."""
    return ".".join(str(passes.get(container, 0)) for container in plan.chains.get(node_id, ()))
