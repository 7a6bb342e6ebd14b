"""Opening the voices that the configuration names, as one."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TypeAlias

import trio

from nexy.config import PatienceConfig, VoicesConfig
from nexy.errors import BadRequest, Fault, ProviderError
from nexy.modules.audio_generation.providers import PROVIDERS
from nexy.modules.audio_generation.takeover import Takeover
from nexy.modules.audio_generation.voice import Voice
from nexy.types import Sentence, Sound, Stream
from nexy.utils.breaker import State
from nexy.utils.guarded import Guarded, Trials, Waits, guard, states, switch

Voices: TypeAlias = Sequence[Guarded[Voice]]


class FirstThatWorks:
    """Several voices as one: each takes over where the one before it failed, also inside a sentence.

    In each sound stands the name of the provider that made it.
    """

    def __init__(self, voices: Sequence[Voice], patience: PatienceConfig) -> None:
        self.name = ",".join(voice.name for voice in voices)
        self._voices = guard(voices, patience.circuit_breaker_threshold, patience.circuit_breaker_seconds)
        seconds = patience.voice_first_sound_seconds
        self._waits = Waits(seconds, seconds)

    @property
    def states(self) -> dict[str, State]:
        """How each of them is doing, by its name; in the order in which they are asked."""
        return states(self._voices, trio.current_time())

    def switch(self, name: str, *, on: bool) -> bool:
        """Take the voice of that name out, or put it back; False when there is none. What runs goes on."""
        return switch(self._voices, name, on=on)

    @property
    def providers(self) -> Sequence[Guarded[Voice]]:
        """Each of them with its breaker, its tries and its faults."""
        return self._voices

    def asked_now(self, *, without_first: bool = False) -> list[str]:
        """The name of the voice that would be asked just now, after those that are left alone before it."""
        names = []
        for voice in self._voices[without_first:]:
            names.append(voice.provider.name)
            if voice.breaker.admits(trio.current_time()):
                break
        return names

    def choose(self, voice: str, language: str) -> str:
        """`voice` itself, when any of them knows it: each finds its own again when it speaks."""
        mistakes = []
        for one in self._voices:
            try:
                chosen = one.provider.choose(voice, language)
            except BadRequest as error:
                mistakes.append(error)
            else:
                return voice or chosen
        raise mistakes[0]

    def speak(self, sentence: Sentence, *, without_first: bool = False) -> Stream[Sound]:
        """Say it; `without_first`: the first voice is not asked. There must be another one then."""
        voices = self._voices[without_first:]
        return self._speak_alone(sentence, voices) if len(voices) == 1 else self._speak(sentence, voices)

    @asynccontextmanager
    async def _speak_alone(
        self, sentence: Sentence, voices: Voices
    ) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        """Without anybody to take over, nothing is held back and no task is needed."""
        trials = Trials(voices, self._waits)
        for voice, waits in trials:
            speaking = False
            try:
                spoken = voice.provider.speak(_in_its_voice(sentence, voice.provider))
                async with voice.begin(spoken, waits) as sounds:
                    speaking = True
                    yield _Signed(sounds, voice.provider.name)
                    return
            except ProviderError as error:
                if speaking:
                    raise
                trials.failures.append(error)
        raise trials.none_works()

    @trio.as_safe_channel
    async def _speak(self, sentence: Sentence, voices: Voices) -> AsyncGenerator[Sound, None]:
        takeover = Takeover(sentence)
        trials = Trials(voices, self._waits)
        for voice, waits in trials:
            rest, name = takeover.rest, voice.provider.name
            if rest is None:
                return
            try:
                spoken = voice.provider.speak(_in_its_voice(rest, voice.provider))
                async with voice.begin(spoken, waits) as sounds:
                    async for sound in sounds:
                        if (part := takeover.take(sound)) is not None:
                            # as_safe_channel runs and closes this in a task
                            yield replace(part, provider=name)  # noqa: ASYNC119
            except ProviderError as error:
                takeover.fail()
                trials.failures.append(error)
                continue
            if takeover.spoken:
                if (part := takeover.finish()) is not None:
                    yield replace(part, provider=name)
                return
            # Perhaps the next one knows this script. It is nobody's failure: no breaker hears of it.
            trials.failures.append(ProviderError(f"{name} made no sound", Fault.EMPTY))
        if takeover.rest is not None and not _unsayable(trials.failures):
            raise trials.none_works()


class _Signed(trio.abc.ReceiveChannel[Sound]):
    """One provider's sounds, with its name in them."""

    def __init__(self, sounds: trio.abc.ReceiveChannel[Sound], provider: str) -> None:
        self._sounds = sounds
        self._provider = provider

    async def receive(self) -> Sound:
        return replace(await self._sounds.receive(), provider=self._provider)

    async def aclose(self) -> None:
        await self._sounds.aclose()


def _unsayable(failures: Sequence[ProviderError]) -> bool:
    """Whether every voice was asked and made no sound: an answer does not fail for want of it."""
    return bool(failures) and all(error.fault is Fault.EMPTY for error in failures)


def _in_its_voice(sentence: Sentence, voice: Voice) -> Sentence:
    """`sentence` with a voice that this provider has."""
    try:
        return replace(sentence, voice=voice.choose(sentence.voice, sentence.language))
    except BadRequest:
        return replace(sentence, voice=voice.choose("", sentence.language))


@asynccontextmanager
async def open_voice(config: VoicesConfig, patience: PatienceConfig) -> AsyncIterator[FirstThatWorks]:
    """The voices that `config` names, tried in its order, all at its sample rate.

    Raises ProviderError when one cannot be opened.
    """
    async with AsyncExitStack() as stack:
        names = config.tts_providers
        voices = [await stack.enter_async_context(PROVIDERS[name](config)) for name in names]
        yield FirstThatWorks(voices, patience)
