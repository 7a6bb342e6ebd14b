"""Sessions are opened once, found again, limited, and let go."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Closing, Refused
from nexy.modules.session_management import NOBODY, Sessions
from nexy.nursery.session import Ended, Turn, Why
from nexy.types import HardwareId, SessionId, Timing

ANNA, BEN = HardwareId("anna"), HardwareId("ben")
ONE, TWO = SessionId("one"), SessionId("two")


@dataclass
class Few:
    """Limits that a test can reach."""

    max_sessions: int = 100
    max_active_sessions: int = 100
    max_requests_per_minute: int = 100
    max_requests_per_user: int = 100
    max_requests_per_minute_per_user: int = 100
    max_memory_usage: float = 80
    max_loop_lag_seconds: float = 0.1


class Turns:
    """Requests for answers, and how they ended."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.ended: list[Ended] = []
        self.names: list[SessionId] = []

    async def run(
        self, who: HardwareId, asked: SessionId | None, seconds: float, reading_seconds: float = 0
    ) -> None:
        turn = Turn(Timing(trio.current_time()))
        with self.sessions.admit(who, asked, turn) as name:
            self.names.append(name)
            await trio.sleep(reading_seconds)
            session = await self.sessions.open(who, name)
            async with session.turn(turn, partial(trio.sleep, seconds), self.ended.append):
                pass

    @property
    def whys(self) -> list[Why]:
        return [ended.why for ended in self.ended]


def admitted(sessions: Sessions, who: HardwareId) -> AbstractContextManager[SessionId]:
    return sessions.admit(who, None, Turn(Timing(trio.current_time())))


async def test_a_named_session_is_opened_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, Few(), 60)
    session = await sessions.open(ANNA, ONE)
    assert len(sessions) == 1
    assert await sessions.open(ANNA, ONE) is session
    assert await sessions.open(ANNA, TWO) is not session
    assert await sessions.open(BEN, ONE) is not session
    assert len(sessions) == 3


async def test_requests_at_the_same_moment_open_one_session(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 60)
    opened = []

    async def ask() -> None:
        opened.append(await sessions.open(ANNA, ONE))

    async with trio.open_nursery() as askers:
        for _ in range(5):
            askers.start_soon(ask)
    assert len(set(map(id, opened))) == 1


async def test_unnamed_requests_go_on_in_one_session(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 60))
    for who in (ANNA, ANNA, BEN):
        await turns.run(who, None, 5)
    first, second, bens = turns.names
    assert first == second != bens
    assert len(turns.sessions) == 2


async def test_an_unnamed_request_gets_another_session_while_the_first_is_answered(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 60))
    await turns.run(ANNA, None, 1)
    nursery.start_soon(turns.run, ANNA, None, 10)
    await trio.sleep(1)
    await turns.run(ANNA, None, 1)
    assert turns.names[0] == turns.names[1] != turns.names[2]
    await trio.sleep(20)
    assert turns.whys == [Why.DONE] * 3  # nothing was stopped
    await turns.run(ANNA, None, 1)
    assert turns.names[3] == turns.names[2]


async def test_unnamed_requests_at_the_same_moment_do_not_stop_one_another(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 60))
    async with trio.open_nursery() as askers:
        for _ in range(3):
            askers.start_soon(turns.run, ANNA, None, 1)
    assert turns.whys == [Why.DONE] * 3
    assert len(set(turns.names)) == 3


async def test_a_session_that_was_silent_for_too_long_is_forgotten(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 60))
    await turns.run(ANNA, None, 0)
    await trio.sleep(60)
    await wait_all_tasks_blocked()
    assert len(turns.sessions) == 0
    await turns.run(ANNA, None, 0)
    assert turns.names[0] != turns.names[1]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Few(max_active_sessions=2), "answers"),
        (Few(max_requests_per_user=2), "hardware_id"),
    ],
)
async def test_a_limit_fires_and_clears(
    limits: Few, reason: str, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, limits, 60)
    with ExitStack() as stack:
        stack.enter_context(admitted(sessions, ANNA))
        with admitted(sessions, ANNA):
            assert sessions.active == 2
            with pytest.raises(Refused, match=reason) as refused, admitted(sessions, ANNA):
                pytest.fail("let in")
            assert refused.value.retry_after_seconds >= 1
        with admitted(sessions, ANNA):
            pass
    assert sessions.active == 0


