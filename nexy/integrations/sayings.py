"""Sentences that are said often, kept as sound: greetings, apologies."""

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeAlias

import trio

from nexy.errors import NexyError, ProviderError
from nexy.modules.audio_generation import FirstThatWorks
from nexy.monitoring import logger, where
from nexy.nursery.session import Turn
from nexy.types import Sentence, Sound, Stream, Timing
from nexy.utils.streams import stream_of

log = logger("nexy.sayings")

MOST_KEPT_BYTES = 16 * 1024 * 1024  # almost three minutes at 48 kHz: all phrases in five languages
MOST_KEPT_SECONDS = 12.0  # of one sentence: what is longer is nobody's often said sentence

LONGEST_MAKING_SECONDS = 30.0  # in the background: a voice that dribbles is left then

Key: TypeAlias = tuple[str, str, str, str]
"""What is said, in which language, with which voice, and the provider that made the sound."""


@dataclass(frozen=True)
class _Making:
    """A sentence in the making, for all who wait for it."""

    turn: Turn
    sounds: list[Sound] = field(default_factory=list)


class Sayings:
    """Voices that keep the sounds of some sentences: each is made once as long as there is room for it.

    What one provider made stands in for another only as long as that one is left alone: a sentence
    that was first said by the second voice is made anew when the first one works again.
    """

    def __init__(self, voice: FirstThatWorks) -> None:
        self._voice = voice
        self._kept: OrderedDict[Key, tuple[Sound, ...]] = OrderedDict()
        self._bytes = 0
        self._makings: dict[tuple[Key, bool], _Making] = {}

    def __repr__(self) -> str:
        return f"<Sayings {len(self._kept)} kept, {self._bytes} bytes>"

    @property
    def name(self) -> str:
        return self._voice.name

    @property
    def several(self) -> bool:
        """Whether there is another voice than the first."""
        return len(self._voice.states) > 1

    def choose(self, voice: str, language: str) -> str:
        return self._voice.choose(voice, language)

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        """Say it, with the kept sound if there is one; what is only said is not kept."""
        kept = self._find(sentence)
        return stream_of(kept) if kept else self._voice.speak(sentence)

    async def sounds(self, sentence: Sentence, *, without_first: bool = False) -> tuple[Sound, ...]:
        """The whole sound of `sentence`. Raises ProviderError when the voices fail."""
        kept = self._find(sentence, without_first)
        if kept:
            return kept
        async with self._voice.speak(sentence, without_first=without_first) as stream:
            sounds = tuple([sound async for sound in stream])
        self._keep(sentence, sounds)
        return sounds

    async def soon(self, sentence: Sentence, seconds: float, nursery: trio.Nursery) -> tuple[Sound, ...]:
        """The whole sound of `sentence` for somebody who has `seconds` for it; () when no voice has made it.

        Half of the time is the first voice's; when that is over, the others say it. What is begun
        goes on in `nursery`, which outlives the caller: so it is kept for the next one who asks, and a
        voice that is silent is found out in the ordinary way. All who ask at once wait for the same.
        """
        kept = self._find(sentence)
        if kept:
            return kept
        several = self.several
        patience = seconds / 2 if several else math.inf
        making = self._make(sentence, nursery)
        with trio.move_on_at(making.turn.timing.asked_at + patience):
            await making.turn.worked.wait()
        asked_all = not several or isinstance(making.turn.error, ProviderError)
        if not (making.sounds or asked_all):  # the first voice is silent, or has a bug
            making = self._make(sentence, nursery, without_first=True)
            await making.turn.worked.wait()
        return tuple(making.sounds)

    def _make(self, sentence: Sentence, nursery: trio.Nursery, *, without_first: bool = False) -> _Making:
        """Have it made, if nobody has yet."""
        key = _key(sentence, ""), without_first
        if key in self._makings:
            return self._makings[key]
        making = self._makings[key] = _Making(Turn(Timing(trio.current_time()), LONGEST_MAKING_SECONDS))

        async def work() -> None:
            making.sounds.extend(await self.sounds(sentence, without_first=without_first))

        async def make() -> None:
            try:
                await making.turn.run(work)
            finally:
                del self._makings[key]
            error = making.turn.ended.error
            if error is not None and not isinstance(error, NexyError):
                log.error("a sentence could not be made", error=where(error))

        nursery.start_soon(make)
        return making

    def _find(self, sentence: Sentence, without_first: bool = False) -> tuple[Sound, ...]:
        """What is kept of it from the provider that would be asked just now, or from one before that."""
        for provider in self._voice.asked_now(without_first=without_first):
            key = _key(sentence, provider)
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        return ()

    def _keep(self, sentence: Sentence, sounds: tuple[Sound, ...]) -> None:
        """Keep it, unless it is half in one provider's voice and half in another's."""
        providers = {sound.provider for sound in sounds}
        if len(providers) != 1 or not 0 < sum(sound.seconds for sound in sounds) <= MOST_KEPT_SECONDS:
            return
        key = _key(sentence, *providers)
        if key in self._kept:
            return
        self._kept[key] = sounds
        self._bytes += _size(sounds)
        while self._bytes > MOST_KEPT_BYTES:
            self._bytes -= _size(self._kept.popitem(last=False)[1])


def _key(sentence: Sentence, provider: str) -> Key:
    return sentence.spoken, sentence.language, sentence.voice, provider


def _size(sounds: tuple[Sound, ...]) -> int:
    return sum(len(sound.pcm) for sound in sounds)
