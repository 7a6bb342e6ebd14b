"""Where asyncio ends. The only file that imports asyncio, trio_asyncio or grpclib's server.

On the far side grpclib serves HTTP/2 on trio-asyncio's loop; on the near side every coroutine is
Trio's. Both sides share one thread, so what does not wait is called across without a bridge.
"""

import asyncio
import logging
import math
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import grpclib.client
import h2.connection
import h2.exceptions
import trio
from google.protobuf import descriptor_pb2, descriptor_pool
from grpclib.const import Handler, Status
from grpclib.exceptions import ProtocolError
from grpclib.health.check import ServiceStatus
from grpclib.health.service import OVERALL, Health
from grpclib.protocol import EventsProcessor, H2Protocol
from grpclib.protocol import Stream as Http2Stream
from grpclib.reflection.service import ServerReflection
from grpclib.server import Handler as Handlers
from grpclib.server import Server, Stream
from h2.events import RequestReceived
from trio_asyncio import aio_as_trio, open_loop, trio_as_aio

from nexy.errors import BadRequest, NexyError, TooLarge
from nexy.types import Timing

T = TypeVar("T")

log = logging.getLogger(__name__)

PREFIX_BYTES = 5  # gRPC over HTTP/2, "Length-Prefixed-Message": one byte of flags, four of length
CONNECTION_WINDOW_BYTES = 65_535  # RFC 9113 §6.9.2: what every connection starts with
REQUEST_SECONDS = 60.0  # for all of a request to come: 50 MiB at 7 Mbit/s
LISTEN_BACKLOG = 1024  # after a restart a rush of clients waits in the kernel instead of being refused


@asynccontextmanager
async def open_asyncio() -> AsyncIterator[None]:
    """Make asyncio's side reachable inside the block, from this task and all that it starts."""
    async with open_loop() as loop:
        # The loop's own handler ends the whole program; one broken connection must not.
        loop.set_exception_handler(_log_foreign_error)
        yield


def _log_foreign_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.warning("asyncio: %s (%s)", context.get("message"), type(context.get("exception")).__name__)


@trio.as_safe_channel
async def open_stream(make: Callable[[], AsyncIterator[T]]) -> AsyncGenerator[T, None]:
    """A foreign asyncio generator as a Stream; it is closed on every way out of the block.

    Errors of the generator come out of the block as they are: the provider that opened it
    translates them.
    """
    items = cast("AsyncGenerator[T, None]", make())
    try:
        while True:
            try:
                item = await aio_as_trio(items.__anext__)()
            except StopAsyncIteration:
                return
            yield item
    finally:
        with trio.CancelScope(shield=True):
            await aio_as_trio(items.aclose)()


@asynccontextmanager
async def open_grpc_channel(host: str, port: int) -> AsyncIterator[grpclib.client.Channel]:
    """A client's connection, made at its first call. Call it inside `open_stream` or `call`."""
    channel = grpclib.client.Channel(host, port)
    try:
        yield channel
    finally:
        channel.close()


async def call(make: Callable[[], Awaitable[T]]) -> T:
    """Await something of asyncio's from Trio."""

    async def awaited() -> T:
        return await make()

    result: T = await aio_as_trio(awaited)()
    return result


