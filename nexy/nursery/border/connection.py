"""One client's connection, and what comes over it."""

import asyncio
from functools import partial
from typing import Any, cast

import trio
from grpclib.protocol import EventsProcessor, H2Protocol
from grpclib.protocol import Stream as Http2Stream
from grpclib.server import Handler as Handlers
from h2.events import RequestReceived


class Events(EventsProcessor):
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


class Connection(H2Protocol):
    """One client's connection, known to the listener while it is open."""

    connections: set["Connection"]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.processor = Events(self.handler, self.connection)
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
