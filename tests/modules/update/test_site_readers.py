"""Clients who read slowly, or not at all: the others do not notice, and they are let go."""

import os
from contextlib import AsyncExitStack

import trio
from trio.testing import MockClock

from nexy.integrations.http_connections import GRACEFUL_SECONDS, STALLED_SECONDS
from tests.modules.update.serving import Served, Workshop, serving

FILE = "/downloads/Nexy-1.0.dmg"
ASK = f"GET {FILE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
SIZE = 20_000_000  # more than what the system holds for a connection


async def stalled(site: Served) -> trio.SocketStream:
    client = await site.connect()
    await client.send_all(ASK)
    await client.receive_some(10)
    return client


async def rest(client: trio.SocketStream) -> int:
    received = 0
    try:
        async for data in client:
            received += len(data)
    except trio.BrokenResourceError:
        pass
    return received


async def test_who_takes_nothing_is_cut_off(workshop: Workshop, autojump_clock: MockClock) -> None:
    autojump_clock.autojump_threshold = 0.05
    workshop.add("1.0", os.urandom(SIZE))
    async with serving(workshop.folder) as site, await stalled(site) as client:
        await trio.sleep(2 * STALLED_SECONDS)  # what is on its way moves for a little while
        assert site.listener.connections == 0
        assert await rest(client) < SIZE


async def test_others_do_not_wait_for_who_takes_nothing(workshop: Workshop, site: Served) -> None:
    data = os.urandom(SIZE)
    workshop.add("1.0", data)
    async with AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(await stalled(site))
        assert (await site.ask(FILE)).body == data
        assert (await site.ask("/appcast.xml")).status == 200


async def test_the_server_goes_whoever_still_reads(workshop: Workshop, autojump_clock: MockClock) -> None:
    autojump_clock.autojump_threshold = 0.05
    workshop.add("1.0", os.urandom(SIZE))
    async with AsyncExitStack() as stack:
        async with serving(workshop.folder) as site:
            clients = [await stack.enter_async_context(await stalled(site)) for _ in range(3)]
            await trio.sleep(1)
            began = trio.current_time()
        assert trio.current_time() - began < GRACEFUL_SECONDS + 0.5
        for client in clients:
            assert await rest(client) < SIZE
