"""The line between a supervisor and one of its workers: questions and answers, a JSON object on each line.

It is a pair of sockets that nobody else can reach. When one side is gone, the other side sees its end.
"""

import json
import math
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import trio

MOST_BYTES = 8 * 2**20  # of one line: /metrics of a worker are some 30 kB
PIECE_BYTES = 65_536

Answer: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Any]]


class Gone(Exception):
    """The other side has ended, or did not answer in time."""


class Control:
    """One end of the line."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._stream = trio.SocketStream(trio.socket.from_stdlib_socket(end))
        self._sending = trio.Lock()
        self._asked: dict[int, trio.MemorySendChannel[Any]] = {}
        self._number = 0
        self._gone = False

    def __repr__(self) -> str:
        return f"<Control {'gone' if self._gone else 'open'} asked={len(self._asked)}>"

    async def run(self, answer: Answer) -> None:
        """Answer what the other side asks with what `answer` gives, until the other side is gone."""
        try:
            async with trio.open_nursery() as nursery:
                buffer = bytearray()
                while piece := await self._receive():
                    buffer += piece
                    *lines, rest = buffer.split(b"\n")
                    buffer = bytearray(rest)
                    if len(buffer) > MOST_BYTES:
                        break
                    for line in lines:
                        self._take(json.loads(line), answer, nursery)
                nursery.cancel_scope.cancel()
        finally:
            self._gone = True
            for waiting in self._asked.values():
                waiting.close()

    async def _receive(self) -> bytes:
        """Nothing when the other side is gone, also in the middle of a question that it did not read."""
        try:
            return bytes(await self._stream.receive_some(PIECE_BYTES))
        except trio.BrokenResourceError:
            return b""

    def _take(self, told: Mapping[str, Any], answer: Answer, nursery: trio.Nursery) -> None:
        if "ask" in told:
            nursery.start_soon(self._answer, told, answer)
        elif (waiting := self._asked.get(told["number"])) is not None:
            waiting.send_nowait(told["answer"])

    async def _answer(self, told: Mapping[str, Any], answer: Answer) -> None:
        found = await answer(told["ask"])
        with suppress(Gone):
            await self._send({"number": told["number"], "answer": found})

    async def ask(self, question: Mapping[str, Any], seconds: float = math.inf) -> Any:
        """What the other side answers. Raises Gone when it has ended, or does not answer in time."""
        self._number += 1
        number = self._number
        send, receive = trio.open_memory_channel[Any](1)
        if self._gone:
            raise Gone
        self._asked[number] = send
        try:
            with trio.fail_after(seconds):
                await self._send({"number": number, "ask": question})
                return await receive.receive()
        except (trio.EndOfChannel, trio.TooSlowError) as error:
            raise Gone from error
        finally:
            del self._asked[number]

    async def _send(self, message: Mapping[str, Any]) -> None:
        try:
            async with self._sending:
                await self._stream.send_all(json.dumps(message).encode() + b"\n")
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise Gone from error

    async def aclose(self) -> None:
        await self._stream.aclose()
