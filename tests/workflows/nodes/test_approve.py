from datetime import UTC, datetime

import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import Output, WaitForEvent


async def test_it_waits_for_a_decision_that_names_the_exit() -> None:
    settings = {"message": "Pay {{ input.sum }}?", "approvers": ["Ada@Example.com "], "at_most": 1}
    assert await run("approve", FakeContext({"sum": 3}), **settings) == WaitForEvent(
        "$approval token-of-this-call",
        None,
        datetime(2025, 10, 31, 13, tzinfo=UTC),
        Output({"decision": "timeout", "by": None, "comment": ""}, "timeout"),
        exit_by="decision",
        about={"message": "Pay 3?", "approvers": ["ada@example.com"]},
    )


async def test_without_a_time_it_waits_for_ever() -> None:
    wait = await run("approve")
    assert isinstance(wait, WaitForEvent)
    assert wait.until is None


@pytest.mark.parametrize(
    ("settings", "field"), [({"at_most": -1}, "at_most"), ({"approvers": "ada"}, "approvers"), ({"unit": "x"}, "unit")]
)
def test_what_makes_no_sense_is_told(settings: dict[str, object], field: str) -> None:
    assert [name for name, _ in faults("approve", **settings)] == [field]
