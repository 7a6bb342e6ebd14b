"""Opening the voices that the configuration names, as one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from nexy.config import VoicesConfig
from nexy.modules.audio_generation.providers import PROVIDERS
from nexy.modules.audio_generation.voice import Voice
from nexy.types import Sentence, Sound, Stream
from nexy.utils.fallback import first_that_works


@dataclass(frozen=True)
class FirstThatWorks:
    """Several voices as one: each is asked when the one before it could not even begin."""

    voices: tuple[Voice, ...]
    name: str

    def choose(self, voice: str, language: str) -> str:
        return self.voices[0].choose(voice, language)

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        return first_that_works([partial(voice.speak, sentence) for voice in self.voices])


@asynccontextmanager
async def open_voice(config: VoicesConfig) -> AsyncIterator[Voice]:
    """The voices that `config` names, tried in its order, all at its sample rate.

    Raises ProviderError when one cannot be opened.
    """
    async with AsyncExitStack() as stack:
        names = config.tts_providers
        voices = [await stack.enter_async_context(PROVIDERS[name](config)) for name in names]
        yield voices[0] if len(voices) == 1 else FirstThatWorks(tuple(voices), ",".join(names))
