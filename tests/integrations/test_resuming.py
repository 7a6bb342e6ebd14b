"""A session goes on elsewhere: it is claimed from who had it, and what was said in it is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.config import LimitsConfig
from nexy.errors import BadRequest, Refused, StorageError
from nexy.integrations.conversation import Conversation
from nexy.integrations.entrance import Entrance
from nexy.integrations.here import Here
from nexy.integrations.keeping import Keeper
from nexy.integrations.resuming import Brought, Resuming
from nexy.modules.interrupt_handling import Claim, Claimed, Handed, Local
from nexy.modules.session_management import Notes, Sessions, new_session_id
from nexy.nursery.session import Ended, Turn, Why
from nexy.types import Exchange, HardwareId, Part, SessionId, Timing, Utterance
from tests.integrations.fakes import Forgetful, Model, Shelf, ask, cast, conversation

ANNA, ONE, TWO = HardwareId("anna"), SessionId("one"), SessionId("two")
SAID = [Exchange("Hello", "Hello."), Exchange("And?", "", complete=False)]
SEVEN = "One two three four five six seven."


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
    """A bus with other processes, which hand over what a test says."""

    had: list[Handed] = field(default_factory=list)
    complete: bool = True
    claims: list[Claim] = field(default_factory=list)

    async def claim(self, who: HardwareId, claim: Claim) -> Claimed:
        self.claims.append(claim)
        return Claimed(self.had, self.complete)


def of(sessions: Sessions, keeper: Keeper) -> Here:
    return Here(sessions, keeper, None)  # type: ignore[arg-type] # it learns nothing


def resuming(nursery: trio.Nursery, stored: Stored, *had: Handed) -> Resuming:
    keeper = Keeper(Shelf(), Forgetful())
    here = of(Sessions(nursery, LimitsConfig(), 900), keeper)
    return Resuming(stored, Others(here, had=list(had)), here.sessions, keeper.settle, 900, 1000)


# What was said.


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
    notes.history.add(newer)  # it is stored by the next one
    assert await resumed(nursery, Stored(said=[*SAID, newer]), notes) == [*SAID, newer]


async def test_what_a_process_may_store_later_is_looked_for_again(nursery: trio.Nursery) -> None:
    notes, one = Notes(), resuming(nursery, Stored(said=SAID[:1]))
    await one.resume(ANNA, Brought(ONE, complete=False), notes)
    assert list(notes.history) == SAID[:1]
    assert await resumed(nursery, Stored(), notes) == SAID


async def test_what_was_said_elsewhere_meanwhile_is_known_here(nursery: trio.Nursery) -> None:
    notes = Notes()
    notes.history.add(SAID[0])
    notes.resumed = True
    await resuming(nursery, Stored()).resume(ANNA, Brought(ONE, talked=True), notes)
    assert list(notes.history) == SAID


# Where a request goes on.


async def brought(
    one: Resuming, asked: SessionId | None, *, draft_only: bool = False
) -> tuple[Brought, Turn, SessionId]:
    """What a request brings, and where it is when it has."""
    turn = Turn(Timing(trio.current_time()))
    with one.sessions.admit(ANNA, asked, turn) as name:
        found = await one.bring(ANNA, asked, turn, name, draft_only=draft_only)
        return found, turn, one.sessions._devices[ANNA].admitted[turn]


async def test_a_session_is_claimed_by_its_name(nursery: trio.Nursery) -> None:
    one = resuming(nursery, Stored(), Handed(), Handed(ONE, talked=True))
    found, turn, _ = await brought(one, ONE, draft_only=True)
    assert found == Brought(ONE, talked=True)
    assert isinstance(one.bus, Others)
    assert one.bus.claims == [Claim(ONE, draft_only=True)]
    assert turn.settled


async def test_where_something_was_collected_it_is_a_request_for_all_others_as_well(
    nursery: trio.Nursery,
) -> None:
    one = resuming(nursery, Stored(), Handed(ONE, (Part(0, "What is"),)))
    await brought(one, ONE, draft_only=True)
    assert isinstance(one.bus, Others)
    assert one.bus.claims == [Claim(ONE, draft_only=True), Claim(ONE)]


async def test_a_request_without_a_session_goes_on_where_the_last_one_was(nursery: trio.Nursery) -> None:
    last, older = new_session_id(), new_session_id()
    elsewhere = resuming(nursery, Stored(sessions=[older]), Handed(last))
    found, _, at = await brought(elsewhere, None)
    assert (found, at) == (Brought(last), last)
    gone = resuming(nursery, Stored(sessions=[SessionId("named by a client"), older]))
    found, _, at = await brought(gone, None)
    assert (found, at) == (Brought(older), older)


async def test_of_two_requests_at_once_the_second_has_a_session_of_its_own(nursery: trio.Nursery) -> None:
    last = new_session_id()
    elsewhere = resuming(nursery, Stored(sessions=[last]), Handed(busy=True))
    found, _, at = await brought(elsewhere, None)
    assert found == Brought(at, new=True)
    here = resuming(nursery, Stored(sessions=[last]))
    with here.sessions.admit(ANNA, None, Turn(Timing(0))):
        found, _, at = await brought(here, None)
    assert found == Brought(at, new=True)
    assert at != last


async def test_a_first_request_is_in_a_session_of_which_nothing_need_be_asked(nursery: trio.Nursery) -> None:
    stored = Stored()
    found, _, at = await brought(resuming(nursery, stored), None)
    assert found == Brought(at, new=True)
    notes = Notes()
    await resuming(nursery, stored).resume(ANNA, found, notes)
    assert (notes.resumed, stored.asked) == (True, [])


async def test_a_newer_request_elsewhere_ends_this_one(nursery: trio.Nursery) -> None:
    _, turn, _ = await brought(resuming(nursery, Stored(), Handed(newer=True)), ONE)
    assert turn.why is Why.NEWER


async def test_where_there_is_no_room_nothing_is_taken_from_others(nursery: trio.Nursery) -> None:
    one = resuming(nursery, Stored(), Handed(ONE, (Part(0, "What is"),)))
    full = replace(one, sessions=Sessions(nursery, LimitsConfig(max_sessions=1), 900))
    await full.sessions.open(HardwareId("ben"), TWO)
    with pytest.raises(Refused):
        await brought(full, ONE)
    assert isinstance(one.bus, Others)
    assert one.bus.claims == []


async def test_what_was_collected_is_kept_when_the_client_goes(nursery: trio.Nursery) -> None:
    one = resuming(nursery, Stored(), Handed(ONE, (Part(0, "What is"),)))
    with trio.CancelScope() as gone:
        gone.cancel()
        await brought(one, ONE, draft_only=True)
    session = one.sessions.find(ANNA, ONE)
    assert session is not None
    assert session.notes.draft is not None
    assert session.notes.draft.text("17?") == "What is 17?"


# Two processes, and what is between them.


class Kept(Shelf):
    """One database for both."""

    async def talk(self, who: HardwareId, session: SessionId, seconds: float) -> Sequence[Exchange]:
        told = [one for one in self.records.values() if one.session == session]
        return [Exchange(one.prompt, one.heard, complete=one.why == "done") for one in told]

    async def recent_sessions(self, who: HardwareId, seconds: float) -> Sequence[SessionId]:
        return [SessionId(one.session) for one in reversed(self.records.values())]


@dataclass(frozen=True)
class Pair(Local):
    """The bus between this process and one other, which takes its time for each message."""

    name: str = "pair"
    others: list[Here] = field(default_factory=list)
    wins: bool = False
    newest_only: bool = False

    async def claim(self, who: HardwareId, claim: Claim) -> Claimed:
        await trio.sleep(0.001)
        (other,) = self.others
        claim = replace(claim, wins=self.wins, newest_only=self.newest_only)
        handed = await other.hand_over(who, claim)
        await trio.sleep(0.001)
        return Claimed([handed])


@dataclass
class Process:
    """One of the two."""

    talk: Conversation
    here: Here
    model: Model
    ended: list[Ended] = field(default_factory=list)

    @property
    def open(self) -> list[SessionId]:
        device = self.talk.sessions._devices.get(ANNA)
        return [name for name, session in device.sessions.items() if session.open] if device else []

    async def ask(self, prompt: str, session: SessionId | None = None) -> None:
        await ask(self.talk, self.ended, Utterance(ANNA, session, prompt), deadline=trio.current_time() + 60)
        await trio.sleep(2)  # until it is played

    async def collect(self, text: str, number: int, session: SessionId | None = None) -> None:
        await self.talk.collect(Utterance(ANNA, session, text), number)


def two(nursery: trio.Nursery, *, newest_only: bool = False, pause: float = 0.0) -> list[Process]:
    shelf, made = Kept(seconds=0.05), []
    for wins in (False, True):
        model = Model(SEVEN, pause) if pause else Model(SEVEN)
        talk = conversation(nursery, cast(model, model_idle_seconds=200), shelf)
        here = of(talk.sessions, talk.keeper)
        bus = Pair(here, wins=wins, newest_only=newest_only)
        bring = Resuming(shelf, bus, talk.sessions, talk.keeper.settle, 900, 1000)
        talk = replace(talk, bus=bus, resuming=bring, entrance=Entrance(talk.sessions, bus))
        made.append(Process(talk, here, model))
    for one, other in (made, made[::-1]):
        assert isinstance(one.talk.bus, Pair)
        one.talk.bus.others.append(other.here)
    return made


async def end(*processes: Process) -> None:
    for process in processes:
        await process.talk.sessions.stop(ANNA)
    await trio.sleep(1)  # until it is stored


@pytest.mark.parametrize("session", [None, ONE])
async def test_each_request_knows_what_was_said_wherever_it_comes(
    session: SessionId | None, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery)
    said: list[Exchange] = []
    for process, prompt in ((one, "A?"), (other, "B?"), (one, "C?"), (one, "D?"), (other, "E?")):
        await process.ask(prompt, session)
        assert list(process.model.prompts[-1].history) == said
        said.append(Exchange(prompt, SEVEN))
        assert (len(one.open), len(other.open)) == ((1, 0) if process is one else (0, 1))


async def test_a_newer_request_elsewhere_ends_the_older_one_and_knows_what_was_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery, pause=100.0)
    nursery.start_soon(one.ask, "A?", ONE)
    nursery.start_soon(one.ask, "Apart?", TWO)
    await trio.sleep(0.7)
    nursery.start_soon(other.ask, "B?", ONE)
    await trio.sleep(0.2)
    assert [end.why for end in one.ended] == [Why.NEWER]
    assert list(other.model.prompts[0].history) == [Exchange("A?", "One two three", complete=False)]
    assert (one.open, other.open) == ([TWO], [ONE])
    await end(one, other)


async def test_of_two_requests_that_come_together_just_one_goes_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery, pause=100.0)
    nursery.start_soon(one.ask, "A?", ONE)
    nursery.start_soon(other.ask, "B?", ONE)
    await trio.sleep(1)
    assert [end.why for end in one.ended] == [Why.NEWER]
    assert (other.ended, len(other.model.prompts), len(one.model.prompts)) == ([], 1, 0)
    await end(one, other)


async def test_the_newest_answer_is_the_only_one_where_that_is_configured(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery, newest_only=True, pause=100.0)
    nursery.start_soon(one.ask, "A?", ONE)
    await trio.sleep(0.6)
    with pytest.raises(BadRequest):
        await other.ask("", TWO)
    assert one.ended == []  # that was no request
    nursery.start_soon(other.ask, "B?", TWO)
    await trio.sleep(0.2)
    assert [end.why for end in one.ended] == [Why.NEWER]
    assert (one.open, other.open) == ([ONE], [TWO])
    await end(one, other)


@pytest.mark.parametrize("session", [None, ONE])
@pytest.mark.parametrize("committing", [0, 1])
@pytest.mark.parametrize("talking", [0, 1])
async def test_what_is_collected_is_committed_wherever_and_knows_what_was_said(
    talking: int, committing: int, session: SessionId | None, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    both = two(nursery)
    await both[talking].ask("A?", session)
    await both[0].collect("What is", 1, session)
    await both[0].collect("What is 17 times 3?", 2, session)
    await both[committing].ask("", session)
    prompt = both[committing].model.prompts[-1]
    assert (prompt.said, list(prompt.history)) == ("What is 17 times 3?", [Exchange("A?", SEVEN)])
    with pytest.raises(BadRequest):
        await both[0].ask("", session)  # it was committed
    with pytest.raises(BadRequest):
        await both[1].ask("", session)


async def test_an_empty_commit_ends_the_answer_that_runs_elsewhere(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery, pause=100.0)
    nursery.start_soon(one.ask, "A?", ONE)
    await trio.sleep(0.6)
    await other.collect("B?", 1, ONE)
    await trio.sleep(0.2)
    assert one.ended == []  # what is still being said ends nothing
    nursery.start_soon(other.ask, "", ONE)
    await trio.sleep(0.2)
    assert [end.why for end in one.ended] == [Why.NEWER]
    assert len(other.model.prompts[0].history) == 1
    await end(one, other)


async def test_old_clients_that_run_two_at_once_have_two_conversations(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery, pause=100.0)
    nursery.start_soon(one.ask, "A?")
    await trio.sleep(0.6)
    nursery.start_soon(other.ask, "B?")
    await trio.sleep(0.6)
    assert one.ended == other.ended == []
    assert set(one.open).isdisjoint(other.open)
    assert list(other.model.prompts[0].history) == []
    await end(one, other)


async def test_what_is_played_yet_is_cut_off_where_it_is_said_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, other = two(nursery)
    await ask(one.talk, one.ended, Utterance(ANNA, ONE, "A?"), deadline=60)  # all of it is sent at once
    await trio.sleep(0.6)
    await other.ask("B?", ONE)
    assert [exchange.heard for exchange in other.model.prompts[0].history] == ["One two three"]


async def test_what_comes_while_an_answer_is_stopped_is_not_lost(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """A turn that has not claimed anything yet will be newer: its session stays, with its draft."""
    one, _ = two(nursery)
    turn = Turn(Timing(trio.current_time()))
    with one.talk.sessions.admit(ANNA, ONE, turn):
        await one.collect("What is", 1, ONE)
        assert await one.here.hand_over(ANNA, Claim(ONE)) == Handed()
        assert turn.why is None
        turn.claiming = True
        assert await one.here.hand_over(ANNA, Claim(ONE)) == Handed(newer=True)
        assert one.open == [ONE]
        handed = await one.here.hand_over(ANNA, Claim(ONE, wins=True))
        assert turn.ended.why is Why.NEWER
        assert (handed.session, len(handed.parts)) == (ONE, 1)
    await wait_all_tasks_blocked()
    assert one.open == []


async def test_who_claims_does_not_wait_for_a_database_that_fails(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one, _ = two(nursery)
    failures = [StorageError("is gone")] * 9
    assert isinstance(one.talk.keeper.store, Kept)
    one.talk.keeper.store.failures.extend(failures)
    await one.ask("A?", ONE)
    await one.collect("What is", 1, ONE)
    began = trio.current_time()
    handed = await one.here.hand_over(ANNA, Claim(ONE))
    assert trio.current_time() - began < 0.5
    assert [part.text for part in handed.parts] == ["What is"]
