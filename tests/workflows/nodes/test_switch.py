from typing import Any

import pytest

from tests.workflows.documents import document, edge, node
from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.graph import check_document
from workflows.nodes.base import Output


def case(name: str, operator: str, right: Any) -> dict[str, Any]:
    return {"name": name, "conditions": [{"left": "{{ input.total }}", "operator": operator, "right": right}]}


CASES = [case("large", "gt", 100), case("medium", "gt", 10), case("any", "gte", 0)]


@pytest.mark.parametrize(("total", "handle"), [(500, "large"), (50, "medium"), (5, "any"), (-1, "default")])
async def test_the_first_case_that_holds_is_taken(total: int, handle: str) -> None:
    assert await run("switch", FakeContext({"total": total}), cases=CASES) == Output({"total": total}, handle)


@pytest.mark.parametrize(
    ("settings", "handle"),
    [
        ({"cases": [{"name": "two", "left": "{{ input }}", "operator": "eq", "right": 2}]}, "two"),
        ({"operand": "{{ input }}", "cases": [{"name": "one", "value": 1}, {"name": "two", "value": 2}]}, "two"),
        ({"operand": "{{ input }}", "cases": [{"name": "two", "operator": "gt", "value": 1}]}, "two"),
        (
            {
                "operand": "x",
                "cases": [{"name": "y", "value": "y"}, {"name": "x", "value": "x"}],
            },
            "x",
        ),
        (
            {
                "cases": [
                    {"name": "g", "logic": "OR", "rules": [{"operand": "{{ input }}", "operator": "eq", "value": 2}]}
                ]
            },
            "g",
        ),
    ],
)
async def test_a_case_may_be_written_shorter(settings: Any, handle: str) -> None:
    assert await run("switch", FakeContext(2), **settings) == Output(2, handle)


@pytest.mark.parametrize(
    ("cases", "field"),
    [
        ([], "cases"),
        ([{"name": "", "conditions": CASES[0]["conditions"]}], "cases[0].name"),
        ([case("default", "gt", 1)], "cases[0].name"),
        ([case("error", "gt", 1)], "cases[0].name"),
        ([case("a", "gt", 1), case("a", "gt", 2)], "cases[1].name"),
        ([{"conditions": CASES[0]["conditions"]}], "cases[0].name"),
        ([{"name": "a", "conditions": []}], "cases[0].conditions"),
        ([{"name": "a", "left": 1, "operator": "like"}], "cases[0].conditions[0].operator"),
    ],
)
def test_what_is_no_case_is_told(cases: Any, field: str) -> None:
    assert [found for found, _ in faults("switch", cases=cases)] == [field]


def test_its_exits_are_its_cases_and_default() -> None:
    def codes(handle: str | None) -> list[str]:
        doc = document([node("here", "switch", cases=[CASES[0] | {"name": "big"}]), node("next")])
        doc["nodes"][0]["data"]["cases"][0]["conditions"] = [{"left": 1, "operator": "gt", "right": 0}]
        doc["edges"] = [edge("here", "next", handle)]
        return [fault.code for fault in check_document(doc)]

    assert codes("big") == codes("default") == []
    assert codes(None) == codes("other") == ["unknown_handle"]
