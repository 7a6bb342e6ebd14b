"""Sentences that are said often, kept as sound: greetings, apologies."""

from collections import OrderedDict
from typing import TypeAlias

from nexy.modules.audio_generation import FirstThatWorks
from nexy.types import Sentence, Sound, Stream
from nexy.utils.streams import stream_of

MOST_KEPT_BYTES = 16 * 1024 * 1024  # almost three minutes at 48 kHz: every phrase in every language
MOST_KEPT_SECONDS = 12.0  # of one sentence: what is longer is nobody's often said sentence

Key: TypeAlias = tuple[str, str, str, str]
"""What is said, in which language, with which voice, and the provider that made the sound."""


class Sayings:
    """Voices that keep the sounds of some sentences: each is made once as long as there is room for it.

    What one provider made stands in for another only as long as that one is left alone: a sentence
    that was first said by the second voice is made anew when the first one works again.
    """

    def __init__(self, voice: FirstThatWorks) -> None:
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
        kept = self._find(sentence)
        return stream_of(kept) if kept else self._voice.speak(sentence)

    async def sounds(self, sentence: Sentence) -> tuple[Sound, ...]:
        """The whole sound of `sentence`. Raises ProviderError when the voices fail."""
        kept = self._find(sentence)
        if kept:
            return kept
        async with self._voice.speak(sentence) as stream:
            sounds = tuple([sound async for sound in stream])
        self._keep(sentence, sounds)
        return sounds

    def _find(self, sentence: Sentence) -> tuple[Sound, ...]:
        """What is kept of it from the first provider that can be asked just now, or from one before that."""
        for provider, state in self._voice.states.items():
            key = _key(sentence, provider)
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            if state != "open":
                break
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
