"""The sockets that clients come to. Who may enter is decided before a byte of theirs is read."""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from h2.errors import ErrorCodes
from hyperframe.frame import GoAwayFrame, SettingsFrame

from nexy.nursery.border.connection import Connection
from nexy.nursery.border.doors import Doors
from nexy.nursery.listening import open_listeners

log = logging.getLogger(__name__)

ACCEPTS_AT_ONCE = 64  # then those who are inside have their turn
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
EXHAUSTED_SECONDS = 1.0  # until it is tried again
KEEP_ALIVE = {"TCP_KEEPIDLE": 120, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 4}  # seconds, seconds, times
NO_ROOM = SettingsFrame(0).serialize() + GoAwayFrame(0, error_code=ErrorCodes.ENHANCE_YOUR_CALM).serialize()


def _notice_its_end(client: socket.socket) -> None:
    """Let the kernel ask a silent client now and then whether it is there: a call may have nothing to say."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):  # macOS has its own
            client.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def bind(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """Sockets that listen at each address of `host`. Raises OSError when the port is taken."""
    listeners = await open_listeners(host, port, shared=shared)
    return [socket.socket(fileno=listener.socket.detach()) for listener in listeners]


class Entrance:
    """Takes connections from `sockets` and lets in whom the doors let in. All of it is asyncio's."""

    def __init__(
        self,
        sockets: list[socket.socket],
        doors: Doors,
        make: Callable[[str], Connection],
        tls: ssl.SSLContext | None,
        handshake_seconds: float,
    ) -> None:
        self.sockets = sockets
        self._doors = doors
        self._make = make
        self._tls = tls
        self._handshake_seconds = handshake_seconds
        self._loop = asyncio.get_running_loop()
        self._greetings: set[asyncio.Task[None]] = set()
        self._pauses: dict[socket.socket, asyncio.TimerHandle] = {}

    def __repr__(self) -> str:
        return f"<Entrance sockets={len(self.sockets)} greeting={len(self._greetings)} {self._doors}>"

    def open(self) -> None:
        for listening in self.sockets:
            listening.setblocking(False)
            self._loop.add_reader(listening, self._accept, listening)

    def close(self) -> None:
        """Let nobody in any more; those who are inside stay."""
        for pause in self._pauses.values():
            pause.cancel()
        for listening in self.sockets:
            if listening.fileno() >= 0:
                self._loop.remove_reader(listening)
                listening.close()

    async def wait_closed(self) -> None:
        for greeting in list(self._greetings):
            greeting.cancel()
            await asyncio.wait([greeting])

    def _accept(self, listening: socket.socket) -> None:
        for _ in range(ACCEPTS_AT_ONCE):
            try:
                client, address = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._pause(listening, error)
                return
            client.setblocking(False)
            _notice_its_end(client)
            self._let_in(client, str(address[0]))

    def _pause(self, listening: socket.socket, error: OSError) -> None:
        """The kernel would go on to say that somebody is there: wait for descriptors to be free."""
        log.warning("no connection can be taken just now: %s", error.strerror)
        if error.errno in EXHAUSTED:
            self._doors.turned_away["descriptors"] += 1
            self._loop.remove_reader(listening)
            again = self._loop.call_later(
                EXHAUSTED_SECONDS, self._loop.add_reader, listening, self._accept, listening
            )
            self._pauses[listening] = again

    def _let_in(self, client: socket.socket, address: str) -> None:
        network = self._doors.enter(address)
        if network is None:
            if self._tls is None:
                with suppress(OSError):
                    client.send(NO_ROOM)
            client.close()
            return
        greeting = self._loop.create_task(self._greet(client, self._make(network)))
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)

    async def _greet(self, client: socket.socket, connection: Connection) -> None:
        seconds = None if self._tls is None else self._handshake_seconds
        try:
            await self._loop.connect_accepted_socket(
                lambda: connection, client, ssl=self._tls, ssl_handshake_timeout=seconds
            )
        except OSError:  # TLS did not come about
            self._doors.turned_away["handshake"] += 1
        finally:
            connection.leave_unless_made()
