"""The last minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.monitoring.recent import Count, Recent, percentile


def test_figures_are_forgotten_after_a_minute() -> None:
    recent = Recent()
    for now in range(100):
        recent.add(100 - now, now)
    assert recent.figures(99) == [float(figure) for figure in range(1, 61)]
    assert recent.figures(1000) == []


def test_of_too_many_the_newest_are_kept() -> None:
    recent = Recent(most=3)
    for figure in range(10):
        recent.add(figure, 0)
    assert recent.figures(1) == [7, 8, 9]


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 5)), max_size=50))
def test_a_count_is_what_came_in_the_last_sixty_seconds(steps: list[tuple[int, int]]) -> None:
    count, came, now = Count(), list[tuple[int, int]](), 1_000
    for later, times in steps:
        now += later
        count.add(now, times)
        came.append((now, times))
        assert count.total(now) == sum(times for at, times in came if at > now - 60)


@pytest.mark.parametrize(("percent", "found"), [(50, 2), (75, 3), (76, 4), (99, 4), (0, 1)])
def test_a_percentile_is_one_of_the_figures(percent: float, found: float) -> None:
    assert percentile([1, 2, 3, 4], percent) == found
    assert percentile([], percent) is None
