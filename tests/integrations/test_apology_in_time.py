"""As long as any voice works an apology is in words and in time, also when the first voice is silent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Fault, Limit, ProviderError, Refused
from nexy.integrations.cast import Cast
from nexy.integrations.conversation import Conversation
from nexy.integrations.parts import Guarded
from nexy.integrations.phrases import BUSY, CANNOT
from nexy.integrations.regrets import ENDED_VOICE_SECONDS, REFUSED_AT_ONCE, REFUSED_VOICE_SECONDS
from nexy.integrations.sayings import LONGEST_MAKING_SECONDS
from nexy.modules.audio_generation.providers.tone import WORD_SECONDS, Tone
from nexy.nursery.session import Ended, Why
from nexy.types import Sentence, Sound, TextChunk
from tests.integrations.fakes import (
    RATE,
    BrokenVoice,
    Client,
    Model,
    Script,
    SilentVoice,
    SlowVoice,
    Step,
    ask,
    cast,
    conversation,
)

PROMPT = "Tell me a story."
QUOTA = ProviderError("quota", Fault.QUOTA)
TWO_TONES_SECONDS = 0.4


class First(Tone):
    """The voice that is preferred: slow or silent, and twice as quick to say a word, so that it is known."""

    name = "first"

    def __init__(self, *steps: Step[Sound]) -> None:
        super().__init__(RATE)
        self.steps = steps
        self.asked = 0

    @asynccontextmanager
    async def speak(self, sentence: Sentence) -> AsyncIterator[trio.abc.ReceiveChannel[Sound]]:
        self.asked += 1
        words = len(sentence.spoken.split())
        yield Script([*self.steps, Sound(bytes(2 * round(words * WORD_SECONDS / 2 * RATE)), RATE)])


def by_first(text: str) -> float:
    return round(by_second(text) / 2, 3)


def by_second(text: str) -> float:
    """Seconds of sound."""
    return round(WORD_SECONDS * len(text.split()), 3)


def states(who: Cast) -> dict[str, str]:
    voices = who.voice._voice
    assert isinstance(voices, Guarded)
    return dict(voices.states)


def heard(client: Client, began: float) -> tuple[float, float]:
    """When the apology came, all of it at once, and how many seconds it has."""
    (at,) = {at for at, _ in client.sounds}
    return round(at - began, 6), round(client.seconds, 3)


async def failing(talk: Conversation) -> tuple[float, float]:
    """One turn that fails, and its apology."""
    client, ended, began = Client(), list[Ended](), trio.current_time()
    await ask(talk, ended, client=client)
    assert (ended[0].why, client.texts) == (Why.FAILED, [CANNOT["en"]])
    assert client.at(0) == (TextChunk, began)
    return heard(client, began)


async def refused(talk: Conversation) -> tuple[float, float]:
    client, began = Client(), trio.current_time()
    await talk.say_refused(Refused("full", Limit.ACTIVE), PROMPT, client.reply)
    assert client.texts == [BUSY["en"]]
    return heard(client, began)


async def test_a_first_voice_that_is_silent_from_the_start_leaves_half_of_the_time_to_the_second(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model(QUOTA), SilentVoice(), Tone(RATE)))
    assert await refused(talk) == (REFUSED_VOICE_SECONDS / 2, by_second(BUSY["en"]))
    assert await failing(talk) == (ENDED_VOICE_SECONDS / 2, by_second(CANNOT["en"]))


async def test_its_breaker_opens_in_the_ordinary_way_and_apologies_then_come_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    first = First(1000.0)
    who = cast(Model(QUOTA), first, Tone(RATE), circuit_breaker_threshold=3, voice_first_sound_seconds=5)
    talk = conversation(nursery, who)
    for _ in range(3):
        assert states(who)["first"] == "closed"
        assert await failing(talk) == (ENDED_VOICE_SECONDS / 2, by_second(CANNOT["en"]))
        await trio.sleep(6)
    assert states(who) == {"first": "open", "tone": "closed"}
    assert await failing(talk) == (0, by_second(CANNOT["en"]))
    assert first.asked == 3
    first.steps = ()
    await trio.sleep(60)
    assert await failing(talk) == (0, by_first(CANNOT["en"]))
    assert states(who)["first"] == "closed"


async def test_an_apology_that_the_first_voice_was_too_slow_for_is_there_the_next_time(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    first = First(1.0)
    talk = conversation(nursery, cast(Model(QUOTA), first, Tone(RATE)))
    assert await failing(talk) == (ENDED_VOICE_SECONDS / 2, by_second(CANNOT["en"]))
    await trio.sleep(1)
    for _ in range(3):
        assert await failing(talk) == (0, by_first(CANNOT["en"]))
    assert first.asked == 1


async def test_who_comes_while_a_silent_voice_is_waited_for_does_not_wait_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model(QUOTA), SilentVoice(), Tone(RATE), voice_first_sound_seconds=5))
    await failing(talk)
    await trio.sleep(1)
    assert await failing(talk) == (0, by_second(CANNOT["en"]))


async def test_many_who_are_told_at_once_are_one_request(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    first, second = First(1000.0), SlowVoice(0.1)
    talk = conversation(nursery, cast(Model(QUOTA), first, second))
    each: list[tuple[float, float]] = []

    async def one() -> None:
        each.append(await refused(talk))

    async with trio.open_nursery() as users:
        for _ in range(REFUSED_AT_ONCE):
            users.start_soon(one)
    assert each == [(REFUSED_VOICE_SECONDS / 2 + 0.1, by_second(BUSY["en"]))] * REFUSED_AT_ONCE
    assert (first.asked, len(second.began)) == (1, 1)


async def test_two_falling_tones_only_when_all_voices_fail_or_are_silent(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    silent = conversation(nursery, cast(Model(QUOTA), SilentVoice(), BrokenVoice(1000.0)))
    assert await failing(silent) == (ENDED_VOICE_SECONDS, TWO_TONES_SECONDS)
    down = ProviderError("down")
    broken = conversation(nursery, cast(Model(QUOTA), First(down), BrokenVoice(down)))
    assert await failing(broken) == (0, TWO_TONES_SECONDS)
    either = conversation(nursery, cast(Model(QUOTA), First(down), Tone(RATE)))
    assert await failing(either) == (0, by_second(CANNOT["en"]))


async def test_a_voice_that_dribbles_in_the_background_is_left(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    first = First(*[step for _ in range(100) for step in (Sound(b"\0\0", RATE), 4.0)])
    talk = conversation(nursery, cast(Model(QUOTA), first, Tone(RATE), voice_first_sound_seconds=5))
    assert await refused(talk) == (REFUSED_VOICE_SECONDS / 2, by_second(BUSY["en"]))
    assert len(nursery.child_tasks) == 1
    await trio.sleep(LONGEST_MAKING_SECONDS)
    await wait_all_tasks_blocked()
    assert not nursery.child_tasks


@pytest.mark.parametrize("after", [0.1, 3.0])
async def test_a_bug_in_a_voice_is_logged_and_ends_not_even_the_apology(
    after: float, nursery: trio.Nursery, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    talk = conversation(nursery, cast(Model(QUOTA), First(after, ZeroDivisionError("secret")), Tone(RATE)))
    assert await refused(talk) == (min(after, REFUSED_VOICE_SECONDS / 2), by_second(BUSY["en"]))
    await trio.sleep(5)
    assert caplog.text.count("ZeroDivisionError at") == 1
    assert "secret" not in caplog.text
    assert not nursery.cancel_scope.cancel_called
