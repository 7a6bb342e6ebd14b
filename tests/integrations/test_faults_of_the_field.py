"""Faults that users of other voice systems report, by their numbers there: none of them is ours.

Those of Gemini's and Edge's libraries are in tests/modules, in test_gemini*.py and test_edge.py.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.config import PatienceConfig
from nexy.errors import Fault, ProviderError
from nexy.integrations.parts import Guarded
from nexy.modules.session_management import History
from nexy.modules.text_processing import FirstThatWorks, Piece, Prompt, Usage
from nexy.modules.text_processing.providers.scripted import ScriptedModel
from nexy.nursery.session import Ended, Why
from nexy.types import Exchange, Utterance
from tests.integrations.fakes import (
    ANNA,
    ONE,
    SAID,
    Client,
    Forgetful,
    Model,
    SlowVoice,
    answer,
    ask,
    cast,
    conversation,
)

WORDS = [f"Word {number}. " for number in range(100)]


async def test_pipecat_950_an_interrupt_stops_the_model_too(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model(*[step for word in WORDS for step in (word, 0.5)])
    talk, ended = conversation(nursery, cast(model)), list[Ended]()
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(2.2)
    await talk.sessions.stop(ANNA)
    given = len(model.given)
    await trio.sleep(60)
    assert (model.left, len(model.given)) == (1, given)


async def test_pipecat_754_nothing_of_a_stopped_answer_is_in_the_next(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(5, 0.0))), list[Ended]()
    first, second = Client(), Client()
    nursery.start_soon(ask, talk, ended, SAID, float("inf"), first)
    await trio.sleep(1)
    await talk.sessions.stop(ANNA)
    await ask(talk, ended, client=second)
    assert "".join(second.texts).count("River bridge") == 1
    assert second.seconds == pytest.approx(12)
    assert max(at for at, _ in first.replies) <= 1


async def test_pipecat_3986_an_interrupt_before_the_first_sound_leaves_none_to_come(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client, ended = Client(), list[Ended]()
    talk = conversation(nursery, cast(Model("Hello there."), SlowVoice(3.0)))
    nursery.start_soon(ask, talk, ended, SAID, float("inf"), client)
    await trio.sleep(1)
    await talk.sessions.stop(ANNA)
    await trio.sleep(60)
    assert client.sounds == []
    assert ended == [Ended(Why.INTERRUPTED)]


@pytest.mark.parametrize("lead", [1, 3])
async def test_pipecat_3077_and_5592_sound_does_not_run_further_ahead_than_the_lead(
    lead: float, autojump_clock: MockClock
) -> None:
    client = Client()
    with trio.move_on_after(10):
        await answer(client, History(), cast(ScriptedModel(100, 0.0), lead_seconds=lead)).run()
    assert 10 <= client.seconds <= 10 + lead


class Deaf(Model):
    """A library that swallows a cancellation once."""

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        async with super().stream(prompt) as pieces:
            yield pieces
            with suppress(trio.Cancelled):
                await trio.sleep(0.001)


async def test_pipecat_2552_and_2729_a_library_that_swallows_a_cancellation_cannot_keep_a_turn(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(Deaf("One. ", 1000.0), model_idle_seconds=2000)), list[Ended]()
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(1)
    with trio.fail_after(1):
        await talk.sessions.stop(ANNA)
    assert ended == [Ended(Why.INTERRUPTED)]


async def test_pipecat_1919_and_4838_after_many_interrupts_the_next_answer_comes_and_no_task_is_left(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(5, 0.0))), list[Ended]()
    await talk.sessions.open(ANNA, ONE)
    await wait_all_tasks_blocked()
    tasks = trio.lowlevel.current_statistics().tasks_living
    for _ in range(40):
        nursery.start_soon(ask, talk, ended)
        await trio.sleep(0.7)
        assert await talk.sessions.stop(ANNA) == [ONE]
    await wait_all_tasks_blocked()
    assert trio.lowlevel.current_statistics().tasks_living == tasks
    await ask(talk, ended)
    assert [one.why for one in ended] == [Why.INTERRUPTED] * 40 + [Why.DONE]


async def test_agents_6319_and_2166_a_session_that_closes_leaves_no_task(autojump_clock: MockClock) -> None:
    """And python-sdks#449: memory grows with each that was."""
    async with trio.open_nursery() as nursery:
        talk, ended = conversation(nursery, cast(ScriptedModel(1, 0.0))), list[Ended]()
        await ask(talk, ended)
        await talk.sessions.drain()
        await wait_all_tasks_blocked()
        assert not nursery.child_tasks


