"""The processes that work on runs."""

from __future__ import annotations

from functools import partial

from django.db import models

from wire.ids import new_id


class Worker(models.Model):
    """One engine process. It may write for its runs while `lease_until` lies ahead."""

    id = models.CharField(primary_key=True, max_length=40, default=partial(new_id, "wrk"), editable=False)
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()

    def __str__(self) -> str:
        return self.id
