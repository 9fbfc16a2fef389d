"""The twenty basic control-flow patterns (van der Aalst, ter Hofstede, Kiepuszewski, Barros), each as a small workflow.

docs/patterns.md has the same table in words; a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.runs.engine.making import begun, ended, engine, published

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (Path(__file__).parents[3] / "docs" / "patterns.md").read_text()


def when(left: Any, operator: str, right: Any) -> dict[str, Any]:
    return {"conditions": [{"left": left, "type": "number", "operator": operator, "right": right}]}


@dataclass(frozen=True)
class Pattern:
    """`ran` are the nodes that were completed, in order where that is given; `never` those that must not be."""

    number: int
    name: str
    drawing: str
    payload: Any = None
    settings: dict[str, Any] = field(default_factory=dict)
    output: Any = None
    ran: str = ""
    never: str = ""


PATTERNS = [
    Pattern(1, "Sequence", "a>b>c", 1, output=1, ran="a b c"),
    Pattern(2, "Parallel split", "a>b a>c", 1, output={"b": 1, "c": 1}, ran="b c"),
    Pattern(3, "Synchronization", "a>b>d:merge a>c>d", 1, {"d": {"mode": "list"}}, [1, 1], "b c d"),
    Pattern(4, "Exclusive choice", "a:if a.true>b a.false>c", 1, {"a": when("{{ input }}", "gt", 5)}, 1, "c", "b"),
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
        "z",
    ),
    Pattern(
        7,
        "Synchronizing merge",
        "a>b:if b.true>x>m:merge a>c:if c.true>y>m",
        7,
        {"b": when("{{ input }}", "gt", 5), "c": when("{{ input }}", "gt", 9), "m": {"mode": "by_node"}},
        {"m": {"x": 7}, "c": 7},
        "x m",
        "y",
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
        "more less",
    ),
    Pattern(11, "Implicit termination", "a>b a>c:sleep", 1, {"c": {"seconds": 0.1}}, {"b": 1, "c": 1}, "b c"),
    Pattern(
        12,
        "Multiple instances without synchronization",
        "each:for_each start@each:start_workflow",
        None,
        {"each": {"items": [1, 2], "concurrency": 2}, "start": {"workflow": "other"}},
        ran="start start",
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
        "a a a",
    ),
    Pattern(
        16,
        "Deferred choice",
        "a>early:sleep>j:join>done a>late:sleep>other>j",
        1,
        {"early": {"seconds": 0.1}, "late": {"seconds": 60}, "j": {"wait_for": "any"}},
        1,
        "early j done",
        "late other",
    ),
    Pattern(
        17,
        "Interleaved parallel routing",
        "each:for_each step@each:effect",
        None,
        {"each": {"items": ["b", "a", "c"], "concurrency": 1}},
        ["b", "a", "c"],
        "step step step",
    ),
    Pattern(
        18,
        "Milestone",
        "a>reached>m:join>late a>deadline:sleep>m",
        1,
        {"deadline": {"seconds": 60}, "m": {"wait_for": "any"}, "reached": {"value": "milestone"}},
        "milestone",
        "reached late",
        "deadline",
    ),
    Pattern(
        19,
        "Cancel activity",
        "a>task:sleep>j:join a>withdraw>j",
        1,
        {"task": {"seconds": 60}, "j": {"wait_for": "any"}},
        1,
        "withdraw j",
        "task",
    ),
    Pattern(
        20,
        "Cancel case",
        "a>stop:stop a>b:sleep>c",
        1,
        {"b": {"seconds": 60}, "stop": {"value": "over"}},
        "over",
        "",
        "b c",
    ),
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.number} {pattern.name}")
def test_a_pattern(pattern: Pattern) -> None:
    workflow = published(pattern.drawing, **pattern.settings)
    published("only", workflow.project, key="other")
    run = begun(workflow, pattern.payload)
    with engine():
        ended(run)
    assert run.status == "completed", run.error
    if pattern.output is not None:
        assert run.output == pattern.output
    done = list(run.logs.filter(status="completed").order_by("completed_at", "seq").values_list("node_id", flat=True))
    for name in pattern.ran.split():
        done.remove(name)  # each as often as it is named
    assert not set(done) & set(pattern.never.split())


def test_the_page_has_the_same_table() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+?) \|", PAGE, re.MULTILINE)
    assert [(int(number), name) for number, name in rows] == [(each.number, each.name) for each in PATTERNS]
