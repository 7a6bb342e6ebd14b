"""Nodes that are one server, as they are really run; and users, each with a connection of their own."""

import asyncio
import json
import os
import signal
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import grpc
import grpc.aio
import psutil
import pytest

from tests.e2e.test_process import Process
from tests.modules.database.conftest import own_postgres
from tests.nats import NatsServer, nats_server, needs_nats

T = TypeVar("T")

needs_postgres = pytest.mark.skipif(
    not os.environ.get("NEXY_TEST_POSTGRES_URL"), reason="NEXY_TEST_POSTGRES_URL names no PostgreSQL server"
)
__all__ = ["needs_nats", "needs_postgres"]
PATIENCE = 30.0  # seconds: for whatever does come about, on a machine that does much else
ALONE = ("bus_away", "limits_not_shared")  # alerts
ROOMY = {
    "SCRIPTED_SENTENCES": "100",
    "SAMPLE_RATE": "8000",  # a sixth of the bytes: it is not what these tests are about
    "LEAD_SECONDS": "0.6",  # sound is paced nearly from the start, so that all speak for long
    "MAX_ACTIVE_SESSIONS": "1000",
    "MAX_SESSIONS": "1000",
    "MAX_REQUESTS_PER_MINUTE": "100000",
    "MAX_CONCURRENT_REQUESTS": "1000",
    "DRAIN_SECONDS": "30",
}


