"""A sentence that one voice begins and another may have to end: no word missing, none said twice. Pure."""

from bisect import bisect_right
from dataclasses import replace

from nexy.modules.audio_generation.pcm import SAMPLE_BYTES
from nexy.types import Sentence, Sound, Word

SLOW_CHARS_PER_SECOND = (
    10.0  # of a slow speaker: of a voice without word times rather some is heard twice than not
)
WORDLESS_SECONDS = 1.5  # a voice that has said no word's time by then will not: nothing is held back for it


class Takeover:
    """Hands on the sound of a sentence, voice after voice.

    What lies behind the last finished word is held back, so that a voice that fails is cut off
    between two words. Only the first sound is not kept waiting for the end of its first word: a
    fragment of that one can be heard twice. A word's time is handed on with the end of its sound.
    """

    def __init__(self, sentence: Sentence) -> None:
        self._sentence = sentence
        self._said = 0  # characters of its `spoken` that were said
        self._before = 0.0  # seconds of the sound of earlier voices
        self._untold: tuple[Word, ...] = ()  # that became known after their sound, from voices that failed
        self._begin()

    def _begin(self) -> None:
        """The next voice says what is left."""
        left = self._sentence.spoken[self._said :]
        self._start = self._said + len(left) - len(left.lstrip())
        self._words: list[Word] = []  # of this voice, all that are known, in its own terms
        self._ends: list[int] = []  # after which of its samples each of them is said
        self._told = 0  # words whose sound was handed on
        self._held = bytearray()
        self._out = 0  # samples of this voice that were handed on
        self._rate = 0

    @property
    def rest(self) -> Sentence | None:
        """What is still to be said; None when all of it is."""
        spoken = self._sentence.spoken[self._start :]
        if not any(map(str.isalnum, spoken)):
            return None
        marks = tuple((end - self._start, text) for end, text in self._sentence.marks if end > self._start)
        return replace(self._sentence, spoken=spoken, marks=marks)

    @property
    def spoken(self) -> bool:
        """There is sound of the voice that says the rest."""
        return self._received > 0

    def take(self, sound: Sound) -> Sound | None:
        """More sound of the voice that says the rest; returns what may be heard by now."""
        self._rate = sound.rate
        self._held += sound.pcm
        self._words += sound.words
        self._ends += [round(word.until * sound.rate) for word in sound.words]
        return self._hand_on(self._until())

    def finish(self) -> Sound | None:
        """The voice has said all; returns what was held back."""
        self._ends = [min(end, self._received) for end in self._ends]
        part = self._hand_on(self._received)
        self._said = self._start = len(self._sentence.spoken)
        return part

    def fail(self) -> None:
        """The voice has failed; `rest` is then for the next one."""
        self._untold += self._tell()
        if self._told:
            self._said = self._start + self._words[self._told - 1].end
        elif self._wordless:  # else only its first sound was heard: rather that twice than a word not at all
            self._said = self._guess()
        self._before += self._seconds(self._out)
        self._begin()

    def _guess(self) -> int:
        """How much a voice that tells no word's time has said at least: whole words."""
        spoken, chars = self._sentence.spoken, int(self._seconds(self._out) * SLOW_CHARS_PER_SECOND)
        return max(self._start, spoken.rfind(" ", self._start, min(len(spoken), self._start + chars)))

    @property
    def _received(self) -> int:
        """Samples of this voice."""
        return self._out + len(self._held) // SAMPLE_BYTES

    @property
    def _wordless(self) -> bool:
        return not self._words and self._seconds(self._received) > WORDLESS_SECONDS

    def _seconds(self, samples: int) -> float:
        return samples / self._rate if self._rate else 0.0

    def _until(self) -> int:
        """Up to which of this voice's samples sound may be handed on."""
        finished = bisect_right(self._ends, self._received)
        if finished and self._ends[finished - 1] > self._out:
            return self._ends[finished - 1]
        return self._received if self._wordless or not self._out else self._out

    def _hand_on(self, until: int) -> Sound | None:
        size = (until - self._out) * SAMPLE_BYTES
        if size <= 0:
            return None
        pcm = bytes(self._held[:size])
        del self._held[:size]
        self._out = until
        untold, self._untold = self._untold, ()
        return Sound(pcm, self._rate, untold + self._tell())

    def _tell(self) -> tuple[Word, ...]:
        """The words whose sound was handed on just now, in the whole sentence's terms."""
        told, self._told = self._told, bisect_right(self._ends, self._out)
        start, before, out = self._start, self._before, self._seconds(self._out)
        return tuple(
            Word(
                word.start + start,
                word.end + start,
                min(word.at, out) + before,
                min(word.until, out) + before,
            )
            for word in self._words[told : self._told]
        )
