"""One client's nursery: turns follow one another, and each ends once, for one reason."""

import math
from collections.abc import Callable
from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Closing
from nexy.nursery.session import Ended, Session, Turn, Why, Work, host
from nexy.types import Timing

Open = Session[None]


async def open_session(nursery: trio.Nursery, idle_seconds: float = 60) -> Open:
    session: Open = await nursery.start(host, idle_seconds, None)
    return session


class Client:
    """Asks for turns, and writes down what became of them."""

    def __init__(self, session: Open) -> None:
        self.session = session
        self.recorded: list[Ended] = []
        self.told: list[tuple[Why, float]] = []
        self.telling_seconds = 0.0

    @property
    def why(self) -> list[Why]:
        return [ended.why for ended in self.recorded]

    async def ask(self, work: Work, *, deadline: float = math.inf, longest_seconds: float = math.inf) -> None:
        self.turn = Turn(Timing(trio.current_time(), deadline), longest_seconds)
        async with self.session.turn(self.turn, work, self.recorded.append) as ended:
            await trio.sleep(self.telling_seconds)
            self.told.append((ended.why, trio.current_time()))


def failing(error: Exception) -> Work:
    async def fail() -> None:
        raise error

    return fail


async def test_a_turn_runs_in_the_sessions_nursery_and_is_done(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))
    await client.ask(partial(trio.sleep, 3))
    assert client.told == [(Why.DONE, 3.0)]
    assert client.recorded == [Ended(Why.DONE)]


async def test_a_newer_turn_stops_the_older_and_only_then_starts(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    session = await open_session(nursery)
    story: list[tuple[str, float]] = []

    def write(what: str) -> None:
        story.append((what, trio.current_time()))

    async def older() -> None:
        try:
            await trio.sleep(60)
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(1)  # tasks may take a while to go
            write("older gone")

    async def newer() -> None:
        write("newer began")
        await trio.sleep(1)

    first, second = Client(session), Client(session)
    first.telling_seconds = 0.5
    nursery.start_soon(first.ask, older)
    await trio.sleep(5)
    await second.ask(newer)
    assert story == [("older gone", 6.0), ("newer began", 6.0)]
    assert first.told == [(Why.NEWER, 6.5)]
    assert second.told == [(Why.DONE, 7.0)]


async def test_of_several_that_wait_all_but_one_are_stopped_and_none_overlaps(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    session = await open_session(nursery)
    running = 0

    async def work() -> None:
        nonlocal running
        running += 1
        assert running == 1
        try:
            await trio.sleep(1)
        finally:
            running -= 1

    clients = [Client(session) for _ in range(5)]
    async with trio.open_nursery() as askers:
        for client in clients:
            askers.start_soon(client.ask, work)
    whys = [why for client in clients for why in client.why]
    assert len(whys) == 5
    assert whys.count(Why.DONE) == 1
    assert whys.count(Why.NEWER) == 4


async def test_pipecat_2423_an_interrupt_waits_until_the_tasks_are_gone_and_the_client_is_told(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))
    client.telling_seconds = 2
    gone: list[float] = []

    async def work() -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(1)
            gone.append(trio.current_time())

    nursery.start_soon(client.ask, work)
    await trio.sleep(4)
    assert await client.session.stop(Why.INTERRUPTED)
    assert trio.current_time() == 7
    assert gone == [5.0]
    assert client.told == [(Why.INTERRUPTED, 7.0)]


async def test_stopping_nothing_stops_nothing(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    session = await open_session(nursery)
    assert not await session.stop(Why.INTERRUPTED)
    client = Client(session)
    await client.ask(partial(trio.sleep, 1))
    assert client.why == [Why.DONE]


async def test_of_two_interrupts_one_has_stopped_it(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    client = Client(await open_session(nursery))
    client.telling_seconds = 1
    nursery.start_soon(client.ask, trio.sleep_forever)
    await wait_all_tasks_blocked()
    results: list[bool] = []

    async def interrupt() -> None:
        results.append(await client.session.stop(Why.INTERRUPTED))

    async with trio.open_nursery() as interrupters:
        interrupters.start_soon(interrupt)
        interrupters.start_soon(interrupt)
    assert sorted(results) == [False, True]
    assert client.why == [Why.INTERRUPTED]


@pytest.mark.parametrize("why", [Why.INTERRUPTED, Why.NEWER, Why.CLOSING])
async def test_the_reason_that_is_given_is_recorded_once(
    why: Why, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))
    nursery.start_soon(client.ask, trio.sleep_forever)
    await wait_all_tasks_blocked()
    assert await client.session.stop(why)
    assert client.why == [why]


@pytest.mark.parametrize(
    ("deadline", "longest", "why", "at"),
    [
        (5.0, math.inf, Why.DEADLINE, 5.0),
        (math.inf, 7.0, Why.TOO_LONG, 7.0),
        (5.0, 7.0, Why.DEADLINE, 5.0),
        (7.0, 5.0, Why.TOO_LONG, 5.0),
    ],
)
async def test_whose_patience_ended(
    deadline: float, longest: float, why: Why, at: float, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))
    await client.ask(trio.sleep_forever, deadline=deadline, longest_seconds=longest)
    assert client.told == [(why, at)]
    assert client.why == [why]


@pytest.mark.parametrize(("deadline", "why"), [(math.inf, Why.GONE), (3.0, Why.DEADLINE)])
async def test_a_caller_that_is_cancelled_is_let_go_when_the_tasks_are_gone(
    deadline: float, why: Why, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))

    async def work() -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(1)

    with trio.move_on_after(3) as caller:
        await client.ask(work, deadline=deadline)
    assert caller.cancelled_caught
    assert trio.current_time() == 4
    assert client.told == []
    assert client.why == [why]
    assert client.session.silent_seconds == 0.0


