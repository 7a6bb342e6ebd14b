"""A voice that beeps: exact, instant and the same everywhere, for tests and for measuring."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from nexy.config import VoicesConfig
from nexy.errors import BadRequest
from nexy.modules.audio_generation.names import language_of_voice
from nexy.modules.audio_generation.pcm import SAMPLE_BYTES, sine
from nexy.types import Sentence, Sound, Stream, Word
from nexy.utils.streams import stream_of

WORD_SECONDS = 0.2
HZ = 440.0  # 88 whole periods in a word: words follow one another without a click
WORDS_AT_ONCE = 16  # how many words one shared stretch of sine serves

_WORDS = re.compile(r"\S+")


class Tone:
    """0.2 s of a 440 Hz sine for each word, at once."""

    name = "tone"

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._sine = memoryview(sine(HZ, WORD_SECONDS * WORDS_AT_ONCE, rate))

    def choose(self, voice: str, language: str) -> str:
        if voice not in ("", self.name) and not language_of_voice(voice):
            raise BadRequest("unknown voice")
        return self.name

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        return stream_of(self._sounds(sentence.spoken))

    def _sounds(self, spoken: str) -> Iterator[Sound]:
        words = [
            Word(*match.span(), n * WORD_SECONDS, (n + 1) * WORD_SECONDS)
            for n, match in enumerate(_WORDS.finditer(spoken))
        ]
        for start in range(0, len(words), WORDS_AT_ONCE):
            some = tuple(words[start : start + WORDS_AT_ONCE])
            samples = round(len(some) * WORD_SECONDS * self._rate)
            yield Sound(self._sine[: samples * SAMPLE_BYTES], self._rate, some)


@asynccontextmanager
async def open_tone(config: VoicesConfig) -> AsyncIterator[Tone]:
    """The tone, at the configured rate."""
    yield Tone(config.sample_rate)
