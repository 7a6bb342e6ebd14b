"""One RPC, from the wire to its end."""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, cast

import h2.exceptions
import trio
from grpclib.const import Status
from grpclib.exceptions import ProtocolError
from grpclib.server import Stream
from trio_asyncio import aio_as_trio

from nexy.errors import BadRequest, Limit, NexyError, Refused, TooLarge
from nexy.nursery.border.connection import REQUEST_SECONDS, Wire
from nexy.nursery.border.http2 import EARNED, Http2
from nexy.types import Caller, Timing

PREFIX_BYTES = 5  # gRPC over HTTP/2, "Length-Prefixed-Message": one byte of flags, four of length
CONNECTION_WINDOW_BYTES = 65_535  # RFC 9113 §6.9.2: what every connection starts with


class Call:
    """One RPC as Trio sees it: a request, messages to send, one end.

    Client gone and deadline passed cancel the task that serves it.
    """

    def __init__(self, stream: Stream[Any, Any], most_request_bytes: int) -> None:
        self._stream = stream
        self._wire = cast("Wire", stream._stream)
        self._id = cast("int", self._wire.id)
        self._http2 = cast("Http2", self._wire._h2_connection)
        self._house = self._wire.connection.house
        self._most_request_bytes = most_request_bytes
        self._request: bytes | NexyError = b""
        self.caller = Caller()  # who calls; filled when the call is read
        self._cut = False  # a message is partly sent: nothing may follow it
        self.metadata: Mapping[str, Any] = stream.metadata or {}
        remaining = math.inf if stream.deadline is None else stream.deadline.time_remaining()
        self.timing = Timing(self._wire.came_at, trio.current_time() + remaining)

    def __repr__(self) -> str:
        return f"<Call {self._stream._method_name} stream={self._id}>"

    @property
    def address(self) -> str:
        """Where the client calls from, "host:port"."""
        return ":".join(map(str, (self._stream.peer.addr() or ("?",))[:2]))

    def request(self) -> bytes:
        """The request, still encoded. Raises BadRequest, or Refused when it is too large."""
        if isinstance(self._request, NexyError):
            raise self._request
        return self._request

    async def read(self, admit: "Callable[[Call], Caller]") -> None:  # asyncio
        """Take the request from the wire and open the response, before Trio sees the call.

        So that nothing but the message itself is between a sentence and its sound. Of a caller that
        `admit` raises NexyError for, nothing is read.
        """
        try:
            self.caller = admit(self)
            self._request = await self._receive()
        except NexyError as error:
            self._request = error
        self._wire.whole()
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
            self._check_room()
            raise BadRequest("the request ends in the middle") from None

    async def _receive_whole(self) -> bytes:  # asyncio
        prefix = await self._wire.recv_data(PREFIX_BYTES)
        self._check_room()
        if not prefix:
            raise BadRequest("the request is missing")
        if prefix[0]:
            raise BadRequest("compressed requests are not understood; send them with identity encoding")
        size = int.from_bytes(prefix[1:], "big")
        if size > self._most_request_bytes:
            raise TooLarge(f"the request has {size} bytes; at most {self._most_request_bytes} are taken")
        return await self._wire.recv_data(size)

    def _check_room(self) -> None:
        if self._wire.refused:
            raise Refused("the server receives too much at once", Limit.MEMORY)

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
            await self._until_window_is_opened()

    async def _until_window_is_opened(self) -> None:
        """Wait for it, but not for a client that takes nothing any more: its call is dropped."""
        with trio.move_on_after(self._house.limits.stalled_seconds) as patience:
            await aio_as_trio(self._wire.window_updated.wait)()
        if patience.cancelled_caught:
            self._house.doors.turned_away["stalled"] += 1
            self.reset()
            raise trio.BrokenResourceError("the client takes nothing")

    async def _until_writable(self) -> None:
        """Wait while the socket's own buffer is full."""
        if not self._wire.connection.write_ready.is_set():
            await aio_as_trio(self._wire.connection.write_ready.wait)()

    def _write(self, data: memoryview) -> None:
        most = self._http2.max_outbound_frame_size
        for start in range(0, len(data), most):
            self._http2.send_data(self._id, data[start : start + most])
            self._http2.budget.earn(EARNED)
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
