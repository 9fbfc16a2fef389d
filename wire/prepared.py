"""Questions that are put again and again.

Django makes the SQL of a queryset anew at every use, which takes several times as long as the database's answer, and
PostgreSQL its plan. Here it is made once in each thread, and the plan once in each connection; the rows are asked for
each time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from wire.problems import NotFound

Row = TypeVar("Row", bound=Model)


class _Place(str):
    """Stands for a value while the SQL is made."""

    __slots__ = ("number",)
    number: int


class _Table(Generic[Row]):
    """Whose columns stand side by side in each row of the answer, and the tables that were read with it."""

    def __init__(self, about: Mapping[str, Any], select: Sequence[Any]) -> None:
        first, last = about["select_fields"][0], about["select_fields"][-1]
        self._columns = slice(first, last + 1)
        self._names = [column.target.attname for column, *_ in select[self._columns]]
        self._model: type[Row] = about["model"]
        self._key = first + self._names.index(self._model._meta.pk.attname)
        self._beside = [
            (each["local_setter"], _Table[Any](each, select)) for each in about.get("related_klass_infos", ())
        ]

    def made(self, row: Sequence[Any]) -> Row | None:
        """Equal to what Django's own iterator makes, which looks at each field by itself and sends two signals that
        nobody hears. What lies beside does not know the way back, so that no circle is left to the garbage collector.
        None where an outer join found nothing."""
        if row[self._key] is None:
            return None
        instance = self._model.__new__(self._model)
        instance.__dict__.update(zip(self._names, row[self._columns], strict=True))
        instance._state = ModelState()
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS
        for put, table in self._beside:
            put(instance, table.made(row))
        return instance


class _Compiled(Generic[Row]):
    def __init__(self, queryset: QuerySet[Row]) -> None:
        compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, self.params = compiler.as_sql()
        self._compiler, self._table = compiler, _Table[Row](compiler.klass_info, compiler.select)
        self._converters = compiler.get_converters([column for column, *_ in compiler.select])
        self._annotations = compiler.annotation_col_map or {}

    def made(self, rows: Sequence[Any]) -> list[Row]:
        return [self._made(row) for row in self._compiler.apply_converters(rows, self._converters)]

    def _made(self, row: Sequence[Any]) -> Row:
        instance = self._table.made(row)
        assert instance is not None, "a row without its key"  # noqa: S101
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
        asking: Any = connection  # of ours
        with asking.prepared_cursor() as cursor:
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
