"""asyncio's callbacks run together, and do not wait for one another through rounds of Trio's loop."""

import asyncio

import trio
from trio.lowlevel import checkpoint
from trio_asyncio import aio_as_trio

from nexy.nursery.border import open_asyncio


async def test_what_waits_runs_in_one_round() -> None:
    rounds = 0

    async def count(*, task_status: trio.TaskStatus[None]) -> None:
        nonlocal rounds
        task_status.started()
        while True:
            rounds += 1
            await checkpoint()

    async def many_steps() -> None:
        for _ in range(100):
            await asyncio.sleep(0)

    async with open_asyncio(), trio.open_nursery() as nursery:
        await nursery.start(count)
        before = rounds
        await aio_as_trio(many_steps)()
        assert rounds - before < 10
        nursery.cancel_scope.cancel()
