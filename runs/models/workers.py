"""The processes that work on runs."""

from __future__ import annotations

from functools import partial

from django.db import models

from wire.fields import JSONText
from wire.ids import new_id


class Worker(models.Model):
    """One engine process. It may write for its runs while `lease_until` lies ahead."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "wrk"), editable=False)
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    # Workers of before, which go on while newer ones are brought in, do not say the following.
    claims = models.BooleanField(db_default=True)
    """Takes runs that wait; a web process only goes on with those that it took in itself."""
    code_version = models.CharField(max_length=100, db_default="")
    engine_format = models.PositiveSmallIntegerField(db_default=1)
    slots = models.PositiveIntegerField(null=True)
    """Runs that it works on at once."""
    heard_at = models.DateTimeField(null=True)
    """When its lease was renewed last."""
    node_kinds = JSONText(null=True)
    """All names that it knows, aliases among them."""

    def __str__(self) -> str:
        return self.id
