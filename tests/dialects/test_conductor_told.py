"""Tasks of Conductor's definitions as its clients are told of them."""

from __future__ import annotations

from typing import Any

import pytest

from runs.dialects.conductor.definitions import Task
from runs.dialects.conductor.told import iteration_of, output_of
from tests.dialects.test_conductor_definitions import call, loop, switch, task

HTTP = {"status": 200, "headers": {}, "body": [1], "url": "u"}


@pytest.mark.parametrize(
    ("written", "value", "handle", "expected"),
    [
        (task("i", "INLINE"), {"a": 1}, "out", {"result": {"a": 1}}),
        (task("q", "JSON_JQ_TRANSFORM"), {"result": 1, "resultList": [1]}, "out", {"result": 1, "resultList": [1]}),
        (task("v", "SET_VARIABLE"), {"n": 1}, "out", {}),
        (call("h"), HTTP, "out", {"response": {"statusCode": 200, "headers": {}, "body": [1]}}),
        (switch("v", {"a": []}), {}, "a", {"evaluationResult": ["a"], "selectedCase": "a"}),
        (switch("v", {"error": []}), {}, "case_error", {"evaluationResult": ["error"], "selectedCase": "error"}),
        (loop("1", task("x")), [{"x": {}}, {"x": {}}], "out", {"1": {"x": {}}, "2": {"x": {}}, "iteration": 2}),
        (task("j", "JOIN"), {"a": {"result": 1}}, "out", {"a": {"result": 1}}),
        (task("w", "HUMAN"), 5, "out", {"result": 5}),
    ],
)
def test_what_a_task_has_put_out(written: dict[str, Any], value: Any, handle: str, expected: Any) -> None:
    assert output_of(Task.model_validate(written), value, handle) == expected


def test_iterations_count_from_one_in_the_innermost_loop() -> None:
    assert [iteration_of(iteration) for iteration in ("", "0", "2.1")] == [0, 1, 2]
