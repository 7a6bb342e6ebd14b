"""Sentences that are said often, kept as sound: greetings, apologies."""

from collections import OrderedDict
from typing import TypeAlias

from nexy.modules.audio_generation import Voice
from nexy.types import Sentence, Sound, Stream
from nexy.utils.streams import stream_of

MOST_KEPT_BYTES = 16 * 1024 * 1024  # almost three minutes at 48 kHz: every phrase in every language
MOST_KEPT_SECONDS = 12.0  # of one sentence: what is longer is nobody's often said sentence

Key: TypeAlias = tuple[str, str, str]  # what is said, in which language, by which voice


class Sayings:
    """A voice that keeps the sounds of some sentences: each is made once as long as there is room for it."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._kept: OrderedDict[Key, tuple[Sound, ...]] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return f"<Sayings {len(self._kept)} kept, {self._bytes} bytes>"

    @property
    def name(self) -> str:
        return self._voice.name

    def choose(self, voice: str, language: str) -> str:
        return self._voice.choose(voice, language)

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        """Say it, with the kept sound if there is one; what is only said is not kept."""
        kept = self._kept.get(_key(sentence))
        return self._voice.speak(sentence) if kept is None else stream_of(kept)

    async def sounds(self, sentence: Sentence) -> tuple[Sound, ...]:
        """The whole sound of `sentence`. Raises ProviderError when the voice fails."""
        key = _key(sentence)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        async with self._voice.speak(sentence) as stream:
            sounds = tuple([sound async for sound in stream])
        self._keep(key, sounds)
        return sounds

    def _keep(self, key: Key, sounds: tuple[Sound, ...]) -> None:
        if key in self._kept or not 0 < sum(sound.seconds for sound in sounds) <= MOST_KEPT_SECONDS:
            return
        self._kept[key] = sounds
        self._bytes += _size(sounds)
        while self._bytes > MOST_KEPT_BYTES:
            self._bytes -= _size(self._kept.popitem(last=False)[1])


def _key(sentence: Sentence) -> Key:
    return sentence.spoken, sentence.language, sentence.voice


def _size(sounds: tuple[Sound, ...]) -> int:
    return sum(len(sound.pcm) for sound in sounds)
