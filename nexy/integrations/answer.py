"""One answer: recall → model → sentences → voice → replies. Think, speak and stream run side by
side; the bounded channels between them are the back-pressure."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import trio

from nexy.config import TurnConfig
from nexy.errors import ProviderError, ProviderTimeout
from nexy.integrations.phrases import APOLOGIES, in_language
from nexy.modules.audio_generation import Playback, Voice, cut
from nexy.modules.memory_management import Memory
from nexy.modules.session_management import History
from nexy.modules.text_filtering import SentenceSplitter, language_of, speakable
from nexy.modules.text_processing import LanguageModel, Prompt, Usage
from nexy.types import AudioChunk, Done, Exchange, SendReply, Sentence, Sound, TextChunk, Utterance

SENTENCES_AHEAD = 2  # how many sentences the model may be ahead of the voice
SOUNDS_AHEAD = 4  # pieces of sound that wait to be sent: enough that the next sentence is ready in time
FIRST_SOUND_SECONDS = 0.04  # of an answer's first chunk: the sooner it is whole, the sooner it is heard
MOST_SOUND_BYTES = 32_768  # of any chunk, as the contract says

Sentences: TypeAlias = trio.MemorySendChannel[Sentence]
Voiced: TypeAlias = Sentence | Sound  # a sentence, and then its sounds


@dataclass(frozen=True)
class Cast:
    """Those who take part in an answer."""

    model: LanguageModel
    voice: Voice
    memory: Memory
    patience: TurnConfig


@dataclass(slots=True)
class Times:
    """When an answer got where (seconds from its beginning), and how large it became."""

    began: float
    first_word: float | None = None
    first_sound: float | None = None
    sentences: int = 0
    chars: int = 0
    sound_seconds: float = 0.0
    usage: Usage | None = None

    def since_start(self) -> float:
        return trio.current_time() - self.began


class Answer:
    """One answer in the making: `run` it inside a turn; it is committed to `history` as it was heard."""

    def __init__(self, said: Utterance, reply: SendReply, history: History, cast: Cast, *, paced: bool) -> None:
        self.times = Times(trio.current_time())
        self._said = said
        self._reply = reply
        self._history = history
        self._cast = cast
        self._paced = paced
        self._language = language_of(said.prompt)
        self._playback = Playback()

    async def run(self) -> None:
        """Answer. Raises ProviderError once the user has been told, in words, that it failed."""
        complete = False
        try:
            failure = await self._deliver(self._think, self._playback)
            if failure is not None:
                await self._deliver(self._apologise, Playback())
                raise failure
            complete = True
            await self._reply(Done())
        finally:  # once, whatever ended it
            heard = self._playback.text if complete else self._playback.heard(trio.current_time())
            self._history.add(Exchange(self._said.prompt, heard, complete))

    async def _deliver(
        self, source: Callable[[Sentences], Awaitable[None]], playback: Playback
    ) -> ProviderError | None:
        """Voice and send what `source` writes; returns what made a provider stop early."""
        failures: list[ProviderError] = []
        to_voice, sentences = trio.open_memory_channel[Sentence](SENTENCES_AHEAD)
        to_client, voiced = trio.open_memory_channel[Voiced](SOUNDS_AHEAD)
        thinking = trio.CancelScope()

        async def think() -> None:
            with thinking, to_voice, _noting(failures):
                await source(to_voice)

        async def speak() -> None:
            with to_client, sentences:
                with _noting(failures):
                    await self._speak(sentences, to_client)
                thinking.cancel()  # without a voice, there is nothing more to think of

        async with trio.open_nursery() as turn:
            turn.start_soon(think)
            turn.start_soon(speak)
            with voiced:
                await self._stream(voiced, playback)
        return failures[0] if failures else None

    async def _think(self, sentences: Sentences) -> None:
        """Ask the model, and let each sentence go as soon as it is complete."""
        splitter = SentenceSplitter()
        try:
            async for piece in self._pieces():
                for text in splitter.feed(piece):
                    await sentences.send(self._sentence(text))
        finally:
            rest = splitter.flush()
            if rest.strip():
                await sentences.send(self._sentence(rest))

    async def _apologise(self, sentences: Sentences) -> None:
        text, language = in_language(APOLOGIES, self._language)
        await sentences.send(Sentence(text, text, language=language))

    def _sentence(self, text: str) -> Sentence:
        language = language_of(text, self._language)
        spoken = speakable(text, language)
        return Sentence(text, spoken.text, spoken.marks, language)
