"""The twenty basic control-flow patterns (van der Aalst, ter Hofstede, Kiepuszewski, Barros), each as a small workflow.

docs/patterns.md has the same table in words; a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from runs.models import Log, Run
from tests.runs.engine.making import begun, ended, engine, published, until
from workflows.models import Workflow

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (Path(__file__).parents[3] / "docs" / "patterns.md").read_text()


def when(left: Any, operator: str, right: Any) -> dict[str, Any]:
    return {"conditions": [{"left": left, "type": "number", "operator": operator, "right": right}]}


@dataclass(frozen=True)
class Pattern:
    """`ran` are nodes that were completed, so often and in this order. Those `at_once` were at work at the same time.
    Those `stopped` had begun, and were stopped; `never` are nodes that have no attempt at all."""

    number: int
    name: str
    drawing: str
    payload: Any = None
    settings: dict[str, Any] = field(default_factory=dict)
    output: Any = None
    ran: str = ""
    at_once: str = ""
    stopped: str = ""
    never: str = ""


MILESTONE = "a>wait:sleep>reached>m:join>holds:if a>over:sleep>m holds.true>late"


def milestone(*, reached: float, over: float) -> dict[str, Any]:
    """It is reached after so many seconds, and over after so many."""
    return {
        "wait": {"seconds": reached},
        "reached": {"value": 9},
        "over": {"seconds": over},
        "m": {"wait_for": "any"},
        "holds": when("{{ input }}", "gt", 5),
    }


PATTERNS = [
    Pattern(1, "Sequence", "a>b>c", 1, output=1, ran="a b c"),
    Pattern(2, "Parallel split", "a>b:effect a>c:effect", 1, output={"b": 1, "c": 1}, at_once="b c"),
    Pattern(
        3,
        "Synchronization",
        "a>b>d:merge a>c:sleep>d",
        1,
        {"c": {"seconds": 0.1}, "d": {"mode": "list"}},
        [1, 1],
        "b c d",
    ),
    Pattern(
        4, "Exclusive choice", "a:if a.true>b a.false>c", 1, {"a": when("{{ input }}", "gt", 5)}, 1, "c", never="b"
    ),
    Pattern(
        5, "Simple merge", "a:if a.true>b>d a.false>c>d", 9, {"a": when("{{ input }}", "gt", 5)}, 9, "b d", never="c"
    ),
    Pattern(
        6,
        "Multi-choice",
        "a>b:if b.true>x a>c:if c.true>y a>d:if d.true>z",
        7,
        {
            "b": when("{{ input }}", "gt", 5),
            "c": when("{{ input }}", "lt", 9),
            "d": when("{{ input }}", "gt", 9),
            "x": {"value": "x"},
            "y": {"value": "y"},
        },
        {"x": "x", "y": "y", "d": 7},
        "x y",
        never="z",
    ),
    Pattern(
        7,
        "Synchronizing merge",
        "a>b:if b.true>x>m:merge a>c:if c.true>y>m",
        7,
        {"b": when("{{ input }}", "gt", 5), "c": when("{{ input }}", "gt", 9), "m": {"mode": "by_node"}},
        {"m": {"x": 7}, "c": 7},
        "x m",
        never="y",
    ),
    Pattern(
        8,
        "Multi-merge",
        "each:for_each a@each>m@each",
        None,
        {"each": {"items": ["from b", "from c"], "concurrency": 2}},
        ["from b", "from c"],
        "m m",
    ),
    Pattern(
        9,
        "Structured discriminator",
        "a>fast>j:join>after a>slow:sleep>j",
        1,
        {"slow": {"seconds": 0.3}, "j": {"wait_for": "any", "cancel_rest": False}, "fast": {"value": "first"}},
        "first",
        "fast j after slow",
    ),
    Pattern(
        10,
        "Arbitrary cycles",
        "loop:repeat_until work@loop:if work.true>more@loop work.false>less@loop",
        {"n": 0},
        {
            "loop": {"until": "input.n >= 2"},
            "work": when("{{ input.n }}", "lt", 1),
            "more": {"value": {"n": "{{ input.n + 1 }}"}},
            "less": {"value": {"n": "{{ input.n + 1 }}"}},
        },
        {"n": 2},
        "more less loop",
    ),
    Pattern(11, "Implicit termination", "a>b a>c:sleep", 1, {"c": {"seconds": 0.1}}, {"b": 1, "c": 1}, "b c"),
    Pattern(
        12,
        "Multiple instances without synchronization",
        "each:for_each start@each:start_workflow",
        None,
        {"each": {"items": [1, 2], "concurrency": 2}, "start": {"workflow": "endless"}},
        ran="start start each",
    ),
    Pattern(
        13,
        "Multiple instances with a priori design-time knowledge",
        "each:for_each a@each",
        None,
        {"each": {"items": [1, 2, 3], "concurrency": 3}},
        [1, 2, 3],
        "a a a each",
    ),
    Pattern(
        14,
        "Multiple instances with a priori run-time knowledge",
        "each:for_each a@each",
        {"orders": [5, 6]},
        {"each": {"items": "{{ input.orders }}", "concurrency": 2}},
        [5, 6],
        "a a each",
    ),
    Pattern(
        15,
        "Multiple instances without a priori run-time knowledge",
        "loop:repeat_until a@loop",
        [],
        {"loop": {"until": "len(input) == 3"}, "a": {"value": "{{ input + [index] }}"}},
        [0, 1, 2],
        "a a a loop",
    ),
    Pattern(
        16,
        "Deferred choice",
        "a>early:sleep>j:join>done a>late:sleep>other>j",
        1,
        {"early": {"seconds": 0.1}, "late": {"seconds": 60}, "j": {"wait_for": "any"}},
        1,
        "early j done",
        stopped="late",
        never="other",
    ),
    Pattern(
        17,
        "Interleaved parallel routing",
        "each:for_each step@each:effect",
        None,
        {"each": {"items": ["b", "a", "c"], "concurrency": 1}},
        ["b", "a", "c"],
        "step step step each",
    ),
    Pattern(18, "Milestone", MILESTONE, 1, milestone(reached=0.1, over=60), 9, "reached m holds late", stopped="over"),
    Pattern(
        19,
        "Cancel activity",
        "a>task:sleep>j:join a>withdraw:sleep>j",
        1,
        {"task": {"seconds": 60}, "withdraw": {"seconds": 0.1}, "j": {"wait_for": "any"}},
        1,
        "withdraw j",
        stopped="task",
    ),
    Pattern(
        20,
        "Cancel case",
        "a>order:sleep>stop:stop a>b:sleep>c a>d:for_each e@d:sleep",
        1,
        {
            "order": {"seconds": 0.1},
            "stop": {"value": "over"},
            "b": {"seconds": 60},
            "d": {"items": [1]},
            "e": {"seconds": 60},
        },
        "over",
        "order stop",
        stopped="b d e",
        never="c",
    ),
]

OTHERWISE = [
    Pattern(
        3,
        "with a branch that fails",
        "a>b>d:merge a>c:refuse c.error>d",
        1,
        {"c": {"on_error": "error"}, "d": {"mode": "list"}},
        ran="b d",
    ),
    Pattern(
        18,
        "too late",
        MILESTONE,
        1,
        milestone(reached=60, over=0.1),
        1,
        "over m holds",
        stopped="wait",
        never="reached late",
    ),
]


def spans(logs: Iterable[Log]) -> list[tuple[datetime, datetime]]:
    """From when to when they were at work."""
    return [(log.started_at, log.completed_at) for log in logs if log.completed_at]


def drawn(pattern: Pattern) -> Workflow:
    workflow = published(pattern.drawing, **pattern.settings)
    published("only:sleep", workflow.project, "endless", only={"seconds": 60})
    return workflow


@pytest.mark.parametrize("pattern", [*PATTERNS, *OTHERWISE], ids=lambda pattern: f"{pattern.number} {pattern.name}")
def test_a_pattern(pattern: Pattern) -> None:
    run = begun(drawn(pattern), pattern.payload)
    with engine():
        ended(run)
    assert run.status == "completed", run.error
    if pattern.output is not None:
        assert run.output == pattern.output
    logs = list(run.logs.order_by("completed_at", "seq"))
    ran = pattern.ran.split()
    assert [log.node_id for log in logs if log.status == "completed" and log.node_id in ran] == ran
    assert [log.status for log in logs if log.node_id in pattern.stopped.split()] == ["terminated"] * len(
        pattern.stopped.split()
    )
    assert not {log.node_id for log in logs} & set(pattern.never.split())
    at_once = spans(log for log in logs if log.node_id in pattern.at_once.split())
    assert len(at_once) == len(pattern.at_once.split())
    assert not at_once or max(began for began, _ in at_once) < min(over for _, over in at_once)


def test_instances_without_synchronization_go_on_when_the_run_that_made_them_has_ended() -> None:
    run = begun(drawn(PATTERNS[11]))
    with engine():
        ended(run)
        until(lambda: [child.status for child in Run.objects.filter(parent=run)] == ["waiting", "waiting"])
    assert run.status == "completed"


def test_what_is_interleaved_is_never_at_work_twice() -> None:
    run = begun(drawn(PATTERNS[16]))
    with engine():
        ended(run)
    steps = spans(run.logs.filter(node_id="step").order_by("started_at"))
    assert all(over <= began for (_, over), (began, _) in pairwise(steps))


def test_the_page_has_the_same_table() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+?) \|", PAGE, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(each.number, each.name) for each in PATTERNS]
