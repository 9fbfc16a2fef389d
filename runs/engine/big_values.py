"""What one transaction writes that is too big for rows: stored once, with who refers to it.

Whoever writes a value that is there already locks it until the commit. So does whoever deletes the last run that
referred to it; one of the two waits, and sees what the other did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection

from runs.engine import queries
from runs.engine.database import Params, Statement
from runs.models import MOST_IN_ROW, Log, Reference, reference_to
from wire.strict_json import dumps

_RUN = ("id", ("trigger_payload", "output", "response", "extra", "partial"))
_LOG = ("run_id", ("output", "error", "passes"))
_WAIT = ("run_id", ("outcome",))


class BigValues:
    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._uses: set[tuple[str, str]] = set()

    def __bool__(self) -> bool:
        """Whether any was too big."""
        return bool(self._texts)

    def in_runs(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows of runs, with references where values are too big."""
        return self._in_rows(rows, *_RUN)

    def in_logs(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return self._in_rows(rows, *_LOG)

    def in_waits(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return self._in_rows(rows, *_WAIT)

    def referred(self, run_id: str, text: str) -> str:
        """The text itself where it fits into a row."""
        if len(text) <= MOST_IN_ROW:
            return text
        reference = reference_to(text)
        self._texts[reference] = text
        self._uses.add((run_id, reference))
        return reference

    def write(self, change_each: Callable[[Statement, Sequence[Params]], None]) -> None:
        """In the order in which everybody locks them."""
        if self._texts:
            texts = sorted(self._texts.items())
            change_each(queries.KEEP_VALUES, [{"reference": name, "text": text} for name, text in texts])
            uses = [{"run_id": run_id, "value_id": reference} for run_id, reference in sorted(self._uses)]
            change_each(queries.USE_VALUES, uses)

    def _in_rows(self, rows: Sequence[dict[str, Any]], run: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        return [self._in_row(row, row[run], columns) for row in rows]

    def _in_row(self, row: dict[str, Any], run_id: str, columns: Sequence[str]) -> dict[str, Any]:
        for column in columns:
            text = row.get(column)
            if text is not None and len(text) > MOST_IN_ROW:
                row = {**row, column: self.referred(run_id, text)}
        return row


def by_django(statement: Statement, rows: Sequence[Params]) -> None:
    """Through the request's own connection, in its transaction."""
    for row in rows:
        statement.by_django(connection, row)


def kept_values(run_id: str, values: Iterable[Any]) -> list[Any]:
    """Values as a row of this run takes them: those that are too big are stored, and referred to."""
    values, big = list(values), BigValues()
    texts = [None if value is None else dumps(value) for value in values]
    kept = [None if text is None else big.referred(run_id, text) for text in texts]
    big.write(by_django)
    return [
        value if reference is text else Reference(str(reference))
        for value, text, reference in zip(values, texts, kept, strict=True)
    ]


def kept_by_all(run_ids: Iterable[str], value: Any) -> Any:
    """One value as rows of all these runs take it."""
    text, big = dumps(value), BigValues()
    kept = [big.referred(run_id, text) for run_id in run_ids]
    big.write(by_django)
    return Reference(kept[0]) if kept and kept[0] is not text else value


def keep_in_logs(run_id: str, logs: Sequence[Log]) -> None:
    """The same for the values of logs that are about to be made."""
    values = iter(kept_values(run_id, [value for log in logs for value in (log.output, log.error, log.passes)]))
    for log in logs:
        log.output, log.error, log.passes = next(values), next(values), next(values)
