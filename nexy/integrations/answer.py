"""One answer: recall → model → sentences → voice → replies. Think, speak and stream run side by
side; the bounded channels between them are the back-pressure."""

import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

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
# Of any chunk. The contract allows 32,768; so that a whole message is less than half of HTTP/2's usual
# window, and never has to be sent in parts, it is a little less: a third of a second at 48 kHz.
MOST_SOUND_BYTES = 32_000

Voiced: TypeAlias = Sentence | Sound  # a sentence, and then its sounds
Sentences: TypeAlias = trio.MemorySendChannel[Sentence]
FromModel: TypeAlias = trio.MemoryReceiveChannel[Sentence]
ToClient: TypeAlias = trio.MemorySendChannel[Voiced]
FromVoice: TypeAlias = trio.MemoryReceiveChannel[Voiced]


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

    def so_far(self) -> float:
        return trio.current_time() - self.began


class Answer:
    """One answer in the making: `run` it inside a turn; it is committed to `history` as it was heard."""

    def __init__(
        self, said: Utterance, reply: SendReply, history: History, cast: Cast, *, paced: bool
    ) -> None:
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
                thinking.cancel()  # without a voice there is nothing more to think of

        async with trio.open_nursery() as turn:
            turn.start_soon(think)
            turn.start_soon(speak)
            with voiced:
                await self._stream(voiced, playback)
        return failures[0] if failures else None

    async def _think(self, sentences: Sentences) -> None:
        """Ask the model, and let each sentence go as soon as it is complete."""
        splitter = SentenceSplitter()
        failure: ProviderError | None = None
        try:
            async with self._cast.model.stream(await self._prompt()) as pieces:
                with _Patience(self._cast.patience.model_first_word_seconds, "the model") as patience:
                    async for piece in pieces:
                        patience.pause()  # it is not the model's doing when the voice is behind
                        await self._take(piece, splitter, sentences)
                        patience.wait(self._cast.patience.model_idle_seconds)
            if self.times.first_word is None:
                raise ProviderError("the model gave no answer")
        except ProviderError as error:
            failure = error
        rest = splitter.flush()
        if rest.strip():
            await sentences.send(self._sentence(rest))
        if failure is not None:
            raise failure

    async def _prompt(self) -> Prompt:
        return Prompt(
            said=self._said.prompt,
            history=tuple(self._history),
            screenshot=self._said.screenshot,
            recollection=await self._cast.memory.recall(self._said.hardware_id),
        )

    async def _take(self, piece: str | Usage, splitter: SentenceSplitter, sentences: Sentences) -> None:
        if isinstance(piece, Usage):
            self.times.usage = piece
            return
        if self.times.first_word is None:
            self.times.first_word = self.times.so_far()
        for text in splitter.feed(piece):
            await sentences.send(self._sentence(text))

    async def _apologise(self, sentences: Sentences) -> None:
        text, language = in_language(APOLOGIES, self._language)
        await sentences.send(Sentence(text, text, language=language))

    def _sentence(self, text: str) -> Sentence:
        language = language_of(text, self._language)
        spoken = speakable(text, language)
        return Sentence(text, spoken.text, spoken.marks, language)

    async def _speak(self, sentences: FromModel, to_client: ToClient) -> None:
        """Voice each sentence while the one before is being sent."""
        async for sentence in sentences:
            await to_client.send(sentence)
            if not sentence.spoken:
                continue
            async with self._cast.voice.speak(sentence) as sounds:
                with _Patience(self._cast.patience.voice_first_sound_seconds, "the voice") as patience:
                    async for sound in sounds:
                        patience.pause()
                        await to_client.send(sound)
                        patience.wait(self._cast.patience.voice_first_sound_seconds)

    async def _stream(self, voiced: FromVoice, playback: Playback) -> None:
        """Send each sentence's text and then its sound, no further ahead of real time than is wanted."""
        async for item in voiced:
            if isinstance(item, Sentence):
                playback.begin(item)
                self.times.sentences += 1
                self.times.chars += len(item.text)
                await self._reply(TextChunk(item.text))
            else:
                playback.learn(item.words)
                await self._send_sound(item, playback)
        playback.finish()

    async def _send_sound(self, sound: Sound, playback: Playback) -> None:
        first = MOST_SOUND_BYTES
        if self.times.first_sound is None:
            first = 2 * int(FIRST_SOUND_SECONDS * sound.rate)
        for pcm in cut(sound.pcm, first, MOST_SOUND_BYTES):
            chunk = AudioChunk(pcm, sound.rate)
            due = playback.due(max(0.0, self._cast.patience.lead_seconds - chunk.seconds))
            if self._paced and due > trio.current_time():
                await trio.sleep_until(due)
            await self._reply(chunk)
            playback.sent(chunk.seconds, trio.current_time())
            self.times.sound_seconds += chunk.seconds
            if self.times.first_sound is None:
                self.times.first_sound = self.times.so_far()


class _Patience:
    """Bounds each wait for a provider, and only the waits. Raises ProviderTimeout."""

    def __init__(self, seconds: float, who: str) -> None:
        self._who = who
        self._scope = trio.CancelScope(deadline=trio.current_time() + seconds)

    def __enter__(self) -> Self:
        self._scope.__enter__()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        handled = self._scope.__exit__(*error)
        if self._scope.cancelled_caught:
            raise ProviderTimeout(f"{self._who} was silent for too long")
        return handled

    def pause(self) -> None:
        self._scope.deadline = math.inf

    def wait(self, seconds: float) -> None:
        self._scope.deadline = trio.current_time() + seconds


@contextmanager
def _noting(failures: list[ProviderError]) -> Iterator[None]:
    """Note a provider's failure instead of raising it: what was found before it is still delivered."""
    try:
        yield
    except ProviderError as error:
        failures.append(error)
