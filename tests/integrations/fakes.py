"""Those who take part in an answer, with scripts that a test can read."""

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeAlias, TypeVar

import trio

from nexy.config import LimitsConfig, PatienceConfig, TurnConfig
from nexy.integrations.answer import Answer
from nexy.integrations.cast import Cast
from nexy.integrations.conversation import Conversation
from nexy.integrations.entrance import Entrance
from nexy.integrations.keeping import Keeper
from nexy.integrations.regrets import Regrets
from nexy.integrations.resuming import Resuming
from nexy.integrations.sayings import Sayings
from nexy.modules import audio_generation
from nexy.modules import text_processing as models
from nexy.modules.audio_generation import Voice
from nexy.modules.audio_generation.providers.tone import Tone
from nexy.modules.database import Record
from nexy.modules.interrupt_handling import Claim, Handed, Local
from nexy.modules.memory_management import Fact
from nexy.modules.session_management import History, Sessions
from nexy.modules.text_processing import LanguageModel, Piece, Prompt
from nexy.nursery.session import Ended
from nexy.types import (
    AudioChunk,
    Exchange,
    HardwareId,
    Reply,
    Sentence,
    SessionId,
    Sound,
    TextChunk,
    Timing,
    Utterance,
)

T = TypeVar("T")
PATIENCE = frozenset(PatienceConfig.model_fields)
RATE = 16_000  # Hz: a third of the sound of 48 kHz, and every time is the same

Step: TypeAlias = T | float | Exception
"""A value to give, seconds to wait, or an error to raise."""


@dataclass
class Script(trio.abc.ReceiveChannel[T], Generic[T]):
    """Does one step after the other; a wait that is left goes on when it is asked again."""

    steps: Sequence[Step[T]]
    given: list[T] = field(default_factory=list)
    at: int = 0
    due: float | None = None  # when the wait is over that it is in

    async def receive(self) -> T:
        await trio.lowlevel.checkpoint()
        while self.at < len(self.steps):
            step = self.steps[self.at]
            if isinstance(step, float):
                self.due = trio.current_time() + step if self.due is None else self.due
                await trio.sleep_until(self.due)
                self.due = None
            self.at += 1
            if isinstance(step, float):
                continue
            if isinstance(step, Exception):
                raise step
            self.given.append(step)
            return step
        raise trio.EndOfChannel

    async def aclose(self) -> None:
        self.at = len(self.steps)
        await trio.lowlevel.checkpoint()


class Model:
    """Follows one script in every answer."""

    name = "model"

    def __init__(self, *steps: Step[Piece]) -> None:
        self._steps = steps
        self.prompts: list[Prompt] = []
        self.given: list[Piece] = []
        self.left = 0

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        self.prompts.append(prompt)
        try:
            yield Script(self._steps, self.given)
        finally:
            self.left += 1


class SlowVoice(Tone):
    """Needs `think_seconds` before a sentence's first sound, and notes when it began each."""

    def __init__(self, think_seconds: float) -> None:
        super().__init__(RATE)
        self._think_seconds = think_seconds
        self.began: list[float] = []

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.began.append(trio.current_time())
        yield Script([self._think_seconds, *self._sounds(sentence.spoken)])


class Polyglot(Tone):
    """Notes in which language each sentence is to be spoken."""

    def __init__(self) -> None:
        super().__init__(RATE)
        self.languages: list[str] = []
        self.said: list[str] = []

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.languages.append(sentence.language)
        self.said.append(sentence.spoken)
        yield Script([*self._sounds(sentence.spoken)])


class BrokenVoice(Tone):
    """Follows a script instead of speaking."""

    def __init__(self, *steps: Step[Sound]) -> None:
        super().__init__(RATE)
        self._steps = steps

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        yield Script(self._steps)


class SilentVoice(BrokenVoice):
    """Takes a sentence, and nothing comes."""

    name = "silent"

    def __init__(self, name: str = "silent") -> None:
        super().__init__(1_000_000.0)
        self.name = name


class Taker(Protocol):
    """Takes replies."""

    async def reply(self, reply: Reply) -> None: ...


class Client:
    """Takes replies, each in `seconds`, and notes when it had it."""

    def __init__(self, seconds: float = 0) -> None:
        self._seconds = seconds
        self.replies: list[tuple[float, Reply]] = []

    async def reply(self, reply: Reply) -> None:
        await trio.sleep(self._seconds)
        self.replies.append((trio.current_time(), reply))

    @property
    def texts(self) -> list[str]:
        return [reply.text for _, reply in self.replies if isinstance(reply, TextChunk)]

    @property
    def sounds(self) -> list[tuple[float, AudioChunk]]:
        return [(at, reply) for at, reply in self.replies if isinstance(reply, AudioChunk)]

    @property
    def seconds(self) -> float:
        return sum(chunk.seconds for _, chunk in self.sounds)

    def at(self, number: int) -> tuple[type[Reply], float]:
        """What reply `number` is, and when it came."""
        at, reply = self.replies[number]
        return type(reply), at