async def test_one_user_at_its_limit_does_not_keep_out_another(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(max_requests_per_user=1), 60)
    with admitted(sessions, ANNA), admitted(sessions, BEN):
        assert sessions.active == 2


async def test_requests_a_minute(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, Few(max_requests_per_minute=2), 60)
    for _ in range(2):
        with admitted(sessions, ANNA):
            await trio.sleep(10)
    for _ in range(3):  # a refused request does not count
        with pytest.raises(Refused, match="minute") as refused, admitted(sessions, BEN):
            pytest.fail("let in")
        assert refused.value.retry_after_seconds == pytest.approx(40, abs=0.05)
    await trio.sleep(40)
    with admitted(sessions, BEN):
        pass
    with pytest.raises(Refused) as refused, admitted(sessions, BEN):
        pytest.fail("let in")
    assert refused.value.retry_after_seconds == 10


async def test_one_device_does_not_take_all_the_places(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(max_sessions=20, max_requests_per_user=2), 900)
    opened = []
    for number in range(50):
        opened.append(await sessions.open(ANNA, SessionId(str(number))))
        await trio.sleep(0.1)
    assert [one.open for one in opened] == [False] * 42 + [True] * 8
    assert (await sessions.open(BEN, ONE)).open


async def test_a_session_that_was_silent_for_a_minute_makes_room(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(max_sessions=2), 900)
    oldest = await sessions.open(ANNA, ONE)
    await trio.sleep(20)
    newer = await sessions.open(ANNA, TWO)
    await trio.sleep(30)
    with pytest.raises(Refused, match="sessions") as refused:
        await sessions.open(BEN, ONE)
    assert refused.value.retry_after_seconds == 10
    await trio.sleep(10)
    bens = await sessions.open(BEN, ONE)
    await wait_all_tasks_blocked()
    assert (oldest.open, newer.open, bens.open) == (False, True, True)
    assert len(sessions) == 2


async def test_a_session_that_speaks_makes_no_room(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    turns = Turns(Sessions(nursery, Few(max_sessions=1), 900))
    nursery.start_soon(turns.run, ANNA, ONE, 100)
    await trio.sleep(90)
    with pytest.raises(Refused) as refused:
        await turns.sessions.open(BEN, ONE)
    assert refused.value.retry_after_seconds == 60


async def test_an_interrupt_stops_all_of_a_device_and_nothing_else(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 900)
    annas, bens = Turns(sessions), Turns(sessions)
    for who, turns in ((ANNA, annas), (BEN, bens)):
        for name in (ONE, TWO):
            nursery.start_soon(turns.run, who, name, 10)
    await sessions.open(ANNA, SessionId("silent"))
    await trio.sleep(1)
    assert sorted(await sessions.stop(ANNA)) == [ONE, TWO]
    assert trio.current_time() == 1
    assert annas.whys == [Why.INTERRUPTED] * 2
    await trio.sleep(10)
    assert bens.whys == [Why.DONE] * 2
    assert await sessions.stop(ANNA) == []
    assert await sessions.stop(HardwareId("nobody")) == []


async def test_an_interrupt_finds_a_request_that_is_still_being_read(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 900))
    nursery.start_soon(turns.run, ANNA, ONE, 10, 2)
    await trio.sleep(1)
    assert await turns.sessions.stop(ANNA) == [ONE]
    assert trio.current_time() == 2  # it waits until the client is told
    assert turns.whys == [Why.INTERRUPTED]


