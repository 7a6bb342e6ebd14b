"""A session goes on elsewhere: what was said in it is known there, unless that takes too long."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import trio
from trio.testing import MockClock

from nexy.errors import StorageError
from nexy.integrations.resuming import Resuming
from nexy.modules.session_management import History
from nexy.types import Exchange, HardwareId, SessionId

ANNA, ONE = HardwareId("anna"), SessionId("one")
SAID = [Exchange("Hello", "Hello."), Exchange("And?", "", complete=False)]


@dataclass
class Stored:
    """A database that is slow, or fails."""

    takes_seconds: float = 0.0
    works: bool = True
    asked: list[tuple[str, str, float]] = field(default_factory=list)

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> Sequence[Exchange]:
        self.asked.append((who, session, seconds))
        await trio.sleep(self.takes_seconds)
        if not self.works:
            raise StorageError("is gone")
        return SAID


async def resumed(stored: Stored, history: History | None = None) -> list[Exchange]:
    history = history or History()
    await Resuming(stored, 900).resume(ANNA, ONE, history)
    return list(history)


async def test_what_was_said_is_known(autojump_clock: MockClock) -> None:
    stored = Stored(0.2)
    assert await resumed(stored) == SAID
    assert stored.asked == [("anna", "one", 900)]


async def test_an_answer_does_not_wait_for_a_database_that_is_slow_or_fails(
    autojump_clock: MockClock,
) -> None:
    assert await resumed(Stored(takes_seconds=60)) == []
    assert trio.current_time() < 1
    assert await resumed(Stored(works=False)) == []


async def test_what_is_said_meanwhile_is_not_put_before_it() -> None:
    history = History()
    history.add(Exchange("Newer", "Yes."))
    assert await resumed(Stored(), history) == [Exchange("Newer", "Yes.")]
