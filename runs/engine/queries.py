"""The statements of the engine, named, in both databases' words side by side (docs/durability.md). How they are
written: `statements.py`. The sweeper's are in `sweeping.py`."""

from __future__ import annotations

from runs.engine.database import Statement
from runs.engine.statements import NOW, for_ids, insert, record, same_for_both, statement, update
from runs.models import BigValue, BigValueUse, Delivery, IdempotencyKey, Log, Run, Wait

INSERT_RUNS = insert(Run, not_later=("created_at", "ready_at", "started_at", "completed_at"))
INSERT_DELIVERIES = insert(Delivery)
INSERT_LOGS = insert(Log)
INSERT_WAITS = insert(Wait)
# One that is there already is locked: whoever deletes what nobody refers to waits for the commit.
KEEP_VALUES = statement(
    sqlite="INSERT INTO <bigvalue> (reference, text) VALUES (:reference, :text) ON CONFLICT DO NOTHING",
    postgresql=f"""
        INSERT INTO <bigvalue> (reference, text)
        SELECT reference, text FROM json_to_recordset(:rows) AS {record(BigValue, ["reference", "text"])}
        ON CONFLICT (reference) DO UPDATE SET reference = EXCLUDED.reference""",  # noqa: S608
)
USE_VALUES = statement(
    sqlite="INSERT INTO <bigvalueuse> (run_id, value_id) VALUES (:run_id, :value_id) ON CONFLICT DO NOTHING",
    postgresql=f"""
        INSERT INTO <bigvalueuse> (run_id, value_id)
        SELECT run_id, value_id FROM json_to_recordset(:rows) AS {record(BigValueUse, ["run_id", "value_id"])}
        ON CONFLICT DO NOTHING""",  # noqa: S608
)
SETTLE_LOGS = update(
    Log,
    ["id"],
    ["seq", "status", "handle", "output", "error", "messages", "progress", "completed_at"],
    "status IN ('started', 'interrupted')",
    kept="messages",  # to which a worker outside may have added
    beside=["run_id"],
)
SET_PROGRESS = update(Log, ["id"], ["seq", "progress"], "status = 'started'")

# --- worker processes ---

REGISTER = statement(
    sqlite="""
        INSERT INTO <worker> (id, lease_until, started_at, heard_at, host, pid, claims, slots, code_version,
                              engine_format, node_kinds)
        VALUES (:worker, :lease_until, :now, :now, :host, :pid, :claims, :slots, :code_version, :engine_format,
                :node_kinds)""",
    postgresql="""
        INSERT INTO <worker> (id, lease_until, started_at, heard_at, host, pid, claims, slots, code_version,
                              engine_format, node_kinds)
        VALUES (:worker, clock_timestamp() + :lease * interval '1 s', clock_timestamp(), clock_timestamp(), :host, :pid,
                :claims, :slots, :code_version, :engine_format, :node_kinds)""",
)

# No row means that this process was declared dead: it stops everything and registers anew.
HEARTBEAT = statement(
    sqlite="""
        UPDATE <worker> SET lease_until = :lease_until, heard_at = :now WHERE id = :worker AND lease_until > :now""",
    postgresql="""
        UPDATE <worker> SET lease_until = clock_timestamp() + :lease * interval '1 s', heard_at = clock_timestamp()
         WHERE id = :worker AND lease_until > clock_timestamp()""",
)

RETIRE = same_for_both("UPDATE <worker> SET lease_until = now(), stopped_at = now() WHERE id = :worker")

GIVE_UP_LEASE = same_for_both("UPDATE <worker> SET lease_until = now() WHERE id = :worker AND lease_until > now()")

# Embedded only: whoever holds the data folder knows that every other process is gone.
DECLARE_ALL_DEAD = same_for_both("UPDATE <worker> SET lease_until = now() WHERE lease_until > now()")

# --- the queue ---


