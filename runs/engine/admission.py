"""Runs that may not begin yet: those that were to start later, and those of workflows that limit how many of their runs
are under way.

One of the latter is outside the claim until it is admitted; to be admitted is to have `started_at`.
"""

from __future__ import annotations

import json

from runs.engine.database import Database
from runs.engine.statements import for_ids, same_for_both, statement

LIMITED = same_for_both("SELECT id FROM <workflow> WHERE max_concurrent_runs IS NOT NULL")

# Two admissions of one workflow at a time would count each other's runs wrong.
LOCK_LIMITED = statement(
    sqlite="SELECT id FROM <workflow> WHERE max_concurrent_runs IS NOT NULL",
    postgresql="""
        SELECT id FROM <workflow> WHERE max_concurrent_runs IS NOT NULL
         ORDER BY id FOR NO KEY UPDATE SKIP LOCKED""",
)

# The next ones of each workflow, as many as may begin beside those that have begun and not ended.
ADMIT = for_ids("""
    UPDATE <run> SET started_at = now() WHERE status = 'pending' AND owner IS NULL AND id IN (
        SELECT id FROM (
            SELECT next.id, ROW_NUMBER() OVER (
                       PARTITION BY next.workflow_id ORDER BY next.priority DESC, next.ready_at, next.id) AS place,
                   workflow.max_concurrent_runs - (
                       SELECT COUNT(*) FROM <run> AS begun
                        WHERE begun.project_id = workflow.project_id AND begun.workflow_id = workflow.id
                          AND begun.status NOT IN <terminal> AND begun.started_at IS NOT NULL
                          AND begun.parent_id IS NULL) AS free
              FROM <workflow> AS workflow
              JOIN <run> AS next ON next.project_id = workflow.project_id AND next.workflow_id = workflow.id
             WHERE workflow.id IN <ids> AND next.status = 'pending' AND next.owner IS NULL AND next.ready_at <= now()
               AND next.started_at IS NULL AND next.parent_id IS NULL) AS queue
         WHERE place <= free)""")

# That a run was to start later is over when it can start, and nothing that a node waits for.
END_START_WAITS = same_for_both("""
    UPDATE <wait> SET done_at = now() WHERE kind = 'start' AND done_at IS NULL AND wake_at <= now() AND EXISTS (
        SELECT 1 FROM <run> WHERE <run>.id = run_id AND (ready_at IS NOT NULL OR started_at IS NOT NULL))""")


def limited_workflows(database: Database) -> frozenset[str]:
    return frozenset(workflow_id for (workflow_id,) in database.rows(LIMITED))


def admit(database: Database) -> None:
    with database.transaction():
        ids = [workflow_id for (workflow_id,) in database.rows(LOCK_LIMITED)]
        database.change(ADMIT, {"ids": json.dumps(ids)})
