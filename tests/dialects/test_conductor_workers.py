"""Workers' routes, with the engine at work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runs.models import Run, Wait
from tests.dialects.test_conductor import Conductor, error
from tests.dialects.test_conductor_definitions import definition
from tests.dialects.test_conductor_tasks import begun, conductor
from tests.people import Person
from tests.runs.engine.making import ended, until

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["conductor"]

MAIL = {"name": "mail", "taskReferenceName": "send", "inputParameters": {"to": "${workflow.input.to}"}}


def polled(conductor: Conductor, worker: str = "w") -> Any:
    """The task, when there is one."""
    answers: list[Any] = []

    def is_there() -> bool:
        answers.append(conductor.call("GET", f"/tasks/poll/mail?workerid={worker}"))
        assert answers[-1].status_code in (200, 204), answers[-1].text
        return bool(answers[-1].status_code == 200)

    until(is_there)
    return answers[-1].json()


def report(conductor: Conductor, task: Any, status: str = "COMPLETED", path: str = "", **more: Any) -> Any:
    body = {"workflowInstanceId": task["workflowInstanceId"], "taskId": task["taskId"], "status": status, **more}
    return conductor.call("POST", f"/tasks{path}", body, Accept="text/plain")


def test_a_worker_polls_works_and_reports(conductor: Conductor) -> None:
    run = begun(conductor, MAIL, outputParameters={"sent": "${send.output.id}"})
    task = polled(conductor)
    assert (task["taskType"], task["referenceTaskName"], task["status"]) == ("mail", "send", "IN_PROGRESS")
    assert (task["workflowInstanceId"], task["inputData"], task["pollCount"]) == (run.id, {"to": None}, 1)
    assert (task["workerId"], task["retryCount"], task["responseTimeoutSeconds"]) == ("w", 0, 3600)
    assert task["workflowTask"] == MAIL
    assert conductor.call("GET", "/tasks/poll/mail").status_code == 204
    assert conductor.call("GET", f"/tasks/{task['taskId']}").json() == {**task, "seq": 2}
    answer = report(conductor, task, outputData={"id": 5}, logs=[{"log": "sent", "createdTime": 1}])
    assert (answer.status_code, answer["Content-Type"], answer.text) == (200, "text/plain", task["taskId"])
    assert ended(run).output == {"sent": 5}
    shown = conductor.told(run.id)
    [told] = shown["tasks"]
    assert (told["status"], told["outputData"], told["inputData"]) == ("COMPLETED", {"id": 5}, {"to": None})
    assert report(conductor, task, "FAILED").status_code == 200  # over: nothing changes
    [line] = conductor.call("GET", f"/tasks/{task['taskId']}/log").json()
    assert (line["log"], line["taskId"]) == ("sent", task["taskId"])


def test_several_are_polled_at_once_and_a_report_brings_the_next(conductor: Conductor) -> None:
    runs = [begun(conductor, MAIL)]
    runs += [Run.objects.get(pk=conductor.call("POST", "/workflow/Orders", {}).text) for _ in range(3)]
    until(lambda: Wait.objects.filter(kind="task").count() == 4)
    batch = conductor.call("GET", "/tasks/poll/batch/mail?count=2&timeout=1000&workerid=w").json()
    assert len({task["taskId"] for task in batch}) == 2
    third = report(conductor, batch[0], path="/update-v2", workerId="w")
    assert third.status_code == 200
    fourth = report(conductor, third.json(), path="/update-v2", workerId="w")
    assert report(conductor, fourth.json(), path="/update-v2", workerId="w").status_code == 204
    report(conductor, batch[1])
    assert [ended(run).status for run in runs] == ["completed"] * 4
    assert conductor.call("GET", "/tasks/poll/batch/mail?timeout=10").json() == []


def test_a_task_in_progress_is_kept_and_comes_again_when_it_asks_for_it(conductor: Conductor) -> None:
    run = begun(conductor, MAIL)
    task = polled(conductor)
    report(conductor, task, "IN_PROGRESS", callbackAfterSeconds=1, outputData={"half": True})
    again = polled(conductor)
    assert (again["taskId"], again["pollCount"], again["outputData"]) == (task["taskId"], 2, {"half": True})
    report(conductor, task, "IN_PROGRESS", extendLease=True, callbackAfterSeconds=0)
    assert conductor.call("GET", "/tasks/poll/mail").status_code == 204
    Wait.objects.update(poll_at=timezone.now() - timedelta(seconds=1))
    assert polled(conductor, "other")["workerId"] == "other"
    report(conductor, task, workerId="other")
    ended(run)


def test_what_failed_is_a_new_task_by_the_rule_of_its_type(conductor: Conductor) -> None:
    rules = {"name": "mail", "retryCount": 1, "retryDelaySeconds": 0, "responseTimeoutSeconds": 60, "mine": [1]}
    assert conductor.call("POST", "/metadata/taskdefs", [rules]).status_code == 200
    run = begun(conductor, MAIL)
    first = polled(conductor)
    assert first["responseTimeoutSeconds"] == 60
    report(conductor, first, "FAILED", reasonForIncompletion="busy")
    second = polled(conductor)
    assert (second["retryCount"], second["taskId"] != first["taskId"]) == (1, True)
    report(conductor, second, "FAILED_WITH_TERMINAL_ERROR", reasonForIncompletion="never")
    assert ended(run).status == "failed"
    shown = conductor.told(run.id)
    assert (shown["reasonForIncompletion"], [task["status"] for task in shown["tasks"]]) == ("never", ["FAILED"] * 2)


def test_one_without_retries_in_its_workflow_is_not_made_again(conductor: Conductor) -> None:
    conductor.call("POST", "/metadata/taskdefs", [{"name": "mail", "retryDelaySeconds": 0}])
    run = begun(conductor, {**MAIL, "retryCount": 0})
    report(conductor, polled(conductor), "FAILED")
    assert ended(run).status == "failed"


def test_no_more_of_a_type_are_given_out_than_may_be_at_work_at_once(conductor: Conductor) -> None:
    assert conductor.call("POST", "/metadata/taskdefs", [{"name": "mail", "concurrentExecLimit": 2}]).status_code == 200
    runs = [begun(conductor, MAIL)]
    runs += [Run.objects.get(pk=conductor.call("POST", "/workflow/Orders", {}).text) for _ in range(2)]
    until(lambda: Wait.objects.filter(kind="task").count() == 3)
    first, second = conductor.call("GET", "/tasks/poll/batch/mail?count=5").json()
    assert conductor.call("GET", "/tasks/poll/mail").status_code == 204
    report(conductor, first)
    for task in (second, polled(conductor)):
        report(conductor, task)
    assert [ended(run).status for run in runs] == ["completed"] * 3


def test_a_task_of_a_paused_run_is_not_given_out(conductor: Conductor) -> None:
    run = begun(conductor, MAIL)
    until(lambda: Wait.objects.filter(kind="task").exists())
    conductor.call("PUT", f"/workflow/{run.id}/pause")
    assert conductor.call("GET", "/tasks/poll/mail").status_code == 204
    conductor.call("PUT", f"/workflow/{run.id}/resume")
    task = polled(conductor)
    conductor.call("DELETE", f"/workflow/{run.id}")
    assert report(conductor, task).status_code == 200
    assert ended(run).status == "terminated"


def test_it_can_be_completed_by_its_reference_name_too(conductor: Conductor) -> None:
    run = begun(conductor, MAIL)
    conductor.call("POST", f"/tasks/{run.id}/send/COMPLETED", {"id": 1})
    assert ended(run).output == {"id": 1}


def test_what_is_logged_is_bare_text_or_json(conductor: Conductor) -> None:
    run = begun(conductor, MAIL)
    task = polled(conductor)
    for line in ('"in quotes"', "plain, {odd"):
        assert conductor.call("POST", f"/tasks/{task['taskId']}/log", line).status_code == 200
    said = conductor.call("GET", f"/tasks/{task['taskId']}/log").json()
    assert [line["log"] for line in said] == ["in quotes", "plain, {odd"]
    report(conductor, task)
    ended(run)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/tasks/nope", None, 404),
        ("GET", "/tasks/nope/log", None, 404),
        ("POST", "/tasks/nope/log", "x", 404),
        ("POST", "/tasks", {"taskId": "nope", "status": "COMPLETED"}, 404),
        ("POST", "/tasks", {"taskId": "nope", "status": "DONE"}, 400),
        ("POST", "/tasks", {"taskId": "nope", "status": {"a": 1}}, 400),
        ("POST", "/tasks", {"status": "COMPLETED"}, 400),
        ("POST", "/tasks/update-v2", [], 400),
        ("GET", "/tasks/poll/batch/mail?count=0", None, 400),
        ("GET", "/tasks/poll/batch/mail?timeout=soon", None, 400),
        ("GET", "/metadata/taskdefs/nope", None, 404),
        ("DELETE", "/metadata/taskdefs/nope", None, 404),
        ("PUT", "/metadata/taskdefs", {"name": "nope"}, 404),
        ("PUT", "/metadata/taskdefs", {}, 400),
        ("POST", "/metadata/taskdefs", {"name": "x"}, 400),
        ("POST", "/metadata/taskdefs", [{"name": "x"}, {"name": "y", "retryCount": "1"}], 400),
    ],
)
def test_what_is_refused(conductor: Conductor, method: str, path: str, body: Any, status: int) -> None:
    assert error(conductor.call(method, path, body)) == status
    assert conductor.call("GET", "/metadata/taskdefs").json() == []


def test_task_types_are_kept_as_they_were_sent(conductor: Conductor, charlie: Person) -> None:
    sent = {
        "name": "mail",
        "retryCount": 2,
        "retryLogic": "EXPONENTIAL_BACKOFF",
        "mine": {"a": [1]},
        "ownerEmail": None,
    }
    conductor.call("POST", "/metadata/taskdefs", [sent, {"name": "a"}])
    told = conductor.call("GET", "/metadata/taskdefs/mail").json()
    assert told.pop("updateTime") > 0
    assert told == sent
    conductor.call("PUT", "/metadata/taskdefs", {**sent, "retryCount": 7})
    assert [each["name"] for each in conductor.call("GET", "/metadata/taskdefs").json()] == ["a", "mail"]
    assert conductor.call("GET", "/metadata/taskdefs/mail").json()["retryCount"] == 7
    assert error(Conductor(charlie).call("GET", "/metadata/taskdefs/mail")) == 404
    assert conductor.call("DELETE", "/metadata/taskdefs/mail").status_code == 200
    assert error(conductor.call("GET", "/metadata/taskdefs/mail")) == 404


def test_another_project_sees_no_task(conductor: Conductor, charlie: Person) -> None:
    run = begun(conductor, MAIL)
    task = polled(conductor)
    other = Conductor(charlie)
    assert error(other.call("GET", f"/tasks/{task['taskId']}")) == 404
    assert error(report(other, task)) == 404
    assert other.call("POST", "/metadata/workflow", definition(MAIL)).status_code == 200
    assert other.call("GET", "/tasks/poll/mail").status_code == 204
    report(conductor, task)
    ended(run)