async def test_pipecat_2791_an_interrupt_in_the_first_sentence_keeps_the_words_that_were_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model("One two three four five six.", 100.0)
    talk, ended = conversation(nursery, cast(model, model_idle_seconds=200)), list[Ended]()
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(0.7)
    await talk.sessions.stop(ANNA)
    session = await talk.sessions.open(ANNA, ONE)
    assert list(session.notes.history) == [Exchange(SAID.prompt, "One two three", complete=False)]


async def test_agents_1994_and_7108_and_agents_js_2457_what_was_heard_is_committed_once_and_in_order(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(5, 0.0))), list[Ended]()
    for number in range(3):
        nursery.start_soon(ask, talk, ended, Utterance(ANNA, ONE, f"Question {number}"))
        await trio.sleep(0.2 * (number + 1) + 0.1)
        await talk.sessions.stop(ANNA)
    session = await talk.sessions.open(ANNA, ONE)
    assert [(one.prompt, one.heard) for one in session.notes.history] == [
        ("Question 0", "River"),
        ("Question 1", "River bridge"),
        ("Question 2", "River bridge garden"),
    ]


class Stalls(Model):
    """Says nothing when it is asked for the first time."""

    name = "gemini"

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        self._steps = ("Here.",) if self.prompts else (1000.0,)
        async with super().stream(prompt) as pieces:
            yield pieces


async def test_pipecat_5262_a_stall_before_the_first_word_is_asked_again(autojump_clock: MockClock) -> None:
    client, model = Client(), Stalls()
    await answer(client, History(), cast(model, model_first_word_seconds=8)).run()
    assert client.texts == ["Here."]
    assert 4 <= trio.current_time() < 4.5
    assert (len(model.prompts), model.left) == (2, 2)


async def test_pipecat_5804_and_5842_a_stream_that_dribbles_and_stops_is_still_heard(
    autojump_clock: MockClock,
) -> None:
    client = Client()
    dribble = [step for sign in "no end in sight" for step in (sign, 0.5)]
    with pytest.raises(ProviderError):
        await answer(client, History(), cast(Model(*dribble, 1000.0), model_idle_seconds=10)).run()
    assert client.texts == ["no end in", " sight"]  # the first part after CLAUSE_HOLD_SECONDS
    assert client.seconds == pytest.approx(0.8)


async def test_agents_5660_a_model_that_opens_and_says_nothing_of_use_is_replaced(
    autojump_clock: MockClock,
) -> None:
    client = Client()
    silent, other = Model(Usage(3, 0, "m")), Model("Here.")
    who = cast(silent)
    several = FirstThatWorks([silent, other], PatienceConfig())
    await answer(client, History(), type(who)(several, who.voice, Forgetful(), who.config)).run()
    assert client.texts == ["Here."]


async def test_agents_js_1454_an_answer_without_speech_is_no_outage_of_the_voice(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    who = cast(Model("---"), circuit_breaker_threshold=1)
    talk, ended = conversation(nursery, who), list[Ended]()
    for _ in range(10):
        await ask(talk, ended)
    assert [one.why for one in ended] == [Why.DONE] * 10
    voices = who.voice._voice
    assert isinstance(voices, Guarded)
    assert set(voices.states.values()) == {"closed"}


async def test_agents_3324_an_outage_is_met_by_the_breaker_and_not_by_every_user(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    down = Model(ProviderError("down", Fault.UNREACHABLE))
    who = cast(down, circuit_breaker_threshold=5, circuit_breaker_seconds=60)
    talk, ended = conversation(nursery, who), list[Ended]()
    for _ in range(20):
        await ask(talk, ended)
    assert all(one.why is Why.FAILED for one in ended)
    assert len(down.prompts) == 5  # then it is left alone