def _claim(which: str) -> Statement:
    """Answers with the moment since when the run was due (SQLite cannot say), then CLAIMED_COLUMNS."""
    return statement(
        sqlite=f"""
        UPDATE <run>
           SET owner = :worker, epoch = epoch + 1, ready_at = NULL, status = 'running', seq = seq + 1,
               started_at = COALESCE(started_at, :now), reason = CASE intent WHEN '' THEN '' ELSE reason END
         WHERE id IN (SELECT id FROM <run>
                       WHERE owner IS NULL AND {which.replace("now()", ":now")} AND status IN <live>
                         AND version_id NOT IN (SELECT value FROM json_each(:unknown)) AND <admitted>
                       ORDER BY priority DESC, ready_at, id LIMIT :slots)
           AND EXISTS (SELECT 1 FROM <worker> WHERE id = :worker AND lease_until > :now)
        RETURNING NULL, <claimed>""",  # noqa: S608
        # MATERIALIZED: a plain IN (SELECT … LIMIT n) may be evaluated again and take more than n.
        postgresql=f"""
        WITH pick AS MATERIALIZED (
            SELECT id, ready_at AS since FROM <run>
             WHERE owner IS NULL AND {which.replace("now()", "clock_timestamp()")} AND status IN <live>
               AND version_id NOT IN (SELECT json_array_elements_text(:unknown)) AND <admitted>
             ORDER BY priority DESC, ready_at, id LIMIT :slots FOR UPDATE SKIP LOCKED)
        UPDATE <run>
           SET owner = :worker, epoch = epoch + 1, ready_at = NULL, status = 'running', seq = seq + 1,
               started_at = COALESCE(started_at, clock_timestamp()),
               reason = CASE intent WHEN '' THEN '' ELSE reason END
          FROM pick
         WHERE <run>.id = pick.id
           AND EXISTS (SELECT 1 FROM <worker> WHERE id = :worker AND lease_until > clock_timestamp())
        RETURNING pick.since, <claimed>""",  # noqa: S608
    )


CLAIM = _claim("ready_at <= now() AND crashes < <suspect>")

# The one that the worker has reserved.
CLAIM_SUSPECT = _claim("ready_at IS NOT NULL AND id = :suspect")

# A run that may have killed its workers: who finds it keeps the others off it until `:until` by making it ready only
# then, and takes it when it holds nothing else. `:unknown` are versions that the worker does not know.
RESERVE_SUSPECT = statement(
    sqlite="""
        UPDATE <run> SET ready_at = :until
         WHERE id = (SELECT id FROM <run>
                      WHERE owner IS NULL AND ready_at <= :now AND status IN <live> AND crashes >= <suspect>
                        AND version_id NOT IN (SELECT value FROM json_each(:unknown))
                      ORDER BY priority DESC, ready_at, id LIMIT 1)
        RETURNING id""",
    postgresql="""
        WITH pick AS MATERIALIZED (
            SELECT id FROM <run>
             WHERE owner IS NULL AND ready_at <= clock_timestamp() AND status IN <live> AND crashes >= <suspect>
               AND version_id NOT IN (SELECT json_array_elements_text(:unknown))
             ORDER BY priority DESC, ready_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE <run> SET ready_at = clock_timestamp() + :seconds * interval '1 s'
          FROM pick WHERE <run>.id = pick.id RETURNING <run>.id""",
)

# No row means that it ended, or that another worker was quicker.
RESERVE_LONGER = statement(
    sqlite="""
        UPDATE <run> SET ready_at = :until
         WHERE id = :suspect AND owner IS NULL AND ready_at IS NOT NULL AND status IN <live>""",
    postgresql="""
        UPDATE <run> SET ready_at = clock_timestamp() + :seconds * interval '1 s'
         WHERE id = :suspect AND owner IS NULL AND ready_at IS NOT NULL AND status IN <live>""",
)

# Timers, back-offs and later starts that are due make their runs ready; owners look after their own.
WAKE_DUE = statement(
    sqlite="""
        UPDATE <run> SET ready_at = :now
         WHERE owner IS NULL AND ready_at IS NULL AND status IN ('pending', 'waiting') AND id IN (
            SELECT due.run_id FROM <wait> AS due JOIN <run> AS waiting ON waiting.id = due.run_id
             WHERE due.done_at IS NULL AND due.wake_at <= :now
               AND waiting.owner IS NULL AND waiting.ready_at IS NULL AND waiting.status IN ('pending', 'waiting')
             ORDER BY due.wake_at LIMIT 500)""",
    postgresql=f"""
        WITH due AS MATERIALIZED (
            SELECT waiting.id FROM <wait> AS due JOIN <run> AS waiting ON waiting.id = due.run_id
             WHERE due.done_at IS NULL AND due.wake_at <= {NOW}
               AND waiting.owner IS NULL AND waiting.ready_at IS NULL AND waiting.status IN ('pending', 'waiting')
             ORDER BY due.wake_at LIMIT 500 FOR UPDATE OF waiting SKIP LOCKED)
        UPDATE <run> SET ready_at = clock_timestamp() FROM due WHERE <run>.id = due.id""",  # noqa: S608
)