def said(prompt: str = "Tell me a story.") -> Utterance:
    return Utterance(HardwareId("device"), None, prompt)


class Forgetful:
    """A Memory that keeps nothing: each session begins anew."""

    async def recall(self, who: HardwareId, said: str = "", history: Sequence[Exchange] = ()) -> str:
        return ""

    async def remember(self, who: HardwareId, exchange: Exchange, source: str = "") -> None:
        return None

    async def known(self, who: HardwareId) -> Sequence[Fact]:
        return ()

    async def forget_that(self, who: HardwareId) -> int:
        return 0

    async def forget(self, who: HardwareId) -> int:
        return 0


def cast(model: LanguageModel, *voices: Voice, **settings: float) -> Cast:
    """A model and voices as they are used: guarded. Settings go to where they belong, by their names.

    Silence is not broken, unless a test is about that.
    """
    patience = PatienceConfig.model_validate(
        {name: settings.pop(name) for name in PATIENCE if name in settings}
    )
    return Cast(
        models.FirstThatWorks([model], patience),
        Sayings(audio_generation.FirstThatWorks(voices or [Tone(RATE)], patience)),
        Forgetful(),
        TurnConfig.model_validate({"silence_seconds": 1000} | settings),
        rate=RATE,
    )


def answer(
    client: Client, history: History, who: Cast, *, prompt: str = "Tell me a story.", paced: bool = True
) -> Answer:
    now = trio.current_time()
    timing = Timing(now) if paced else Timing(now, now + 1_000_000)
    return Answer(said(prompt), client.reply, history, who, timing)


@dataclass
class Shelf:
    """Keeps turns where a test can see them."""

    records: dict[str, Record] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)  # raised first, one by one
    seconds: float = 0.0  # for each turn, in a thread that cannot be stopped

    async def record(self, who: HardwareId, what: Record) -> bool:
        with trio.CancelScope(shield=True):
            await trio.sleep(self.seconds)
        if self.failures:
            raise self.failures.pop(0)
        return self.records.setdefault(what.id, what) is what

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> Sequence[Exchange]:
        return ()

    async def recent_sessions(self, who: HardwareId, seconds: float) -> Sequence[SessionId]:
        return ()

    async def amend(self, who: HardwareId, exchange: str, heard: str) -> None:
        await trio.lowlevel.checkpoint()
        self.records[exchange] = replace(self.records[exchange], heard=heard)


ANNA, ONE = HardwareId("anna"), SessionId("one")
SAID = Utterance(ANNA, ONE, "Tell me a story.")


@dataclass(frozen=True)
class Talk:
    """What was said, in this process: nobody asks for anything else."""

    sessions: Sessions
    keeper: Keeper

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        return []

    async def hand_over(self, who: HardwareId, claim: Claim) -> Handed:
        return Handed()

    async def forget(self, who: HardwareId) -> int:
        return 0

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        self.sessions.forget_talk(who, all_of_it=all_of_it)
        return await self.keeper.forget(who, all_of_it=all_of_it)


def entrance(nursery: trio.Nursery, limits: LimitsConfig, keeper: Keeper | None = None) -> Entrance:
    sessions = Sessions(nursery, limits, 900)
    return Entrance(sessions, Local(Talk(sessions, keeper or Keeper(Shelf(), Forgetful()))))


def conversation(nursery: trio.Nursery, who: Cast, shelf: Shelf | None = None, **limits: int) -> Conversation:
    shelf = shelf or Shelf()
    keeper = Keeper(shelf, who.memory)
    door = entrance(nursery, LimitsConfig(**limits), keeper)
    sessions, bus = door.sessions, door.bus
    return Conversation(
        sessions,
        who,
        Regrets(who.voice, RATE, nursery),
        1000,
        keeper,
        bus,
        Resuming(shelf, bus, sessions, keeper.settle, 900, 1000),
        door,
    )


async def ask(
    talk: Conversation,
    ended: list[Ended],
    asked: Utterance = SAID,
    deadline: float = math.inf,
    client: Taker | None = None,
) -> None:
    async def read() -> Utterance:
        return asked

    timing = Timing(trio.current_time(), deadline)
    taker = client or Client()
    async with talk.turn(asked.hardware_id, asked.session_id, read, taker.reply, timing) as end:
        ended.append(end)
