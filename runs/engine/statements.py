"""How a statement is written once for both databases: the words that stand for tables, columns and conditions, and
how many rows travel as one JSON text, `:rows`.

Tables are called by their models' names. `:worker` is the asking process, `:now` SQLite's clock; PostgreSQL looks at
its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.postgresql.base import DatabaseWrapper

from runs.engine.database import Statement
from runs.models import BigValue, BigValueUse, Event, IdempotencyKey, Log, Run, Wait, Worker
from workflows.models import Edge, Node, Requirement, TaskType, Version, Workflow

_MODELS = (
    Run,
    Log,
    Wait,
    Event,
    BigValue,
    BigValueUse,
    Worker,
    IdempotencyKey,
    Version,
    Node,
    Edge,
    Workflow,
    TaskType,
    Requirement,
)
_TABLES = {model._meta.model_name: model._meta.db_table for model in _MODELS}
CLAIMED_COLUMNS = tuple(
    """
    id epoch version_id project_id workflow_id trigger_type trigger_node trigger_payload intent seq crashes depth
    priority parent_id correlation_id metadata is_draft events partial created_at started_at deadline_at
    """.split()  # noqa: SIM905 - a list of words reads as one
)
_BIG = ("trigger_payload", "partial")
_CLAIMED = ", ".join(f"<whole <run>.{name}>" if name in _BIG else f"<run>.{name}" for name in CLAIMED_COLUMNS)
# A value that may be too big for its row, as the text that it is: the row then only refers to it.
_WHOLE = re.compile(r"<whole ([a-z_.]+)>")
_WHOLE_TEXT = r"""CASE WHEN substr(\1, 1, 1) <> '@' THEN \1
               ELSE (SELECT big.text FROM <bigvalue> AS big WHERE big.reference = \1) END"""
_LIVE = "('pending', 'running', 'waiting')"
# What was asked of a run, as its owner must know it: terminate beats suspend.
_INTENT = "CASE WHEN run.intent = '' AND run.status = 'suspended' THEN 'suspend' ELSE run.intent END"
# What a suspended run is when that is over: whoever claims it looks what is due.
_RESUMED = """CASE WHEN status <> 'suspended' THEN status WHEN owner IS NULL THEN 'waiting' ELSE 'running' END"""
# A run of a workflow that limits them begins when ADMIT says so; child runs are their parents' affair.
_ADMITTED = """(started_at IS NOT NULL OR parent_id IS NOT NULL
             OR workflow_id NOT IN (SELECT id FROM <workflow> WHERE max_concurrent_runs IS NOT NULL))"""
# From so many deaths of its owners on, without any outcome between, a run is taken alone.
SUSPECT_AT = 3
_TERMINAL = "('completed', 'failed', 'terminated')"


NOW = "statement_timestamp()"
"""PostgreSQL's clock where rows are looked for by time: no index is searched by `clock_timestamp()`, which may change
from row to row."""


def statement(*, sqlite: str, postgresql: str) -> Statement:
    words = {"<claimed>": _CLAIMED, "<live>": _LIVE, "<terminal>": _TERMINAL}
    words |= {"<intent>": _INTENT, "<resumed>": _RESUMED, "<suspect>": str(SUSPECT_AT)}
    words["<admitted>"] = _ADMITTED
    words |= {f"<{name}>": table for name, table in _TABLES.items()}
    for word, text in words.items():
        sqlite, postgresql = sqlite.replace(word, text), postgresql.replace(word, text)
    whole = _WHOLE_TEXT.replace("<bigvalue>", _TABLES["bigvalue"])
    return Statement(_WHOLE.sub(whole, sqlite), _WHOLE.sub(whole, postgresql))


def same_for_both(text: str) -> Statement:
    """One text for both; `now()` is each database's clock."""
    return statement(sqlite=text.replace("now()", ":now"), postgresql=text.replace("now()", NOW))


# --- many rows at once ---


def record(model: type[models.Model], columns: Sequence[str]) -> str:
    """`x(column type, …)` for json_to_recordset, with the types that the migrations gave the columns."""
    types = DatabaseWrapper.data_types
    fields = {field.column: field for field in model._meta.concrete_fields}

    def type_of(column: str) -> str:
        kind = fields[column]
        if isinstance(kind, models.ForeignKey):
            kind = kind.target_field
        text: Any = types[kind.get_internal_type()]
        return str((text(kind.__dict__) if callable(text) else text) % kind.__dict__)

    return f"x({', '.join(f'{column} {type_of(column)}' for column in columns)})"


def insert(model: type[models.Model], not_later: Sequence[str] = ()) -> Statement:
    """`not_later` are moments that the writer's own clock may have put into the server's future."""
    columns = [str(field.column) for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(columns)
    # LEAST passes over NULL, and nothing must become now.
    least = "CASE WHEN {0} IS NOT NULL THEN LEAST({0}, clock_timestamp()) END"
    given = ", ".join(least.format(name) if name in not_later else name for name in columns)
    return Statement(
        sqlite=f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({', '.join(f':{name}' for name in columns)})",  # noqa: S608
        postgresql=f"INSERT INTO {model._meta.db_table} ({names})"  # noqa: S608
        f" SELECT {given} FROM json_to_recordset(:rows) AS {record(model, columns)}",
    )


def update(
    model: type[models.Model],
    keys: Sequence[str],
    values: Sequence[str],
    guard: str,
    kept: str = "",
    beside: Sequence[str] = (),
) -> Statement:
    """Sets `values` in the rows that `keys` name, as long as `guard` holds; null leaves the column `kept` as it is.
    `beside` is what else can be asked of each line."""
    table = model._meta.db_table
    mine = " AND ".join(f"{key} = :{key}" for key in keys)
    theirs = " AND ".join(f"{table}.{key} = x.{key}" for key in keys)
    given = record(model, [*keys, *values, *beside])
    said = {v: f"COALESCE({{0}}{v}, {table}.{v})" if v == kept else f"{{0}}{v}" for v in values}
    assigned = ", ".join(f"{v} = {text}" for v, text in said.items())
    return Statement(
        sqlite=f"UPDATE {table} SET {assigned.format(':')} WHERE {mine} AND {guard}",  # noqa: S608
        postgresql=f"UPDATE {table} SET {assigned.format('x.')}"  # noqa: S608
        f" FROM json_to_recordset(:rows) AS {given} WHERE {theirs} AND {table}.{guard}",
    )


# --- lists of ids ---

_IDS = {"sqlite": "(SELECT value FROM json_each(:ids))", "postgresql": "(SELECT json_array_elements_text(:ids))"}


def for_ids(text: str) -> Statement:
    """One text for both over a JSON list of ids, `<ids>`."""
    both = same_for_both(text)
    return Statement(both.sqlite.replace("<ids>", _IDS["sqlite"]), both.postgresql.replace("<ids>", _IDS["postgresql"]))
