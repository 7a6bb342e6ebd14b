"""Streams that have begun: whose silence is whose, and to the second. Time is simulated."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Fault, ProviderError, ProviderTimeout
from nexy.types import Stream
from nexy.utils.begun import Begun, begun
from tests.integrations.fakes import Script, Step

FIRST, IDLE = 8.0, 10.0

Make = Callable[[Sequence[Step[str]]], Stream[str]]


@asynccontextmanager
async def alone(steps: Sequence[Step[str]]) -> AsyncIterator[trio.abc.ReceiveChannel[str]]:
    """A stream without a task."""
    yield Script(steps)


@trio.as_safe_channel
async def with_a_task(steps: Sequence[Step[str]]) -> AsyncGenerator[str, None]:
    """A stream with a task behind it."""
    async for value in Script(steps):
        yield value


@pytest.fixture(params=[alone, with_a_task])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def begins(stream: Stream[str]) -> Stream[str]:
    return begun(stream, "somebody", FIRST, IDLE)


async def test_all_values_come_and_the_block_begins_with_the_first(
    make: Make, autojump_clock: MockClock
) -> None:
    async with begins(make([3.0, "a", 2.0, "b"])) as values:
        assert trio.current_time() == 3.0
        assert [(value, trio.current_time()) async for value in values] == [("a", 3.0), ("b", 5.0)]


async def test_a_silent_beginning_ends_at_the_exact_second(make: Make, autojump_clock: MockClock) -> None:
    with pytest.raises(ProviderTimeout, match="somebody") as caught:
        async with begins(make([3600.0, "late"])):
            pytest.fail("it has not begun")
    assert trio.current_time() == FIRST
    assert caught.value.fault is Fault.SILENT


@asynccontextmanager
async def queueing(seconds: float) -> AsyncIterator[trio.abc.ReceiveChannel[str]]:
    """A stream that has to wait for its turn, and is then silent for almost too long."""
    await trio.sleep(seconds)
    yield Script([FIRST - 1, "at last"])


async def test_the_wait_for_a_turn_is_not_its_silence(autojump_clock: MockClock) -> None:
    async with begins(queueing(FIRST - 1)) as values:
        assert await values.receive() == "at last"
    assert trio.current_time() == 2 * (FIRST - 1)


async def test_the_wait_for_a_turn_ends_at_the_exact_second(autojump_clock: MockClock) -> None:
    with pytest.raises(ProviderError, match="somebody") as caught:
        async with begins(queueing(3600.0)):
            pytest.fail("it had no turn")
    assert trio.current_time() == FIRST
    assert caught.value.fault is Fault.CROWDED


async def test_a_silence_in_between_ends_at_the_exact_second(make: Make, autojump_clock: MockClock) -> None:
    got = []
    with pytest.raises(ProviderTimeout):
        async with begins(make([1.0, "a", 9.0, "b", 3600.0, "late"])) as values:
            async for value in values:
                got.append(value)  # noqa: PERF401 - what came before the error counts
    assert got == ["a", "b"]
    assert trio.current_time() == 1 + 9 + IDLE


async def test_a_slow_reader_is_not_a_silent_stream(make: Make, autojump_clock: MockClock) -> None:
    got = []
    async with begins(make(["a", 9.0, "b", 9.0, "c"])) as values:
        async for value in values:
            await trio.sleep(1000)
            got.append(value)
    assert got == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("steps", "at"), [([FIRST, "late"], FIRST), ([FIRST], FIRST), (["a", IDLE, "late"], IDLE)]
)
async def test_what_comes_exactly_at_the_deadline_is_too_late(
    steps: list[float | str], at: float, make: Make, autojump_clock: MockClock
) -> None:
    with pytest.raises(ProviderTimeout):
        async with begins(make(steps)) as values:
            assert [value async for value in values] == ["a"]
            await trio.sleep(1)
    assert trio.current_time() == at


@asynccontextmanager
async def of(values: trio.MemoryReceiveChannel[str]) -> AsyncIterator[trio.abc.ReceiveChannel[str]]:
    with values:
        yield values


@pytest.mark.parametrize("what", ["value", "end"])
@pytest.mark.parametrize("first", [True, False])
async def test_what_is_handed_over_before_the_deadline_but_seen_after_it_ends_the_wait(
    what: str, first: bool, nursery: trio.Nursery, mock_clock: MockClock
) -> None:
    """And not whatever is done next."""
    send, values = trio.open_memory_channel[str](1)

    async def hand_over_in_the_last_moment() -> None:
        await wait_all_tasks_blocked()
        mock_clock.jump((FIRST if first else IDLE) - 0.1)
        if what == "value":
            send.send_nowait("late")
        else:
            send.close()
        mock_clock.jump(0.2)

    if not first:
        send.send_nowait("a")
    nursery.start_soon(hand_over_in_the_last_moment)
    with send, pytest.raises(ProviderTimeout):
        async with begins(of(values)) as began:
            if first:
                pytest.fail("it has not begun in time")
            assert await began.receive() == "a"
            with pytest.raises(ProviderTimeout):
                await began.receive()
            raise ProviderTimeout("seen")


async def test_an_empty_stream_begins_with_nothing(make: Make, autojump_clock: MockClock) -> None:
    async with begins(make([1.0])) as values:
        assert isinstance(values, Begun)
        assert values.first == []
        assert [value async for value in values] == []
        await trio.sleep(1000)


async def test_an_error_before_the_first_value_comes_before_the_block(
    make: Make, autojump_clock: MockClock
) -> None:
    with pytest.raises(ProviderError, match="down"):
        async with begins(make([1.0, ProviderError("down")])):
            pytest.fail("it has not begun")


async def test_an_error_in_between_comes_out_as_it_is(make: Make, autojump_clock: MockClock) -> None:
    down = ProviderError("down")
    with pytest.raises(ProviderError) as caught:
        async with begins(make(["a", down])) as values:
            async for _ in values:
                pass
            await trio.sleep(1)  # with a task behind it, a stream that failed ends first
    assert caught.value is down


async def test_an_error_of_the_reader_comes_out_as_it_is(make: Make, autojump_clock: MockClock) -> None:
    bug = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError) as caught:
        async with begins(make(["a", 3600.0])):
            raise bug
    assert caught.value is bug


async def test_the_patience_of_the_reader_is_the_readers(make: Make, autojump_clock: MockClock) -> None:
    """A reader that gives up first is not told that the stream was silent."""
    with trio.move_on_after(FIRST) as reader:
        async with begins(make([3600.0, "late"])):
            pytest.fail("it has not begun")
    assert reader.cancelled_caught
    async with begins(make(["a", 5.0, "b"])) as values:
        assert await values.receive() == "a"
        with trio.move_on_after(IDLE / 20) as reader:
            await values.receive()
        assert reader.cancelled_caught
        await trio.sleep(1000)


async def test_what_is_closed_gives_nothing_more(autojump_clock: MockClock) -> None:
    async with begins(alone(["a", "b"])) as values:
        await values.aclose()
        assert [value async for value in values] == []


async def test_a_reader_who_goes_away_and_comes_back_does_not_make_it_more_patient(
    make: Make, autojump_clock: MockClock
) -> None:
    with pytest.raises(ProviderTimeout):
        async with begins(make(["a", IDLE - 1, "b", 3600.0, "late"])) as values:
            assert await values.receive() == "a"
            with trio.move_on_after(4.0):
                await values.receive()
            await trio.sleep(2.0)  # its own time
            assert await values.receive() == "b"
            assert trio.current_time() == IDLE - 1
            for seconds in (4.0, 3.0):
                with trio.move_on_after(seconds):
                    await values.receive()
            await trio.sleep(100.0)
            came_back = trio.current_time()
            await values.receive()
    assert trio.current_time() == came_back + IDLE - 7
