"""Range, If-Range and If-None-Match, as RFC 9110 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.update.conditions import is_known, ranges_of

TAG, MODIFIED = '"abc"', "Fri, 27 Nov 2026 00:00:00 GMT"


def ranges(text: str, size: int = 100, **more: str) -> list[tuple[int, int]] | None:
    asked = {"range": text} | {name.replace("_", "-"): value for name, value in more.items()}
    found = ranges_of(asked, size, TAG, MODIFIED)
    return None if found is None else [(one.start, one.stop) for one in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bytes=0-9", [(0, 10)]),
        ("bytes=90-", [(90, 100)]),
        ("bytes=-10", [(90, 100)]),
        ("bytes=-1000", [(0, 100)]),
        ("bytes=90-1000", [(90, 100)]),
        ("Bytes = 0-0 , 99-99 ,", [(0, 1), (99, 100)]),
        ("bytes=50-59,0-9", [(50, 60), (0, 10)]),  # as they were asked for
        ("bytes=0-9,200-", [(0, 10)]),
        ("bytes=0-9,-0", [(0, 10)]),
    ],
)
def test_what_is_asked_for(text: str, found: list[tuple[int, int]]) -> None:
    assert ranges(text) == found


@pytest.mark.parametrize("text", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=500-600,700-"])
def test_what_is_not_there(text: str) -> None:
    assert ranges(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=9-3",
        "bytes=a-b",
        "bytes=1",
        "bytes=0-9,x",
        "bytes=--5",
        "bytes=0x1-2",
        "bytes=+1-2",
        "bytes=٠-٩",
        "items=0-9",
        "bytes=0-9;1-2",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-99,0-99",
        "bytes=" + ",".join(f"{n}-{n}" for n in range(17)),
    ],
)
def test_what_makes_no_sense_or_costs_too_much_is_passed_over(text: str) -> None:
    assert ranges(text) is None


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        (TAG, True),
        (MODIFIED, True),
        ('"other"', False),
        (f"W/{TAG}", False),
        ("Fri, 27 Nov 2026 00:00:01 GMT", False),
        ("", False),
    ],
)
def test_a_part_of_something_else_is_never_given(condition: str, part: bool) -> None:
    assert ranges("bytes=0-9", if_range=condition) == ([(0, 10)] if part else None)


@given(st.text("bytes=0123456789-, x", max_size=40), st.integers(1, 10**12))
def test_no_range_leaves_the_file(text: str, size: int) -> None:
    found = ranges(text, size) or []
    assert all(0 <= start < stop <= size for start, stop in found)
    assert sum(stop - start for start, stop in found) <= size


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (TAG, True),
        (f"W/{TAG}", True),
        ("*", True),
        (f'"x", W/"y" ,{TAG}', True),
        ("", False),
        ("abc", False),
        ('"ab"', False),
        ('"abc', False),
    ],
)
def test_what_a_client_has_already(said: str, known: bool) -> None:
    assert is_known({"if-none-match": said}, TAG) is known
    assert not is_known({}, TAG)
