"""A client that goes in the very moment in which something is said to it is no fault of the server's."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
import trio

from benchmarks.raw import connect
from nexy.modules.grpc_service import descriptors
from nexy.modules.grpc_service.streaming import StreamingServiceBase
from nexy.nursery.border import Call, Rpc, TrioService, open_asyncio, serve_grpc
from nexy.types import Caller


@pytest.fixture
async def far_side() -> AsyncIterator[None]:
    async with open_asyncio():
        yield


async def does_not_notice(call: Call) -> None:
    """Busy with something that must be done, and done with it."""
    await gone(call)


async def tells_nobody(call: Call) -> None:
    """Still speaking, outside of what would catch it."""
    await gone(call)
    await call.send(b"too late")


async def gone(call: Call) -> None:
    with trio.fail_after(5), trio.CancelScope(shield=True):
        while call._wire.closable:  # noqa: ASYNC110 - grpclib has no event for it
            await trio.sleep(0.01)


@pytest.mark.parametrize("rpc", [does_not_notice, tells_nobody])
@pytest.mark.parametrize("vanishes", [True, False])
async def test_it_is_logged_as_no_error(
    rpc: Rpc, vanishes: bool, far_side: None, caplog: pytest.LogCaptureFixture
) -> None:
    ended = trio.Event()

    async def served(call: Call) -> None:
        try:
            await rpc(call)
        finally:
            ended.set()

    async def leave() -> None:  # asyncio
        raw = await connect(listener.address)
        asked = raw.ask("device")
        await asyncio.sleep(0.1)
        raw.vanish() if vanishes else raw.leave(asked)
        await asyncio.sleep(0.1)
        raw.vanish()

    service = TrioService(StreamingServiceBase(), defaultdict(lambda: served), 1000, lambda _: Caller())
    async with serve_grpc([service], host="127.0.0.1", port=0, descriptors=descriptors()) as listener:
        await trio.to_thread.run_sync(lambda: asyncio.run(leave()))
        with trio.fail_after(3):
            await ended.wait()
            await trio.sleep(0.05)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
