"""A model field for any JSON value, kept as compact text.

The database's own JSON type reorders keys, refuses NUL differently per database and rounds big
integers on SQLite; text keeps a value exactly as it was said, the same on both.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from wire import strict_json

if TYPE_CHECKING:
    AnyTextField = models.TextField[Any, Any]
else:
    AnyTextField = models.TextField


class JSONText(AnyTextField):
    """JSON as text in the column, a Python value on the model. NULL stays None and `null` is None too."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else strict_json.dumps(value)

    def to_python(self, value: Any) -> Any:
        return value
