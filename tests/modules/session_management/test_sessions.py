"""Sessions are opened once, found again, limited, and let go."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Closing, Refused
from nexy.modules.session_management import Sessions
from nexy.nursery.session import Ended, Session, Why
from nexy.types import HardwareId, SessionId

ANNA, BEN = HardwareId("anna"), HardwareId("ben")
ONE, TWO = SessionId("one"), SessionId("two")


@dataclass
class Few:
    """Limits that a test can reach."""

    max_sessions: int = 100
    max_active_sessions: int = 100
    max_requests_per_minute: int = 100
    max_requests_per_user: int = 100


class Turns:
    """Turns of any session, and how they ended."""

    def __init__(self) -> None:
        self.ended: list[Ended] = []

    async def run(self, session: Session, seconds: float) -> None:  # type: ignore[type-arg]
        async with session.turn(partial(trio.sleep, seconds), self.ended.append):
            pass

    @property
    def whys(self) -> list[Why]:
        return [ended.why for ended in self.ended]


async def test_a_named_session_is_opened_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, Few(), 60)
    name, session = await sessions.open(ANNA, ONE)
    assert (name, len(sessions)) == (ONE, 1)
    assert (await sessions.open(ANNA, ONE))[1] is session
    assert (await sessions.open(ANNA, TWO))[1] is not session
    assert (await sessions.open(BEN, ONE))[1] is not session
    assert len(sessions) == 3


async def test_requests_at_the_same_moment_open_one_session(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 60)
    opened = []

    async def ask() -> None:
        opened.append((await sessions.open(ANNA, ONE))[1])

    async with trio.open_nursery() as askers:
        for _ in range(5):
            askers.start_soon(ask)
    assert len(set(map(id, opened))) == 1


async def test_unnamed_requests_go_on_in_one_session(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions, turns = Sessions(nursery, Few(), 60), Turns()
    name, session = await sessions.open(ANNA, None)
    await turns.run(session, 5)
    assert await sessions.open(ANNA, None) == (name, session)
    assert (await sessions.open(BEN, None))[0] != name


async def test_an_unnamed_request_gets_another_session_while_the_first_speaks(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions, turns = Sessions(nursery, Few(), 60), Turns()
    first, session = await sessions.open(ANNA, None)
    nursery.start_soon(turns.run, session, 10)
    await trio.sleep(1)
    second, other = await sessions.open(ANNA, None)
    assert second != first
    assert other is not session
    await trio.sleep(20)
    assert turns.whys == [Why.DONE]  # nothing was stopped
    assert (await sessions.open(ANNA, None))[0] == second


async def test_a_session_that_was_silent_for_too_long_is_forgotten(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 60)
    name, session = await sessions.open(ANNA, None)
    await trio.sleep(60)
    await wait_all_tasks_blocked()
    assert len(sessions) == 0
    again, new = await sessions.open(ANNA, None)
    assert again != name
    assert new is not session


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
        stack.enter_context(sessions.admit(ANNA))
        with sessions.admit(ANNA):
            assert sessions.active == 2
            with pytest.raises(Refused, match=reason) as refused, sessions.admit(ANNA):
                pytest.fail("let in")
            assert refused.value.retry_after_seconds >= 1
        with sessions.admit(ANNA):
            pass
    assert sessions.active == 0


async def test_one_user_at_its_limit_does_not_keep_out_another(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(max_requests_per_user=1), 60)
    with sessions.admit(ANNA), sessions.admit(BEN):
        assert sessions.active == 2


async def test_requests_a_minute(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, Few(max_requests_per_minute=2), 60)
    for _ in range(2):
        with sessions.admit(ANNA):
            await trio.sleep(10)
    for _ in range(3):  # a refused request does not count
        with pytest.raises(Refused, match="minute") as refused, sessions.admit(BEN):
            pytest.fail("let in")
        assert refused.value.retry_after_seconds == 40
    await trio.sleep(40)
    with sessions.admit(BEN):
        pass
    with pytest.raises(Refused) as refused, sessions.admit(BEN):
        pytest.fail("let in")
    assert refused.value.retry_after_seconds == 10


async def test_a_session_that_was_silent_for_a_minute_makes_room(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(max_sessions=2), 900)
    _, oldest = await sessions.open(ANNA, ONE)
    await trio.sleep(20)
    _, newer = await sessions.open(ANNA, TWO)
    await trio.sleep(30)
    with pytest.raises(Refused, match="sessions") as refused:
        await sessions.open(BEN, ONE)
    assert refused.value.retry_after_seconds == 10
    await trio.sleep(10)
    _, bens = await sessions.open(BEN, ONE)
    await wait_all_tasks_blocked()
    assert (oldest.open, newer.open, bens.open) == (False, True, True)
    assert len(sessions) == 2


async def test_a_session_that_speaks_makes_no_room(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions, turns = Sessions(nursery, Few(max_sessions=1), 900), Turns()
    _, session = await sessions.open(ANNA, ONE)
    nursery.start_soon(turns.run, session, 100)
    await trio.sleep(90)
    with pytest.raises(Refused) as refused:
        await sessions.open(BEN, ONE)
    assert refused.value.retry_after_seconds == 60


async def test_an_interrupt_stops_all_of_a_device_and_nothing_else(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions, annas, bens = Sessions(nursery, Few(), 900), Turns(), Turns()
    for who, turns in ((ANNA, annas), (BEN, bens)):
        for name in (ONE, TWO):
            nursery.start_soon(turns.run, (await sessions.open(who, name))[1], 10)
    await sessions.open(ANNA, SessionId("silent"))
    await trio.sleep(1)
    assert sorted(await sessions.stop(ANNA)) == [ONE, TWO]
    assert trio.current_time() == 1
    assert annas.whys == [Why.INTERRUPTED] * 2
    await trio.sleep(10)
    assert bens.whys == [Why.DONE] * 2
    assert await sessions.stop(ANNA) == []
    assert await sessions.stop(HardwareId("nobody")) == []


async def test_a_drain_takes_nothing_new_and_waits_for_all(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions, turns = Sessions(nursery, Few(), 900), Turns()
    nursery.start_soon(turns.run, (await sessions.open(ANNA, ONE))[1], 10)
    _, silent = await sessions.open(BEN, ONE)
    await trio.sleep(1)
    nursery.start_soon(sessions.drain)
    await wait_all_tasks_blocked()
    assert sessions.closing
    assert not silent.open
    with pytest.raises(Closing), sessions.admit(ANNA):
        pytest.fail("let in")
    with pytest.raises(Closing):
        await sessions.open(BEN, TWO)
    with trio.fail_after(20):
        await sessions.drain()
    assert trio.current_time() == 10
    assert turns.whys == [Why.DONE]
    assert len(sessions) == 0


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
    sessions, turns = Sessions(nursery, Few(), 900), Turns()
    for who in (ANNA, BEN):
        nursery.start_soon(turns.run, (await sessions.open(who, None))[1], 10)
    await trio.sleep(1)
    await sessions.stop_all()
    assert turns.whys == [Why.CLOSING] * 2


@pytest.mark.parametrize("show", [repr, str])
async def test_nothing_of_a_device_shows(
    show: Callable[[object], str], nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, Few(), 60)
    _, session = await sessions.open(ANNA, ONE)
    assert "anna" not in show(sessions) + show(session)


@pytest.mark.parametrize("steps", range(4))
async def test_a_session_may_open_at_the_moment_when_the_devices_last_one_ends(
    steps: int, autojump_clock: MockClock
) -> None:
    async with trio.open_nursery() as nursery:
        sessions = Sessions(nursery, Few(), 60)
        _, last = await sessions.open(ANNA, ONE)
        await wait_all_tasks_blocked()
        last.retire()
        for _ in range(steps):
            await trio.lowlevel.checkpoint()
        _, session = await sessions.open(ANNA, TWO)
        await wait_all_tasks_blocked()
        assert list(sessions) == [session]
        assert await sessions.open(ANNA, TWO) == (TWO, session)
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
