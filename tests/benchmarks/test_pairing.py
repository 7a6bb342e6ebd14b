"""What a stand-in saw, put beside what the measuring client did."""

import pytest

from benchmarks.client import Heard
from benchmarks.closing import _after
from benchmarks.fakes import Seen
from benchmarks.outside import _since_first_frame


def test_an_interrupt_is_paired_with_the_connections_that_it_found_open() -> None:
    seen = [
        Seen("one of word1word", opened=1.0, closed=1.5),  # over before
        Seen("two of word1word", opened=1.6, closed=2.004),
        Seen("two of word2word", opened=1.6, closed=3.0),  # another answer
        Seen("three of word1word", opened=2.1, closed=2.2),  # begun after: it has its own fault
    ]
    assert _after({"word1word": 2.0}, seen) == pytest.approx([4.0])


def test_a_first_sound_is_paired_with_the_first_frame_of_its_answer() -> None:
    heard = Heard(sent=10.0, first_sound=10.72)
    seen = [
        Seen("River bridge and more", opened=5.3, closed=6.0, began=5.7),  # an earlier answer
        Seen("Meadow orchard", opened=10.2, closed=11.0, began=10.6),  # somebody's third sentence
        Seen("River bridge and more", opened=10.3, closed=11.0, began=10.7),
    ]
    assert _since_first_frame([heard], seen) == pytest.approx([20.0])
