"""The desk: publishes workflows, starts runs and reads what became of them, in a process of its own."""

from __future__ import annotations

from typing import Any

from tests.beside import Beside, answer


class Desk(Beside):
    """The test's side."""

    def __init__(self, settings: dict[str, str]) -> None:
        super().__init__("tests.faults.desk", settings)


# --- the process's side ---


def publish(key: str, nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> str:
    from accounts.models import Membership, Project, User
    from workflows.document import write_document
    from workflows.models import Version, Workflow
    from workflows.requirements import record_requirement

    project, _ = Project.objects.get_or_create(name="faults")
    user, _ = User.objects.get_or_create(email="faults@example.com")
    member, _ = Membership.objects.get_or_create(project=project, user=user, defaults={"role": "owner"})
    version = Version.objects.create(state="published", number=1)
    workflow = Workflow.objects.create(
        project=project,
        key=key,
        name=key,
        authorization=member,
        draft=Version.objects.create(state="draft"),
        published=version,
    )
    Version.objects.filter(id=version.id).update(workflow=workflow)
    write_document(version, {"nodes": nodes, "edges": edges})
    record_requirement(version)
    return workflow.id


def start(workflow_id: str, count: int, priority: str = "none") -> list[str]:
    """All with priority 0, or `mixed`."""
    from runs.services import StartOptions, start_run
    from workflows.models import Workflow

    workflow = Workflow.objects.get(id=workflow_id)
    priorities = [0 if priority == "none" else n * 37 % 100 for n in range(count)]
    return [start_run(workflow, {}, StartOptions("api", priority=each)).id for each in priorities]


def statuses() -> dict[str, int]:
    """How many runs there are of each."""
    from django.db.models import Count

    from runs.models import Run

    counted = Run.objects.values("status").annotate(count=Count("pk")).order_by()
    return {row["status"]: row["count"] for row in counted}


def take_tasks(count: int) -> list[list[Any]]:
    """For a worker outside: tasks of the type `mail`, each with its run and what its worker got."""
    from accounts.models import Project
    from runs.services import take_tasks

    taken = take_tasks(Project.objects.get(name="faults"), "mail", "outside", count)
    return [[wait.pk, wait.run_id, wait.polls] for wait in taken]


def report_task(wait_id: int, output: Any) -> bool:
    from runs.models import Wait
    from runs.services import Report, report_task

    return report_task(Wait.objects.select_related("run").get(pk=wait_id), Report("completed", output))


def switch(workflow_ids: list[str], is_on: bool) -> None:
    """What starts them by the clock."""
    from accounts.models import User
    from workflows.models import Workflow
    from workflows.services import activate, deactivate

    user = User.objects.get(email="faults@example.com")
    for workflow in Workflow.objects.filter(id__in=workflow_ids):
        (activate if is_on else deactivate)(workflow, user)


def firings() -> list[dict[str, Any]]:
    from runs.models import Firing

    found = Firing.objects.order_by("due_at").values("workflow_id", "due_at", "outcome", "run_id")
    return [{**row, "due_at": row["due_at"].timestamp()} for row in found]


def leave_behind(run_ids: list[str]) -> None:
    """As a worker leaves its runs that has died a while ago."""
    from django.utils import timezone

    from runs.models import Run, Worker

    Worker.objects.create(id="wrk_gone", lease_until=timezone.now(), started_at=timezone.now(), host="gone", pid=1)
    Run.objects.filter(id__in=run_ids).update(owner="wrk_gone", epoch=1, status="running", ready_at=None)


def forget_about(overdue: str, stalled: str) -> None:
    """Two runs that nobody would look at any more: one is over its deadline."""
    from django.utils import timezone

    from runs.models import Run

    Run.objects.filter(id__in=[overdue, stalled]).update(ready_at=None)
    Run.objects.filter(id=overdue).update(deadline_at=timezone.now())


def sweep(times: int) -> None:
    from contextlib import closing

    from runs.engine.database import connect
    from runs.engine.sweeping import sweep_up

    with closing(connect()) as database:
        for _ in range(times):
            sweep_up(database)


def terminate(run_id: str) -> str:
    from runs.models import Run
    from runs.services import terminate_run

    return str(terminate_run(Run.objects.get(id=run_id)).run.status)


def runs() -> list[dict[str, Any]]:
    from runs.models import Run

    columns = ("id", "status", "owner", "epoch", "ready_at", "intent", "output", "error", "crashes", "priority")
    times = ("created_at", "started_at", "completed_at")
    found = Run.objects.order_by("id").values(*columns, *times)
    return [{**row, **{name: row[name] and row[name].timestamp() for name in times}} for row in found]


def reason(run_id: str) -> str | None:
    """As the API gives it."""
    from runs.models import Run
    from runs.records import run_head

    found: str | None = run_head(Run.objects.select_related("workflow", "version").get(id=run_id))["reason"]
    return found


def logs() -> list[dict[str, Any]]:
    from django.db.models import F

    from runs.models import Log

    columns = ("run_id", "node_id", "iteration", "attempt", "status", "handle", "epoch")
    found = Log.objects.order_by("run_id", "seq").annotate(took=F("completed_at") - F("started_at"))
    return [
        {**row, "took": row["took"] and row["took"].total_seconds(), "started_at": row["started_at"].timestamp()}
        for row in found.values(*columns, "started_at", "took")
    ]


def events_delivered() -> dict[str, list[bool]]:
    """By run, whether each event that it was told has been taken."""
    from runs.models import Event

    found: dict[str, list[bool]] = {}
    for run_id, delivered_at in Event.objects.order_by("id").values_list("run_id", "delivered_at"):
        found.setdefault(run_id, []).append(delivered_at is not None)
    return found


def unaccounted() -> list[str]:
    """Keys, firings and deliveries that say of a run what is not so, and events that nobody will take or that the
    run does not know of."""
    from django.db.models import Count, F

    from runs.models import Delivery, Event, Firing, IdempotencyKey, PurgedRun, Run, Wait

    runs, gone = Run.objects.values("id"), PurgedRun.objects.values("id")
    wrong = {
        "key without a run": IdempotencyKey.objects.filter(run=None),
        "firing without its run": Firing.objects.filter(outcome=Firing.Outcome.STARTED, run=None),
        "firing with a run that it did not start": Firing.objects.exclude(outcome=Firing.Outcome.STARTED).exclude(
            run=None
        ),
        "delivery without its run": Delivery.objects.filter(outcome=Delivery.Outcome.STARTED)
        .exclude(run_id__in=runs)
        .exclude(run_id__in=gone),
        "event that was not counted": Run.objects.annotate(told=Count("inbox")).exclude(told=F("events")),
        "event of a run that waits for it": Event.objects.filter(
            delivered_at=None, run__waits__done_at=None, run__waits__kind=Wait.Kind.EVENT, run__waits__name=F("name")
        ),
        "wait of a run that has ended": Wait.objects.filter(run__status__in=Run.TERMINAL, done_at=None),
    }
    return [f"{what}: {row.pk}" for what, rows in wrong.items() for row in rows[:3]]


def workers() -> int:
    from runs.models import Worker

    return Worker.objects.filter(stopped_at=None).count()


def has_signed_off() -> bool:
    """Whether the worker that signed on last has said that it stops. On a busy machine one may have lost its lease and
    signed on anew; of its former life nothing is said."""
    from runs.models import Worker

    newest = Worker.objects.order_by("-started_at").first()
    return newest is not None and newest.stopped_at is not None


def cut_connections() -> int:
    """As when PostgreSQL is restarted or fails over: every connection but this one breaks."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def reconnect() -> None:
    """After the database was away: the broken connections are given up."""
    from django.db import connections

    from config.postgresql.base import DatabaseWrapper

    broken = connections["default"]
    assert isinstance(broken, DatabaseWrapper)
    broken.close()
    broken.close_pool()


def forget() -> None:
    """What earlier tests left."""
    from runs.models import Firing, Run, Worker
    from workflows.models import Workflow

    Firing.objects.all().delete()
    Run.objects.all().delete()
    Worker.objects.all().delete()
    for workflow in Workflow.objects.all():
        Workflow.objects.filter(id=workflow.id).update(key=workflow.id)


if __name__ == "__main__":
    answer(
        publish,
        start,
        statuses,
        take_tasks,
        report_task,
        switch,
        firings,
        leave_behind,
        forget_about,
        sweep,
        terminate,
        runs,
        reason,
        logs,
        events_delivered,
        unaccounted,
        workers,
        has_signed_off,
        cut_connections,
        reconnect,
        forget,
    )
