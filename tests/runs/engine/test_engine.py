"""The engine as a whole, in this process: a run is started, and what happened is on record."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from runs import waiting
from runs.engine import leaving, process
from runs.models import Run
from tests.runs.engine import making
from tests.runs.engine.making import begun, ended, engine, logs, published, until
from wire.times import to_wire
from workflows import vault

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_of_pure_nodes_completes() -> None:
    run = begun(published("t:manual_trigger>a>b", a={"value": {"x": 1}}), {"p": 1})
    with engine():
        ended(run)
    assert run.status == "completed"
    assert run.output == {"x": 1}
    assert [line[:3] for line in logs(run)] == [("t", 1, "completed"), ("a", 1, "completed"), ("b", 1, "completed")]
    assert run.logs.get(node_id="t").output == {"p": 1}
    assert (run.owner, run.ready_at, run.epoch) == (None, None, 1)
    assert run.started_at
    assert run.completed_at
    assert run.created_at <= run.started_at <= run.completed_at


def test_a_later_start_waits_for_its_time_and_for_no_longer() -> None:
    """What it is done with is no timer of a node's: the long wait of the second node is left alone."""
    workflow = published("a:effect>b:sleep", b={"seconds": 2})
    at = timezone.now() + timedelta(seconds=1.5)
    later, now = begun(workflow, start_at=at), begun(workflow)
    with engine():
        ended(now)
        ended(later)
    assert later.started_at
    assert later.completed_at
    assert later.started_at >= at
    assert later.completed_at >= later.started_at + timedelta(seconds=2)
    assert (later.status, later.reason, later.epoch) == ("completed", "", now.epoch)
    assert [line[:3] for line in logs(later)] == [("a", 1, "completed"), ("b", 1, "completed")]
    assert not later.waits.filter(done_at=None).exists()


def test_branches_run_at_the_same_time() -> None:
    """Each of two effects ends only when the other one has begun."""
    making.calls.gates = {"a": threading.Event(), "b": threading.Event()}
    other = {"a": "b", "b": "a"}
    making.calls.before = lambda node_id: making.calls.gates[other[node_id]].set()
    run = begun(published("t:manual_trigger>a:effect>j t>b:effect>j", a={"value": {"x": 1}}, b={"value": {"y": 2}}))
    with engine():
        ended(run)
    assert run.output == {"x": 1, "y": 2}


def test_many_runs_are_worked_on_at_once() -> None:
    workflow = published("a:effect", a={"seconds": 1})
    runs = [begun(workflow) for _ in range(20)]
    with engine():
        began = time.monotonic()
        for run in runs:
            ended(run)
        assert time.monotonic() - began < 15  # one after the other they would take twenty


def test_no_more_runs_are_taken_than_there_are_slots() -> None:
    workflow = published("a:effect")
    making.calls.gates = {"a": threading.Event()}
    runs = [begun(workflow, priority=priority) for priority in (0, 50, 10)]
    with engine(slots=2):
        until(lambda: len(making.calls.begun) == 2)
        time.sleep(0.1)
        left = [run.priority for run in Run.objects.filter(owner=None)]
        making.calls.gates["a"].set()
        for run in runs:
            ended(run)
    assert left == [0]


def test_a_node_behind_an_exit_not_taken_has_no_log() -> None:
    run = begun(published("a>b a.true>c", a={"handle": "true"}))
    with engine():
        ended(run)
    assert [line[0] for line in logs(run)] == ["a", "c"]


def test_a_failure_ends_the_run_and_says_where() -> None:
    run = begun(published("a:effect>b", a={"times": 9}))
    with engine():
        ended(run)
    assert run.status == "failed"
    assert run.error == {"code": "not_yet", "message": "attempt 1", "node_id": "a"}
    assert logs(run) == [("a", 1, "failed", None)]


def test_a_failing_branch_stops_the_others() -> None:
    run = begun(published("t:manual_trigger>a:effect t>b:effect", a={"times": 9, "seconds": 0.1}, b={"seconds": 30}))
    with engine():
        ended(run)
    assert run.status == "failed"
    assert {line[:3] for line in logs(run)[1:]} == {("a", 1, "failed"), ("b", 1, "terminated")}


