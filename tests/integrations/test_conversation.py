"""One turn, whoever asks for it: limits, sessions, and how it ended."""

from functools import partial

import pytest
import trio
import trio.lowlevel
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import BadRequest, ProviderTimeout, Refused
from nexy.integrations.conversation import Conversation
from nexy.modules.text_processing.providers.scripted import ScriptedModel
from nexy.nursery.session import Ended, Why
from nexy.types import AudioChunk, Done, Exchange, HardwareId, Reply, SessionId, Timing, Utterance
from tests.integrations.fakes import Client, Model, ask, cast, conversation

ANNA, ONE = HardwareId("anna"), SessionId("one")
PROMPT = "Tell me a story."
SAID = Utterance(ANNA, ONE, PROMPT)


async def remembered(talk: Conversation, said: Utterance = SAID) -> list[Exchange]:
    session = await talk.sessions.open(said.hardware_id, said.session_id or SessionId("new"))
    return list(session.notes.history)


async def test_an_interrupt_leaves_what_was_heard(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(5, 0.0))), list[Ended]()
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(1.0)
    assert await talk.sessions.stop(ANNA) == [ONE]
    assert ended == [Ended(Why.INTERRUPTED)]
    assert await remembered(talk) == [Exchange(PROMPT, "River bridge garden window silver", complete=False)]


