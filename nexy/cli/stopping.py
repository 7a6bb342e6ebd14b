"""Ctrl-C: an orderly end, instead of an exception in the middle of anything."""

import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio
import typer

from nexy.errors import leaves

T = TypeVar("T")

INTERRUPTED = 130  # the exit status that shells give a program that Ctrl-C ended


def run_until_ctrl_c(main: Callable[[], Awaitable[T]]) -> T:
    """Run `main`. Ctrl-C cancels it and ends the program with status 130 and no word.

    A second Ctrl-C does not wait for what will not be cancelled. Errors of `main` come in a group.
    """
    results: list[T] = []
    try:
        trio.run(_watched, main, results)
    except BaseExceptionGroup as group:
        if not any(isinstance(leaf, KeyboardInterrupt) for leaf in leaves(group)):
            raise
        raise typer.Exit(INTERRUPTED) from None
    if not results:
        raise typer.Exit(INTERRUPTED)
    return results[0]


async def _watched(main: Callable[[], Awaitable[T]], results: list[T]) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(_cancel_on_ctrl_c, nursery.cancel_scope)
        results.append(await main())
        nursery.cancel_scope.cancel()


async def _cancel_on_ctrl_c(
    scope: trio.CancelScope, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGINT) as signals:
        task_status.started()
        await anext(signals)
    scope.cancel()