NEXT_TIMER = same_for_both("SELECT MIN(wake_at) FROM <wait> WHERE done_at IS NULL AND wake_at > now()")

# --- the journal ---

# The fence. Of the runs that a batch writes for, those that are still this owner's in this epoch, locked by
# id; and the parents of runs that end in it (no epoch given), which are only marked ready. What a stranger has
# locked is passed over: one frozen process must not hold up everybody's batch.
GUARD = statement(
    sqlite="""
        SELECT run.id, <intent>, run.seq, json_extract(line.value, '$.epoch')
          FROM json_each(:rows) AS line
          JOIN <run> AS run ON run.id = json_extract(line.value, '$.id')
         WHERE json_extract(line.value, '$.epoch') IS NULL
            OR (run.owner = :worker AND run.epoch = json_extract(line.value, '$.epoch'))""",
    postgresql="""
        SELECT run.id, <intent>, run.seq, x.epoch
          FROM json_to_recordset(:rows) AS x(id varchar(40), epoch integer) JOIN <run> AS run ON run.id = x.id
         WHERE x.epoch IS NULL OR (run.owner = :worker AND run.epoch = x.epoch)
         ORDER BY run.id FOR NO KEY UPDATE OF run SKIP LOCKED""",
)

# Of the lines that the guard did not let through, those whose run is still this owner's: a stranger has it locked.
STILL_MINE = statement(
    sqlite="""
        SELECT run.id FROM json_each(:rows) AS line JOIN <run> AS run ON run.id = json_extract(line.value, '$.id')
         WHERE run.owner = :worker AND run.epoch = json_extract(line.value, '$.epoch')""",
    postgresql="""
        SELECT run.id
          FROM json_to_recordset(:rows) AS x(id varchar(40), epoch integer) JOIN <run> AS run ON run.id = x.id
         WHERE run.owner = :worker AND run.epoch = x.epoch""",
)

# What arrivals stand on: the doors (token, version, deadline) that are still as they were, and this
# worker while its lease lasts.
STANDING = statement(
    sqlite="""
        SELECT workflow.hook_token, workflow.published_id, workflow.deadline_seconds
          FROM json_each(:rows) AS door
          JOIN <workflow> AS workflow ON workflow.hook_token = json_extract(door.value, '$.token')
           AND workflow.published_id = json_extract(door.value, '$.version')
         WHERE workflow.is_active AND workflow.deleted_at IS NULL
         UNION ALL SELECT 'worker', id, NULL FROM <worker> WHERE id = :worker AND lease_until > :now""",
    postgresql="""
        SELECT workflow.hook_token, workflow.published_id, workflow.deadline_seconds
          FROM json_to_recordset(:rows) AS x(token varchar(60), version varchar(40))
          JOIN <workflow> AS workflow ON workflow.hook_token = x.token AND workflow.published_id = x.version
         WHERE workflow.is_active AND workflow.deleted_at IS NULL
         UNION ALL SELECT 'worker', id, NULL FROM <worker> WHERE id = :worker AND lease_until > clock_timestamp()""",
)

_KEY_COLUMNS = "project_id, scope, key, fingerprint, run_id, status_code, response, created_at, expires_at"
_KEY_RECORD = record(IdempotencyKey, _KEY_COLUMNS.split(", "))
_SAME_KEY = "known.project_id = x.project_id AND known.scope = x.scope AND known.key = x.key"

DROP_EXPIRED_KEY = statement(
    sqlite="""
        DELETE FROM <idempotencykey>
         WHERE project_id = :project_id AND scope = :scope AND key = :key AND expires_at <= :now""",
    postgresql=f"""
        DELETE FROM <idempotencykey> AS known USING json_to_recordset(:rows) AS {_KEY_RECORD}
         WHERE {_SAME_KEY} AND known.expires_at <= clock_timestamp()""",  # noqa: S608
)