async def test_a_newer_utterance_is_told_of_what_was_heard_of_the_older(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model("One two three four five six seven.", 100.0)
    talk, ended = conversation(nursery, cast(model, model_idle_seconds=200)), list[Ended]()
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(0.6)
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(0.2)
    assert ended == [Ended(Why.NEWER)]
    assert model.prompts[1].history == (Exchange(PROMPT, "One two three", complete=False),)
    await trio.sleep(200)
    assert [end.why for end in ended] == [Why.NEWER, Why.DONE]
    assert [exchange.complete for exchange in await remembered(talk)] == [False, True]


STORY = ("One two three four five six seven. ", "Eight nine ten.")


@pytest.mark.parametrize(
    ("after", "heard"),
    [
        (0.1, ""),
        (1.0, "One two three four five"),
        (1.7, "One two three four five six seven. Eight"),
        (2.0, "".join(STORY)),
    ],
)
async def test_a_call_with_a_deadline_is_complete_at_once_but_heard_only_as_it_is_played(
    after: float, heard: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended = Model(*STORY), list[Ended]()
    talk = conversation(nursery, cast(model))
    await ask(talk, ended, deadline=30)
    assert (ended, trio.current_time()) == ([Ended(Why.DONE)], 0)
    await trio.sleep(after)
    await ask(talk, ended, deadline=60)
    complete = heard == "".join(STORY)
    assert model.prompts[1].history == (Exchange(PROMPT, heard, complete=complete),)


async def test_an_interrupt_after_the_last_sound_was_sent_still_cuts_off_what_is_played(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(Model(*STORY))), list[Ended]()
    await ask(talk, ended, deadline=30)
    await trio.sleep(0.5)
    assert await talk.sessions.stop(ANNA) == []  # nothing was running
    assert await remembered(talk) == [Exchange(PROMPT, "One two", complete=False)]
    await trio.sleep(10)
    assert await talk.sessions.stop(ANNA) == []
    assert await remembered(talk) == [Exchange(PROMPT, "One two", complete=False)]


async def test_an_interrupt_cuts_off_nobody_else_and_nothing_that_was_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(Model(*STORY))), list[Ended]()
    ben = Utterance(HardwareId("ben"), ONE, PROMPT)
    await ask(talk, ended, deadline=30)
    await trio.sleep(5)
    await ask(talk, ended, ben, deadline=30)
    await talk.sessions.stop(ANNA)
    whole = Exchange(PROMPT, "".join(STORY))
    assert await remembered(talk) == await remembered(talk, ben) == [whole]


async def test_a_paced_answer_that_is_done_is_still_playing_for_the_length_of_the_lead(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended = Model("One two three four five six seven eight nine ten."), list[Ended]()
    talk = conversation(nursery, cast(model, lead_seconds=1))
    await ask(talk, ended)
    done = trio.current_time()
    assert 0 < done <= 1
    await ask(talk, ended)
    (exchange,) = model.prompts[1].history
    assert not exchange.complete
    assert len(exchange.heard.split()) == int((done + 1e-6) / 0.2)


async def test_unnamed_requests_have_a_conversation(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    model, ended = Model("Yes."), list[Ended]()
    talk = conversation(nursery, cast(model))
    said = Utterance(ANNA, None, PROMPT)
    for _ in range(2):
        await ask(talk, ended, said)
        await trio.sleep(1)  # it is heard
    assert [prompt.history for prompt in model.prompts] == [(), (Exchange(PROMPT, "Yes."),)]


async def test_a_turn_that_takes_too_long_is_cut_off(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(100, 0.0), turn_seconds=20)), list[Ended]()
    await ask(talk, ended)
    assert (ended, trio.current_time()) == ([Ended(Why.TOO_LONG)], 20)


async def test_with_a_deadline_sound_is_not_held_back(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(100, 0.0))), list[Ended]()
    await ask(talk, ended, deadline=20)
    assert (ended, trio.current_time()) == ([Ended(Why.DONE)], 0)


async def test_a_deadline_that_passes(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    talk, ended = conversation(nursery, cast(ScriptedModel(100, 1.0))), list[Ended]()
    await ask(talk, ended, deadline=20)
    assert (ended, trio.current_time()) == ([Ended(Why.DEADLINE)], 20)


async def test_a_failure_is_told_and_the_session_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended = conversation(nursery, cast(Model(1000.0))), list[Ended]()
    for _ in range(2):
        await ask(talk, ended)
    assert [end.why for end in ended] == [Why.FAILED] * 2
    assert all(isinstance(end.error, ProviderTimeout) for end in ended)
    assert await remembered(talk) == [Exchange(PROMPT, "", complete=False)] * 2


async def test_a_bug_leaves_one_exchange_and_a_session_that_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    bug = ZeroDivisionError("bug")
    talk, ended = conversation(nursery, cast(Model("Yes.", bug))), list[Ended]()
    await ask(talk, ended)
    assert ended == [Ended(Why.FAILED, bug)]
    assert len(await remembered(talk)) == 1
    await ask(talk, ended)
    assert len(await remembered(talk)) == 2


async def test_over_a_limit_nothing_is_begun(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    model, ended = Model("Yes.", 5.0), list[Ended]()
    talk = conversation(nursery, cast(model), max_active_sessions=1)
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(1)
    with pytest.raises(Refused):
        await ask(talk, ended, Utterance(HardwareId("ben"), None, PROMPT))
    assert len(talk.sessions) == 1
    assert len(model.prompts) == 1
    await trio.sleep(10)
    await ask(talk, ended, Utterance(HardwareId("ben"), None, PROMPT))
    assert [end.why for end in ended] == [Why.DONE] * 2


async def test_many_users_at_once_each_hear_their_own_answer(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(ScriptedModel(5, 0.1)))
    clients = [Client() for _ in range(50)]

    async def one(number: int, client: Client) -> None:
        said = Utterance(HardwareId(f"device {number}"), None, PROMPT)
        ended: list[Ended] = []
        await ask(talk, ended, said, client=client)
        assert ended == [Ended(Why.DONE)]

    async with trio.open_nursery() as users:
        for number, client in enumerate(clients):
            users.start_soon(partial(one, number, client))
    assert len({"".join(client.texts) for client in clients}) == 1
    assert all(client.seconds == pytest.approx(12) for client in clients)
    assert talk.sessions.active == 0


@pytest.mark.parametrize("rounds", range(12))
async def test_an_interrupt_in_the_moment_of_the_end_is_an_interrupt_or_comes_too_late(
    rounds: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk, ended, replies = conversation(nursery, cast(ScriptedModel(1, 0.0))), list[Ended](), list[Reply]()
    stopped: list[SessionId] = []

    async def stop() -> None:
        for _ in range(rounds):
            await trio.lowlevel.checkpoint()
        stopped.extend(await talk.sessions.stop(ANNA))

    class AtOnce(Client):
        async def reply(self, reply: Reply) -> None:
            replies.append(reply)  # as when the client's window is open: nothing is waited for
            if isinstance(reply, AudioChunk) and sum(
                one.seconds for one in replies if isinstance(one, AudioChunk)
            ) == pytest.approx(2.4):
                nursery.start_soon(stop)

    await ask(talk, ended, deadline=30, client=AtOnce())
    await wait_all_tasks_blocked()
    assert (ended[0].why is Why.DONE) is (replies[-1] == Done())
    assert (ended[0].why is Why.INTERRUPTED) is (stopped == [ONE])
    heard = (await remembered(talk))[-1]
    assert heard.complete is False or not stopped


async def test_a_part_that_comes_while_the_commit_is_read_is_in_the_answered_prompt(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model("Yes.")
    talk = conversation(nursery, cast(model))

    async def read() -> Utterance:
        await trio.sleep(1)
        return Utterance(ANNA, ONE, "three?")

    async def commit() -> None:
        async with talk.turn(ANNA, ONE, read, Client().reply, Timing(trio.current_time())) as ended:
            assert ended == Ended(Why.DONE)

    nursery.start_soon(commit)
    await trio.sleep(0.5)
    await talk.collect(Utterance(ANNA, ONE, "What is 17 times"), 1)
    await trio.sleep(5)
    assert [prompt.said for prompt in model.prompts] == ["What is 17 times three?"]


async def test_an_interrupted_commit_keeps_what_was_collected(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model, ended = Model("Yes."), list[Ended]()
    talk = conversation(nursery, cast(model))
    await talk.collect(Utterance(ANNA, ONE, "What is 17 times"), 1)

    async def read() -> Utterance:
        await trio.sleep(1)
        return Utterance(ANNA, ONE, "three?")

    async def commit() -> None:
        async with talk.turn(ANNA, ONE, read, Client().reply, Timing(trio.current_time())) as end:
            ended.append(end)

    nursery.start_soon(commit)
    await trio.sleep(0.5)
    await talk.sessions.stop(ANNA)
    await commit()
    assert [end.why for end in ended] == [Why.INTERRUPTED, Why.DONE]
    assert [prompt.said for prompt in model.prompts] == ["What is 17 times three?"]


async def test_what_cannot_be_answered_opens_no_session(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model("Yes.")))
    with pytest.raises(BadRequest):
        await ask(talk, [], Utterance(ANNA, None, " "))
    assert len(talk.sessions) == 0


async def test_parts_without_a_session_id_that_come_together_are_one_draft(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model("Yes.")))
    async with trio.open_nursery() as parts:
        for number, text in enumerate(["What is", "17 times 3?"]):
            parts.start_soon(talk.collect, Utterance(ANNA, None, text), number)
    (session,) = talk.sessions
    assert session.notes.draft is not None
    assert session.notes.draft.text() == "What is 17 times 3?"