def test_a_failure_leaves_by_the_error_exit_when_it_is_asked_to() -> None:
    run = begun(published("a:effect>b a.error>c", a={"times": 9, "on_error": "error"}))
    with engine():
        ended(run)
    assert run.status == "completed"
    assert run.output == {"error": {"code": "not_yet", "message": "attempt 1", "node_id": "a"}}
    assert logs(run) == [("a", 1, "failed", "error"), ("c", 1, "completed", "out")]


def test_a_failure_can_be_passed_over() -> None:
    run = begun(published("a:effect>b", a={"times": 9, "on_error": "continue"}))
    with engine():
        ended(run)
    assert run.status == "completed"
    assert run.output["error"]["code"] == "not_yet"


def test_an_attempt_is_made_again_after_its_back_off() -> None:
    retry = {"count": 3, "delay": 0.05, "backoff": "exponential"}
    run = begun(published("a:effect", a={"times": 2, "value": 7, "retry": retry}))
    with engine():
        ended(run)
    assert run.output == 7
    assert logs(run) == [("a", 1, "failed", None), ("a", 2, "failed", None), ("a", 3, "completed", "out")]
    assert len(set(making.calls.tokens)) == 1


@pytest.mark.parametrize(
    ("rule", "attempts"),
    [
        ({"count": 0, "codes": {"not_yet": {"count": 2, "delay": 0}}}, 3),
        ({"count": 2, "delay": 0, "codes": {"not_yet": {"count": 0}}}, 1),
        ({"count": 1, "delay": 0, "codes": {"other": {"count": 9}}}, 2),
    ],
)
def test_a_failure_with_a_certain_code_may_have_a_rule_of_its_own(rule: dict[str, Any], attempts: int) -> None:
    run = begun(published("a:effect", a={"times": 99, "retry": rule}))
    with engine():
        ended(run)
    assert (run.status, run.logs.count()) == ("failed", attempts)


