"""The engine's own way to the database: plain statements on a connection that one thread holds.

Django's ORM stays off the engine's road; its settings say where the database is. A statement carries its
text for both databases (`statements.py`). On SQLite time is the host's clock, given as `:now`; on PostgreSQL
it is the server's.
"""

from __future__ import annotations

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import orjson
import psycopg
from django.db import connections

from wire.ids import new_id
from wire.postgres import ANSWER_SECONDS, BoundedConnection
from wire.turns import turns_for

Row = tuple[Any, ...]
Params = Mapping[str, Any]

BUSY_SECONDS = 20.0
"""How long a writer waits for others on SQLite."""

# What says nothing about the data: no connection, a lock, a full disk. The same work is tried again.
LOST = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError)


def is_lock(error: Exception) -> bool:
    """A row was locked for longer than `lock_timeout`; the connection is as good as before."""
    return isinstance(error, psycopg.errors.LockNotAvailable)


def is_full(error: Exception) -> bool:
    """The disk has no room. Nothing of the transaction was kept; the connection is as good as before."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extended part
    return code == sqlite3.SQLITE_FULL or isinstance(error, psycopg.errors.DiskFull)


_PLACE = re.compile(r"(?<!:):([a-z_]+)")
_PLAIN_INSERT = re.compile(r"(INSERT INTO .* VALUES )\((:[a-z_]+(?:, :[a-z_]+)*)\)( ON CONFLICT DO NOTHING)?")
AT_ONCE = 16
"""So many rows SQLite gets in one statement. Python lets go of its lock for each statement, and again for each row of
an `executemany`; beside a busy event loop, to have it back takes longer than to insert the row."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One named question or change. Places for values are written `:name` in both texts."""

    sqlite: str
    postgresql: str
    psycopg: str = field(init=False)
    writes: bool = field(init=False)
    inserted: tuple[str, ...] = field(init=False, default=())
    """Of an INSERT of plain values, their names; of other statements nothing."""
    inserting: str = field(init=False, default="")
    """The same on SQLite for AT_ONCE rows, one row's values after the other."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "psycopg", _PLACE.sub(r"%(\1)s", self.postgresql))
        object.__setattr__(self, "writes", not self.sqlite.lstrip().startswith("SELECT"))
        if found := _PLAIN_INSERT.fullmatch(self.sqlite):
            head, places, tail = found.groups(default="")
            names = tuple(_PLACE.findall(places))
            rows = ", ".join([f"({', '.join('?' * len(names))})"] * AT_ONCE)
            object.__setattr__(self, "inserted", names)
            object.__setattr__(self, "inserting", f"{head}{rows}{tail}")

    def by_django(self, connection: Any, row: Params) -> None:
        """One row through a request's own connection, in its transaction."""
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                values = {name: _text(value) if isinstance(value, datetime) else value for name, value in row.items()}
                cursor.execute(_PLACE.sub(r"%(\1)s", self.sqlite), values)
            else:
                cursor.execute(self.psycopg, {"rows": json_rows([row])})


class Database(ABC):
    """One open connection. Not shared among threads."""

    has_round_trips: ClassVar[bool]
    """Whether a question is answered by another process."""
    name = ""
    """Under which the server knows it."""

    @abstractmethod
    def rows(self, statement: Statement, params: Params | None = None) -> list[Row]: ...

    @abstractmethod
    def change(self, statement: Statement, params: Params | None = None) -> int:
        """How many rows it changed."""

    @abstractmethod
    def change_each(self, statement: Statement, rows: Sequence[Params]) -> None:
        """The same change for many rows, in one go. PostgreSQL gets them as one JSON text, `:rows`."""

    @abstractmethod
    def rows_each(self, statement: Statement, rows: Sequence[Params]) -> list[Row]:
        """The same question for many rows; all that came of it."""

    @abstractmethod
    @contextmanager
    def transaction(self) -> Iterator[None]: ...

    @abstractmethod
    def make_end_of(self, former: Database) -> None:
        """Nothing comes any more of what was asked by a connection that was lost. Raises one of LOST while it may."""

    @abstractmethod
    def now(self) -> datetime: ...

    @abstractmethod
    def moment(self, value: Any) -> datetime | None:
        """A time as it came out of a row."""

    @abstractmethod
    def close(self) -> None: ...


