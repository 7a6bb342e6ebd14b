"""trio-websocket's connection, with limits on what a client may make it hold and do."""

import math
from collections.abc import Sequence
from contextlib import suppress

import trio
from trio_websocket import CloseReason, ConnectionClosed, WebSocketConnection
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, TextMessage
from wsproto.frame_protocol import CloseReason as Code
from wsproto.utilities import LocalProtocolError

from nexy.integrations.gateway.line import RECEIVE_BYTES, Line
from nexy.modules.grpc_service.envelope import Frame
from nexy.nursery.border.budget import Budget
from nexy.nursery.border.receiving import Receiving

MOST_PARTS = 1000  # of a message whatever its size
PART_BYTES = 512  # and more, if they have so many bytes on the average: each costs some 50 beside them
MOST_REASON_BYTES = 123  # RFC 6455 §5.5: a control frame has 125, two of them for the code

BROKEN: dict[int, str] = {Code.INVALID_FRAME_PAYLOAD_DATA: "text that is not UTF-8"}


class Socket(WebSocketConnection):
    """A server's end of a WebSocket. A client that breaks a rule is told which, and then it is closed."""

    def __init__(self, line: Line, network: str, most_bytes: int, receiving: Receiving) -> None:
        super().__init__(
            line,
            WSConnection(ConnectionType.SERVER),
            message_queue_size=0,  # a message waits in the socket, not here
            max_message_size=most_bytes,
            receive_buffer_size=RECEIVE_BYTES,
        )
        self.network = network
        self.held = 0  # bytes of `receiving`
        self.coming_since = math.inf  # the message that is not whole yet
        self._line = line
        self._receiving = receiving
        self._budget = Budget(trio.current_time())
        self._parts = self._bytes = 0  # of that message

    def __repr__(self) -> str:
        return f"<Socket {self.subprotocol} {self._wsproto.state.name}>"

    def look(self, now: float) -> bool:
        """As a request in `receiving`; the connection itself looks at how long a message takes."""
        return True

    async def read(self) -> None:
        """Receive until the connection ends: the one task that does."""
        try:
            await self._reader_task()
        finally:
            self._receiving.give_back(self)

    async def _handle_message_event(self, event: BytesMessage | TextMessage) -> None:
        data = event.data
        size = len(data.encode()) if isinstance(data, str) and not data.isascii() else len(data)
        self._bytes += size
        self._parts += 1
        if self._bytes > self._max_message_size or self._parts > MOST_PARTS + self._bytes // PART_BYTES:
            await self._end(Code.MESSAGE_TOO_BIG, f"a message has at most {self._max_message_size} bytes")
        elif event.frame_finished and not self._affordable():
            await self._end(Code.POLICY_VIOLATION, "too many frames")
        elif not self._receiving.take(self, size):
            await self._end(Code.TRY_AGAIN_LATER, "the server receives too much at once")
        elif event.message_finished:
            self._receiving.give_back(self)
            self._parts = self._bytes = 0
            self.coming_since = math.inf
            await super()._handle_message_event(event)
        else:
            self.coming_since = min(self.coming_since, trio.current_time())
            await super()._handle_message_event(event)

    async def _handle_ping_event(self, event: Ping) -> None:
        if not self._affordable():
            await self._end(Code.POLICY_VIOLATION, "too many frames")
        if self._wsproto.state is ConnectionState.OPEN:  # else a pong may not be sent any more
            await super()._handle_ping_event(event)

    async def _handle_pong_event(self, event: Pong) -> None:
        if self._affordable():
            await super()._handle_pong_event(event)
        else:
            await self._end(Code.POLICY_VIOLATION, "too many frames")

    async def _handle_close_connection_event(self, event: CloseConnection) -> None:
        if self._wsproto.state is ConnectionState.OPEN:
            # They have not closed: it is how wsproto says that they broke a rule, and trio-websocket would
            # not tell them.
            await self._end(event.code, BROKEN.get(event.code, "a frame that RFC 6455 forbids"))
        else:
            await super()._handle_close_connection_event(event)

    async def send_frames(self, frames: Sequence[Frame]) -> None:
        """Send messages, written as one. Raises ConnectionClosed.

        trio-websocket's own would go round the loop twice for each before a byte of it is written, and a
        crowd would hear it.
        """
        if self._close_reason:
            raise ConnectionClosed(self._close_reason)
        events = [TextMessage(one) if isinstance(one, str) else BytesMessage(one) for one in frames]
        data = b"".join([self._wsproto.send(event) for event in events])
        try:
            self._stream_lock.acquire_nowait()
        except trio.WouldBlock:
            await self._stream_lock.acquire()
        gone = False
        try:
            await self._line.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            gone = True
        finally:
            self._stream_lock.release()
        if gone:
            await self._abort_web_socket()
            raise ConnectionClosed(self._close_reason)

    async def _send(self, event: Event) -> None:
        try:
            await super()._send(event)
        except LocalProtocolError:  # one side has closed in this very moment
            raise ConnectionClosed(self._close_reason) from None

    def _affordable(self) -> bool:
        return self._budget.spend(1, trio.current_time)

    async def _end(self, code: int, reason: str) -> None:
        """Tell the client why, and read nothing more."""
        self._message_parts = []
        self._line.lingers = True
        self._close_reason = CloseReason(code, reason)
        self._reader_running = False
        with suppress(ConnectionClosed):
            await self._send(CloseConnection(code, short(reason)))
        await self._recv_channel.aclose()
        raise ConnectionClosed(self._close_reason)


def short(reason: str) -> str:
    """As much of it as a close frame holds."""
    return reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore")