def test_a_long_back_off_gives_the_run_back() -> None:
    run = begun(published("a:effect", a={"times": 1, "value": 7, "retry": {"count": 1, "delay": 1.3}}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        assert Run.objects.get(id=run.id).owner is None
        ended(run)
    assert (run.status, run.output, run.epoch) == ("completed", 7, 2)


def test_a_node_that_takes_too_long_fails() -> None:
    run = begun(published("a:effect", a={"seconds": 30, "timeout": 0.1}))
    with engine():
        ended(run)
    assert run.error["code"] == "timeout"


def test_a_node_that_raises_anything_fails_with_its_words() -> None:
    run = begun(published("a:crash"))
    with engine():
        ended(run)
    assert run.error == {"code": "node_crashed", "message": "RuntimeError: boom", "node_id": "a"}


def test_a_value_that_cannot_be_kept_fails_its_node_and_nothing_else() -> None:
    workflow = published("a:odd")
    runs = [begun(workflow), begun(published("a:set", a={"value": 1}))]
    with engine():
        bad, good = [ended(run) for run in runs]
    assert bad.error["code"] == "output_not_storable"
    assert good.output == 1


def test_settings_are_resolved_from_what_happened_before() -> None:
    settings = {"value": "{{ nodes.a.x }} {{ trigger.who }} {{ input.x }} {{ workflow.name }} {{ run.trigger_type }}"}
    run = begun(published("a>b", a={"value": {"x": 5}}, b=settings), {"who": "me"})
    with engine():
        ended(run)
    assert run.output == "5 me 5 flow api"


def test_an_expression_that_needs_the_sandbox_is_computed_there() -> None:
    run = begun(published("a>b", a={"value": [1, 2, 3]}, b={"value": "{{ sum(i * 2 for i in input) }}"}))
    with engine():
        ended(run)
    assert run.output == 12
    assert logs(run)[1] == ("b", 1, "completed", "out")


def test_a_bad_expression_names_field_and_position() -> None:
    run = begun(published("a", a={"value": "{{ nodes.a.gone.x }}"}))
    with engine():
        ended(run)
    log = run.logs.get()
    assert log.status == "failed"
    assert log.error["field"] == "value"
    assert log.error["position"]["line"] == 1


def test_a_short_delay_is_sat_out() -> None:
    run = begun(published("a>s:sleep>b", a={"value": 3}, s={"seconds": 0.1}))
    with engine():
        ended(run)
    assert (run.output, run.epoch) == (3, 1)
    assert run.waits.get().done_at is not None


def test_a_delay_gives_the_run_back_and_goes_on_when_it_is_due() -> None:
    run = begun(published("a>s:sleep>b", a={"value": 3}, s={"seconds": 1.4}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        meanwhile = Run.objects.get(id=run.id)
        assert (meanwhile.owner, meanwhile.ready_at) == (None, None)
        ended(run)
    assert (run.status, run.output, run.epoch) == ("completed", 3, 2)
    assert logs(run) == [("a", 1, "completed", "out"), ("s", 1, "completed", "out"), ("b", 1, "completed", "out")]


def test_another_branch_goes_on_while_one_waits() -> None:
    run = begun(published("t:manual_trigger>s:sleep t>a:effect", s={"seconds": 1.3}, a={"seconds": 0.2, "value": 1}))
    with engine():
        until(lambda: Run.objects.get(id=run.id).status == "waiting")
        assert run.logs.get(node_id="a").status == "completed"
        ended(run)
    assert run.status == "completed"


def test_stop_ends_the_whole_run() -> None:
    run = begun(published("t:manual_trigger>a:effect t>b:stop", a={"seconds": 30}, b={"value": {"r": 1}}))
    with engine():
        ended(run)
    assert (run.status, run.output, run.error) == ("completed", {"r": 1}, None)


def test_stop_can_end_it_as_failed() -> None:
    run = begun(published("b:stop>c", b={"handle": "failed"}))
    with engine():
        ended(run)
    assert (run.status, run.error["code"], run.error["message"]) == ("failed", "stopped", "told to")
    assert len(logs(run)) == 1


def test_an_answer_is_kept_on_the_run_and_given_before_its_end() -> None:
    run = begun(published("a:answer>b:effect", a={"value": {"ok": 1}}, b={"seconds": 0.5}))
    with engine():
        standing = waiting.wait_for_answer(run.id, 5)
        assert not standing.has_ended
        assert waiting.wait_for_end(run.id, 5).status == "completed"
    assert standing.response == {"status": 201, "headers": [["x-a", "b"]], "body": {"ok": 1}, "more": False}
    assert run.logs.get(node_id="a").output == {"ok": 1}


def test_secrets_are_masked_wherever_they_would_be_kept() -> None:
    project = making.new_project()
    credential = vault.create_credential(project, "key", "bearer", {"token": "s3cret-token"})
    run = begun(published("a:tell", project, a={"name": credential.id}))
    with engine():
        ended(run)
    assert run.output == {"said": "it is •••!"}
    assert run.logs.get().messages[0]["text"] == "it is •••"


def test_a_credential_that_is_gone_fails_the_node() -> None:
    run = begun(published("a:tell", a={"name": "cred_00000000000000000000000000"}))
    with engine():
        ended(run)
    assert run.error["code"] == "credential_unusable"


def test_a_database_that_is_away_fails_no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and events go by other connections than the journal."""
    project = making.new_project()
    credential = vault.create_credential(project, "key", "bearer", {"token": "s3cret-token"})
    lost = iter([OperationalError("the connection is lost"), InterfaceError("the connection is closed")])

    def opened(*named: str) -> Any:
        for error in lost:
            raise error
        return vault.open_secret(*named)

    monkeypatch.setattr(process, "open_secret", opened)
    run = begun(published("a:tell", project, a={"name": credential.id}))
    with engine():
        ended(run)
    assert (run.status, run.error) == ("completed", None)


def test_a_deadline_ends_the_run() -> None:
    run = begun(published("a:effect", a={"seconds": 30}), deadline_seconds=3)  # a busy machine begins late
    assert run.deadline_at is not None
    said = f"The run was not finished by its deadline, {to_wire(run.deadline_at)}."
    with engine():
        ended(run)
    assert (run.status, run.error["code"], run.error["message"]) == ("failed", "deadline", said)
    assert logs(run) == [("a", 1, "terminated", None)]


def test_a_node_that_ignores_being_cancelled_cannot_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "CANCEL_SECONDS", 0.3)
    run = begun(published("a:deaf", a={"seconds": 3}), deadline_seconds=0.2)
    with engine():
        ended(run, 2)
    assert run.error["code"] == "deadline"


def test_sequence_numbers_of_a_run_rise_without_gaps() -> None:
    run = begun(published("a>b:effect>c"))
    with engine():
        ended(run)
    assert list(run.logs.order_by("seq").values_list("node_id", flat=True)) == ["a", "b", "c"]
    assert run.seq > max(run.logs.values_list("seq", flat=True))
