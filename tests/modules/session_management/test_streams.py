"""What the limits ask of JetStream, asked of a real one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from nexy.config import LimitsConfig
from nexy.errors import BusError
from nexy.modules.session_management.providers.streams import Counted, Streams, Taken
from nexy.nursery.border import open_asyncio
from nexy.nursery.nats import open_nats
from tests.nats import URL, needs_nats, prefix

LIMITS = LimitsConfig(max_active_sessions=3, max_requests_per_user=2)


@asynccontextmanager
async def two_nodes() -> AsyncIterator[tuple[Streams, Streams]]:
    name = prefix()
    async with open_asyncio(), open_nats(URL, "one") as line:
        one = Streams(line, name, "one")
        await one.make(LIMITS)
        yield one, Streams(line, name, "two")
        for what in ("place", "minute", "alive"):
            await line.ask(f"$JS.API.STREAM.DELETE.{name}-{what}", b"", 1.0)


@needs_nats
async def test_places_are_taken_found_and_freed() -> None:
    async with two_nodes() as (one, two):
        assert await one.count("place", "anna", "0") == Counted(1)
        assert await two.count("place", "ben", "0") == Counted(2)
        assert await one.count("place", "anna", "1") == Counted(3)
        assert await one.count("place", "cleo", "2") == Counted(None)
        await two.free(2)
        await two.free(2)  # it is gone already
        await two.free(99)
        assert await two.count("place", "anna", "1") == Counted(None, of_one=True)
        assert [taken async for taken in two.taken()] == [
            Taken(1, "anna", "one", "0"),
            Taken(3, "anna", "one", "1"),
        ]
        assert [taken async for taken in two.taken("ben")] == []


@needs_nats
async def test_who_lives_is_known_until_it_leaves() -> None:
    async with two_nodes() as (one, two):
        await one.beat()
        await two.beat()
        await two.beat()
        assert await one.alive() == {"one", "two"}
        await two.leave()
        assert await one.alive() == {"one"}


@needs_nats
async def test_how_many_were_in_the_minute_and_when_the_first_was() -> None:
    async with two_nodes() as (one, two):
        assert await one.in_minute() == 0
        await one.count("minute", "anna", "0")
        await trio.sleep(0.5)
        await two.count("minute", "ben", "0")
        assert await one.in_minute() == 2
        assert 0.4 < await one.oldest_seconds() < 30
        assert await one.oldest_seconds() > await one.oldest_seconds("ben") + 0.3
        assert await one.oldest_seconds("cleo") == 60


@needs_nats
async def test_every_error_is_one() -> None:
    async with open_asyncio(), open_nats(URL, "one") as line:
        none = Streams(line, prefix(), "one")  # they were never made
        for ask in (none.alive, none.in_minute, none.oldest_seconds, none.leave, none.beat):
            with pytest.raises(BusError):
                await ask()
        with pytest.raises(BusError):
            await none.free(1)
        with pytest.raises(BusError):
            [_ async for _ in none.taken()]
