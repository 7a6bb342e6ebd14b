"""The gist of recent talk: short, newest first, bounded, and gone after some hours."""

from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.memory_management.gist import fresh, fresh_text, gist_of, line_of, longer, without_newest
from nexy.types import Exchange

NOON = 1_790_000_000.0 - 1_790_000_000.0 % 60  # a whole minute
HOUR = 3600.0


def test_a_line_says_what_was_asked_and_heard() -> None:
    assert line_of(Exchange("What is\nsnow?", "Frozen water.")) == "Asked: What is snow? Heard: Frozen water."
    assert line_of(Exchange("What is snow?", "")) == "Asked: What is snow?"
    assert line_of(Exchange("  ", "")) == ""


def test_a_line_is_short_and_holds_no_secret() -> None:
    line = line_of(Exchange("my password is sunflower", "word " * 1000))
    assert "sunflower" not in line
    assert len(line) < 320
    assert line.endswith("word…")


def test_the_newest_stands_first_and_the_oldest_goes() -> None:
    gist = ""
    for at, word in enumerate(("one", "two", "three")):
        gist = longer(gist, word, NOON + at * HOUR, most_chars=50)
    assert [line for _, line in fresh(gist, NOON + 2 * HOUR, 24)] == ["three", "two"]
    assert [line for _, line in fresh(without_newest(gist), NOON + 2 * HOUR, 24)] == ["two"]


def test_each_line_goes_when_its_time_is_over() -> None:
    gist = longer(longer("", "morning", NOON, 500), "evening", NOON + 9 * HOUR, 500)
    assert fresh(gist, NOON + 9 * HOUR, 24) == [(NOON + 9 * HOUR, "evening"), (NOON, "morning")]
    assert fresh(gist, NOON + 30 * HOUR, 24) == [(NOON + 9 * HOUR, "evening")]
    assert fresh_text(gist, NOON + 40 * HOUR, 24) == ""


def test_what_is_no_line_is_left_out() -> None:
    assert fresh("nonsense\n9999-99-99 99:99Z x\n", NOON, 24) == []


@given(st.lists(st.text(max_size=80)), st.integers(0, 300))
def test_it_is_never_longer_than_it_may_be(lines: list[str], most: int) -> None:
    gist = ""
    for at, line in enumerate(lines):
        gist = longer(gist, line_of(Exchange(line, line)), NOON + 60 * at, most)
        assert len(gist) <= most


def test_a_plain_text_becomes_a_gist_without_secrets() -> None:
    gist = gist_of("We spoke of tea.\n\nMy password is sunflower.\n", NOON, 500)
    assert [line for _, line in fresh(gist, NOON, 24)] == ["We spoke of tea.", "My password is [secret]."]
    assert gist_of(" \n", NOON, 500) == ""
