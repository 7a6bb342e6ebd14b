"""The light client of the measurements: it hears, is refused, hangs up and vanishes like a real one."""

import asyncio
from typing import Any

from benchmarks.knockers import FIRST_WORD, THINK_SECONDS, Met, knock
from benchmarks.raw import LOST, connect
from tests.e2e.conftest import until


def test_who_is_let_in_and_who_is_not(serve: Any) -> None:
    server = serve(MAX_ACTIVE_SESSIONS=1, SCRIPTED_SENTENCES=3, LEAD_SECONDS=6)
    met = Met()

    async def story() -> None:
        first, second = await connect(server.target), await connect(server.target)
        speaking = first.ask("first")
        await asyncio.wait_for(speaking.sound, 3)
        assert FIRST_WORD in speaking.head
        assert await knock(second, "second", met) >= 1  # as long as it was told to wait
        assert (len(met.refused), len(met.admitted)) == (1, 0)
        first.leave(speaking)
        assert await asyncio.to_thread(until, lambda: server.active == 0)
        assert await knock(second, "second", met) == THINK_SECONDS
        assert (len(met.refused), len(met.admitted)) == (1, 1)
        assert not met.odd
        for raw in (first, second):
            raw.vanish()

    asyncio.run(story())


def test_one_that_vanishes_leaves_nothing(serve: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=100)

    async def story() -> None:
        raw = await connect(server.target)
        asked = raw.ask("device")
        await asyncio.wait_for(asked.sound, 3)
        raw.vanish()
        assert not raw.open
        await asyncio.wait_for(asked.over, 3)
        assert asked.status == LOST

    asyncio.run(story())
    assert until(server.is_quiet)
