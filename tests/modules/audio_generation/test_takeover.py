"""A sentence that voice after voice says: each word once, in order, cut between words, its time told once."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.modules.audio_generation.takeover import WORDLESS_SECONDS, Takeover
from nexy.types import Sentence, Sound, Word

RATE = 10  # Hz: a sample is a tenth of a second, and small numbers say all
SILENCE = 0  # any other sample is the number of the word that it belongs to


def sentence(text: str) -> Sentence:
    """One that is said as it is written."""
    return Sentence(text, text, tuple((match.end(), match.end()) for match in re.finditer(r"\S+", text)))


def words_in(spoken: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\w+", spoken)]


@dataclass
class Heard:
    """What was handed on."""

    samples: list[int] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def add(self, sound: Sound | None) -> None:
        if sound is None:
            return
        assert len(sound.pcm) > 0
        assert len(sound.pcm) % 2 == 0
        self.samples += array("h", bytes(sound.pcm))
        assert all(0 <= word.at <= word.until <= len(self.samples) / RATE + 1e-9 for word in sound.words)
        self.words += sound.words


@dataclass(frozen=True)
class Speech:
    """How one voice says what is left of a sentence."""

    pieces: tuple[Sound, ...]
    lengths: dict[int, int]  # samples of each word, by its number in the sentence


def speech(
    spoken: str, first: int, lengths: Sequence[tuple[int, int]], cuts: Sequence[int], known: str
) -> Speech:
    """`spoken`, whose first word is number `first` of the sentence.

    Each word is so many samples, with so many of silence before it; the sound is cut at those bytes.
    A word is known with the piece in which its sound ends, or begins, with the first, or never.
    """
    samples: list[int] = []
    words: list[tuple[int, Word]] = []  # and the byte with which each is known
    for n, (span, (pause, length)) in enumerate(zip(words_in(spoken), lengths, strict=False)):
        samples += [SILENCE] * pause
        begins = len(samples)
        samples += [first + n] * length
        byte = {"end": 2 * len(samples) - 1, "begin": 2 * begins, "first": 0}.get(known)
        if byte is not None:
            words.append((byte, Word(*span, begins / RATE, len(samples) / RATE)))
    pcm = array("h", samples).tobytes()
    edges = sorted({0, len(pcm), *(cut % len(pcm) for cut in cuts)})
    pieces = tuple(
        Sound(pcm[start:end], RATE, tuple(word for byte, word in words if start <= byte < end))
        for start, end in pairwise(edges)
    )
    return Speech(pieces, {first + n: length for n, (_, length) in enumerate(lengths)})


def runs(samples: Sequence[int]) -> list[tuple[int, int]]:
    """The words that sound, in order, each with how many samples of it."""
    found: list[tuple[int, int]] = []
    before = SILENCE
    for sample in samples:
        if sample != SILENCE and sample == before:
            found[-1] = (sample, found[-1][1] + 1)
        elif sample != SILENCE:
            found.append((sample, 1))
        before = sample
    return found


SENTENCES = st.lists(
    st.tuples(st.text("abя", min_size=1, max_size=4), st.sampled_from(["", ",", " -", "."])),
    min_size=1,
    max_size=6,
).map(lambda words: " ".join(word + after for word, after in words))
LENGTHS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), min_size=6, max_size=6)
CUTS = st.lists(st.integers(0, 120), max_size=8)


@given(SENTENCES, st.integers(1, 5), st.data())
def test_each_word_is_heard_once_in_order(text: str, voices: int, data: st.DataObject) -> None:
    takeover, heard = Takeover(sentence(text)), Heard()
    spans, whole = words_in(text), list[int]()
    for number in range(voices):
        rest = takeover.rest
        if rest is None:
            break
        assert text.endswith(rest.spoken)
        first = len(spans) - len(words_in(rest.spoken)) + 1
        assert first == len(whole) + 1
        said = speech(
            rest.spoken,
            first,
            data.draw(LENGTHS),
            data.draw(CUTS),
            data.draw(st.sampled_from(["end", "begin", "first"])),
        )
        fails_after = data.draw(st.integers(0, len(said.pieces) - (number == voices - 1)))
        fails = number < voices - 1 or data.draw(st.booleans())
        mine = Heard(words=[])
        for piece in said.pieces[:fails_after] if fails else said.pieces:
            part = takeover.take(piece)
            heard.add(part)
            mine.samples += array("h", bytes(part.pcm)) if part else []
        if fails:
            takeover.fail()
        else:
            part = takeover.finish()
            heard.add(part)
            mine.samples += array("h", bytes(part.pcm)) if part else []
        sounded = runs(mine.samples)
        complete = [word for word, length in sounded if length == said.lengths[word]]
        if len(complete) < len(sounded):  # only a fragment of its very first word
            assert [word for word, _ in sounded] == [first]
            assert fails
        whole += complete
        if not fails:
            assert takeover.rest is None
            assert whole == list(range(1, len(spans) + 1))
    assert whole == list(range(1, len(whole) + 1))
    assert [(word.start, word.end) for word in heard.words] == spans[: len(whole)]
    for earlier, later in pairwise(heard.words):
        assert earlier.at < earlier.until <= later.at + 1e-9
    for number, word in enumerate(heard.words, 1):
        ends = round(word.until * RATE)
        assert heard.samples[round(word.at * RATE) : ends] == [number] * (ends - round(word.at * RATE))


@given(SENTENCES, st.lists(st.booleans(), min_size=1, max_size=4), st.data())
def test_voices_that_tell_no_times_lose_no_sound_that_is_left(
    text: str, telling: list[bool], data: st.DataObject
) -> None:
    takeover, heard = Takeover(sentence(text)), Heard()
    spans = words_in(text)
    told = len(spans)
    for number, tells in enumerate(telling):
        rest = takeover.rest
        if rest is None:
            break
        left = len(text) - len(rest.spoken)
        assert text.endswith(rest.spoken)
        assert not left or text[left - 1] == " " or not text[left].isalnum()  # a voice begins with a word
        first = len(spans) - len(words_in(rest.spoken)) + 1
        said = speech(rest.spoken, first, data.draw(LENGTHS), data.draw(CUTS), "end" if tells else "never")
        last, before = number == len(telling) - 1, len(heard.samples)
        for piece in said.pieces[: None if last else data.draw(st.integers(0, len(said.pieces)))]:
            heard.add(takeover.take(piece))
        if not last:
            takeover.fail()
            continue
        heard.add(takeover.finish())
        assert [word for word, _ in runs(heard.samples[before:])] == list(range(first, len(spans) + 1))
        told = first - 1 if tells else len(spans)
        assert takeover.rest is None
    starts = [word.start for word in heard.words]
    assert starts == sorted(set(starts))
    assert set(spans[told:]) <= {(word.start, word.end) for word in heard.words}


def silence(seconds: float, *words: Word) -> Sound:
    return Sound(bytes(2 * round(seconds * RATE)), RATE, words)


def test_sound_waits_for_the_end_of_its_word() -> None:
    takeover = Takeover(sentence("One two three."))
    words = (Word(0, 3, 0.0, 1.0), Word(4, 7, 1.0, 2.0), Word(8, 14, 2.0, 3.0))
    assert takeover.take(silence(0.5, *words)) == silence(0.5)  # the first is not kept waiting
    assert takeover.take(silence(0.4)) is None
    assert takeover.take(silence(0.9)) == silence(0.5, words[0])
    takeover.fail()
    assert takeover.rest is not None
    assert takeover.rest.spoken == "two three."
    assert takeover.rest.marks == ((3, 7), (10, 14))
    assert takeover.take(silence(2.5, Word(0, 3, 0.0, 1.0), Word(4, 10, 1.0, 2.0))) == silence(
        2.0, Word(4, 7, 1.0, 2.0), Word(8, 14, 2.0, 3.0)
    )
    assert takeover.finish() == silence(0.5)
    assert takeover.rest is None


def test_a_fragment_of_the_first_word_is_said_again_and_its_time_told_once() -> None:
    takeover = Takeover(sentence("One two."))
    assert takeover.take(silence(0.5, Word(0, 3, 0.0, 1.0))) == silence(0.5)
    takeover.fail()
    assert takeover.rest == sentence("One two.")
    again = takeover.take(silence(2, Word(0, 3, 0.0, 1.0), Word(4, 8, 1.0, 2.0)))
    assert again == silence(2, Word(0, 3, 0.5, 1.5), Word(4, 8, 1.5, 2.5))


def test_a_voice_without_words_is_held_back_only_for_so_long() -> None:
    takeover = Takeover(sentence("One two three four five six."))
    assert takeover.take(silence(1)) == silence(1)
    assert takeover.take(silence(WORDLESS_SECONDS - 1)) is None
    assert takeover.take(silence(0.5)) == silence(1)
    assert takeover.take(silence(0.5)) == silence(0.5)
    takeover.fail()
    assert takeover.rest is not None
    assert takeover.rest.spoken == "six."  # 2.5 s are 37 characters at the usual speed: the last word is left


def test_a_voice_that_fails_before_it_has_told_a_time_loses_no_word() -> None:
    takeover = Takeover(sentence("I do not know."))
    assert takeover.take(silence(0.3)) == silence(0.3)  # "I" and half of "do"
    takeover.fail()
    assert takeover.rest == sentence("I do not know.")


def test_a_voice_that_did_not_begin_leaves_all_to_the_next() -> None:
    takeover = Takeover(sentence("One two."))
    takeover.fail()
    assert not takeover.spoken
    assert takeover.rest == sentence("One two.")


@pytest.mark.parametrize("text", ["", " ", "...", " - !"])
def test_nothing_to_say(text: str) -> None:
    assert Takeover(sentence(text)).rest is None


def test_what_is_left_is_only_punctuation() -> None:
    takeover = Takeover(sentence("One two !"))
    takeover.take(silence(2, Word(0, 3, 0.0, 1.0), Word(4, 7, 1.0, 2.0)))
    takeover.fail()
    assert takeover.rest is None


def test_word_times_beyond_the_sound_are_brought_into_it() -> None:
    takeover, heard = Takeover(sentence("One two three.")), Heard()
    words = (Word(0, 3, 0.0, 1.0), Word(4, 7, 1.0, 2.0), Word(8, 14, 2.0, 3.0))
    heard.add(takeover.take(silence(1.5, *words)))
    heard.add(takeover.finish())
    assert [(word.at, word.until) for word in heard.words] == [(0.0, 1.0), (1.0, 1.5), (1.5, 1.5)]


def test_words_that_become_known_after_their_sound_are_not_said_again() -> None:
    takeover, heard = Takeover(sentence("One two three.")), Heard()
    heard.add(takeover.take(silence(1.2)))
    heard.add(takeover.take(silence(0.1, Word(0, 3, 0.0, 1.0))))
    takeover.fail()
    assert takeover.rest is not None
    assert takeover.rest.spoken == "two three."
    heard.add(takeover.take(silence(2, Word(0, 3, 0.0, 1.0), Word(4, 10, 1.0, 2.0))))
    assert [word.start for word in heard.words] == [0, 4, 8]


def test_of_a_slow_voice_without_words_none_is_lost() -> None:
    text = "alpha bravo charlie delta echo foxtrot golf hotel india juliet."
    takeover = Takeover(Sentence(text, text))
    for _ in range(4):  # seconds, in each of which it says ten characters
        takeover.take(Sound(bytes(2 * 1000), 1000))
    takeover.fail()
    assert text[:40].endswith(" g")
    assert takeover.rest is not None
    assert takeover.rest.spoken == "golf hotel india juliet."
