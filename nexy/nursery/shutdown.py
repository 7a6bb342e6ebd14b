"""Signals: the first one drains, the second one ends at once."""

import signal
from collections.abc import Awaitable, Callable

import trio

SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def run_until_told(
    drain: Callable[[], Awaitable[None]],
    drain_seconds: float,
    ready: Callable[[], None],
) -> bool:
    """Call `ready`, wait for SIGTERM or Ctrl-C, then run `drain` for at most `drain_seconds`.

    True when it drained in time; False when the time was up or a second signal came.
    """
    with trio.open_signal_receiver(*SIGNALS) as signals:
        ready()  # only now: who reads it may send a signal at once
        await anext(signals)
        drained = False
        async with trio.open_nursery() as nursery:

            async def drain_in_time() -> None:
                nonlocal drained
                with trio.move_on_after(drain_seconds):
                    await drain()
                    drained = True
                nursery.cancel_scope.cancel()

            nursery.start_soon(drain_in_time)
            await anext(signals)
            nursery.cancel_scope.cancel()
        return drained
