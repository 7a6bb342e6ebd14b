"""A client of Nexy: what `ask`, `interrupt` and `welcome` share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import trio
from grpclib.exceptions import GRPCError, StreamTerminatedError

from nexy.cli import fail
from nexy.errors import leaves
from nexy.modules.audio_generation.pcm import write_wav
from nexy.modules.grpc_service.streaming import AudioChunk, StreamingServiceStub
from nexy.nursery.border import open_asyncio, open_grpc_channel

T = TypeVar("T")


@asynccontextmanager
async def open_stub(server: str, token: str | None = None) -> AsyncIterator[StreamingServiceStub]:
    """The service at "host:port"."""
    host, _, port = server.rpartition(":")
    metadata = {"authorization": f"Bearer {token}"} if token else None
    async with open_asyncio(), open_grpc_channel(host.strip("[]"), int(port)) as channel:
        yield StreamingServiceStub(channel, metadata=metadata)


def run_client(main: Callable[[], Awaitable[T]], server: str) -> T:
    """Run `main`, and say in one line what stopped it."""
    if not server.rpartition(":")[2].isdecimal():
        fail(f"--server: {server} is not HOST:PORT")
    try:
        return trio.run(main)
    except (ExceptionGroup, GRPCError, OSError, StreamTerminatedError) as error:
        cause = leaves(error)[0]
        if isinstance(cause, GRPCError):
            fail(f"{cause.status.name}: {cause.message}")
        if isinstance(cause, OSError | StreamTerminatedError):
            fail(f"no server answers at {server}; start one with: nexy serve")
        raise


class Recording:
    """Sound as it comes from a server."""

    def __init__(self) -> None:
        self._pcm = bytearray()
        self._rate = 48_000  # Hz, until the first chunk says

    @property
    def seconds(self) -> float:
        return len(self._pcm) / (2 * self._rate)

    def add(self, chunk: AudioChunk) -> None:
        self._rate = chunk.sample_rate or self._rate
        self._pcm += chunk.audio_data

    def write(self, file: str) -> None:
        try:
            write_wav(Path(file), bytes(self._pcm), self._rate)
        except OSError as error:
            fail(f"{file}: {error.strerror}")
