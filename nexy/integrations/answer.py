"""One answer: recall → model → sentences → voice → replies. Think, speak and stream run side by
side; the bounded channels between them are the back-pressure."""

import math
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeAlias

import trio

from nexy.errors import Fault, ProviderError
from nexy.integrations import phrases
from nexy.integrations.cast import Cast, Times
from nexy.integrations.delivery import Delivery, ToClient, Voiced
from nexy.integrations.languages import language_of_prompt
from nexy.integrations.phrases import aside
from nexy.integrations.waiting import Waiting
from nexy.modules.session_management import History
from nexy.modules.text_filtering import Reader
from nexy.modules.text_processing import Piece, Prompt, Usage
from nexy.types import (
    Done,
    Exchange,
    SendReply,
    Sentence,
    Timing,
    Utterance,
)

PIECES_AHEAD = 200
"""How many pieces of text the model may be ahead of what is read aloud: more than most answers have.
So a call to the model lasts as long as the model needs, and not as long as it takes to say it all: held
back for that, it would keep others waiting (MAX_CONCURRENT_REQUESTS), and its server might give up."""
SENTENCES_AHEAD = 2  # how many sentences wait for the voice
SOUNDS_AHEAD = 4  # pieces of sound that wait to be sent: enough that the next sentence is ready in time


ToReader: TypeAlias = trio.MemorySendChannel[str]
Pieces: TypeAlias = trio.MemoryReceiveChannel[str]
Sentences: TypeAlias = trio.MemorySendChannel[Sentence]
FromModel: TypeAlias = trio.MemoryReceiveChannel[Sentence]


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
        self.shortened: Callable[[str], None] = lambda _: None  # is told when less was heard after all
        self._written: list[str] = []  # by the model
        self._said = said
        self._reply = reply
        self._history = history
        self._cast = cast
        self.language = language_of_prompt(said.prompt, history)
        lead_seconds = cast.config.lead_seconds if timing.deadline == math.inf else math.inf
        self._delivery = Delivery(reply, self.times, lead_seconds, word_times=said.word_times)
        self._playback = self._delivery.playback
        self._failures: list[ProviderError] = []
        self._unwritten: ProviderError | None = None  # why the model wrote no more
        self._worded = False  # there is something in it that is not white space
        self._voiced = False  # every sentence has all of its sound

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
        """Ask, think, speak and stream, side by side."""
        to_reader, pieces = trio.open_memory_channel[str](PIECES_AHEAD)
        to_voice, sentences = trio.open_memory_channel[Sentence](SENTENCES_AHEAD)
        to_client, voiced = trio.open_memory_channel[Voiced](SOUNDS_AHEAD)
        asking, thinking = trio.CancelScope(), trio.CancelScope()
        waiting = self._waiting(to_client.clone())

        async def ask() -> None:
            with asking, to_reader:
                await self._ask(to_reader, waiting)
            waiting.answered.cancel()

        async def think() -> None:
            with thinking, to_voice, self._noting():
                await self._think(pieces, to_voice)

        async def speak() -> None:
            with to_client, sentences:
                with self._noting():
                    await self._speak(sentences, to_client, waiting)
                    self._voiced = True
                waiting.over.cancel()
                asking.cancel()  # without a voice there is nothing more to think of
                thinking.cancel()

        async with trio.open_nursery() as turn:
            turn.start_soon(ask)
            turn.start_soon(think)
            turn.start_soon(speak)
            config = self._cast.config
            turn.start_soon(waiting.keep_company, config.filler_seconds, config.silence_seconds)
            with voiced:
                await self._delivery.stream(voiced)
            if self._voiced:
                self._playback.finish()

    def _waiting(self, to_client: ToClient) -> Waiting:
        who = self._cast
        return Waiting(who.voice, self._delivery, self.language, self.times.began, who.rate, to_client)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note a provider's failure instead of raising it: what came before it is still delivered."""
        try:
            yield
        except ProviderError as error:
            self._failures.append(error)

    async def _ask(self, to_reader: ToReader, waiting: Waiting) -> None:
        """Have the model write. What fails is kept for when all is read that came before."""
        try:
            prompt = await self._prompt()
            with self.times.asking(self._cast.model.name):
                async with self._cast.model.stream(prompt) as pieces:
                    async for piece in pieces:
                        await self._take(piece, to_reader, waiting)
            if not self._worded:
                raise ProviderError("the model wrote nothing but white space", Fault.EMPTY)
        except ProviderError as error:
            self._unwritten = error

    async def _take(self, piece: Piece, to_reader: ToReader, waiting: Waiting) -> None:
        if isinstance(piece, Usage):
            self.times.told(piece)
            return
        if self.times.first_word is None:
            self.times.worded()
            waiting.answered.cancel()
        self._written.append(piece)
        self._worded = self._worded or not piece.isspace()
        try:
            to_reader.send_nowait(piece)
        except trio.WouldBlock:
            await to_reader.send(piece)

    async def _think(self, pieces: Pieces, sentences: Sentences) -> None:
        """Let each sentence go as soon as it is complete."""
        reader = Reader(self.language, self._cast.pronunciations)
        with pieces:
            await self._read(pieces, reader, sentences)
        for sentence in self.times.filtered(reader.flush):
            await sentences.send(sentence)
        if self._unwritten is not None and self._unwritten.fault is Fault.CUT:
            await sentences.send(aside(phrases.MORE, self.language, lead=" "))
        elif self._unwritten is not None:
            raise self._unwritten

    async def _read(self, pieces: Pieces, reader: Reader, sentences: Sentences) -> None:
        """Read what the model writes; what it leaves unfinished for too long is said as it is."""
        hold = self._cast.config.clause_hold_seconds
        with suppress(trio.EndOfChannel):
            while True:
                piece = None
                with trio.move_on_after(hold if reader.holds else math.inf):
                    piece = await pieces.receive()
                if piece is None:
                    complete = self.times.filtered(reader.let_go)
                else:
                    complete = self.times.filtered(reader.feed, piece)
                for sentence in complete:
                    await sentences.send(sentence)

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
        with self.times.trace.begin("recall"):
            known = await self._cast.memory.recall(
                self._said.hardware_id, self._said.prompt, tuple(self._history)
            )
        self.times.recall = trio.current_time() - began
        return known

    async def _speak(self, sentences: FromModel, to_client: ToClient, waiting: Waiting) -> None:
        """Voice each sentence while the one before is being sent."""
        number = 0
        async for sentence in sentences:
            number, waiting.voicing = number + 1, True
            try:
                to_client.send_nowait(sentence)  # when there is room, the voice begins a round earlier
            except trio.WouldBlock:
                await to_client.send(sentence)
            if sentence.spoken:
                await self._voice(number, sentence, to_client)
            waiting.voicing = False

    async def _voice(self, number: int, sentence: Sentence, to_client: ToClient) -> None:
        with self.times.trace.begin("voice", sentence=number) as voicing:
            async with self._cast.voice.speak(sentence) as sounds:
                async for sound in sounds:
                    voicing.first("first_sound")
                    await to_client.send(sound)
