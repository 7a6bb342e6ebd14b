"""Signals: the first one drains, the second one ends at once. The signals are real."""

import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from nexy.nursery.shutdown import Drained, run_until_told


async def begin(nursery: trio.Nursery, drain: Callable[[], Awaitable[None]], seconds: float) -> list[Drained]:
    """Start waiting for signals; what it returned is put in the list."""
    drained: list[Drained] = []

    async def run(*, task_status: trio.TaskStatus[None]) -> None:
        drained.append(await run_until_told(drain, seconds, task_status.started))

    await nursery.start(run)
    return drained


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains(told: signal.Signals, autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        drained = await begin(nursery, partial(trio.sleep, 5), 30)
        await trio.sleep(2)
        os.kill(os.getpid(), told)
    assert drained == [Drained.WELL]
    assert trio.current_time() == 7


async def test_a_second_signal_ends_at_once(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        drained = await begin(nursery, trio.sleep_forever, 30)
        os.kill(os.getpid(), signal.SIGTERM)
        await trio.sleep(3)
        os.kill(os.getpid(), signal.SIGINT)
    assert drained == [Drained.CUT_OFF]
    assert trio.current_time() == 3


async def test_a_drain_that_takes_too_long_is_given_up(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        drained = await begin(nursery, trio.sleep_forever, 30)
        os.kill(os.getpid(), signal.SIGTERM)
    assert drained == [Drained.LATE]
    assert trio.current_time() == 30
