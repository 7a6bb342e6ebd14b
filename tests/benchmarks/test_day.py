"""The verdict on a bad day: each of its claims can fail."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.day import ANSWERED, APOLOGISED, INTERRUPTED, Day, Held, Turn, claims, thirds

WELL = Turn(1.0, last_words_heard=True, end_message="completed")
SORRY = Turn(1.0, last_words_heard=True, error_message="no", status="UNAVAILABLE")
STOPPED = Turn(1.0, last_words_heard=True, end_message="interrupted", asked_to_stop=True)
MB = 1_000_000
QUIET = Held(files=20, threads=5)
GOOD = Day(
    turns=[WELL] * 8 + [SORRY, STOPPED],
    patience_seconds=15.0,
    memory=[100 * MB, 110 * MB, 111 * MB],
    before=QUIET,
    after=QUIET,
    edge_left=0,
    rested={"gemini": 0.1},
    states={"gemini": "closed", "edge": "closed"},
)


def broken(day: Day) -> list[str]:
    return [claim.what for claim in claims(day) if not claim.holds]


def test_a_turn_is_answered_apologised_for_or_interrupted() -> None:
    assert [turn.how for turn in (WELL, SORRY, STOPPED)] == [ANSWERED, APOLOGISED, INTERRUPTED]


@pytest.mark.parametrize(
    "turn",
    [
        replace(WELL, last_words_heard=False),
        replace(WELL, end_message=""),
        replace(SORRY, last_words_heard=False),  # an error message is never heard
        replace(SORRY, error_message=""),
        replace(SORRY, status="INTERNAL"),  # a bug, whatever is said
        replace(STOPPED, asked_to_stop=False),
        replace(STOPPED, stop_status="UNAVAILABLE"),
        Turn(status="without an end"),
    ],
)
def test_anything_else_is_unclean_and_spoils_the_day(turn: Turn) -> None:
    assert turn.how.startswith("unclean")
    assert broken(replace(GOOD, turns=[*GOOD.turns, turn])) == [
        "turns that were neither answered nor apologised for nor interrupted"
    ]


def test_a_good_day_is_what_is_claimed() -> None:
    assert broken(GOOD) == []


@pytest.mark.parametrize(
    ("day", "spoilt"),
    [
        (replace(GOOD, turns=[WELL, SORRY]), "answered"),
        (replace(GOOD, turns=[*GOOD.turns, replace(WELL, wait_seconds=15.1)]), "longest wait"),
        (replace(GOOD, after=replace(QUIET, files=21)), "files"),
        (replace(GOOD, after=replace(QUIET, threads=6)), "threads"),
        (replace(GOOD, edge_left=1), "connections to Edge"),
        (replace(GOOD, memory=[100 * MB, 110 * MB, 119 * MB]), "memory"),
        (replace(GOOD, faults=["Traceback"]), "unexpected lines"),
        (replace(GOOD, rested={}), "breakers that opened"),
        (replace(GOOD, states={"gemini": "closed", "edge": "open"}), "breakers that are not closed"),
    ],
)
def test_each_claim_can_fail(day: Day, spoilt: str) -> None:
    (what,) = broken(day)
    assert what.startswith(spoilt)


def test_a_day_without_a_turn_claims_nothing_well() -> None:
    assert broken(replace(GOOD, turns=[]))


@pytest.mark.parametrize(
    ("values", "means"), [([1, 2, 3], (1, 2, 3)), ([1, 1, 5, 5, 9, 9, 9], (1, 5 + 4 / 3, 9))]
)
def test_the_thirds_of_a_day(values: Sequence[int], means: tuple[float, float, float]) -> None:
    assert thirds(values) == pytest.approx(means)
