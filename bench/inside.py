"""What the measurements ask of the server's own database and put into it, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.beside import Beside, answer
from tests.servers import Server

CHUNK = 20_000


class Inside(Beside):
    """The measurements' side."""

    def __init__(self, server: Server) -> None:
        super().__init__("bench.inside", server.settings)


# --- the process's side ---


def unfinished(workflow_id: str) -> int:
    from runs.models import Run

    return Run.objects.filter(workflow=workflow_id, completed_at=None).count()


def took(workflow_id: str, count: int, since: str) -> float:
    """Seconds from the first `created_at` or `started_at` to the last end, of the runs that ended last."""
    from runs.models import Run

    ended: Any = Run.objects.filter(workflow=workflow_id, completed_at__isnull=False)
    runs = ended.order_by("-completed_at")[:count]
    times = list(runs.values_list(since, "completed_at"))
    return float((max(end for _, end in times) - min(begin for begin, _ in times)).total_seconds())


def lags(workflow_name: str, skip: int) -> list[float]:
    """Milliseconds from each due instant to the start of its run, without the first `skip`."""
    from runs.models import Firing

    found = Firing.objects.filter(workflow__name=workflow_name, run__started_at__isnull=False).order_by("due_at")
    pairs: list[Any] = list(found.values_list("due_at", "run__started_at"))[skip:]
    return [1000 * (started - due).total_seconds() for due, started in pairs]


def copies(workflow_id: str, count: int, state: str) -> None:
    """So many runs more of the workflow: "finished" long ago like its newest one, or "pending" now."""
    from django.db import connection

    from runs.models import Run

    template = Run.objects.filter(workflow=workflow_id, status="completed").order_by("-created_at")[0]
    columns = [str(field.column) for field in Run._meta.concrete_fields]
    changed = {"id": "'fl_run_' || %(mark)s || n", "handle": "NULL"}
    if state == "pending":
        changed |= {"status": "'pending'", "epoch": "0", "seq": "0", "output": "NULL", "response": "NULL"}
        changed |= {"started_at": "NULL", "completed_at": "NULL", "ready_at": "created_at"}
    is_sqlite = connection.vendor == "sqlite"
    numbers = (
        "WITH RECURSIVE numbers(n) AS (SELECT %(first)s UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %(end)s)"
        if is_sqlite
        else "WITH numbers AS (SELECT n FROM generate_series(%(first)s, %(end)s - 1) AS n)"
    )
    given = ", ".join(changed.get(column, column) for column in columns)
    insert = f"INSERT INTO {Run._meta.db_table} ({', '.join(columns)}) SELECT {given}"
    text = f"{numbers} {insert} FROM numbers, {Run._meta.db_table} WHERE id = %(template)s"
    values = {"template": template.id, "mark": os.urandom(6).hex()}
    for first in range(0, count, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(text, {**values, "first": first, "end": min(first + CHUNK, count)})
    _settle(
        ["PRAGMA wal_checkpoint(TRUNCATE)"] if is_sqlite else [f"VACUUM (ANALYZE) {Run._meta.db_table}", "CHECKPOINT"]
    )


def _settle(statements: Sequence[str]) -> None:
    """So that the database stands as one that grew in months. It would else do the rest of the loading, which is
    vacuuming, counting and writing out, on the same cores while something else is measured."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def many_due(workflow_id: str, count: int, seconds: float) -> None:
    """Workflows like this one, each due once, all at the same instant."""
    from django.utils import timezone

    from workflows.models import Schedule, Version, Workflow

    like = Workflow.objects.get(pk=workflow_id)
    drafts = Version.objects.bulk_create([Version(state="draft") for _ in range(count)])
    workflows = Workflow.objects.bulk_create(
        Workflow(
            project_id=like.project_id,
            key=f"bench-due-{number}",
            name="bench: due",
            authorization_id=like.authorization_id,
            draft=draft,
            published_id=like.published_id,
            is_active=True,
            activated_at=timezone.now(),
        )
        for number, draft in enumerate(drafts)
    )
    now = timezone.now()
    due = (now + timedelta(seconds=seconds)).replace(microsecond=0)
    Schedule.objects.bulk_create(
        Schedule(
            workflow=workflow,
            node_id="tick",
            schedule_type="cron",
            schedule_value="0 0 1 1 *",
            timezone="UTC",
            anchor_at=now,
            next_due_at=due,
        )
        for workflow in workflows
    )


if __name__ == "__main__":
    answer(unfinished, took, lags, copies, many_due)