# Answers with the runs whose keys are new.
TAKE_KEYS = statement(
    sqlite=f"""
        INSERT INTO <idempotencykey> ({_KEY_COLUMNS})
        VALUES (:project_id, :scope, :key, :fingerprint, :run_id, :status_code, :response, :created_at, :expires_at)
        ON CONFLICT DO NOTHING RETURNING run_id""",  # noqa: S608
    postgresql=f"""
        INSERT INTO <idempotencykey> ({_KEY_COLUMNS})
        SELECT {_KEY_COLUMNS} FROM json_to_recordset(:rows) AS {_KEY_RECORD}
        ON CONFLICT DO NOTHING RETURNING run_id""",  # noqa: S608
)

KEYED_RUNS = statement(
    sqlite="""
        SELECT project_id, scope, key, run_id, response FROM <idempotencykey>
         WHERE project_id = :project_id AND scope = :scope AND key = :key""",
    postgresql=f"""
        SELECT known.project_id, known.scope, known.key, known.run_id, known.response
          FROM <idempotencykey> AS known JOIN json_to_recordset(:rows) AS {_KEY_RECORD} ON {_SAME_KEY}""",  # noqa: S608
)

# After a COMMIT whose answer was lost: how far the run got, in whose hands it is, and how its attempts stand.
WHERE_IS = statement(
    sqlite="SELECT id, epoch, seq FROM <run> WHERE id IN (SELECT value FROM json_each(:ids))",
    postgresql="SELECT id, epoch, seq FROM <run> WHERE id IN (SELECT json_array_elements_text(:ids))",
)

LOGS_ARE = statement(
    sqlite="SELECT id, status FROM <log> WHERE id IN (SELECT value FROM json_each(:ids))",
    postgresql="SELECT id, status FROM <log> WHERE id IN (SELECT json_array_elements_text(:ids))",
)

ADVANCE = statement(
    sqlite="""
        UPDATE <run> SET seq = :seq, crashes = CASE WHEN :moved THEN 0 ELSE crashes END,
                         response = COALESCE(response, :response)
         WHERE id = :id""",
    postgresql="""
        UPDATE <run> SET seq = x.seq, crashes = CASE WHEN x.moved THEN 0 ELSE crashes END,
                         response = COALESCE(<run>.response, x.response)
          FROM json_to_recordset(:rows) AS x(id varchar(40), seq integer, moved boolean, response text)
         WHERE <run>.id = x.id""",
)

# A payload that came with a terminate is the output already.
CLOSE = statement(
    sqlite="""
        UPDATE <run> SET seq = :seq, status = :status, error = :error, completed_at = :now,
               output = CASE WHEN :status = 'terminated' THEN COALESCE(:output, output) ELSE :output END,
               response = COALESCE(response, :response), owner = NULL, ready_at = NULL, crashes = 0
         WHERE id = :id AND status IN ('running', 'suspended')""",
    postgresql="""
        UPDATE <run> SET seq = x.seq, status = x.status, error = x.error, completed_at = clock_timestamp(),
               output = CASE WHEN x.status = 'terminated' THEN COALESCE(x.output, <run>.output) ELSE x.output END,
               response = COALESCE(<run>.response, x.response), owner = NULL, ready_at = NULL, crashes = 0
          FROM json_to_recordset(:rows) AS x(id varchar(40), seq integer, status varchar(10), error text,
                                             output text, response text)
         WHERE <run>.id = x.id AND <run>.status IN ('running', 'suspended')""",
)

