"""When to come again, as it is said in headers and bodies; time is a number here."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.utils.breaker import LONGEST_REST_SECONDS
from nexy.utils.retry_after import retry_after

NOW = datetime(2026, 10, 3, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0", 0), ("7", 7), (" 36 ", 36), ("36s", 36), ("36.5s", 36.5), ("0.000000001s", 1e-9)],
)
def test_seconds(said: str, seconds: float) -> None:
    assert retry_after(said, NOW) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Sat, 03 Oct 2026 12:01:30 GMT", 90),
        ("Sat, 03 Oct 2026 12:00:10 -0000", 10),
        ("Sat, 03 Oct 2026 14:00:20 +0200", 20),
        ("Saturday, 03-Oct-26 12:00:30 GMT", 30),  # the older forms that RFC 9110 wants to be read too
        ("Sat Oct  3 12:00:40 2026", 40),
        ("Sat, 03 Oct 2026 11:00:00 GMT", 0),
    ],
)
def test_a_date(said: str, seconds: float) -> None:
    assert retry_after(said, NOW) == seconds


@pytest.mark.parametrize(
    "said",
    ["3601", "999999999", "999999999.9s", "Sun, 04 Oct 2026 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"],
)
def test_nobody_can_ask_for_more_than_the_longest_rest(said: str) -> None:
    assert retry_after(said, NOW) == LONGEST_REST_SECONDS


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "soon",
        "-7",
        "+7",
        "7 s",
        "1e9",
        "nan",
        "inf",
        "9" * 400,  # as a float it is infinity
        "٣",  # a digit, and none that a header has
        "Mon, 99 Foo 2026",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Sat, 03 Oct 2026 12:00:00 +9999",
    ],
)
def test_what_says_no_time_is_none(said: str | None) -> None:
    assert retry_after(said, NOW) is None


@given(st.text(max_size=40) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ .*"))
def test_whatever_is_said_it_is_none_or_a_time_within_bounds(said: str) -> None:
    seconds = retry_after(said, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_REST_SECONDS


@given(st.integers(0, 3600), st.integers(-23, 23))
def test_a_date_is_the_same_time_in_every_zone(seconds: int, hours: int) -> None:
    then = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=hours)))
    assert retry_after(format_datetime(then), NOW) == seconds
