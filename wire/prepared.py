"""Questions that are put again and again.

Django makes the SQL of a queryset anew at every use, which takes several times as long as the database's answer, and
PostgreSQL its plan. Here it is made once in each thread, and the plan once in each connection; the rows are asked for
each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet, query

from wire.problems import NotFound

Row = TypeVar("Row", bound=Model)


class _Place(str):
    """Stands for a value while the SQL is made."""

    __slots__ = ("number",)
    number: int


class _Compiled(Generic[Row]):
    def __init__(self, queryset: QuerySet[Row]) -> None:
        compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, self.params = compiler.as_sql()
        about, select = compiler.klass_info, compiler.select
        self._compiler, self._model = compiler, about["model"]
        self._converters = compiler.get_converters([column for column, *_ in select])
        self._columns = slice(about["select_fields"][0], about["select_fields"][-1] + 1)
        self._names = [column.target.attname for column, *_ in select[self._columns]]
        self._annotations = compiler.annotation_col_map or {}
        populators: Any = query.get_related_populators
        self._beside = populators(about, select, DEFAULT_DB_ALIAS)

    def made(self, rows: Sequence[Any]) -> list[Row]:
        """What Django's own iterator makes of the same rows."""
        return [self._made(row) for row in self._compiler.apply_converters(rows, self._converters)]

    def _made(self, row: Sequence[Any]) -> Row:
        instance: Row = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._columns])
        for related in self._beside:
            related.populate(row, instance)
        for name, place in self._annotations.items():
            setattr(instance, name, row[place])
        return instance


class Prepared(Generic[Row]):
    def __init__(self, question: Callable[..., QuerySet[Row]], takes: int) -> None:
        """`question` makes the queryset of so many texts, which the database is to compare as they are."""
        self._question = question
        self._takes = takes
        self._of_thread = threading.local()

    def all(self, *values: str) -> list[Row]:
        compiled = self._compiled()
        params = [values[each.number] if isinstance(each, _Place) else each for each in compiled.params]
        cursor_of: Any = getattr(connection, "prepared_cursor", connection.cursor)  # ours, on PostgreSQL
        with cursor_of() as cursor:
            cursor.execute(compiled.sql, params)
            rows = cursor.fetchall()
        return compiled.made(rows)

    def first(self, *values: str) -> Row | None:
        return next(iter(self.all(*values)), None)

    def one(self, *values: str) -> Row:
        """Raises NotFound."""
        row = self.first(*values)
        if row is None:
            raise NotFound
        return row

    def _compiled(self) -> _Compiled[Row]:
        known: _Compiled[Row] | None = getattr(self._of_thread, "compiled", None)
        if known is None:
            places = [_Place(f"\uffff{number}") for number in range(self._takes)]
            for number, place in enumerate(places):
                place.number = number
            known = self._of_thread.compiled = _Compiled(self._question(*places))
        return known
