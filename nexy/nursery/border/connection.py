"""One client's connection, and what comes over it."""

import asyncio
import fcntl
import math
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import grpclib.protocol
import trio
from grpclib.config import Configuration
from grpclib.protocol import EventsProcessor, H2Protocol
from grpclib.server import Handler as Handlers
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived
from h2.exceptions import DenialOfServiceError
from h2.exceptions import ProtocolError as Http2Error

from nexy.config import ConnectionsConfig
from nexy.nursery.border.curt import TurnAway, answer
from nexy.nursery.border.doors import Doors
from nexy.nursery.border.headers import at_least_a_moment, header, path_of
from nexy.nursery.border.http2 import Flood, Http2
from nexy.nursery.border.receiving import SMALL_BYTES, Receiving

REQUEST_SECONDS = 60.0  # for all of a request to come: 50 MiB at 7 Mbit/s
LINGER_SECONDS = 2.0  # what is left to say to a client that is sent away may take so long
MOST_UNSENT_BYTES = 2**20
"""Answers wait while 64 KiB are unsent, so that beside these there is one message at most, of 300 KB. What
is over it are replies to pings and the like, for a client that does not read them."""


@dataclass(frozen=True, eq=False)
class House:
    """What all connections of one listener share."""

    limits: ConnectionsConfig
    doors: Doors
    receiving: Receiving
    turn_away: Mapping[str, TurnAway]  # by path, for those that may be
    room: Mapping[str, int]  # bytes of one request, by path; SMALL_BYTES for every other


class Wire(grpclib.protocol.Stream):
    """One call's stream."""

    connection: "Line"
    came_at = -math.inf  # when its request came, in Trio's time
    room = SMALL_BYTES
    held = 0  # bytes of its request, until that is whole
    deaf = False  # what comes now is not kept
    ours = False  # one of our services' calls: health and reflection keep no connection open
    refused = False  # its request was larger than there was room for

    @property
    def network(self) -> str:
        """Where it comes from."""
        return self.connection.network

    def whole(self) -> None:
        """Its request is read: that counts no more, and what else comes is not kept."""
        self.connection.house.receiving.give_back(self)
        self.deaf = True

    def refuse(self) -> None:
        """Take nothing more of its request; whoever reads that finds its end."""
        self.refused = self.deaf = True
        self.buffer.eof()

    def look(self, now: float) -> bool:
        """Refuse a request that takes too long to come. False while it has time."""
        if now - self.came_at < REQUEST_SECONDS + LINGER_SECONDS:  # who can say it better has said it by now
            return False
        if self.buffer._acked_size or not self.buffer._unacked.empty():
            self.refuse()
        self.connection.house.receiving.give_back(self)
        return True


class Line(grpclib.protocol.Connection):
    """The bytes of one connection."""

    _connection: Http2

    def __init__(
        self, http2: Http2, transport: asyncio.Transport, config: Configuration, house: House, network: str
    ) -> None:
        super().__init__(http2, transport, config=config)
        self.house = house
        self.network = network

    def create_stream(self, *, stream_id: int | None = None, wrapper: Any = None) -> Wire:
        return Wire(self, self._connection, self._transport, stream_id=stream_id, wrapper=wrapper)


class Events(EventsProcessor):
    """Notes when a request came; passes over what grpclib does not know, as RFC 9113 §4.1 asks."""

    connection: Line
    streams: dict[int, Wire]  # type: ignore[assignment]

    def process(self, event: Any) -> None:
        kind = type(event)
        if kind not in getattr(self, "processors", ()) or (kind is DataReceived and self._is_lost(event)):
            return
        if kind is RequestReceived and self._turned_away(event):
            return
        if kind is RequestReceived:
            event.headers = [at_least_a_moment(field) for field in event.headers]
        super().process(event)
        if kind is RequestReceived:
            self._began(event)

    def _turned_away(self, event: RequestReceived) -> bool:
        """Whether this call is refused before it is read; not one that its own packet has cancelled."""
        stream = self.connection._connection.streams.get(event.stream_id)
        if stream is None or stream.closed:
            return False
        turn_away = self.connection.house.turn_away.get(path_of(event))
        curt = turn_away(header(event, "authorization")) if turn_away else None
        if curt is not None:
            answer(self.connection._connection, event, curt)
        return curt is not None

    def _began(self, event: RequestReceived) -> None:
        wire = self.streams[event.stream_id]
        wire.came_at = trio.current_time()
        path = path_of(event)
        wire.ours = path in self.connection.house.room
        wire.room = self.connection.house.room.get(path, SMALL_BYTES)
        task = cast("Handlers", self.handler)._tasks[wire]
        task.add_done_callback(partial(self._let_go, wire))

    def _is_lost(self, event: DataReceived) -> bool:
        """Whether there is no room for this data, or nobody to take it."""
        wire = self.streams.get(event.stream_id)
        if wire is None:
            return False  # grpclib gives it back
        if not wire.deaf:
            size = len(event.data)
            if wire.held + size <= wire.room and self.connection.house.receiving.take(wire, size):
                return False
            self.connection.house.doors.turned_away["requests"] += 1
            wire.refuse()
        self.connection.ack(event.stream_id, event.flow_controlled_length)
        return True

    def _let_go(self, wire: Wire, _task: "asyncio.Task[None]") -> None:
        """Forget a call that was reset before the first step of grpclib's task, which would have done it.

        Without this it would stay, and its request would fill the connection's window, for as long
        as the connection is open.
        """
        self.connection.house.receiving.give_back(wire)
        if self.streams.pop(cast("int", wire.id), None) and not self.connection.is_closing():
            self.connection.ack(cast("int", wire.id), wire.buffer.unacked_size())


