"""Fallback switches before the first value, and never after it."""

from collections.abc import AsyncGenerator, Callable
from functools import partial

import pytest
import trio

from nexy.errors import ProviderError
from nexy.types import Stream
from nexy.utils.fallback import first_that_works
from nexy.utils.streams import stream_of


def values_of(*values: str) -> Callable[[], Stream[str]]:
    return partial(stream_of, values)


def broken(count: int, name: str) -> Callable[[], Stream[str]]:
    return partial(breaks_after, count, name)


@trio.as_safe_channel
async def breaks_after(count: int, name: str) -> AsyncGenerator[str, None]:
    for number in range(count):
        yield f"{name}{number}"
    raise ProviderError(f"{name} broke")


async def test_the_first_one_that_works_is_used() -> None:
    streams = [broken(0, "a"), values_of("b0", "b1"), values_of("c0")]
    async with first_that_works(streams) as values:
        assert [value async for value in values] == ["b0", "b1"]


async def test_a_stream_that_gives_nothing_is_passed_over() -> None:
    async with first_that_works([values_of(), values_of("b0")]) as values:
        assert [value async for value in values] == ["b0"]


async def test_after_the_first_value_there_is_no_other() -> None:
    heard = []
    with pytest.raises(ProviderError, match="a broke"):
        async with first_that_works([broken(1, "a"), values_of("b0")]) as values:
            async for value in values:
                heard.append(value)  # noqa: PERF401 - what came before the error counts
    assert heard == ["a0"]


async def test_when_none_works_all_are_told() -> None:
    with pytest.raises(ProviderError, match="a broke; b broke"):
        async with first_that_works([broken(0, "a"), broken(0, "b")]) as values:
            assert [value async for value in values] == []
    with pytest.raises(ProviderError, match="nothing came"):
        nothing: list[Callable[[], Stream[str]]] = []
        async with first_that_works(nothing) as values:
            assert [value async for value in values] == []


async def test_a_closed_stream_of_values_is_over() -> None:
    async with stream_of([1, 2, 3]) as values:
        assert await values.receive() == 1
        await values.aclose()
        with pytest.raises(trio.EndOfChannel):
            await values.receive()
