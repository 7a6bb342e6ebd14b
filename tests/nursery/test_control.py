"""The line between a supervisor and a worker, as it breaks."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest
import trio
import trio.testing

from nexy.nursery.control import Control, Gone


async def nothing(_: Mapping[str, Any]) -> None:
    """Nothing is answered."""


async def test_a_question_is_answered() -> None:
    ours, theirs = map(Control, socket.socketpair())

    async def answer(question: Mapping[str, Any]) -> list[Any]:
        return [question["what"], "x" * 200_000]

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.run, nothing)
        nursery.start_soon(theirs.run, answer)
        assert await ours.ask({"what": "status"}, 5) == ["status", "x" * 200_000]
        nursery.cancel_scope.cancel()
    for end in (ours, theirs):
        await end.aclose()


@pytest.mark.parametrize("read", [True, False])
async def test_the_other_side_dies_and_who_asked_is_told(*, read: bool) -> None:
    """Without having read the question, which the kernel tells in another way."""
    one, other = socket.socketpair()
    ours = Control(one)
    asked = trio.Event()

    async def ask() -> None:
        with pytest.raises(Gone):
            await ours.ask({"what": "status"}, 5)
        asked.set()

    async with trio.open_nursery() as running:
        running.start_soon(ours.run, nothing)
        running.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        if read:
            other.recv(1000)
        other.close()
        with trio.fail_after(5):
            await asked.wait()  # and what runs the line has ended without an error
    with pytest.raises(Gone):
        await ours.ask({"what": "status"}, 5)
    await ours.aclose()
