import subprocess
import sys

import pytest

from wire import problems
from wire.problems import Problem
from wire.strict_json import BadJson, BadValue

KINDS = [kind for kind in vars(problems).values() if isinstance(kind, type) and issubclass(kind, Problem)]


def test_a_problem_is_its_rfc_9457_body() -> None:
    fault: problems.Detail = {"path": "nodes[2].data.url", "code": "required", "message": "Missing."}
    problem = problems.Invalid("The graph has a fault.", errors=[fault])

    assert problem.to_response_body() == {
        "type": "about:blank",
        "title": "Not valid",
        "status": 422,
        "detail": "The graph has a fault.",
        "code": "validation_failed",
        "errors": [fault],
    }


def test_without_a_detail_the_first_fault_is_told() -> None:
    faults: list[problems.Detail] = [
        {"path": path, "code": "wrong", "message": "Must be a number."} for path in ("priority", "delay_seconds")
    ]
    assert problems.Invalid(errors=faults).detail == "priority: Must be a number. (1 more)"
    assert problems.Invalid(errors=faults[:1]).detail == "priority: Must be a number."
    assert problems.Invalid.field("", "The body must be an object.").detail == "The body must be an object."


def test_extra_members_stand_beside_the_standard_ones() -> None:
    body = problems.Conflict(
        "Changed meanwhile.", code="draft_conflict", extra={"draft_revision": 7}
    ).to_response_body()

    assert (body["code"], body["draft_revision"]) == ("draft_conflict", 7)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_something_without_being_told(kind: type[Problem]) -> None:
    body = kind().to_response_body()

    assert body["detail"]
    assert body["status"] == kind.status
    assert body["code"] == kind.code


@pytest.mark.parametrize(("wait", "header"), [(0, "1"), (0.2, "1"), (1.5, "2"), (30, "30")])
def test_retry_after_is_whole_seconds_and_never_nothing(wait: float, header: str) -> None:
    assert problems.Unavailable(retry_after=wait).headers == {"Retry-After": header}
    assert problems.TooManyRequests(retry_after=wait).headers == {"Retry-After": header}


def test_a_401_carries_a_challenge() -> None:
    assert problems.Unauthorized().headers == {"WWW-Authenticate": "Bearer"}


def test_a_parameter_is_named() -> None:
    problem = problems.BadRequest.parameter("since", "must be a date.")

    assert problem.detail == "since: must be a date."
    assert problem.errors == [{"path": "since", "code": "parameter_invalid", "message": "must be a date."}]


def test_refused_json_keeps_its_status_code_and_path() -> None:
    bad = problems.from_json_fault(BadJson("duplicate_key", "This key occurs twice.", "a.b"))
    assert (bad.status, bad.code, bad.errors[0]["path"]) == (400, "duplicate_key", "a.b")

    unfit = problems.from_json_fault(BadValue("nul_character", "No NUL.", "a"))
    assert (unfit.status, unfit.code, unfit.errors[0]["code"]) == (422, "validation_failed", "nul_character")


def test_problems_do_not_need_the_web_framework() -> None:
    script = "import sys, wire.problems, wire.strict_json, wire.ids; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
