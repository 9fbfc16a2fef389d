from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.problems import BadRequest
from wire.times import from_query, to_wire


def test_a_moment_is_utc_with_microseconds_and_z() -> None:
    assert to_wire(datetime(2025, 10, 31, 12, tzinfo=UTC)) == "2025-10-31T12:00:00.000000Z"
    assert to_wire(datetime(2025, 10, 31, 12, 0, 0, 7, timezone(timedelta(hours=-3)))) == "2025-10-31T15:00:00.000007Z"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_wire(datetime(2025, 10, 31))  # noqa: DTZ001 - that is the point


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1000, 1, 1), max_value=datetime(9000, 1, 1)))  # noqa: DTZ001
def test_what_was_sent_reads_back(moment: datetime) -> None:
    assert from_query("since", to_wire(moment)) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    "text", ["2025-10-31", "2025-10-31T00:00", "2025-10-31T00:00:00Z", "2025-10-31T02:00:00+02:00"]
)
def test_dates_and_zones_are_read(text: str) -> None:
    assert from_query("since", text) == datetime(2025, 10, 31, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "0001-01-01T00:00:00+14:00", "1761912000"])
def test_anything_else_names_the_parameter(text: str) -> None:
    with pytest.raises(BadRequest, match="since: must be") as caught:
        from_query("since", text)
    assert caught.value.errors[0]["path"] == "since"