# Release looks again: what came due or ended before this lock was taken would otherwise wake nobody. A suspended
# run stays suspended, and only its resume makes it ready. Like those that stop runs, it answers since when runs that
# nobody has in hand are ready.
RELEASE = statement(
    sqlite="""
        UPDATE <run> SET seq = :seq, status = CASE status WHEN 'suspended' THEN status ELSE :status END, owner = NULL,
               response = COALESCE(response, :response), crashes = CASE WHEN :moved THEN 0 ELSE crashes END,
               ready_at = CASE WHEN status = 'suspended' THEN NULL WHEN :at_once OR events > :seen OR EXISTS (
                    SELECT 1 FROM <wait> AS own LEFT JOIN <run> AS child ON child.id = own.child_id
                     WHERE own.run_id = <run>.id AND own.done_at IS NULL
                       AND (own.wake_at <= :now OR child.status IN <terminal>
                            OR (own.kind = 'child' AND own.child_id IS NULL))) THEN :now END
         WHERE id = :id AND status IN ('running', 'suspended') RETURNING ready_at""",
    postgresql="""
        UPDATE <run> SET seq = x.seq, owner = NULL,
               status = CASE <run>.status WHEN 'suspended' THEN <run>.status ELSE x.status END,
               response = COALESCE(<run>.response, x.response), crashes = CASE WHEN x.moved THEN 0 ELSE crashes END,
               ready_at = CASE WHEN <run>.status = 'suspended' THEN NULL
                               WHEN x.at_once OR <run>.events > x.seen OR EXISTS (
                    SELECT 1 FROM <wait> AS own LEFT JOIN <run> AS child ON child.id = own.child_id
                     WHERE own.run_id = <run>.id AND own.done_at IS NULL
                       AND (own.wake_at <= clock_timestamp() OR child.status IN <terminal>
                            OR (own.kind = 'child' AND own.child_id IS NULL))) THEN clock_timestamp() END
          FROM json_to_recordset(:rows) AS x(id varchar(40), seq integer, status varchar(10), response text,
                                             moved boolean, at_once boolean, seen integer)
         WHERE <run>.id = x.id AND <run>.status IN ('running', 'suspended') RETURNING <run>.ready_at""",
)

MEET_WAITS = statement(
    sqlite="""
        UPDATE <wait> SET done_at = :now
         WHERE run_id = :run_id AND node_id = :node_id AND iteration = :iteration AND attempt = :attempt
           AND done_at IS NULL""",
    postgresql="""
        UPDATE <wait> SET done_at = clock_timestamp()
          FROM json_to_recordset(:rows) AS x(run_id varchar(40), node_id varchar(200), iteration varchar(200),
                                             attempt smallint)
         WHERE <wait>.run_id = x.run_id AND <wait>.node_id = x.node_id AND <wait>.iteration = x.iteration
           AND <wait>.attempt = x.attempt AND <wait>.done_at IS NULL""",
)

# The children for which an ended run still waited are asked to stop too.
STOP_CHILDREN = for_ids("""
    UPDATE <run> SET intent = 'terminate', reason = 'The parent run has ended.',
           ready_at = CASE WHEN owner IS NULL THEN now() ELSE ready_at END,
           status = <resumed>
     WHERE status NOT IN <terminal> AND intent = '' AND id IN (
        SELECT child_id FROM <wait> WHERE run_id IN <ids> AND done_at IS NULL AND child_id IS NOT NULL)
    RETURNING ready_at""")

STOP_RUNS = for_ids("""
    UPDATE <run> SET intent = 'terminate', reason = 'The parent run went on without it.',
           ready_at = CASE WHEN owner IS NULL THEN now() ELSE ready_at END,
           status = <resumed>
     WHERE status NOT IN <terminal> AND intent = '' AND id IN <ids>
    RETURNING ready_at""")

END_WAITS = for_ids("UPDATE <wait> SET done_at = now() WHERE run_id IN <ids> AND done_at IS NULL")

# Of those that set variables, where in the run's order they were taken over.
TAKE_EVENTS = statement(
    sqlite="UPDATE <event> SET delivered_at = :now, seq = :seq WHERE id = :id AND delivered_at IS NULL",
    postgresql="""
        UPDATE <event> SET delivered_at = clock_timestamp(), seq = x.seq
          FROM json_to_recordset(:rows) AS x(id bigint, seq integer)
         WHERE <event>.id = x.id AND <event>.delivered_at IS NULL""",
)

READY_PARENTS = for_ids("""
    UPDATE <run> SET ready_at = now()
     WHERE id IN <ids> AND owner IS NULL AND ready_at IS NULL AND status = 'waiting'""")

# --- taking over ---

