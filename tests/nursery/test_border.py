"""What asyncio does, seen from Trio."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import trio
import trio_asyncio

from nexy.nursery.border import call, open_asyncio, open_stream


@pytest.fixture
async def far_side() -> AsyncIterator[None]:
    async with open_asyncio():
        yield


class Foreign:
    """An asyncio generator that remembers whether it was closed."""

    def __init__(self, count: int = 3, error: Exception | None = None, pause: float = 0.01) -> None:
        self.closed = False
        self.given = 0
        self._count, self._error, self._pause = count, error, pause

    async def __call__(self) -> AsyncIterator[int]:
        try:
            for number in range(self._count):
                await asyncio.sleep(self._pause)
                self.given += 1
                yield number
            if self._error is not None:
                raise self._error
        finally:
            await asyncio.sleep(0)  # closing may take its time
            self.closed = True


async def test_a_foreign_generator_is_a_stream(far_side: None) -> None:
    foreign = Foreign()
    async with open_stream(foreign) as items:
        assert [item async for item in items] == [0, 1, 2]
    assert foreign.closed


async def test_its_error_comes_out_as_it_is(far_side: None) -> None:
    foreign = Foreign(1, LookupError("far"))
    with pytest.raises(LookupError, match="far"):
        async with open_stream(foreign) as items:
            assert [item async for item in items] == [0]
    assert foreign.closed


async def test_it_is_closed_when_the_block_is_left_early(far_side: None) -> None:
    foreign = Foreign(1000)
    async with open_stream(foreign) as items:
        await items.receive()
    assert foreign.closed
    assert foreign.given <= 2  # nothing is pumped ahead of the reader


@pytest.mark.parametrize("waiting", [True, False])
async def test_it_is_closed_when_the_reader_is_cancelled(far_side: None, waiting: bool) -> None:
    foreign = Foreign(1000, pause=3600 if waiting else 0.001)
    with trio.move_on_after(0.05) as scope:
        async with open_stream(foreign) as items:
            if not waiting:
                await items.receive()
                await trio.sleep_forever()  # cancelled in the body, not in the generator
            await items.receive()
    assert scope.cancelled_caught
    assert foreign.closed


async def test_it_is_closed_when_the_body_fails(far_side: None) -> None:
    foreign = Foreign(1000)
    with pytest.raises(ZeroDivisionError):
        async with open_stream(foreign) as items:
            await items.receive()
            raise ZeroDivisionError
    assert foreign.closed


async def test_something_of_asyncios_can_be_awaited(far_side: None) -> None:
    async def add(one: int, other: int) -> int:
        await asyncio.sleep(0)
        return one + other

    assert await call(lambda: add(17, 3)) == 20


async def test_an_error_in_a_foreign_callback_is_logged_and_ends_nothing(
    far_side: None, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise LookupError("a secret")

    asyncio.get_running_loop().call_soon(fail)
    await trio_asyncio.aio_as_trio(asyncio.sleep)(0.01)
    assert "LookupError" in caplog.text
    assert "a secret" not in caplog.text
