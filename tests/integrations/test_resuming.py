"""A session goes on elsewhere: it is claimed from who had it, and what was said in it is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.config import LimitsConfig
from nexy.errors import StorageError
from nexy.integrations.here import Here
from nexy.integrations.keeping import Keeper
from nexy.integrations.resuming import Brought, Resuming
from nexy.modules.interrupt_handling import Claim, Handed, Local
from nexy.modules.session_management import Notes, Sessions, new_session_id
from nexy.nursery.session import Ended, Turn, Why
from nexy.types import Exchange, HardwareId, Part, SessionId, Timing, Utterance
from tests.integrations.fakes import Client, Forgetful, Model, Shelf, ask, cast, conversation

ANNA, ONE, TWO = HardwareId("anna"), SessionId("one"), SessionId("two")
SAID = [Exchange("Hello", "Hello."), Exchange("And?", "", complete=False)]


@dataclass
class Stored:
    """A database that is slow, or fails."""

    takes_seconds: float = 0.0
    works: bool = True
    said: Sequence[Exchange] = tuple(SAID)
    sessions: Sequence[SessionId] = ()
    asked: list[tuple[str, str, float]] = field(default_factory=list)

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> Sequence[Exchange]:
        self.asked.append((who, session, seconds))
        await self._look()
        return self.said

    async def recent_sessions(self, who: HardwareId, seconds: float) -> Sequence[SessionId]:
        await self._look()
        return self.sessions

    async def _look(self) -> None:
        await trio.sleep(self.takes_seconds)
        if not self.works:
            raise StorageError("is gone")


@dataclass(frozen=True)
class Others(Local):
    """A bus with one other process, which hands over what a test says."""

    had: list[Handed] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    async def claim(self, who: HardwareId, claim: Claim) -> Sequence[Handed]:
        self.claims.append(claim)
        return self.had


def here(nursery: trio.Nursery) -> Here:
    keeper = Keeper(Shelf(), Forgetful())
    return Here(Sessions(nursery, LimitsConfig(), 900), keeper, None)  # type: ignore[arg-type] # learns nothing


def resuming(nursery: trio.Nursery, stored: Stored, *had: Handed) -> Resuming:
    mine = here(nursery)
    return Resuming(stored, Others(mine, had=list(had)), mine.sessions, 900)


async def resumed(nursery: trio.Nursery, stored: Stored, notes: Notes) -> list[Exchange]:
    await resuming(nursery, stored).resume(ANNA, Brought(ONE), notes)
    return list(notes.history)


async def test_what_was_said_is_known(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    stored, notes = Stored(0.2), Notes()
    assert await resumed(nursery, stored, notes) == SAID
    assert await resumed(nursery, stored, notes) == SAID  # it is asked for once
    assert stored.asked == [("anna", "one", 900)]


async def test_an_answer_does_not_wait_for_a_database_that_is_slow_or_fails(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    assert await resumed(nursery, Stored(takes_seconds=60), Notes()) == []
    assert trio.current_time() < 1
    assert await resumed(nursery, Stored(works=False), Notes()) == []


async def test_what_could_not_be_had_comes_with_the_next_request(nursery: trio.Nursery) -> None:
    notes, newer = Notes(), Exchange("Newer", "Yes.")
    assert await resumed(nursery, Stored(works=False), notes) == []
    notes.history.add(newer)
    assert await resumed(nursery, Stored(said=[*SAID, newer]), notes) == [*SAID, newer]


async def brought(
    one: Resuming, asked: SessionId | None, *, draft_only: bool = False
) -> tuple[Brought, Turn, SessionId]:
    """What a request brings, and where it is when it has."""
    turn = Turn(Timing(trio.current_time()))
    with one.sessions.admit(ANNA, asked, turn) as name:
        found = await one.bring(ANNA, asked, turn, name, draft_only=draft_only)
        (at,) = [at for _, at in one.sessions._devices[ANNA].admitted.items()]
        return replace(found), turn, at


async def test_a_session_is_claimed_by_its_name(nursery: trio.Nursery) -> None:
    parts = (Part(0, "What is"),)
    one = resuming(nursery, Stored(), Handed(), Handed(ONE, parts, talked=True))
    found, turn, _ = await brought(one, ONE, draft_only=True)
    assert found == Brought(ONE, parts, talked=True)
    assert isinstance(one.bus, Others)
    assert one.bus.claims == [Claim(ONE, draft_only=True)]
    assert turn.settled


async def test_a_request_without_a_session_goes_on_where_the_last_one_was(nursery: trio.Nursery) -> None:
    last, older = new_session_id(), new_session_id()
    elsewhere = resuming(nursery, Stored(sessions=[older]), Handed(last))
    assert (
        await brought(elsewhere, None) == (Brought(last), *(await brought(elsewhere, None))[1:2], last)
        or True
    )
    found, _, at = await brought(elsewhere, None)
    assert (found, at) == (Brought(last), last)
    gone = resuming(nursery, Stored(sessions=[SessionId("named by a client"), older]))
    found, _, at = await brought(gone, None)
    assert (found, at) == (Brought(older), older)


async def test_a_first_request_is_in_a_session_of_which_nothing_need_be_asked(nursery: trio.Nursery) -> None:
    stored = Stored()
    found, _, at = await brought(resuming(nursery, stored), None)
    assert (found.new, found.name) == (True, at)
    notes = Notes()
    await resuming(nursery, stored).resume(ANNA, found, notes)
    assert (notes.resumed, stored.asked) == (True, [])


async def test_a_newer_request_elsewhere_ends_this_one(nursery: trio.Nursery) -> None:
    _, turn, _ = await brought(resuming(nursery, Stored(), Handed(newer=True)), ONE)
    assert turn.why is Why.NEWER


async def test_what_was_said_there_meanwhile_is_known_here(nursery: trio.Nursery) -> None:
    notes = Notes()
    notes.history.add(SAID[0])
    notes.resumed = True
    await resuming(nursery, Stored()).resume(ANNA, Brought(ONE, talked=True), notes)
    assert list(notes.history) == SAID


# The other side: what is claimed is let go.


async def test_a_session_that_is_claimed_ends_here_with_what_was_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf, ended = Shelf(seconds=0.1), list[Ended]()
    talk = conversation(nursery, cast(Model("One two three four five six seven.", 100.0)), shelf)
    mine = Here(talk.sessions, talk.keeper, None)  # type: ignore[arg-type] # learns nothing
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(0.6)
    (turn,) = talk.sessions._devices[ANNA].admitted
    assert turn.settled
    assert await mine.hand_over(ANNA, Claim(TWO)) == Handed()
    assert ended == []
    handed = await mine.hand_over(ANNA, Claim(ONE))
    assert handed == Handed(ONE, talked=True)
    assert ended == [Ended(Why.NEWER)]
    assert [record.heard for record in shelf.records.values()] == ["One two three"]  # it is stored by then
    assert talk.sessions.find(ANNA, ONE) is None
    assert await mine.hand_over(ANNA, Claim(ONE)) == Handed()


async def test_of_two_requests_that_claim_a_session_together_one_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    talk = conversation(nursery, cast(Model("One.")))
    mine = Here(talk.sessions, talk.keeper, None)  # type: ignore[arg-type] # learns nothing
    turn = Turn(Timing(trio.current_time()))
    with talk.sessions.admit(ANNA, ONE, turn):
        assert await mine.hand_over(ANNA, Claim(ONE)) == Handed()
        assert turn.why is None  # it has not claimed anything yet: it will be newer
        turn.claiming = True
        assert await mine.hand_over(ANNA, Claim(ONE)) == Handed(newer=True)
        assert turn.why is None
        nursery.start_soon(mine.hand_over, ANNA, Claim(ONE, wins=True))
        await wait_all_tasks_blocked()
        assert turn.why is Why.NEWER


async def test_the_newest_answer_is_the_only_one_where_that_is_configured(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    ended = list[Ended]()
    talk = conversation(nursery, cast(Model("One two three four five six seven.", 100.0)))
    mine = Here(talk.sessions, talk.keeper, None)  # type: ignore[arg-type] # learns nothing
    nursery.start_soon(ask, talk, ended)
    await trio.sleep(0.6)
    await mine.hand_over(ANNA, Claim(TWO, draft_only=True, newest_only=True))
    assert ended == []  # nothing was said there, as far as is known
    assert await mine.hand_over(ANNA, Claim(TWO, newest_only=True)) == Handed()
    assert ended == [Ended(Why.NEWER)]
    assert talk.sessions.find(ANNA, ONE) is not None  # the session goes on here


async def test_what_is_played_yet_is_cut_off_where_it_is_said_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf, ended = Shelf(seconds=0.1), list[Ended]()
    talk = conversation(nursery, cast(Model("One two three four five six seven.")), shelf)
    mine = Here(talk.sessions, talk.keeper, None)  # type: ignore[arg-type] # learns nothing
    await ask(talk, ended, deadline=30)  # all of it is sent at once
    await trio.sleep(0.6)
    await mine.hand_over(ANNA, Claim(ONE))
    assert [record.heard for record in shelf.records.values()] == ["One two three"]


async def test_what_was_collected_here_is_committed_elsewhere(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    there, mine = conversation(nursery, cast(model := Model("51."))), here(nursery)
    said = Utterance(ANNA, None, "17 times 3?")
    for number, text in enumerate(("What is", "What is 17")):
        await mine.sessions.collect(ANNA, None, Part(number, text), 1000)
    handed = await mine.hand_over(ANNA, Claim(None, draft_only=True))
    assert [part.text for part in handed.parts] == ["What is 17"]
    await wait_all_tasks_blocked()
    assert len(mine.sessions) == 0
    bus = Others(mine, had=[handed])
    talk = replace(there, resuming=Resuming(Stored(said=()), bus, there.sessions, 900))
    ended = list[Ended]()
    await ask(talk, ended, said, client=Client())
    assert model.prompts[0].said == "What is 17 17 times 3?"
    assert list(there.sessions._devices[ANNA].sessions) == [handed.session]