HISTORY = for_ids("""
    SELECT run_id, seq, id, node_id, iteration, attempt, status, handle, <whole output>, <whole error>,
           <whole passes>, started_at
      FROM <log> WHERE run_id IN <ids> ORDER BY run_id, seq""")

# Variables that were set from outside: those that were taken over, in their order, then the others.
VARIABLES = for_ids("""
    SELECT run_id, seq, id, <whole payload> FROM <event>
     WHERE run_id IN <ids> AND name = '' ORDER BY seq IS NULL, seq, id""")

OPEN_WAITS = for_ids("""
    SELECT own.run_id, own.node_id, own.iteration, own.attempt, own.kind, own.wake_at, <whole own.outcome>,
           own.child_id, own.name, own.correlation, child.status, <whole child.output>, child.error
      FROM <wait> AS own LEFT JOIN <run> AS child ON child.id = own.child_id
     WHERE own.run_id IN <ids> AND own.done_at IS NULL AND own.kind <> 'start'""")

# --- events ---

LOCK_RUN = statement(
    sqlite="SELECT 1",
    postgresql="SELECT 1 FROM <run> WHERE id = :id FOR NO KEY UPDATE",
)

INBOX = same_for_both("""
    SELECT id, name, correlation, node_id, iteration, attempt FROM <event>
     WHERE run_id = :id AND delivered_at IS NULL ORDER BY id""")

# What comes of nodes that were not reached when it was said.
SKIPS = for_ids("""
    SELECT run_id, id, node_id, <whole payload> FROM <event>
     WHERE run_id IN <ids> AND node_id IS NOT NULL AND attempt IS NULL AND delivered_at IS NULL ORDER BY id""")

EVENT_PAYLOADS = statement(
    sqlite="SELECT id, <whole payload>, error FROM <event> WHERE id IN (SELECT value FROM json_each(:ids))",
    postgresql="""
        SELECT id, <whole payload>, error FROM <event>
         WHERE id IN (SELECT json_array_elements_text(:ids)::bigint)""",
)

# --- versions ---

NEW_REQUIREMENTS = same_for_both("SELECT id, engine_format, kinds FROM <requirement> WHERE id > :after ORDER BY id")

VERSIONS_THAT_NEED = statement(
    sqlite="SELECT id FROM <version> WHERE requirement_id IN (SELECT value FROM json_each(:ids))",
    postgresql="""
        SELECT id FROM <version> WHERE requirement_id IN (SELECT json_array_elements_text(:ids)::bigint)""",
)

VERSION_NODES = for_ids("""
    SELECT version_id, node_id, kind, data, parent_id FROM <node>
     WHERE version_id IN <ids> ORDER BY version_id, ordinal""")

VERSION_EDGES = for_ids("""
    SELECT version_id, source, target, source_handle FROM <edge> WHERE version_id IN <ids>
     ORDER BY version_id, ordinal""")

VERSION_WORKFLOWS = for_ids("""
    SELECT version.id, workflow.id, workflow.key, workflow.name, workflow.node_limits, requirement.engine_format
      FROM <version> AS version JOIN <workflow> AS workflow ON workflow.id = version.workflow_id
      LEFT JOIN <requirement> AS requirement ON requirement.id = version.requirement_id
     WHERE version.id IN <ids>""")

FIND_WORKFLOW = same_for_both("""
    SELECT id, published_id, deadline_seconds, (SELECT <whole run.extra> FROM <run> AS run WHERE run.id = :parent)
      FROM <workflow>
     WHERE project_id = :project AND (id = :name OR key = :name) AND deleted_at IS NULL""")

# --- tasks for workers ---

FIND_TASK_TYPE = same_for_both("""
    SELECT <whole run.extra>, kind.lease, kind.timeout, kind.retry
      FROM <run> AS run LEFT JOIN <tasktype> AS kind ON kind.project_id = run.project_id AND kind.name = :name
     WHERE run.id = :run""")

# --- steering ---

OWN_RUNS = same_for_both("SELECT id, epoch, <intent>, events, crashes FROM <run> AS run WHERE owner = :worker")

ENDED_CHILDREN = for_ids("""
    SELECT id, status, <whole output>, error FROM <run> WHERE id IN <ids> AND status IN <terminal>""")