class Connection(H2Protocol):
    """One client's connection, known to the listener while it is open."""

    connection: Line
    config: Configuration

    def __init__(self, plain: H2Protocol, house: House, connections: set["Connection"], network: str) -> None:
        super().__init__(plain.handler, plain.config, plain.h2_config)
        self._house = house
        self._connections = connections
        self._network = network
        self._inside = True
        self._made_at = self._busy_at = trio.current_time()
        self._closing_since: float | None = None
        self._unsent: float = math.inf  # at the last look, while the client does not take all of it
        self._taken_at = self._made_at
        self._started = 0

    def __repr__(self) -> str:
        return f"<Connection calls={len(self.processor.streams)} {self._http2.budget}>"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        grpclib.protocol._set_nodelay(transport.get_extra_info("socket"))
        self._http2 = Http2(self.h2_config, self._house.limits, self._house.doors.turned_away)
        self._http2.begin(self.config.http2_connection_window_size, self.config.http2_stream_window_size)
        self.connection = Line(self._http2, self._transport, self.config, self._house, self._network)
        self.connection.flush()  # no `initialize`: trio-asyncio keeps even a cancelled timer, of two hours
        self.processor = Events(self.handler, self.connection)
        self._connections.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._connections.discard(self)
        self.leave()
        super().connection_lost(exc)

    def leave(self) -> None:
        """It no longer counts."""
        if self._inside:
            self._inside = False
            self._house.doors.leave(self._network)

    def leave_unless_made(self) -> None:
        """The greeting is over; when no connection came of it, nothing of it is kept."""
        if self not in self._connections:
            self.leave()
            self.handler.close()

    def data_received(self, data: bytes) -> None:
        if self.connection.is_closing():
            return
        try:
            events = self.connection.feed(data)
            self.connection.flush()
            for event in events:
                self.processor.process(event)
        except Http2Error as error:
            self._send_away(_reason(error))
            return
        if self.connection.is_closing():
            return
        self.connection.flush()
        if self._transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            self._send_away("flood")

    def _send_away(self, reason: str) -> None:
        """Close; h2 has written the GOAWAY where there is one."""
        self._house.doors.turned_away[reason] += 1
        if not self.connection.is_closing():
            self.connection.flush()
        self.processor.close(reason)

    def say_goodbye(self, code: ErrorCodes = ErrorCodes.NO_ERROR) -> None:
        """Send GOAWAY and close."""
        if not self.connection.is_closing():
            self._http2.close_connection(code)
            self.connection.flush()
            self.connection.close()

    def look(self, now: float) -> None:
        """Close it when it does not do what a client does. Called now and then."""
        if self.connection.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > LINGER_SECONDS:
                self._transport.abort()
        elif not self._http2.settled:
            if now - self._made_at > self._house.limits.handshake_seconds:
                self._turn_away("handshake", ErrorCodes.PROTOCOL_ERROR)
        elif not self.connection.write_ready.is_set():
            self._look_at_unsent(now)
        else:
            self._unsent, self._taken_at = math.inf, now
            self._look_at_calls(now)

    def _look_at_calls(self, now: float) -> None:
        started = self.connection.streams_started  # a call may have come and gone between two looks
        if (
            any(wire.ours for wire in cast("Events", self.processor).streams.values())
            or started != self._started
        ):
            self._busy_at, self._started = now, started
        elif now - self._busy_at > self._house.limits.connection_idle_seconds:
            self._turn_away("idle", ErrorCodes.NO_ERROR)

    def _look_at_unsent(self, now: float) -> None:
        unsent = self._transport.get_write_buffer_size() + self._in_kernel()
        if unsent < self._unsent:
            self._taken_at = now
        self._unsent = unsent
        if now - self._taken_at > self._house.limits.stalled_seconds:
            self._house.doors.turned_away["stalled"] += 1
            self._transport.abort()

    def _in_kernel(self) -> int:
        """Bytes that the kernel holds for the client: it takes from us only when a third is free again."""
        try:
            found = fcntl.ioctl(self._transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
        except OSError:
            return 0  # not Linux
        return int.from_bytes(found, sys.byteorder)

    def _turn_away(self, reason: str, code: ErrorCodes) -> None:
        self._house.doors.turned_away[reason] += 1
        self.say_goodbye(code)


def _reason(error: Http2Error) -> str:
    """What a broken rule is counted as."""
    if isinstance(error, Flood):
        return "flood"
    return "headers" if isinstance(error, DenialOfServiceError) else "malformed"
