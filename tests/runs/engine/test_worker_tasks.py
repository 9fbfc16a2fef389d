"""Tasks that workers outside take, keep and report on."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from accounts.models import Project
from runs.models import Run, Wait
from runs.services import Report, log_task, report_task, resume_run, suspend_run, take_tasks, terminate_run
from tests.runs.engine.making import begun, ended, engine, forget_connections, logs, new_project, published, until
from workflows.nodes.base import Retry
from workflows.task_types import TaskRules, save_task_type

pytestmark = pytest.mark.django_db(transaction=True)

DONE = Report("completed", {"ok": True})


def take(project: Project, worker: str = "w", count: int = 10) -> list[Wait]:
    return take_tasks(project, "mail", worker, count)


def taken(project: Project, worker: str = "w") -> Wait:
    found: list[Wait] = []

    def is_there() -> bool:
        found.extend(take(project, worker, 1))
        return bool(found)

    until(is_there)
    return found[0]


def is_offered(run: Run) -> bool:
    return Wait.objects.filter(run=run, kind="task", done_at=None).exists()


def one(project: Project, key: str = "flow", **settings: Any) -> Run:
    return begun(published("a:worker_task", project, key, a={"task_type": "mail", **settings}), {"n": 1})


def lapse(wait: Wait) -> None:
    """As if the lease had run out."""
    Wait.objects.filter(pk=wait.pk).update(poll_at=timezone.now() - timedelta(seconds=1))


def test_a_worker_takes_a_task_and_its_report_is_the_nodes_output() -> None:
    project = new_project()
    run = one(project, input={"to": "{{ trigger.n }}"})
    with engine():
        wait = taken(project)
        assert (wait.outcome["input"], wait.worker, wait.polls) == ({"to": 1}, "w", 1)
        assert take(project) == []
        assert report_task(wait, DONE)
        assert not report_task(wait, DONE)
        ended(run)
    assert run.output == {"ok": True}


def test_nobody_else_gets_it_but_who_asks_for_its_type_in_its_project() -> None:
    project = new_project()
    run = one(project)
    with engine():
        until(lambda: is_offered(run))
        assert take(new_project()) == []
        assert take_tasks(project, "other", "w", 1) == []
        report_task(taken(project), DONE)
        ended(run)


def test_a_lease_that_runs_out_gives_it_to_another_and_the_first_may_not_fail_it_any_more() -> None:
    project = new_project()
    run = one(project)
    with engine():
        wait = taken(project, "first")
        lapse(wait)
        again = taken(project, "second")
        assert (again.pk, again.polls, again.worker) == (wait.pk, 2, "second")
        assert not report_task(wait, Report("failed", worker="first"))
        assert not report_task(wait, Report("in_progress", worker="first"))
        report_task(wait, Report("completed", 1, worker="first"))
        ended(run)
    assert run.output == 1


def test_word_from_its_worker_keeps_it_and_it_may_be_put_back() -> None:
    project = new_project()
    run = one(project, respond_within=1000)
    with engine():
        wait = taken(project)
        lapse(wait)
        report_task(wait, Report("in_progress", {"half": True}))
        assert take(project) == []
        report_task(wait, Report("in_progress", {"half": True}, after=0))
        again = taken(project)
        assert (again.progress, again.polls) == ({"half": True}, 2)
        report_task(again, DONE)
        ended(run)


def test_what_failed_is_made_again_by_the_nodes_rule_and_what_was_refused_is_not() -> None:
    project = new_project()
    save_task_type(project, "mail", TaskRules(retry=Retry(count=5, delay=0)), {})
    run = one(project, retry={"count": 1, "delay": 0, "backoff": "fixed"})
    with engine():
        report_task(taken(project), Report("failed", reason="no"))
        report_task(taken(project), Report("failed", reason="still no"))
        ended(run)
    assert (run.status, run.error["message"], len(logs(run))) == ("failed", "still no", 2)
    other = one(project, "other")
    with engine():
        report_task(taken(project), Report("refused", reason="never"))
        ended(other)
    assert (other.error["message"], len(logs(other))) == ("never", 1)


def test_the_rules_of_its_type_hold_where_the_node_says_nothing() -> None:
    project = new_project()
    save_task_type(project, "mail", TaskRules(lease=77, timeout=0.5, retry=Retry(count=1, delay=0)), {})
    run = one(project)
    with engine():
        assert taken(project).outcome["lease"] == 77
        ended(run)
    assert [(log.status, cast("Any", log.error)["code"]) for log in run.logs.all()] == [("failed", "task_timeout")] * 2


def test_a_run_that_is_held_or_ended_gives_nothing_out() -> None:
    project = new_project()
    run, other = one(project), one(project, "other")
    with engine():
        until(lambda: is_offered(run) and is_offered(other))
        suspend_run(run)
        terminate_run(other)
        until(lambda: not is_offered(other))
        assert take(project) == []
        ended_wait = other.waits.get()
        assert not report_task(ended_wait, DONE)
        resume_run(run)
        wait = taken(project)
        suspend_run(run)
        assert report_task(wait, DONE)
        resume_run(run)
        ended(run)


def test_the_most_urgent_is_given_out_first_and_in_the_order_of_age() -> None:
    project = new_project()
    drawing = published("a:worker_task", project, a={"task_type": "mail"})
    runs = []
    with engine():
        for priority in (0, 5, 0, 9):
            runs.append(begun(drawing, priority=priority))
            until(lambda: is_offered(runs[-1]))
        assert [wait.run_id for wait in take(project, count=10)] == [runs[n].id for n in (3, 1, 0, 2)]
        for run in runs:
            terminate_run(run)
            ended(run)


def test_many_workers_at_once_never_get_the_same() -> None:
    project = new_project()
    names = [f"n{number}" for number in range(30)]
    settings: dict[str, Any] = {name: {"task_type": "mail"} for name in names}
    run = begun(published(" ".join(f"{name}:worker_task" for name in names), project, **settings))
    got: list[int] = []

    def work(worker: str) -> None:
        try:
            while mine := take(project, worker, 2):
                got.extend(wait.pk for wait in mine)
                for wait in mine:
                    report_task(wait, Report("completed", worker, worker=worker))
        finally:
            forget_connections()

    with engine(lease=10.0):
        until(lambda: Wait.objects.filter(run=run, kind="task").count() == len(names))
        threads = [threading.Thread(target=work, args=[f"w{number}"]) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ended(run, 60)
    assert len(got) == len(set(got)) == len(names)


def test_another_engine_goes_on_with_what_was_taken_before() -> None:
    project = new_project()
    run = one(project)
    with engine():
        wait = taken(project)
    with engine():
        report_task(wait, DONE)
        ended(run)
    assert logs(run) == [("a", 1, "completed", "out")]


def test_what_a_worker_logs_stays_with_the_attempt() -> None:
    project = new_project()
    run = one(project)
    with engine():
        wait = taken(project)
        log_task(run.logs.get(), ["one\0", "two"])
        report_task(wait, DONE)
        ended(run)
    said: Any = run.logs.get().messages
    assert [line["text"] for line in said] == ["one\ufffd", "two"]