class Sqlite(Database):
    has_round_trips = False

    def __init__(self, settings: dict[str, Any]) -> None:
        self._raw = sqlite3.connect(
            settings["NAME"], timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")
        self._turns = turns_for(str(settings["NAME"]))

    def rows(self, statement: Statement, params: Params | None = None) -> list[Row]:
        with self._turn(statement):
            return self._raw.execute(statement.sqlite, self._with_now(params)).fetchall()

    def change(self, statement: Statement, params: Params | None = None) -> int:
        with self._turn(statement):
            return self._raw.execute(statement.sqlite, self._with_now(params)).rowcount

    def change_each(self, statement: Statement, rows: Sequence[Params]) -> None:
        if rows:
            with self._turn(statement):
                rows = self._inserted(statement, rows) if statement.inserted else rows
                now = _text(self.now())
                self._raw.executemany(statement.sqlite, [_values(row, now) for row in rows])

    def _inserted(self, statement: Statement, rows: Sequence[Params]) -> Sequence[Params]:
        """What is left of them: less than AT_ONCE."""
        names = statement.inserted
        while len(rows) >= AT_ONCE:
            values = [row[name] for row in rows[:AT_ONCE] for name in names]
            values = [_text(value) if isinstance(value, datetime) else value for value in values]
            self._raw.execute(statement.inserting, values)
            rows = rows[AT_ONCE:]
        return rows

    def rows_each(self, statement: Statement, rows: Sequence[Params]) -> list[Row]:
        return [found for row in rows for found in self.rows(statement, row)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._turn():
            self._raw.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._raw.execute("COMMIT")
            except BaseException:
                if self._raw.in_transaction:
                    self._raw.execute("ROLLBACK")
                raise

    @contextmanager
    def _turn(self, statement: Statement | None = None) -> Iterator[None]:
        """For a transaction, or a change outside of one: among the threads that write (config/sqlite)."""
        has_turn = False
        if statement is None or (statement.writes and not self._raw.in_transaction):
            has_turn = self._turns.take(BUSY_SECONDS)
        try:
            yield
        finally:
            if has_turn:
                self._turns.give()

    def make_end_of(self, former: Database) -> None:
        """What SQLite was asked it has done before it answered."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def moment(self, value: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)

    def close(self) -> None:
        self._raw.close()

    def _with_now(self, params: Params | None) -> dict[str, Any]:
        return _values(params or {}, _text(self.now()))


def _values(params: Params, now: str) -> dict[str, Any]:
    values: dict[str, Any] = {"now": now, **params}
    for name, value in params.items():
        if isinstance(value, datetime):
            values[name] = _text(value)
    return values


def _text(moment: datetime) -> str:
    """As Django writes times into SQLite; such texts sort like the times."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(" ").removesuffix("+00:00")


def json_rows(rows: Sequence[Params]) -> str:
    """As PostgreSQL gets them."""
    return orjson.dumps(rows, default=_as_text).decode()


def _as_text(value: bytes) -> str:
    """As PostgreSQL reads bytes from text."""
    return f"\\x{value.hex()}"


class Postgres(Database):
    has_round_trips = True

    def __init__(self, params: dict[str, Any], answer_seconds: float) -> None:
        self.name = new_id("penstock")
        settings = {**params, "options": f"{params.get('options', '')} -c timezone=UTC", "application_name": self.name}
        # Every statement is prepared at its first use: they are few, and used for ever.
        settings |= {"autocommit": True, "prepare_threshold": 0}
        settings["cursor_factory"] = psycopg.Cursor
        self._raw = BoundedConnection.connect(**settings)
        self._raw.answer_seconds = answer_seconds
        self._asking = self._raw.cursor()

    def rows(self, statement: Statement, params: Params | None = None) -> list[Row]:
        return self._asking.execute(cast(Any, statement.psycopg), params).fetchall()

    def change(self, statement: Statement, params: Params | None = None) -> int:
        return self._raw.execute(cast(Any, statement.psycopg), params).rowcount

    def change_each(self, statement: Statement, rows: Sequence[Params]) -> None:
        if rows:
            self._raw.execute(cast(Any, statement.psycopg), {"rows": json_rows(rows)})

    def rows_each(self, statement: Statement, rows: Sequence[Params]) -> list[Row]:
        return self.rows(statement, {"rows": json_rows(rows)}) if rows else []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        # Changes are sent without waiting for each other's answers; a question waits, and so does the end.
        with self._raw.pipeline(), self._raw.transaction():
            yield

    def make_end_of(self, former: Database) -> None:
        """A server that was frozen goes on with all that it has received, a COMMIT too."""
        end = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = %s"
        if not all(has_ended for (has_ended,) in self._raw.execute(end, [former.name])):
            raise psycopg.OperationalError("the server is still at work on what was asked before")

    def now(self) -> datetime:
        found = self._raw.execute("SELECT clock_timestamp()").fetchone()
        return cast(datetime, found[0]) if found else datetime.now(UTC)

    def moment(self, value: Any) -> datetime | None:
        return cast("datetime | None", value)

    def close(self) -> None:
        self._raw.close()


def is_sqlite() -> bool:
    return connections["default"].vendor == "sqlite"


def connect(answer_seconds: float = ANSWER_SECONDS) -> Database:
    """A new connection to the database that Django's settings name; given up when it does not answer for so long."""
    django = connections["default"]
    if is_sqlite():
        return Sqlite(django.settings_dict)
    return Postgres(django.get_connection_params(), answer_seconds)
