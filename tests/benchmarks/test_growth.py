"""What a row of looks at the memory says: growth is seen, and noise is not taken for it."""

import random
from xml.etree import ElementTree

import pytest

from benchmarks.growth import bars, grown, picture, slope


def noisy(more_each: float) -> list[float]:
    chance = random.Random(1)
    return [200 + more_each * number + chance.uniform(-2, 2) for number in range(240)]


def test_noise_is_no_growth() -> None:
    assert abs(grown(noisy(0))) < 1
    assert abs(slope(range(240), noisy(0)) * 240) < 1


def test_growth_is_seen_through_noise() -> None:
    assert grown(noisy(0.05)) == pytest.approx(0.05 * 240 * 0.8, rel=0.2)  # from window to window
    assert slope(range(240), noisy(0.05)) == pytest.approx(0.05, rel=0.1)


def test_one_spike_changes_no_median() -> None:
    assert grown([*[200.0] * 99, 900.0]) == 0


def test_bars_go_from_the_least_to_the_most() -> None:
    assert bars([1, 2, 3]) == "▁▅█"
    assert bars([7, 7]) == "▁▁"
    assert len(bars(list(range(1000)), width=40)) == 40


def test_the_picture_has_each_row_and_is_whole() -> None:
    svg = ElementTree.fromstring(picture("Memory <of> it", [0, 1, 2], {"a": [1, 2, 3], "b": [3, 2, 1]}, 1))
    texts = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Memory <of> it", "a", "b", "warm-up ends"} <= set(texts)
