"""Sentences that are said often, kept as sound: greetings, apologies."""

from collections import OrderedDict

from nexy.modules.audio_generation import Voice
from nexy.types import Sentence, Sound

MOST_KEPT_BYTES = 16 * 1024 * 1024  # almost three minutes at 48 kHz: every phrase in every language
MOST_KEPT_SECONDS = 12.0  # of one sentence: what is longer is nobody's often said sentence


class Sayings:
    """The sounds of sentences, each made once as long as there is room for it."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self._kept: OrderedDict[tuple[str, str, str], tuple[Sound, ...]] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return f"<Sayings {len(self._kept)} kept, {self._bytes} bytes>"

    async def sounds(self, sentence: Sentence) -> tuple[Sound, ...]:
        """The whole sound of `sentence`. Raises ProviderError when the voice fails."""
        key = (sentence.spoken, sentence.language, sentence.voice)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        async with self.voice.speak(sentence) as stream:
            sounds = tuple([sound async for sound in stream])
        self._keep(key, sounds)
        return sounds

    def _keep(self, key: tuple[str, str, str], sounds: tuple[Sound, ...]) -> None:
        if key in self._kept or not 0 < sum(sound.seconds for sound in sounds) <= MOST_KEPT_SECONDS:
            return
        self._kept[key] = sounds
        self._bytes += _size(sounds)
        while self._bytes > MOST_KEPT_BYTES:
            self._bytes -= _size(self._kept.popitem(last=False)[1])


def _size(sounds: tuple[Sound, ...]) -> int:
    return sum(len(sound.pcm) for sound in sounds)
