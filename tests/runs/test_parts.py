"""Which nodes a run from the editor is about, and whose outcomes it takes for given."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from runs.engine.plan import EdgeSpec, Inside, NodeSpec, compile_plan
from runs.parts import Asked, Scope, choose, iteration_of, passes_of
from tests.runs.engine.graphs import plan_of

# start → login → fetch → report → mail, and start → other
PLAN = plan_of("start>login login>fetch fetch>report report>mail start>other", triggers="start")
EVERYTHING = "start login fetch report mail other"


def chosen(scope: Scope, node_id: str = "", fixed: str = "", known: str = EVERYTHING, **reads: str) -> tuple[str, str]:
    """Targets and given, in the order of the drawing."""
    asked = Asked(scope, node_id, frozenset(fixed.split()), frozenset(known.split()))
    said: Mapping[str, Collection[str]] = {name: read.split() for name, read in reads.items()}
    part = choose(PLAN, said, asked)
    return tuple(" ".join(id_ for id_ in PLAN.ids if id_ in ids) for ids in (part.targets, part.given))  # type: ignore[return-value]


def test_everything_without_pins() -> None:
    assert chosen("all") == (EVERYTHING, "")


def test_a_pin_spares_what_runs_for_its_sake_alone() -> None:
    assert chosen("all", fixed="fetch") == ("start report mail other", "fetch")


def test_what_is_read_further_down_is_not_spared() -> None:
    assert chosen("all", fixed="fetch", mail="login") == ("start login report mail other", "fetch")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("to", "fetch"), ("start login fetch", "")),
        (("to", "report", "fetch"), ("report", "fetch")),
        (("to", "fetch", "fetch"), ("start login fetch", "")),
        (("only", "report"), ("report", "fetch")),
        (("only", "report", "report"), ("report", "fetch")),
        (("only", "start"), ("start", "")),
        (("from", "fetch"), ("fetch report mail", "login")),
        (("from", "fetch", "fetch"), ("report mail", "fetch")),
        (("from", "fetch", "report"), ("fetch mail", "login report")),
    ],
)
def test_scopes(asked: tuple[Scope, str], expected: tuple[str, str]) -> None:
    assert chosen(*asked) == expected


def test_outputs_that_are_read_are_given_too() -> None:
    assert chosen("only", "mail", mail="login") == ("mail", "login report")


def test_what_is_not_known_is_not_given() -> None:
    assert chosen("only", "mail", known="start") == ("mail", "")


# --- in containers ---

# start → each, which holds price → tax → bill; each → sum
LOOP = compile_plan(
    [
        NodeSpec("start", is_trigger=True),
        NodeSpec("each", inside=Inside()),
        *(NodeSpec(name, parent="each") for name in ("price", "tax", "bill")),
        NodeSpec("sum"),
    ],
    [EdgeSpec(*pair.split(">")) for pair in ("start>each", "price>tax", "tax>bill", "each>sum")],
)
INNER = "start each price tax bill sum"


def chosen_in_loop(scope: Scope, node_id: str = "", fixed: str = "", **reads: str) -> tuple[str, str]:
    asked = Asked(scope, node_id, frozenset(fixed.split()), frozenset(INNER.split()))
    part = choose(LOOP, {name: read.split() for name, read in reads.items()}, asked)
    return tuple(" ".join(id_ for id_ in INNER.split() if id_ in ids) for ids in (part.targets, part.given))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("all",), (INNER, "")),
        (("all", "", "tax"), ("start each bill sum", "tax")),
        (("to", "tax"), ("start each price tax", "")),
        (("to", "each"), ("start each price tax bill", "")),
        (("only", "tax"), ("each tax", "start price")),
        (("from", "tax"), ("each tax bill", "start price")),
        (("from", "tax", "tax"), ("each bill", "start tax")),
    ],
)
def test_scopes_in_a_loop(asked: tuple[Scope, str, str], expected: tuple[str, str]) -> None:
    assert chosen_in_loop(*asked) == expected


def test_what_is_read_in_a_loop_is_not_spared_outside() -> None:
    plan = compile_plan(
        [NodeSpec("login"), NodeSpec("fetch"), NodeSpec("each", inside=Inside()), NodeSpec("call", parent="each")],
        [EdgeSpec("login", "fetch"), EdgeSpec("fetch", "each")],
    )
    asked = Asked("all", "", frozenset({"fetch"}), frozenset({"fetch"}))
    assert choose(plan, {"call": ["login"]}, asked).targets == {"login", "each", "call"}
    assert choose(plan, {}, asked).targets == {"each", "call"}


@pytest.mark.parametrize(("iteration", "passes"), [("", {"each": 0}), ("4", {"each": 4}), ("4.1", None)])
def test_a_path_names_the_passes(iteration: str, passes: dict[str, int] | None) -> None:
    assert passes_of(LOOP, "tax", iteration) == passes
    assert iteration_of(LOOP, "tax", passes or {}) == (iteration if passes and iteration else "0")
