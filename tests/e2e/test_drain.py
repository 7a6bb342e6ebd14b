"""SIGTERM while 100 sessions speak: all of them end well, or are told at the deadline, and all is kept."""

import asyncio
import sqlite3
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.e2e.test_process import Process, launch

__all__ = ["launch"]
CROWD = 100
Launch = Callable[..., Process]


@dataclass
class User:
    """Somebody with a connection of their own, and what came of one answer."""

    channel: grpc.aio.Channel
    pb: SimpleNamespace
    name: str
    kinds: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    spoken_at_last: bool = False  # sound came after the last text
    status: grpc.StatusCode | None = None
    speaking: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> "User":
        """Hear one answer, to whatever end."""
        call = self.channel.unary_stream(
            "/streaming.StreamingService/StreamAudio",
            request_serializer=self.pb.StreamRequest.SerializeToString,
            response_deserializer=self.pb.StreamResponse.FromString,
        )(self.pb.StreamRequest(prompt="Hello", hardware_id=self.name, session_id=self.name))
        try:
            async for message in call:
                self._hear(message)
        except grpc.aio.AioRpcError:
            pass
        self.status = await call.code()
        self.speaking.set()
        return self

    def _hear(self, message: Any) -> None:
        kind = message.WhichOneof("content")
        self.kinds.append(kind)
        if kind == "audio_chunk":
            self.spoken_at_last = True
            self.speaking.set()
        elif kind == "text_chunk":
            self.spoken_at_last = False
        elif kind == "end_message":
            self.ends.append(message.end_message)
        elif kind == "error_message":
            self.errors.append(message.error_message)


@dataclass
class Crowd:
    """All of them speaking at once."""

    server: Process
    pb: SimpleNamespace
    stack: AsyncExitStack
    users: list[User] = field(default_factory=list)
    answers: list["asyncio.Task[User]"] = field(default_factory=list)

    async def connect(self, name: str) -> User:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        channel = grpc.aio.insecure_channel(self.server.target, options=options)
        await self.stack.enter_async_context(channel)
        await channel.channel_ready()
        return User(channel, self.pb, name)

    async def speak(self) -> None:
        self.users = await asyncio.gather(*(self.connect(f"device-{number}") for number in range(CROWD)))
        self.answers = [asyncio.create_task(user.ask()) for user in self.users]
        await asyncio.gather(*(user.speaking.wait() for user in self.users))
        assert not any(answer.done() for answer in self.answers)  # none is over before the last began

    async def end(self) -> None:
        await asyncio.wait_for(asyncio.gather(*self.answers), 30)


def code(server: Process, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://{server.http}{path}", timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


async def takes_nothing_new(server: Process, latecomer: User) -> None:
    """While it drains: who asks is told no, at once and aloud, and nobody new gets in."""
    end = time.monotonic() + 1
    while await asyncio.to_thread(code, server, "/ready") != 503:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
    assert await asyncio.to_thread(code, server, "/health") == 200
    await latecomer.ask()
    assert latecomer.status is grpc.StatusCode.UNAVAILABLE
    assert latecomer.kinds[-1] == "error_message"
    assert latecomer.spoken_at_last
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*server.target.split(":"))


def stored(folder: Path) -> list[tuple[str, str, str]]:
    """Of each turn in the database: its session, why it ended, and what was heard of it."""
    with sqlite3.connect(folder / "nexy.db") as connection:
        rows = connection.execute("SELECT session, why, heard FROM exchanges ORDER BY session").fetchall()
        assert connection.execute("SELECT count(*) FROM performance").fetchone() == (len(rows),)
    connection.close()
    return rows


def test_all_may_end_well(launch: Launch, pb: SimpleNamespace, tmp_path: Path) -> None:
    server = launch(DRAIN_SECONDS=30, SCRIPTED_SENTENCES=6, LEAD_SECONDS=2.3)

    async def day() -> Crowd:
        async with AsyncExitStack() as stack:
            crowd = Crowd(server, pb, stack)
            latecomer = await crowd.connect("latecomer")
            await crowd.speak()
            server.signal()
            await takes_nothing_new(server, latecomer)
            assert not any(answer.done() for answer in crowd.answers)
            await crowd.end()
            return crowd

    crowd = asyncio.run(day())
    assert server.wait() == 0
    assert Counter(user.status for user in crowd.users) == {grpc.StatusCode.OK: CROWD}
    assert [user.ends for user in crowd.users] == [["completed"]] * CROWD
    rows = stored(tmp_path)
    assert [session for session, _, _ in rows] == sorted(user.name for user in crowd.users)
    assert {(why, len(heard.split())) for _, why, heard in rows} == {("done", 72)}


def test_those_that_are_too_long_are_told_and_kept(
    launch: Launch, pb: SimpleNamespace, tmp_path: Path
) -> None:
    server = launch(DRAIN_SECONDS=0.5, SCRIPTED_SENTENCES=100, MAX_CONCURRENT_REQUESTS=CROWD)

    async def day() -> Crowd:
        async with AsyncExitStack() as stack:
            crowd = Crowd(server, pb, stack)
            await crowd.speak()
            server.signal()
            await crowd.end()
            return crowd

    crowd = asyncio.run(day())
    assert server.wait() == 0  # all that could be done was done
    assert Counter(user.status for user in crowd.users) == {grpc.StatusCode.UNAVAILABLE: CROWD}
    assert [user.ends for user in crowd.users] == [[]] * CROWD
    assert [len(user.errors) for user in crowd.users] == [1] * CROWD
    assert all(user.kinds[-1] == "error_message" for user in crowd.users)
    # all are told; on a busy machine a hundred sentences are not all said in the two seconds that there are
    assert sum(user.spoken_at_last for user in crowd.users) > CROWD // 2
    rows = stored(tmp_path)
    assert [session for session, _, _ in rows] == sorted(user.name for user in crowd.users)
    assert {why for _, why, _ in rows} == {"server closing"}
    assert all(heard for _, _, heard in rows)
    assert "DRAIN_SECONDS are over" in (tmp_path / "log").read_text()
