"""Faults that users of other voice systems report of interrupts, by their numbers there: none is ours.

Those of models and voices are in test_faults_of_the_field.py; docs/providers.md lists all of them.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.integrations.answer import Answer
from nexy.modules.audio_generation import Playback
from nexy.modules.text_processing import Piece, Prompt
from nexy.modules.text_processing.providers.scripted import ScriptedModel
from nexy.nursery.session import Ended, Turn, Why
from nexy.types import Exchange, Reply, Utterance
from tests.integrations.fakes import ANNA, ONE, SAID, Client, Model, SlowVoice, ask, cast, conversation

ANSWER = "One two three four. Five six."  # a word is 0.2 s of sound


class LooksUp(Model):
    """Looks three things up in tasks of its own while it speaks."""

    looking = 0

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        async with super().stream(prompt) as pieces, trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(self._look_up)
            yield pieces

    async def _look_up(self) -> None:
        self.looking += 1
        try:
            await trio.sleep_forever()
        finally:
            self.looking -= 1


async def test_pipecat_4948_what_a_model_does_beside_its_answer_ends_with_it(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended = LooksUp("One. ", 1000.0), list[Ended]()
    talk = conversation(nursery, cast(model, model_idle_seconds=2000))
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(1)
    assert model.looking == 3
    with trio.fail_after(1):
        assert await talk.sessions.stop(ANNA) == [ONE]
    assert (model.looking, ended) == (0, [Ended(Why.INTERRUPTED)])


async def test_pipecat_1809_stopped_answers_do_not_stay_in_memory(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    def alive() -> list[object]:
        gc.collect()
        return [thing for thing in gc.get_objects() if isinstance(thing, Answer | Turn | Playback)]

    before = alive()  # of other tests, in the traces of what they raised
    talk, ended = conversation(nursery, cast(ScriptedModel(5, 0.0))), list[Ended]()
    for _ in range(20):
        nursery.start_soon(ask, talk, ended)
        await trio.sleep(0.7)
        await talk.sessions.stop(ANNA)
    await wait_all_tasks_blocked()
    assert [thing for thing in alive() if not any(thing is old for old in before)] == []
    assert len(talk.sessions) == 1  # it is still open


async def test_pipecat_3359_an_interrupt_goes_past_a_client_that_takes_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """Every channel of the answer is full; an interrupt that queued up in them would never arrive."""
    client, ended = Client(), list[Ended]()

    async def never(reply: Reply) -> None:
        await trio.sleep_forever()

    client.reply = never  # type: ignore[method-assign]
    talk = conversation(nursery, cast(ScriptedModel(100, 0.0)))
    nursery.start_soon(ask, talk, ended, SAID, float("inf"), client)
    await trio.sleep(10)
    with trio.fail_after(1):
        assert await talk.sessions.stop(ANNA) == [ONE]
    assert (trio.current_time(), ended) == (10, [Ended(Why.INTERRUPTED)])


@pytest.mark.parametrize("at", [0.0, 0.5, 1.5, 2.1, 2.5, 2.9])
async def test_pipecat_1605_agents_3418_and_agents_js_1124_after_an_interrupt_at_any_moment_the_next_speaks(
    at: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """The model has its first word after 1 s, the voice its first sound 1 s later, and so again."""
    model = Model(1.0, "One two three four. ", 1.0, "Five six.")
    talk, ended = conversation(nursery, cast(model, SlowVoice(1.0))), list[Ended]()
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(at)
    await wait_all_tasks_blocked()
    with trio.fail_after(1):
        assert await talk.sessions.stop(ANNA) == [ONE]
    assert talk.sessions.active == 0  # nobody is taken to be speaking
    client = Client()
    await ask(talk, ended, client=client)
    assert [one.why for one in ended] == [Why.INTERRUPTED, Why.DONE]
    assert "".join(client.texts) == ANSWER
    assert client.seconds == pytest.approx(1.2)


async def test_agents_1229_and_1290_an_interrupt_that_meets_nothing_stops_nothing_to_come(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended, client = conversation(nursery, cast(Model(ANSWER))), list[Ended](), Client()
    for _ in range(3):
        assert await talk.sessions.stop(ANNA) == []
        await ask(talk, ended, client=client)
        await trio.sleep(10)
    assert [one.why for one in ended] == [Why.DONE] * 3
    assert "".join(client.texts) == ANSWER * 3
    assert client.seconds == pytest.approx(3 * 1.2)


async def test_agents_1229_and_1290_a_user_who_begins_and_thinks_better_of_it_stops_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended, client = conversation(nursery, cast(ScriptedModel(5, 0.0))), list[Ended](), Client()
    nursery.start_soon(ask, talk, ended, SAID, float("inf"), client)
    await trio.sleep(1)
    await talk.collect(Utterance(ANNA, ONE, "Well"), 1)  # and it is never committed
    await trio.sleep(60)
    assert ended == [Ended(Why.DONE)]
    assert client.seconds == pytest.approx(12)


@pytest.mark.parametrize(
    ("at", "heard"),
    [
        (0.1, ""),
        (0.25, "One"),
        (0.45, "One two"),
        (0.65, "One two three"),
        (0.85, "One two three four."),
        (1.05, "One two three four. Five"),
    ],
)
async def test_pipecat_4996_no_word_that_was_played_is_lost_to_an_interrupt(
    at: float, heard: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model(ANSWER), lead_seconds=0.3))
    nursery.start_soon(ask, talk, [])
    await trio.sleep(at)
    await talk.sessions.stop(ANNA)
    session = await talk.sessions.open(ANNA, ONE)
    assert list(session.notes.history) == [Exchange(SAID.prompt, heard, complete=False)]


async def test_pipecat_2922_agents_2201_and_2094_the_older_is_told_of_once_and_before_the_newer(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """Each utterance stops the one before it, which is committed before the model is asked again."""
    model = Model("One two three four. ", 1000.0)
    talk = conversation(nursery, cast(model, model_idle_seconds=2000))
    for number in range(4):
        nursery.start_soon(ask, talk, [], Utterance(ANNA, ONE, f"Question {number}"))
        await trio.sleep(0.2 * (number + 1) + 0.05)
    told = [
        Exchange("Question 0", "One", complete=False),
        Exchange("Question 1", "One two", complete=False),
        Exchange("Question 2", "One two three", complete=False),
    ]
    assert [list(prompt.history) for prompt in model.prompts] == [told[:number] for number in range(4)]
    await talk.sessions.stop(ANNA)