class Call:
    """One RPC as Trio sees it: a request, messages to send, one end.

    Client gone and deadline passed cancel the task that serves it.
    """

    def __init__(self, stream: Stream[Any, Any], most_request_bytes: int) -> None:
        self._stream = stream
        self._wire = stream._stream
        self._id = cast("int", self._wire.id)
        self._http2: h2.connection.H2Connection = self._wire._h2_connection
        self._most_request_bytes = most_request_bytes
        self._request: bytes | NexyError = b""
        self._cut = False  # a message is partly sent: nothing may follow it
        self.metadata: Mapping[str, Any] = stream.metadata or {}
        remaining = math.inf if stream.deadline is None else stream.deadline.time_remaining()
        self.timing = Timing(self._wire.came_at, trio.current_time() + remaining)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"<Call {self._stream._method_name} stream={self._id}>"

    @property
    def address(self) -> str:
        """Where the client calls from, "host:port"."""
        return ":".join(map(str, (self._stream.peer.addr() or ("?",))[:2]))

    @property
    def left(self) -> bool:
        """Its client is gone, or the client's deadline has passed."""
        return bool(self._wire.wrapper is not None and self._wire.wrapper.cancelled)

    def request(self) -> bytes:
        """The request, still encoded. Raises BadRequest, or Refused when it is too large."""
        if isinstance(self._request, NexyError):
            raise self._request
        return self._request

    async def read(self) -> None:  # asyncio
        """Take the request from the wire and open the response, before Trio sees the call.

        So that nothing but the message itself is between a sentence and its sound.
        """
        try:
            self._request = await self._receive()
        except NexyError as error:
            self._request = error
        await self._stream.send_initial_metadata()
        self._stream._send_message_done = True  # grpclib sees no message that it did not send

    async def _receive(self) -> bytes:  # asyncio
        # grpclib's own recv_message would take any length and any compression at its word.
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                return await self._receive_whole()
        except TimeoutError:
            raise BadRequest(f"the request did not come within {REQUEST_SECONDS:.0f} s") from None
        except AssertionError:  # how grpclib says that the stream ended too early
            raise BadRequest("the request ends in the middle") from None

    async def _receive_whole(self) -> bytes:  # asyncio
        prefix = await self._wire.recv_data(PREFIX_BYTES)
        if not prefix:
            raise BadRequest("the request is missing")
        if prefix[0]:
            raise BadRequest("compressed requests are not understood; send them with identity encoding")
        size = int.from_bytes(prefix[1:], "big")
        if size > self._most_request_bytes:
            raise TooLarge(f"the request has {size} bytes; at most {self._most_request_bytes} are taken")
        return await self._wire.recv_data(size)

    async def send(self, *parts: bytes | memoryview) -> None:
        """Send one message, given in parts that are joined.

        It waits until the client's flow-control window takes the whole message, so that a
        cancelled send has sent nothing and another message can still follow. Raises
        trio.BrokenResourceError when the client is gone.
        """
        if self._cut:  # nothing fits behind half a message; `finish` will reset the stream
            return
        size = sum(map(len, parts))
        data = memoryview(b"".join((b"\0", size.to_bytes(4, "big"), *parts)))
        while data:
            room = await self._room(len(data))
            if not self._cut:  # whoever was stopped in this very moment sends nothing more
                await trio.lowlevel.checkpoint_if_cancelled()
            self._write(data[:room])
            data = data[room:]
            self._cut = bool(data)

    async def _room(self, wanted: int) -> int:
        """Wait for the client to take `wanted` bytes, or half of its window if that is less.

        Never more than half: many clients open their window again only once half of it is used.
        """
        initial = min(self._http2.remote_settings.initial_window_size, CONNECTION_WINDOW_BYTES)
        enough = max(1, min(wanted, initial // 2))
        while True:
            await self._until_writable()
            if not self._wire.closable:
                raise trio.BrokenResourceError("the client is gone")
            window = self._http2.local_flow_control_window(self._id)
            if window >= enough:
                return min(window, wanted)
            self._wire.window_updated.clear()
            await aio_as_trio(self._wire.window_updated.wait)()

    async def _until_writable(self) -> None:
        """Wait while the socket's own buffer is full."""
        if not self._wire.connection.write_ready.is_set():
            await aio_as_trio(self._wire.connection.write_ready.wait)()

    def _write(self, data: memoryview) -> None:
        most = self._http2.max_outbound_frame_size
        for start in range(0, len(data), most):
            self._http2.send_data(self._id, data[start : start + most])
        self._wire.connection.flush()
        self._wire.connection.data_send_process()

    async def finish(
        self,
        status: Status = Status.OK,
        message: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """End the call with its status. A client that is gone is no error here."""
        if self._cut:  # no end fits behind half a message
            self.reset()
            return
        await self._until_writable()
        try:
            # It waits for nothing else, so that no bridge to asyncio need be crossed.
            await self._stream.send_trailing_metadata(
                status=status, status_message=message, metadata=metadata
            )
        except (h2.exceptions.ProtocolError, ProtocolError):
            return

    def reset(self) -> None:
        """Drop the call at once; what is left of it is not sent."""
        if self._wire.closable:
            self._wire.reset_nowait()
            self._stream._cancel_done = True  # else grpclib would send trailers after it


Rpc: TypeAlias = Callable[[Call], Awaitable[None]]


class Contract(Protocol):
    """What betterproto generates for a service: paths, cardinalities and message types."""

    def __mapping__(self) -> dict[str, Handler]: ...


@dataclass(frozen=True, eq=False)
class TrioService:
    """A generated service whose methods are Trio functions, by their names in the .proto."""

    contract: Contract
    rpcs: Mapping[str, Rpc]
    most_request_bytes: int

    def __mapping__(self) -> dict[str, Handler]:
        return {
            path: handler._replace(func=partial(self._serve, self.rpcs[path.rpartition("/")[2]]))
            for path, handler in self.contract.__mapping__().items()
        }

    async def _serve(self, rpc: Rpc, stream: Stream[Any, Any]) -> None:  # asyncio
        call = Call(stream, self.most_request_bytes)
        await call.read()
        with suppress(trio.BrokenResourceError):  # nobody is left to be told
            await trio_as_aio(rpc)(call)
        if call.left:
            # Who did not notice the cancelling, being busy with an end, has ended by it all the same:
            # grpclib would log an error.
            raise asyncio.CancelledError


class _Events(EventsProcessor):
    """Notes when a request came; passes over what grpclib does not know, as RFC 9113 §4.1 asks."""

    def process(self, event: Any) -> None:
        if type(event) in getattr(self, "processors", ()):
            super().process(event)
        if isinstance(event, RequestReceived) and event.stream_id in self.streams:
            stream = self.streams[event.stream_id]
            stream.came_at = trio.current_time()  # type: ignore[attr-defined]
            task = cast("Handlers", self.handler)._tasks[stream]
            task.add_done_callback(partial(self._let_go, stream))

    def _let_go(self, stream: Http2Stream, _task: "asyncio.Task[None]") -> None:
        """Forget a call that was reset before the first step of grpclib's task, which would have done it.

        Without this it would stay, and its request would fill the connection's window, for as long
        as the connection is open.
        """
        if self.streams.pop(cast("int", stream.id), None) and not self.connection.is_closing():
            self.connection.ack(cast("int", stream.id), stream.buffer.unacked_size())


class _Connection(H2Protocol):
    """One client's connection, known to the listener while it is open."""

    connections: set["_Connection"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.processor = _Events(self.handler, self.connection)
        self.connections.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.connections.discard(self)
        super().connection_lost(exc)

    def say_goodbye(self) -> None:
        """Send GOAWAY and close."""
        if not self.connection.is_closing():
            self.connection._connection.close_connection()
            self.connection.flush()
            self.connection.close()


class _Server(Server):
    def __init__(self, handlers: list[Any]) -> None:
        super().__init__(handlers)
        self.connections: set[_Connection] = set()

    def _protocol_factory(self) -> H2Protocol:
        plain = super()._protocol_factory()
        connection = _Connection(plain.handler, plain.config, plain.h2_config)
        connection.connections = self.connections
        return connection


class GrpcListener:
    """A gRPC server that listens."""

    def __init__(self, server: _Server, health: ServiceStatus) -> None:
        self._server = server
        self._health = health
        sockets: tuple[socket.socket, ...] = server._server.sockets  # type: ignore[union-attr]
        self.host, self.port = sockets[0].getsockname()[:2]

    def __repr__(self) -> str:
        return f"<GrpcListener {self.address} connections={len(self._server.connections)}>"

    @property
    def address(self) -> str:
        """ "host:port", with brackets around an IPv6 host."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def stop_listening(self) -> None:
        """Take no new connection and say NOT_SERVING; what runs, runs on."""
        self._health.set(False)
        self._server._server.close()  # type: ignore[union-attr]

    async def close(self) -> None:  # asyncio
        """Cancel what still runs, wait for it, and close every connection with a GOAWAY."""
        self._server.close()
        for handler in list(self._server._handlers):
            await handler.wait_closed()
        for connection in list(self._server.connections):
            connection.say_goodbye()


@asynccontextmanager
async def serve_grpc(
    services: list[TrioService], *, host: str, port: int, descriptors: bytes
) -> AsyncIterator[GrpcListener]:
    """Serve `services`, with the standard health and reflection services beside them.

    `descriptors` is the serialised FileDescriptorSet of the services, for reflection. Port 0 takes
    any free port. Raises OSError when the port is taken. Leaving the block cancels what runs.
    """
    pool = descriptor_pool.Default()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors).file:
        pool.Add(file)
    health = ServiceStatus()
    health.set(True)
    checks: list[Any] = [OVERALL, *services]
    server = _Server(ServerReflection.extend([*services, Health({name: [health] for name in checks})]))
    await aio_as_trio(server.start)(host, port, backlog=LISTEN_BACKLOG)
    listener = GrpcListener(server, health)
    try:
        yield listener
    finally:
        with trio.CancelScope(shield=True):
            await aio_as_trio(listener.close)()
