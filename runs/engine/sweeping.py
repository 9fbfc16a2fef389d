"""The sweeper: what any worker does every few seconds after those that died. Each step is guarded, goes in small
batches and is harmless to repeat, so that any number may sweep at once."""

from __future__ import annotations

from runs.engine.admission import END_START_WAITS
from runs.engine.database import Database, Statement
from runs.engine.statements import NOW, same_for_both, statement

# A death while a run was in hand counts against the run; any outcome that is recorded clears it. A worker
# that stopped cleanly has released its runs; what it could not counts nothing.
TAKE_FROM_LAPSED = statement(
    sqlite="""
        UPDATE <run> SET owner = NULL, epoch = epoch + 1,
               ready_at = CASE WHEN status <> 'suspended' THEN :now END, crashes = crashes + (
                SELECT COUNT(*) = 0 FROM <worker> WHERE id = owner AND stopped_at IS NOT NULL)
         WHERE id IN (SELECT lost.id FROM <run> AS lost LEFT JOIN <worker> AS worker ON worker.id = lost.owner
                       WHERE lost.owner IS NOT NULL AND (worker.id IS NULL OR worker.lease_until <= :now)
                       ORDER BY lost.owner LIMIT 500)""",
    postgresql="""
        WITH lost AS MATERIALIZED (
            SELECT lost.id, worker.stopped_at FROM <run> AS lost LEFT JOIN <worker> AS worker ON worker.id = lost.owner
             WHERE lost.owner IS NOT NULL AND (worker.id IS NULL OR worker.lease_until <= clock_timestamp())
             ORDER BY lost.id LIMIT 500 FOR UPDATE OF lost SKIP LOCKED)
        UPDATE <run> SET owner = NULL, epoch = epoch + 1,
               ready_at = CASE WHEN status <> 'suspended' THEN clock_timestamp() END,
               crashes = crashes + CASE WHEN lost.stopped_at IS NULL THEN 1 ELSE 0 END
          FROM lost WHERE <run>.id = lost.id""",
)


def _wake(which: str, setting: str) -> Statement:
    """Makes the runs ready that nobody has locked; the others have their turn at the next sweep."""
    return statement(
        sqlite=f"UPDATE <run> SET {setting} WHERE {which}".replace("now()", ":now"),  # noqa: S608
        postgresql=f"""
        WITH found AS MATERIALIZED (
            SELECT id FROM <run> WHERE {which} ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE <run> SET {setting} FROM found WHERE <run>.id = found.id""".replace("now()", NOW),  # noqa: S608
    )


# Whoever claims it sees the deadline.
WAKE_OVERDUE = _wake(
    "owner IS NULL AND ready_at IS NULL AND status NOT IN <terminal> AND deadline_at <= now()",
    "ready_at = now(), status = <resumed>",
)

# Nothing would ever wake these: a child's end that was missed, or no wait at all. The plan says what is next. Whoever
# raises an event makes the run ready in the same commit.
WAKE_STALLED = _wake(
    """owner IS NULL AND ready_at IS NULL AND status IN <live> AND NOT EXISTS (
        SELECT 1 FROM <wait> AS own LEFT JOIN <run> AS child ON child.id = own.child_id
         WHERE own.run_id = <run>.id AND own.done_at IS NULL
           AND (own.wake_at IS NOT NULL OR own.kind IN ('event', 'task') OR child.status NOT IN <terminal>))""",
    "ready_at = now()",
)

FORGET_OLD_WORKERS = statement(
    sqlite="""
        DELETE FROM <worker> WHERE lease_until < datetime(:now, '-1 day')
           AND id NOT IN (SELECT owner FROM <run> WHERE owner IS NOT NULL)""",
    postgresql="""
        DELETE FROM <worker> WHERE lease_until < clock_timestamp() - interval '1 day'
           AND id NOT IN (SELECT owner FROM <run> WHERE owner IS NOT NULL)""",
)

DROP_EXPIRED_KEYS = same_for_both("""
    DELETE FROM <idempotencykey> WHERE id IN (
        SELECT id FROM <idempotencykey> WHERE expires_at <= now() ORDER BY expires_at LIMIT :at_once)""")

# As many as come in the five seconds between two sweeps, and as are deleted in a moment: after a time without workers
# there may be so many that the database would not answer in time.
KEYS_AT_ONCE = 10_000


def sweep_up(database: Database) -> int:
    """After workers that died. Each step harmless to repeat; how many runs became ready by it."""
    moved = database.change(TAKE_FROM_LAPSED)
    moved += database.change(WAKE_OVERDUE)
    moved += database.change(WAKE_STALLED)
    database.change(END_START_WAITS)
    database.change(DROP_EXPIRED_KEYS, {"at_once": KEYS_AT_ONCE})
    database.change(FORGET_OLD_WORKERS)
    return moved
