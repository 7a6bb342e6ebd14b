"""The playback clock: what was heard is whole words, and never more with less time."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.audio_generation import Playback
from nexy.types import Sentence, Word


def sentence(text: str) -> Sentence:
    """One that is said as it is written."""
    marks, end = [], 0
    for word in text.split():
        end = text.index(word, end) + len(word)
        marks.append((end, end))
    return Sentence(text, text, tuple(marks))


def words_of(text: str, seconds: float) -> tuple[Word, ...]:
    """Each of its words for so long."""
    words, end = [], 0
    for n, word in enumerate(text.split()):
        start = text.index(word, end)
        end = start + len(word)
        words.append(Word(start, end, n * seconds, (n + 1) * seconds))
    return tuple(words)


def playing(*texts: str, word_seconds: float = 0.5, at: float = 10.0, known: bool = True) -> Playback:
    """All of `texts` sent at once."""
    playback = Playback()
    for text in texts:
        playback.begin(sentence(text))
        if known:
            playback.learn(words_of(text, word_seconds))
        playback.sent(word_seconds * len(text.split()), at)
    playback.finish()
    return playback


@pytest.mark.parametrize(
    ("now", "heard"),
    [
        (9.0, ""),
        (10.0, ""),
        (10.49, ""),
        (10.5, "One"),
        (10.9, "One"),
        (11.0, "One two."),
        (11.2, "One two."),
        (11.5, "One two. Three"),
        (12.0, "One two. Three four."),
        (99.0, "One two. Three four."),
    ],
)
def test_what_was_heard(now: float, heard: str) -> None:
    assert playing("One two.", " Three four.").heard(now) == heard


def test_nothing_sent_is_nothing_heard() -> None:
    playback = Playback()
    assert (playback.heard(5), playback.played(5), playback.text) == ("", 0, "")
    playback.begin(sentence("One two."))
    assert (playback.heard(5), playback.text) == ("", "One two.")


def test_while_the_listener_has_nothing_to_play_no_time_passes() -> None:
    playback = Playback()
    playback.begin(sentence("One two three four."))
    playback.learn(words_of("One two three four.", 0.5))
    playback.sent(1.0, 10)
    assert playback.played(20) == 1
    playback.sent(1.0, 15)  # four seconds of silence
    assert playback.played(15) == 1
    assert playback.heard(15.4) == "One two"
    assert playback.heard(15.5) == "One two three"
    assert playback.heard(16) == "One two three four."


def test_more_is_due_when_no_more_than_the_lead_waits() -> None:
    playback = Playback()
    assert playback.due(3) < 0
    playback.begin(sentence("One."))
    playback.sent(5, 10)
    assert playback.due(3) == 12
    playback.sent(1, 20)
    assert playback.due(3) == 18


def test_without_word_times_they_are_taken_to_be_even() -> None:
    playback = playing("One two six ten.", known=False)
    assert playback.heard(10.1) == ""
    assert playback.heard(11) == "One two"
    assert playback.heard(12) == "One two six ten."


def test_without_word_times_an_unfinished_sentence_goes_at_the_usual_pace() -> None:
    playback = Playback()
    playback.begin(sentence("One two six ten or so and on it goes."))
    playback.sent(1, 0)
    assert playback.heard(0.5) == "One two"  # 7.5 characters
    assert playback.heard(5) == "One two six ten"  # one second is all that was sent


def test_a_sentence_without_sound_is_heard_with_what_follows() -> None:
    playback = Playback()
    playback.begin(Sentence("--- ", ""))
    playback.begin(sentence("One."))
    playback.learn(words_of("One.", 0.5))
    playback.sent(0.5, 0)
    assert playback.heard(0) == ""
    assert playback.heard(0.5) == "--- One."


TEXTS = st.lists(
    st.lists(st.text("abcé", min_size=1, max_size=6), min_size=1, max_size=6), min_size=1, max_size=4
)


@given(TEXTS, st.data())
def test_what_was_heard_only_grows_and_begins_the_text(texts: list[list[str]], data: st.DataObject) -> None:
    playback, now = Playback(), 0.0
    moments = st.floats(0, 5)
    for n, words in enumerate(texts):
        text = " " * bool(n) + " ".join(words) + "."
        playback.begin(sentence(text))
        if data.draw(st.booleans()):
            playback.learn(words_of(text, 0.3))
        for _ in range(data.draw(st.integers(0, 3))):
            now += data.draw(moments)
            playback.sent(data.draw(st.floats(0.01, 2)), now)
    if data.draw(st.booleans()):
        playback.finish()
    times = sorted(now + after for after in data.draw(st.lists(st.floats(0, 20), max_size=10)))
    heard = [playback.heard(time) for time in times]
    for earlier, later in pairwise(heard):
        assert later.startswith(earlier)
    for text in heard:
        assert playback.text.startswith(text)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.01, 2)), min_size=1, max_size=10), st.floats(0, 30))
def test_no_more_is_played_than_was_sent_or_than_time_has_passed(
    sent: list[tuple[float, float]], after: float
) -> None:
    playback, now = Playback(), 0.0
    playback.begin(sentence("One."))
    began = sent[0][0]
    for pause, seconds in sent:
        now += pause
        playback.sent(seconds, now)
        assert playback.played(now) <= now - began + 1e-6
    played = playback.played(now + after)
    assert -1e-6 <= played <= playback.sent_seconds + 1e-6
    assert played <= now + after - began + 1e-6


@pytest.mark.parametrize(
    ("now", "heard"),
    [(10.9, ""), (11.5, "One"), (12.0, "One two."), (12.9, "One two."), (13.5, "One two. Three")],
)
def test_an_aside_takes_its_time_and_is_no_part_of_the_answer(now: float, heard: str) -> None:
    playback = Playback()
    for text, aside in (
        ("One moment.", True),
        ("One two.", False),
        ("By the", True),
        (" Three four.", False),
    ):
        playback.begin(replace(sentence(text), aside=aside))
        playback.learn(words_of(text, 0.5))
        playback.sent(1.0, 10.0)
    playback.finish()
    assert playback.heard(now) == heard
    assert playback.text == "One two. Three four."