async def test_a_bug_is_recorded_and_the_session_takes_the_next_turn(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))
    bug = ZeroDivisionError("a bug")
    await client.ask(failing(bug))
    assert client.recorded == [Ended(Why.FAILED, bug)]
    await client.ask(partial(trio.sleep, 1))
    assert client.why == [Why.FAILED, Why.DONE]


async def test_groups_of_errors_are_unwrapped(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    client = Client(await open_session(nursery))
    bug = KeyError("x")
    await client.ask(failing(ExceptionGroup("outer", [ExceptionGroup("inner", [bug])])))
    assert client.recorded == [Ended(Why.FAILED, bug)]


@pytest.mark.parametrize("wrap", [lambda error: error, lambda error: ExceptionGroup("", [error])])
async def test_a_broken_connection_means_that_the_client_is_gone(
    wrap: Callable[[Exception], Exception], nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))
    await client.ask(failing(wrap(trio.BrokenResourceError())))
    assert client.recorded == [Ended(Why.GONE)]


async def test_an_error_after_an_interrupt_does_not_change_the_reason(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    client = Client(await open_session(nursery))

    async def work() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise ValueError("while going")

    nursery.start_soon(client.ask, work)
    await wait_all_tasks_blocked()
    await client.session.stop(Why.INTERRUPTED)
    assert client.recorded == [Ended(Why.INTERRUPTED)]


async def test_an_error_while_telling_the_client_still_ends_the_turn(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    session = await open_session(nursery)
    recorded: list[Ended] = []
    with pytest.raises(OSError, match="socket"):
        async with session.turn(Turn(Timing(0)), partial(trio.sleep, 1), recorded.append):
            raise OSError("socket")
    assert recorded == [Ended(Why.DONE)]
    assert session.silent_seconds == 0.0


async def test_an_idle_session_ends_after_exactly_so_much_silence(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        session = await open_session(nursery, idle_seconds=30)
        await trio.sleep(29.5)
        await Client(session).ask(partial(trio.sleep, 1))
    assert trio.current_time() == 60.5
    assert not session.open


async def test_a_long_turn_keeps_the_session_open(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        session = await open_session(nursery, idle_seconds=30)
        client = Client(session)
        nursery.start_soon(client.ask, partial(trio.sleep, 1000))
        await trio.sleep(999)
        assert session.open
        assert session.silent_seconds == 0
    assert client.why == [Why.DONE]
    assert trio.current_time() == 1030


async def test_silence_is_counted_from_the_end_of_the_last_turn(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    session = await open_session(nursery)
    await trio.sleep(3)
    assert session.silent_seconds == 3
    await Client(session).ask(partial(trio.sleep, 5))
    await trio.sleep(2)
    assert session.silent_seconds == 2


async def test_retiring_waits_for_the_turn_and_for_the_work_beside_it(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        session = await open_session(nursery)
        client = Client(session)
        nursery.start_soon(client.ask, partial(trio.sleep, 10))
        await trio.sleep(1)
        session.start_soon(partial(trio.sleep, 14))
        session.retire()
        assert session.open
        await trio.sleep(10)
        assert not session.open
    assert client.told == [(Why.DONE, 10.0)]
    assert trio.current_time() == 15


async def test_retiring_a_silent_session_ends_it_at_once(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        session = await open_session(nursery)
        await trio.sleep(1)
        session.retire()
        assert not session.open
    assert trio.current_time() == 1


async def test_a_session_that_has_ended_takes_no_turn(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        session = await open_session(nursery, idle_seconds=1)
    client = Client(session)
    with pytest.raises(Closing):
        await client.ask(partial(trio.sleep, 1))
    assert client.recorded == []
