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

from nexy.monitoring import logger, where

MOST_BYTES = 8 * 2**20  # of one line: /metrics of a worker are some 30 kB
PIECE_BYTES = 65_536

Answer: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Any]]

log = logger("nexy.control")


class Gone(Exception):
    """The other side has ended, or did not answer in time."""


class Unable(Gone):
    """The other side is there, but has no answer to this: finding one failed."""


class Control:
    """One end of the line. Questions of either side wait until both run it."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._stream = trio.SocketStream(trio.socket.from_stdlib_socket(end))
        # nothing is kept: who is cancelled has either said nothing, or his line goes out whole
        self._say, self._said = trio.open_memory_channel[bytes](0)
        self._asked: dict[int, trio.MemorySendChannel[Mapping[str, Any]]] = {}
        self._number = 0
        self._gone = False

    def __repr__(self) -> str:
        return f"<Control {'gone' if self._gone else 'open'} asked={len(self._asked)}>"

    async def run(self, answer: Answer) -> None:
        """Answer what the other side asks with what `answer` gives, until the other side is gone.

        A line that is too long, or not what a line is to be, is the end as well.
        """
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, nursery.cancel_scope)
                await self._read(answer, nursery)
                nursery.cancel_scope.cancel()
        finally:
            self._gone = True
            self._said.close()
            for waiting in self._asked.values():
                waiting.close()

    async def _read(self, answer: Answer, nursery: trio.Nursery) -> None:
        buffer = bytearray()
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            while len(buffer) <= MOST_BYTES and (piece := await self._stream.receive_some(PIECE_BYTES)):
                *lines, rest = bytes(piece).split(b"\n")
                if lines:
                    lines[0] = bytes(buffer) + lines[0]
                    buffer.clear()
                buffer += rest
                for line in lines:
                    if not self._take(line, answer, nursery):
                        return

    def _take(self, line: bytes, answer: Answer, nursery: trio.Nursery) -> bool:
        """Whether it was one."""
        try:
            told = json.loads(line)
            number = int(told["number"])
            if "ask" in told:
                nursery.start_soon(self._answer, number, dict(told["ask"]), answer)
                return True
            if "answer" not in told and "unable" not in told:
                return False
            if (waiting := self._asked.pop(number, None)) is not None:
                waiting.send_nowait(told)
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        return True

    async def _answer(self, number: int, question: Mapping[str, Any], answer: Answer) -> None:
        """A bug in finding the answer is told as that: it must not end what this process does besides."""
        try:
            line = _line({"number": number, "answer": await answer(question)})
        except Exception as error:  # noqa: BLE001 - as that says
            log.error("a question was not answered", what=question.get("what"), error=where(error))  # noqa: TRY400
            line = _line({"number": number, "unable": True})
        with suppress(Gone):
            await self._send(line)

    async def ask(self, question: Mapping[str, Any], seconds: float = math.inf) -> Any:
        """What the other side answers.

        Raises Gone when it has ended, or does not answer in time; Unable, which is a Gone, when it cannot.
        """
        self._number += 1
        number = self._number
        send, receive = trio.open_memory_channel[Mapping[str, Any]](1)
        if self._gone:
            raise Gone
        self._asked[number] = send
        try:
            with trio.fail_after(seconds):
                await self._send(_line({"number": number, "ask": question}))
                told = await receive.receive()
        except (trio.EndOfChannel, trio.TooSlowError) as error:
            raise Gone from error
        finally:
            self._asked.pop(number, None)
        if "answer" not in told:
            raise Unable
        return told["answer"]

    async def _send(self, line: bytes) -> None:
        try:
            await self._say.send(line)
        except trio.BrokenResourceError as error:
            raise Gone from error

    async def _write(self, line: trio.CancelScope) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for said in self._said:
                await self._stream.send_all(said)
        line.cancel()

    async def aclose(self) -> None:
        await self._stream.aclose()


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"
