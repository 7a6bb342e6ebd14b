"""The verdict on a soak: each of its claims can fail, and what comes before the warm-up does not count."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks.day import Held
from benchmarks.restless import Deeds
from benchmarks.soak import Soaked, claims
from benchmarks.watching import Look
from tests.benchmarks.test_day import GOOD, MB, WELL

QUIET = Held(files=20, threads=5, sockets=8, tasks=12)
DAY = replace(GOOD, turns=[WELL] * 10, before=QUIET, after=QUIET, rested={})


def looks(*megabytes: float) -> list[Look]:
    return [
        Look(100 + 5.0 * number, round(size * MB), round(size * MB), 12, 0)
        for number, size in enumerate(megabytes)
    ]


STEADY = Soaked(DAY, Deeds(odd=Counter({"hung up": 3})), looks(*[150, 180, *[200] * 28]), 10.0)


def broken(soaked: Soaked) -> list[str]:
    return [claim.what for claim in claims(soaked) if not claim.holds]


def test_what_grows_only_until_it_is_warm_is_steady() -> None:
    assert broken(STEADY) == []


@pytest.mark.parametrize(
    ("soaked", "spoilt"),
    [
        (replace(STEADY, deeds=Deeds(odd=Counter({"unclean: a part was answered": 1}))), ["other deeds"]),
        (replace(STEADY, looks=looks(*range(200, 230))), ["memory grown", "the same, by a fitted line"]),
        (replace(STEADY, day=replace(DAY, after=replace(QUIET, files=21))), ["files"]),
        (replace(STEADY, day=replace(DAY, after=replace(QUIET, threads=6))), ["threads"]),
        (replace(STEADY, day=replace(DAY, after=replace(QUIET, sockets=9))), ["sockets"]),
        (replace(STEADY, day=replace(DAY, after=replace(QUIET, tasks=13))), ["tasks"]),
        (replace(STEADY, day=replace(DAY, edge_left=1)), ["connections to Edge"]),
        (replace(STEADY, day=replace(DAY, states={"edge": "open"})), ["breakers that are not closed"]),
        (replace(STEADY, day=replace(DAY, faults=["Traceback"])), ["unexpected lines"]),
    ],
)
def test_each_claim_can_fail(soaked: Soaked, spoilt: Sequence[str]) -> None:
    found = broken(soaked)
    assert len(found) == len(spoilt)
    assert all(what.startswith(begin) for what, begin in zip(found, spoilt, strict=True))
