import base64
import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Project
from wire.paging import DEFAULT_LIMIT, Page, paginate
from wire.problems import BadRequest

pytestmark = pytest.mark.django_db

START = datetime(2025, 10, 31, 12, tzinfo=UTC)


def make(count: int, *, same_moment: int = 1) -> list[str]:
    """Projects whose moments are shared by `same_moment` rows each; their ids, newest first."""
    projects = Project.objects.bulk_create([Project(name=str(number)) for number in range(count)])
    for number, project in enumerate(projects):
        Project.objects.filter(pk=project.pk).update(created_at=START + timedelta(microseconds=number // same_moment))
    return list(Project.objects.order_by("-created_at", "-id").values_list("id", flat=True))


def walked(limit: int, *order: str) -> list[str]:
    return list(itertools.chain(*walk(limit, order)))


def walk(limit: int, order: Sequence[str] = ("-created_at", "-id")) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = paginate(Project.objects.all(), {"cursor": cursor, "limit": str(limit)}, order)
        pages.append([project.id for project in page.results])
        cursor = page.next
    return pages


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    ids = make(11, same_moment=4)

    assert [len(page) for page in walk(3)] == [3, 3, 3, 2]
    assert walked(3, "-created_at", "-id") == ids


def test_the_last_page_says_so_even_when_it_is_full() -> None:
    make(4)

    assert [len(page) for page in walk(2)] == [2, 2]


def test_rows_that_come_in_meanwhile_do_not_shift_the_pages() -> None:
    ids = make(4)
    first = paginate(Project.objects.all(), {"limit": "2"})
    Project.objects.create(name="newer")

    second = paginate(Project.objects.all(), {"limit": "2", "cursor": first.next or ""})
    assert [project.id for project in second.results] == ids[2:]


def test_other_orders_work_the_same_way() -> None:
    ids = make(5)

    assert walked(2, "id") == sorted(ids)
    assert walked(2, "-id") == sorted(ids, reverse=True)
    assert walked(2, "created_at", "id") == ids[::-1]


def test_an_empty_list_is_one_empty_page() -> None:
    assert paginate(Project.objects.none(), {}) == Page([], None)


def test_fifty_are_sent_unless_asked_otherwise(django_assert_num_queries: Any) -> None:
    make(DEFAULT_LIMIT + 1)

    with django_assert_num_queries(1) as asked:
        page = paginate(Project.objects.all(), {})
    assert len(page.results) == DEFAULT_LIMIT
    assert "COUNT" not in asked.captured_queries[0]["sql"]
    assert "OFFSET" not in asked.captured_queries[0]["sql"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "", "１", "1e2", "99999"])
def test_a_limit_out_of_range_is_400(limit: str) -> None:
    with pytest.raises(BadRequest, match="from 1 to 200") as caught:
        paginate(Project.objects.all(), {"limit": limit})
    assert caught.value.code == "parameter_invalid"


def opaque(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


ORDER = "-created_at,-id"
BAD = [
    "x",
    "!!!!",
    "a" * 5000,
    opaque([]),
    opaque({}),
    opaque([ORDER]),
    opaque([ORDER, "2025-10-31T12:00:00Z"]),
    opaque([ORDER, "yesterday", "fl_1"]),
    opaque([ORDER, "2025-13-31T12:00:00Z", "fl_1"]),
    opaque([ORDER, "0001-01-01T00:00:00+14:00", "fl_1"]),
    opaque([ORDER, None, "fl_1"]),
    opaque([ORDER, "2025-10-31T12:00:00Z", {"a": 1}]),
    opaque([ORDER, "2025-10-31T12:00:00Z", "\0"]),
    opaque([ORDER, True, "fl_1"]),
    opaque(["id", "fl_1"]),
]


@pytest.mark.parametrize("cursor", BAD, ids=range(len(BAD)))
def test_a_cursor_that_no_list_gave_out_is_400(cursor: str) -> None:
    with pytest.raises(BadRequest, match="gave out") as caught:
        paginate(Project.objects.all(), {"cursor": cursor})
    assert caught.value.code == "bad_cursor"


@pytest.mark.parametrize("key", ["x", 1 << 63, -(1 << 200), 1.5])
def test_a_number_key_must_be_one(key: object) -> None:
    with pytest.raises(BadRequest, match="gave out"):
        paginate(ContentType.objects.all(), {"cursor": opaque(["id", key])}, ("id",))


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(codec="ascii")) | st.recursive(st.text() | st.none(), st.lists).map(opaque))
def test_any_cursor_gives_a_page_or_400(cursor: str) -> None:
    if not cursor:
        return
    with pytest.raises(BadRequest):
        paginate(Project.objects.all(), {"cursor": cursor})
