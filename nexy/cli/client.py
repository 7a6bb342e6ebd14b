"""A client of Nexy: what `ask`, `interrupt` and `welcome` share."""

import os
import socket
import ssl
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

import betterproto
import typer
from grpclib.exceptions import GRPCError, StreamTerminatedError

from nexy.cli.failing import WRONG_USE, fail
from nexy.cli.link import Link, certificate_problem
from nexy.cli.stopping import run_until_ctrl_c
from nexy.errors import leaves
from nexy.modules.grpc_service.streaming import AudioChunk, StreamingServiceStub
from nexy.nursery.border import open_asyncio, open_grpc_channel

T = TypeVar("T")
M = TypeVar("M", bound=betterproto.Message)
S = TypeVar("S", bound=betterproto.ServiceStub)


@asynccontextmanager
async def open_stub_of(kind: type[S], link: Link) -> AsyncIterator[S]:
    """A service at `link.server`."""
    metadata = {"authorization": f"Bearer {link.token}"} if link.token else None
    host, port = link.server
    async with open_asyncio(), open_grpc_channel(host, port, link.context()) as channel:
        yield kind(channel, metadata=metadata)


def open_stub(link: Link) -> AbstractAsyncContextManager[StreamingServiceStub]:
    """The service that answers."""
    return open_stub_of(StreamingServiceStub, link)


def run_client(main: Callable[[], Awaitable[T]], link: Link) -> T:
    """Run `main`, and say in one line what stopped it; Ctrl-C stops it without a word."""
    server = link.server
    try:
        return run_until_ctrl_c(main)
    except ExceptionGroup as error:
        cause = leaves(error)[0]
        match cause:
            case GRPCError():
                fail(f"{cause.status.name}: {cause.message}")
            case StreamTerminatedError():
                fail(f"the server at {server} broke off{_perhaps(link)}")
            case BrokenPipeError():  # the reader of our output went away: sockets do not raise this here
                raise cause from None
            case TimeoutError():
                fail(f"the server at {server} did not answer in time")
            case socket.gaierror():
                fail(f"{server.host}: {cause.strerror}")
            case ssl.SSLError():
                fail(f"the server at {server}: {certificate_problem(cause)}")
            case typer.Exit():
                raise cause from None
            case OSError():
                fail(f"no server answers at {server}; start one with: nexy serve")
        raise


def _perhaps(link: Link) -> str:
    """Why a server may have broken off before it said a word."""
    if not link.encrypted:
        return "; if it speaks TLS, give --tls"
    return "" if link.client_cert else "; if it asks for a certificate, give --client-cert"


def sendable(request: M) -> M:
    """`request`, if its text can be sent: what a shell hands on need not be UTF-8."""
    try:
        bytes(request)
    except UnicodeEncodeError:
        fail("what is sent must be UTF-8", status=WRONG_USE)
    return request


class Recording:
    """Sound as it comes from a server, and the WAV file that it goes to, if any, when the block is left.

    After a failure there may be an apology in it; without one no file is written.
    """

    def __init__(self, file: str | None) -> None:
        """Ends the program when `file` cannot be written: before anything is asked."""
        self._pcm = bytearray()
        self._rate = 48_000  # Hz, until the first chunk says
        self._file = None if file is None else Path(file)
        if self._file is not None:
            _check_writable(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None or self._pcm:
            self._write()

    @property
    def seconds(self) -> float:
        return len(self._pcm) / (2 * self._rate)

    def add(self, chunk: AudioChunk) -> None:
        self._rate = chunk.sample_rate or self._rate
        self._pcm += chunk.audio_data

    def _write(self) -> None:
        if self._file is None:
            return
        try:
            with self._file.open("wb") as opened, wave.open(opened, "wb") as wav:
                wav.setnchannels(1)
                wav.setsampwidth(2)
                wav.setframerate(self._rate)
                wav.writeframes(self._pcm)
        except OSError as error:
            fail(f"{self._file}: {error.strerror}")


def _check_writable(file: Path) -> None:
    folder = file.parent
    if not folder.is_dir():
        fail(f"{file}: there is no folder {folder}")
    if file.is_dir():
        fail(f"{file}: Is a directory")
    if not os.access(file if file.exists() else folder, os.W_OK):
        fail(f"{file}: Permission denied")