class Node(Process):
    """A machine: a supervisor and two workers.

    Two of them and their users are as much as two cores can do: coverage is not measured in them.
    """

    def __init__(self, folder: Path, env: dict[str, str], under: Sequence[str] = ()) -> None:
        folder.mkdir()
        super().__init__(folder, env, "--workers", "2", under=under, measured=False)

    def status(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://{self.http}/status", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def alerts(self) -> set[tuple[int, str]]:
        """That fire: which worker, and which alert."""
        return {(alert["worker"], alert["name"]) for alert in self.status()["alerts"]}

    def is_alone(self) -> bool:
        """Each of its workers says that there is no bus."""
        return {(worker, name) for worker in (1, 2) for name in ALONE} <= self.alerts()

    def is_in_company(self) -> bool:
        return not {name for _, name in self.alerts()} & set(ALONE)

    def processes(self) -> list[psutil.Process]:
        """All of them, the supervisor first."""
        try:
            supervisor = psutil.Process(self.process.pid)
            return [supervisor, *supervisor.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """As if the machine went."""
        for one in self.processes():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()

    def close(self) -> None:
        """In good order where that is possible."""
        try:
            if self.process.poll() is None:
                self.signal(signal.SIGTERM)
                self.wait(PATIENCE)
        finally:
            self.kill()
            super().close()


@dataclass
class Cluster:
    """Nodes with a bus and a database of their own."""

    folder: Path
    nats: NatsServer
    database: str
    nodes: list[Node] = field(default_factory=list)

    def start(self, *each: dict[str, str], **every: object) -> list[Node]:
        """A node for each of these environments, two when there are none; and what is `every` node's."""
        shared = {"NATS_URL": self.nats.url, "DATABASE_URL": self.database}
        shared |= ROOMY | {name: str(value) for name, value in every.items()}
        wanted = each or ({}, {})
        names = range(len(self.nodes), len(self.nodes) + len(wanted))
        with ThreadPoolExecutor() as pool:  # each has to start two workers
            made = pool.map(lambda name, env: Node(self.folder / f"node-{name}", shared | env), names, wanted)
            self.nodes += made
        return self.nodes


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with nats_server(tmp_path / "nats") as nats, own_postgres() as database:
        made = Cluster(tmp_path, nats, database)
        try:
            yield made
        finally:
            with ThreadPoolExecutor() as pool:
                list(pool.map(Node.close, made.nodes))
    for node in made.nodes:
        assert "Traceback" not in (node.folder / "log").read_text()


@dataclass(eq=False)
class Answer:
    """One answer, being heard."""

    call: Any
    kinds: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sound_bytes: int = 0
    heard_at: float = 0.0  # time.monotonic() of the newest sound
    status: grpc.StatusCode | None = None
    trailers: dict[str, Any] = field(default_factory=dict)
    speaking: asyncio.Event = field(default_factory=asyncio.Event)
    reading: "asyncio.Task[None] | None" = None

    @property
    def over(self) -> bool:
        assert self.reading is not None
        return self.reading.done()

    async def hear(self) -> None:
        """To whatever end."""
        try:
            async for message in self.call:
                kind = message.WhichOneof("content")
                self.kinds.append(kind)
                if kind == "audio_chunk":
                    self.sound_bytes += len(message.audio_chunk.audio_data)
                    self.heard_at = time.monotonic()
                    self.speaking.set()
                elif kind == "end_message":
                    self.ends.append(message.end_message)
                elif kind == "error_message":
                    self.errors.append(message.error_message)
        except grpc.aio.AioRpcError:
            pass
        self.status = await self.call.code()
        self.trailers = dict(await self.call.trailing_metadata() or ())
        self.speaking.set()

    async def begun(self) -> "Answer":
        """It speaks."""
        await asyncio.wait_for(self.speaking.wait(), PATIENCE)
        assert self.sound_bytes, (self.status, self.errors)
        return self

    async def ended(self) -> "Answer":
        assert self.reading is not None
        await asyncio.wait_for(asyncio.shield(self.reading), 2 * PATIENCE)
        return self

    async def ended_by(self, end: str) -> "Answer":
        """It ends like this, once, and nothing comes after it."""
        await self.ended()
        assert (self.ends, self.kinds[-1], self.status) == ([end], "end_message", grpc.StatusCode.OK), (
            self.ends,
            self.errors,
            self.status,
        )
        return self


class User:
    """Somebody with a device and a connection."""

    def __init__(self, pb: SimpleNamespace, name: str, target: str, token: str = "") -> None:
        self.name = name
        self.session = f"talk-of-{name}"
        self._pb = pb
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        self.channel = grpc.aio.insecure_channel(target, options=options)
        service = "/streaming.StreamingService"
        self._stream = self.channel.unary_stream(
            f"{service}/StreamAudio",
            request_serializer=pb.StreamRequest.SerializeToString,
            response_deserializer=pb.StreamResponse.FromString,
        )
        self._interrupt = self.channel.unary_unary(
            f"{service}/InterruptSession",
            request_serializer=pb.InterruptRequest.SerializeToString,
            response_deserializer=pb.InterruptResponse.FromString,
        )

    def ask(self, prompt: str = "Hello", timeout: float | None = None) -> Answer:
        """With a deadline, sound is not held back to real time."""
        request = self._pb.StreamRequest(prompt=prompt, hardware_id=self.name, session_id=self.session)
        answer = Answer(self._stream(request, metadata=self._metadata, timeout=timeout))
        answer.reading = asyncio.create_task(answer.hear())
        return answer

    async def stop(self, who: "User | None" = None) -> list[str]:
        """Interrupt the own answers, or those of somebody else, over this connection."""
        request = self._pb.InterruptRequest(hardware_id=(who or self).name)
        told = await self._interrupt(request, metadata=self._metadata, timeout=PATIENCE)
        return list(told.interrupted_sessions)


def named(number: int, kind: str = "device") -> list[str]:
    return [f"{kind}-{each:03}" for each in range(number)]


@asynccontextmanager
async def users(
    pb: SimpleNamespace, names: Sequence[str], nodes: Sequence[Node]
) -> AsyncIterator[list[User]]:
    """One for each name, connected, spread over the nodes."""
    async with AsyncExitStack() as stack:
        made = [User(pb, name, nodes[each % len(nodes)].target) for each, name in enumerate(names)]
        for user in made:
            await stack.enter_async_context(user.channel)
        await asyncio.wait_for(asyncio.gather(*(user.channel.channel_ready() for user in made)), PATIENCE)
        yield made


def run(story: Coroutine[Any, Any, T]) -> T:
    """On asyncio's own loop: nexy, in this process too, would put Trio's under the clients."""
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        return runner.run(story)


async def all_of(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    return list(await asyncio.gather(*work))


async def speaking(crowd: Sequence[User], prompt: str = "Hello") -> list[Answer]:
    """All of them ask, and hear something."""
    return await all_of([user.ask(prompt).begun() for user in crowd])


async def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait in a thread until it is so; OSErrors are taken for "not yet"."""
    end = time.monotonic() + seconds
    while True:
        with suppress(OSError):
            if await asyncio.to_thread(true):
                return
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.1)
