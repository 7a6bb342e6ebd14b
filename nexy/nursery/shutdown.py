"""Signals: the first one drains, the second one ends at once."""

import signal
from collections.abc import Awaitable, Callable
from enum import Enum

import trio

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drained(Enum):
    """How a drain ended."""

    WELL = "all that ran has ended"
    LATE = "the time for it was up"
    CUT_OFF = "a second signal came, or what still ran was killed"


async def run_until_told(
    drain: Callable[[], Awaitable[None]],
    drain_seconds: float,
    ready: Callable[[], None],
) -> Drained:
    """Call `ready`, wait for SIGTERM or Ctrl-C, then run `drain` for at most `drain_seconds`."""
    with trio.open_signal_receiver(*SIGNALS) as signals:
        ready()  # only now: who reads it may send a signal at once
        await anext(signals)
        drained = Drained.CUT_OFF
        async with trio.open_nursery() as nursery:

            async def drain_in_time() -> None:
                nonlocal drained
                with trio.move_on_after(drain_seconds) as patience:
                    await drain()
                drained = Drained.LATE if patience.cancelled_caught else Drained.WELL
                nursery.cancel_scope.cancel()

            nursery.start_soon(drain_in_time)
            await anext(signals)
            nursery.cancel_scope.cancel()
        return drained
