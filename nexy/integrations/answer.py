"""One answer: recall → model → sentences → voice → replies. Think, speak and stream run side by
side; the bounded channels between them are the back-pressure."""

import math
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias

import trio

from nexy.errors import Fault, ProviderError
from nexy.integrations import phrases
from nexy.integrations.cast import Cast, Times
from nexy.integrations.phrases import Phrases, in_language
from nexy.modules.audio_generation import Playback, cut
from nexy.modules.session_management import History
from nexy.modules.text_filtering import Reader, language_of, speakable
from nexy.modules.text_processing import Piece, Prompt, Usage
from nexy.types import (
    MOST_SOUND_BYTES,
    AudioChunk,
    Done,
    Exchange,
    SendReply,
    Sentence,
    Sound,
    SpokenWord,
    TextChunk,
    Timing,
    Utterance,
)

SENTENCES_AHEAD = 2  # how many sentences the model may be ahead of the voice
SOUNDS_AHEAD = 4  # pieces of sound that wait to be sent: enough that the next sentence is ready in time
PROMPTS_BEFORE = 4  # which are looked at for the language of one that does not tell
FIRST_SOUND_SECONDS = 0.04  # of an answer's first chunk: the sooner it is whole, the sooner it is heard


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence with all of its sound."""

    sentence: Sentence
    sounds: tuple[Sound, ...]


Voiced: TypeAlias = Sentence | Sound | Saying  # a sentence and then its sounds, or both as one
Sentences: TypeAlias = trio.MemorySendChannel[Sentence]
FromModel: TypeAlias = trio.MemoryReceiveChannel[Sentence]
ToClient: TypeAlias = trio.MemorySendChannel[Voiced]
FromVoice: TypeAlias = trio.MemoryReceiveChannel[Voiced]


def _nobody(_: str) -> None:
    return None


def _language_of_prompt(prompt: str, history: History) -> str:
    """That of what the user said before, if the prompt alone does not tell: "OK."."""
    language = "en"
    for exchange in list(history)[-PROMPTS_BEFORE:]:
        language = language_of(exchange.prompt, language)
    return language_of(prompt, language)


class Answer:
    """One answer in the making: `run` it inside a turn; it is committed to `history` as it was heard.

    For a client with a deadline, sound is not held back to real time.
    """

    def __init__(
        self,
        said: Utterance,
        reply: SendReply,
        history: History,
        cast: Cast,
        timing: Timing,
    ) -> None:
        self.times = Times(timing.asked_at)
        self.id = uuid.uuid4().hex
        self.exchange: Exchange | None = None  # once it is committed
        self.shortened: Callable[[str], None] = _nobody  # is told when less was heard after all
        self._written: list[str] = []  # by the model
        self._said = said
        self._reply = reply
        self._history = history
        self._cast = cast
        self._paced = timing.deadline == math.inf
        self.language = _language_of_prompt(said.prompt, history)
        self._playback = Playback()
        self._failures: list[ProviderError] = []
        self._filling = trio.CancelScope()  # left when the model says its first word, or will say none
        self._worded = False  # there is something in it that is not white space
        self._voiced = False  # every sentence has all of its sound
        self._saying = Sentence("", "")  # whose sound is being sent

    @property
    def generated(self) -> str:
        """All that the model wrote."""
        return "".join(self._written)

    async def run(self) -> None:
        """Answer. Raises ProviderError once all that came before the failure is delivered."""
        self._history.begin(self._playback, trio.current_time())
        cut = True
        try:
            await self._deliver()
            if not self._failures:
                await trio.lowlevel.checkpoint_if_cancelled()  # stopped in this very moment, it is not done
                await self._reply(Done())
            cut = False
        finally:  # once, whatever ended it
            self._commit(cut=cut)
        if self._failures:
            raise self._failures[0]

    def _commit(self, *, cut: bool) -> None:
        """Put the answer into the history: as heard by now, or as it will have been when all is played."""
        playback = self._playback
        if cut:
            heard = playback.heard(trio.current_time())
        else:
            heard = playback.heard(math.inf) if self._failures else playback.text
        exchange = Exchange(self._said.prompt, heard, complete=not (cut or self._failures))
        self.exchange = exchange
        self._history.add(exchange, None if cut else playback, self.shortened)

    async def _deliver(self) -> None:
        """Think, speak and stream, side by side."""
        to_voice, sentences = trio.open_memory_channel[Sentence](SENTENCES_AHEAD)
        to_client, voiced = trio.open_memory_channel[Voiced](SOUNDS_AHEAD)
        thinking = trio.CancelScope()

        async def think() -> None:
            with thinking, to_voice, self._noting():
                await self._think(to_voice)
            self._filling.cancel()

        async def speak() -> None:
            with to_client, sentences:
                with self._noting():
                    await self._speak(sentences, to_client)
                    self._voiced = True
                thinking.cancel()  # without a voice there is nothing more to think of

        async with trio.open_nursery() as turn:
            if self._cast.config.filler_seconds:
                turn.start_soon(self._fill, to_client.clone())
            turn.start_soon(think)
            turn.start_soon(speak)
            with voiced:
                await self._stream(voiced)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note a provider's failure instead of raising it: what came before it is still delivered."""
        try:
            yield
        except ProviderError as error:
            self._failures.append(error)

    async def _think(self, sentences: Sentences) -> None:
        """Ask the model, and let each sentence go as soon as it is complete."""
        reader = Reader(self.language, self._cast.pronunciations)
        failure: ProviderError | None = None
        try:
            async with self._cast.model.stream(await self._prompt()) as pieces:
                await self._read(pieces, reader, sentences)
            if not self._worded:
                raise ProviderError("the model wrote nothing but white space", Fault.EMPTY)
        except ProviderError as error:
            failure = error
        for sentence in reader.flush():
            await sentences.send(sentence)
        if failure is not None and failure.fault is Fault.CUT:
            await sentences.send(self._phrase(phrases.MORE, lead=" "))
        elif failure is not None:
            raise failure

    async def _read(
        self, pieces: trio.abc.ReceiveChannel[Piece], reader: Reader, sentences: Sentences
    ) -> None:
        """Take what the model writes; what it leaves unfinished for too long is said as it is."""
        hold = self._cast.config.clause_hold_seconds
        with suppress(trio.EndOfChannel):
            while True:
                piece = None
                with trio.move_on_after(hold if reader.holds else math.inf):
                    piece = await pieces.receive()
                if piece is not None:
                    await self._take(piece, reader, sentences)
                    continue
                for sentence in reader.let_go():
                    await sentences.send(sentence)

    async def _fill(self, to_client: ToClient) -> None:
        """Say "one moment" when the model lets its user wait.

        It is sent with all of its sound or not at all: what the model says then waits for nobody.
        """
        with to_client, self._filling:
            await trio.sleep(self._cast.config.filler_seconds)
            filler = self._phrase(phrases.MOMENT, trail=" ")
            sounds: tuple[Sound, ...] = ()
            with suppress(ProviderError):  # the answer will meet it again
                sounds = await self._cast.voice.sounds(filler)
            if sounds:
                await to_client.send(Saying(filler, sounds))

    def _phrase(self, said: Phrases, *, lead: str = "", trail: str = "") -> Sentence:
        words, language = in_language(said, self.language)
        text = lead + words + trail
        spoken = speakable(text, language)
        return Sentence(text, spoken.text, spoken.marks, language, aside=True)

    async def _prompt(self) -> Prompt:
        return Prompt(
            said=self._said.prompt,
            history=tuple(self._history),
            screenshot=self._said.screenshot,
            recollection=await self._recall(),
            asker=self._said.hardware_id,
            asked_at=self.times.began,
        )

    async def _recall(self) -> str:
        began = trio.current_time()
        known = await self._cast.memory.recall(
            self._said.hardware_id, self._said.prompt, tuple(self._history)
        )
        self.times.recall = trio.current_time() - began
        return known

    async def _take(self, piece: str | Usage, reader: Reader, sentences: Sentences) -> None:
        if isinstance(piece, Usage):
            self.times.usage = piece
            return
        if self.times.first_word is None:
            self.times.first_word = self.times.so_far()
            self._filling.cancel()
        self._written.append(piece)
        self._worded = self._worded or not piece.isspace()
        for sentence in reader.feed(piece):
            await sentences.send(sentence)

    async def _speak(self, sentences: FromModel, to_client: ToClient) -> None:
        """Voice each sentence while the one before is being sent."""
        async for sentence in sentences:
            try:
                to_client.send_nowait(sentence)  # when there is room, the voice begins a round earlier
            except trio.WouldBlock:
                await to_client.send(sentence)
            if not sentence.spoken:
                continue
            async with self._cast.voice.speak(sentence) as sounds:
                async for sound in sounds:
                    await to_client.send(sound)

    async def _stream(self, voiced: FromVoice) -> None:
        """Send each sentence's text and then its sound, no further ahead of real time than is wanted."""
        async for item in voiced:
            match item:
                case Sentence():
                    await self._send_text(item)
                case Sound():
                    await self._send_sound(item)
                case Saying():
                    await self._send_text(item.sentence)
                    for sound in item.sounds:
                        await self._send_sound(sound)
        if self._voiced:
            self._playback.finish()

    async def _send_text(self, sentence: Sentence) -> None:
        self._playback.begin(sentence)
        self._saying = sentence
        self.times.sentences += 1
        self.times.chars += len(sentence.text)
        await self._reply(TextChunk(sentence.text))

    async def _send_sound(self, sound: Sound) -> None:
        self._playback.learn(sound.words)
        first = MOST_SOUND_BYTES
        if self.times.first_sound is None:
            first = 2 * int(FIRST_SOUND_SECONDS * sound.rate)
        words = self._spoken_words(sound) if self._said.word_times else ()
        for pcm in cut(sound.pcm, first, MOST_SOUND_BYTES):
            chunk, words = AudioChunk(pcm, sound.rate, words), ()
            due = self._playback.due(max(0.0, self._cast.config.lead_seconds - chunk.seconds))
            if self._paced and due > trio.current_time():
                await trio.sleep_until(due)
            await self._reply(chunk)
            self._playback.sent(chunk.seconds, trio.current_time())
            self.times.sound_seconds += chunk.seconds
            if self.times.first_sound is None:
                self.times.first_sound = self.times.so_far()

    def _spoken_words(self, sound: Sound) -> tuple[SpokenWord, ...]:
        return tuple(SpokenWord(word.at, word.until, *self._saying.place(word)) for word in sound.words)