async def test_an_interrupt_finds_a_request_that_waits_for_an_older_one(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 900)
    turns = Turns(sessions)

    async def slow_to_go() -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep(5)

    async def older() -> None:
        turn = Turn(Timing(0))
        with sessions.admit(ANNA, ONE, turn):
            session = await sessions.open(ANNA, ONE)
            async with session.turn(turn, slow_to_go, turns.ended.append):
                pass

    nursery.start_soon(older)
    await trio.sleep(1)
    nursery.start_soon(turns.run, ANNA, ONE, 10)
    await trio.sleep(1)
    assert await sessions.stop(ANNA) == [ONE]
    assert sorted(why.value for why in turns.whys) == ["interrupted", "newer utterance"]
    assert trio.current_time() == 5


async def test_a_drain_takes_nothing_new_and_waits_for_all(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 900))
    sessions = turns.sessions
    nursery.start_soon(turns.run, ANNA, ONE, 10)
    silent = await sessions.open(BEN, ONE)
    await trio.sleep(1)
    nursery.start_soon(sessions.drain)
    await wait_all_tasks_blocked()
    assert sessions.closing
    assert not silent.open
    with pytest.raises(Closing), admitted(sessions, ANNA):
        pytest.fail("let in")
    with pytest.raises(Closing):
        await sessions.open(BEN, TWO)
    with trio.fail_after(20):
        await sessions.drain()
    assert trio.current_time() == 10
    assert turns.whys == [Why.DONE]
    assert len(sessions) == 0


async def test_a_drain_waits_for_what_no_device_asked_for(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 900)

    async def greet() -> None:
        with admitted(sessions, NOBODY):
            await trio.sleep(4)

    nursery.start_soon(greet)
    await wait_all_tasks_blocked()
    await sessions.drain()
    assert trio.current_time() == 4


async def test_a_drain_of_nothing_is_over_at_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, Few(), 900)
    await sessions.drain()
    await sessions.drain()
    assert trio.current_time() == 0


async def test_a_refused_session_does_not_keep_a_drain_waiting(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(max_sessions=1), 900)
    await sessions.open(ANNA, ONE)
    with pytest.raises(Refused):
        await sessions.open(BEN, ONE)
    with trio.fail_after(1000):
        await sessions.drain()
    assert trio.current_time() == 0


async def test_stopping_all_tells_that_the_server_closes(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turns = Turns(Sessions(nursery, Few(), 900))
    for who in (ANNA, BEN):
        nursery.start_soon(turns.run, who, None, 10)
    await trio.sleep(1)
    await turns.sessions.stop_all()
    assert turns.whys == [Why.CLOSING] * 2


@pytest.mark.parametrize("show", [repr, str])
async def test_nothing_of_a_device_shows(
    show: Callable[[object], str], nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 60)
    session = await sessions.open(ANNA, ONE)
    assert "anna" not in show(sessions) + show(session)


@pytest.mark.parametrize("steps", range(4))
async def test_a_session_may_open_at_the_moment_when_the_devices_last_one_ends(
    steps: int, autojump_clock: MockClock
) -> None:
    async with trio.open_nursery() as nursery:
        sessions = Sessions(nursery, Few(), 60)
        last = await sessions.open(ANNA, ONE)
        await wait_all_tasks_blocked()
        last.retire()
        for _ in range(steps):
            await trio.lowlevel.checkpoint()
        session = await sessions.open(ANNA, TWO)
        await wait_all_tasks_blocked()
        assert list(sessions) == [session]
        assert await sessions.open(ANNA, TWO) is session
    assert len(sessions) == 0
    assert trio.current_time() == 60


async def test_a_session_that_opens_while_the_server_closes_is_let_go(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        sessions = Sessions(nursery, Few(), 900)

        async def ask() -> None:
            with suppress(Closing):
                await sessions.open(ANNA, ONE)

        nursery.start_soon(ask)
        await trio.lowlevel.checkpoint()
        nursery.start_soon(sessions.drain)
    assert trio.current_time() == 0
    assert len(sessions) == 0
