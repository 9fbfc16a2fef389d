"""What the tables promise: indexes that are used, and none that only cost."""

from typing import Any

import pytest
from django.db import connection

from runs.models import Delivery, Log, Run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"parent": "fl_run_1"}, "run_children"),
        ({"retry_of": "fl_run_1"}, "run_retries"),
        ({"project": "prj_1", "handle": "mine"}, "one_run_per_handle"),
        ({"project": "prj_1", "correlation_id": "order 7"}, "run_correlation"),
    ],
)
def test_what_few_runs_have_is_found_by_an_index_of_those(wanted: dict[str, Any], index: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in Run.objects.filter(**wanted).values("id").explain()


def test_no_id_is_entered_into_a_second_index_for_patterns() -> None:
    with connection.cursor() as cursor:
        for model in (Run, Log, Delivery):
            names = connection.introspection.get_constraints(cursor, model._meta.db_table)
            assert not [name for name in names if name.endswith("_like")]
