"""What operators are told: ready only when an answer can be given."""

from dataclasses import dataclass

import trio
from trio.testing import MockClock

from nexy.errors import Fault, ProviderError
from nexy.integrations.cast import Cast
from nexy.integrations.conversation import Conversation
from nexy.integrations.parts import Guarded, Models
from nexy.integrations.status import Status
from nexy.nursery.session import Ended
from tests.integrations.fakes import BrokenVoice, Model, ask, cast, conversation

DOWN = ProviderError("the text of an error", Fault.REFUSED)


@dataclass
class Sick:
    """A database, well or not."""

    trouble: str = ""
    misses: int = 0


def status_of(talk: Conversation, who: Cast) -> Status:
    models, voices = who.model, who.voice._voice
    assert isinstance(models, Models)
    assert isinstance(voices, Guarded)
    return Status(talk.sessions, models, voices, Sick(), Sick())


async def test_a_model_that_rests_is_why_no_answer_can_be_given(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    who = cast(Model(DOWN), circuit_breaker_threshold=1, circuit_breaker_seconds=60)
    talk, ended = conversation(nursery, who), list[Ended]()
    status = status_of(talk, who)
    assert status.reasons() == []
    await ask(talk, ended)
    assert status.reasons() == ["no model works: model"]
    assert status.whole()["modules"]["text_processing"] == {
        "state": "failing",
        "providers": {"model": "open"},
        "tries": {"model": 1},
        "faults": {"model": {"refused": 1}},
    }
    assert status.whole()["ready"] is False
    await trio.sleep(60)
    assert status.reasons() == []  # it may be tried again


async def test_a_voice_that_rests_is_too(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    who = cast(Model("One. "), BrokenVoice(DOWN), circuit_breaker_threshold=1)
    talk, ended = conversation(nursery, who), list[Ended]()
    await ask(talk, ended)
    assert status_of(talk, who).reasons() == ["no voice works: tone"]


async def test_each_module_has_its_state(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    who = cast(Model("One. "))
    whole = status_of(conversation(nursery, who), who).whole()
    assert len(whole["modules"]) == 9
    assert all("state" in module for module in whole["modules"].values())


async def test_a_task_that_is_left_is_seen(nursery: trio.Nursery) -> None:
    who = cast(Model("One. "))
    status = status_of(conversation(nursery, who), who)
    before = status.whole()["tasks"]
    nursery.start_soon(trio.sleep_forever)
    assert status.whole()["tasks"] == before + 1
    nursery.cancel_scope.cancel()


async def test_a_database_that_fails_is_why_the_server_is_not_ready(nursery: trio.Nursery) -> None:
    who = cast(Model("Hi."))
    status = status_of(conversation(nursery, who), who)
    assert status.whole()["modules"]["database"]["state"] == "works"
    ill = Status(status.sessions, status.models, status.voices, Sick("is full"), Sick(misses=3))
    assert ill.reasons() == ["the database is full"]
    assert ill.whole()["modules"]["database"]["state"] == "is full"
    assert ill.whole()["modules"]["memory_management"] == {
        "state": "remembers nothing: the database is full",
        "misses": 3,
    }
