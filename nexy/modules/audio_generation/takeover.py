"""A sentence that one voice begins and another may have to end: no word missing, none said twice. Pure."""

from bisect import bisect_right
from dataclasses import replace

from nexy.modules.audio_generation.pcm import SAMPLE_BYTES
from nexy.modules.audio_generation.playback import CHARS_PER_SECOND, TOLERANCE_SECONDS
from nexy.types import Sentence, Sound, Word

WORDLESS_SECONDS = 1.5  # a voice that has said no word's time by then will not: nothing is held back for it


class Takeover:
    """Hands on the sound of a sentence, voice after voice.

    After the first sound, what lies behind the last finished word is held back, so that a voice that
    fails is cut off between two words. Only a fragment of the very first word can be heard twice.
    """

    def __init__(self, sentence: Sentence) -> None:
        self._sentence = sentence
        self._said = 0  # characters of its `spoken` that were said
        self._before = 0.0  # seconds of the sound of earlier voices
        self._begin()

    def _begin(self) -> None:
        """The next voice says what is left."""
        left = self._sentence.spoken[self._said :]
        self._start = self._said + len(left) - len(left.lstrip())
        self._words: list[Word] = []  # of this voice, all that are known, in the whole sentence's terms
        self._told = 0  # words that were handed on
        self._held = bytearray()
        self._out = 0.0  # seconds of this voice's sound that were handed on
        self._rate = 0

    @property
    def rest(self) -> Sentence | None:
        """What is still to be said; None when all of it is."""
        spoken = self._sentence.spoken[self._start :]
        if not any(map(str.isalnum, spoken)):
            return None
        marks = tuple((end - self._start, text) for end, text in self._sentence.marks if end > self._start)
        return replace(self._sentence, spoken=spoken, marks=marks)

    def take(self, sound: Sound) -> Sound | None:
        """More sound of the voice that says the rest; returns what may be heard by now."""
        self._rate = sound.rate
        self._held += sound.pcm
        start, before = self._start, self._before
        self._words += [
            Word(word.start + start, word.end + start, word.at + before, word.until + before)
            for word in sound.words
        ]
        return self._hand_on(self._until())

    def finish(self) -> Sound | None:
        """The voice has said all; returns what was held back."""
        self._said = len(self._sentence.spoken)
        return self._hand_on(self._received)

    def fail(self) -> None:
        """The voice has failed; `rest` is then for the next one."""
        self._before += self._out
        finished = bisect_right(self._words, self._before + TOLERANCE_SECONDS, key=lambda word: word.until)
        if finished:
            self._said = self._words[finished - 1].end
        elif self._out and not self._words:
            self._said = self._guess()
        self._begin()

    def _guess(self) -> int:
        """How much a voice that tells no word's time has said: whole words, at the usual speed."""
        end = min(len(self._sentence.spoken), self._start + int(self._out * CHARS_PER_SECOND))
        return max(self._start, self._sentence.spoken.rfind(" ", self._start, end))

    @property
    def _received(self) -> float:
        return self._out + self._seconds(len(self._held))

    def _seconds(self, size: int) -> float:
        return size / (SAMPLE_BYTES * self._rate) if self._rate else 0.0

    def _until(self) -> float:
        """Up to which of this voice's seconds sound may be handed on."""
        if not self._out or (not self._words and self._received > WORDLESS_SECONDS):
            return self._received
        ends = [word.until - self._before for word in self._words]
        finished = bisect_right(ends, self._received + TOLERANCE_SECONDS)
        return ends[finished - 1] if finished else self._out

    def _hand_on(self, until: float) -> Sound | None:
        size = min(len(self._held), round((until - self._out) * self._rate) * SAMPLE_BYTES)
        if size <= 0:
            return None
        pcm = bytes(self._held[:size])
        del self._held[:size]
        self._out += self._seconds(size)
        words, self._told = tuple(self._words[self._told :]), len(self._words)
        return Sound(pcm, self._rate, words)
