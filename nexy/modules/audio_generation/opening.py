"""Opening the voices that the configuration names, as one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

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
async def open_voice(names: Sequence[str], rate: int) -> AsyncIterator[Voice]:
    """The voices called `names`, tried in this order, all at `rate` Hz.

    Raises ProviderError when one cannot be opened.
    """
    async with AsyncExitStack() as stack:
        voices = [await stack.enter_async_context(PROVIDERS[name](rate)) for name in names]
        yield voices[0] if len(voices) == 1 else FirstThatWorks(tuple(voices), ",".join(names))
