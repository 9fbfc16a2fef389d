"""Values that are too big for a row: each is stored once, by its digest, and the rows refer to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import models

from wire.fields import JSONText

MOST_IN_ROW = 256 * 1024
"""Characters of JSON. What is longer is referred to."""

# No JSON text begins with this, so a reference is never taken for a value.
_MARK = "@"


class BigValue(models.Model):
    """The JSON text of a value, under the reference that stands for it in rows."""

    reference = models.CharField(primary_key=True, max_length=65, editable=False)
    text = models.TextField()

    def __str__(self) -> str:
        return self.reference


class BigValueUse(models.Model):
    """That a run refers to a value: it stays as long as one does."""

    run = models.ForeignKey("runs.Run", models.CASCADE, related_name="big_values", db_index=False)
    # Nothing to do when a value goes: only those go that nobody refers to.
    value = models.ForeignKey(BigValue, models.DO_NOTHING, related_name="uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "value"], name="one_use_per_run_and_value")]

    def __str__(self) -> str:
        return f"{self.value_id} in {self.run_id}"


def reference_to(text: str) -> str:
    return _MARK + hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reference:
    """Written into a row instead of the value."""

    text: str


class ValueText(JSONText):
    """A JSON value of any size, told whole: where the row only refers to it, it is read where it lies."""

    def deconstruct(self) -> Any:
        # The column is the same, and no migration need rebuild its table.
        name, _, args, kwargs = super().deconstruct()
        return name, "wire.fields.JSONText", args, kwargs

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if value is not None and value.startswith(_MARK):
            value = BigValue.objects.using(connection.alias).values_list("text", flat=True).get(reference=value)
        return super().from_db_value(value, expression, connection)

    def get_prep_value(self, value: Any) -> str | None:
        return value.text if isinstance(value, Reference) else super().get_prep_value(value)
