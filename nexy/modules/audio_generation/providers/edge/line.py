"""The connections behind one sentence: read on asyncio's side, ahead of the listener, up to a limit."""

import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, NamedTuple

import aiohttp
import trio
from edge_tts import Communicate

from nexy.errors import Fault, ProviderError
from nexy.modules.audio_generation.providers.edge.faults import FOREIGN, translated
from nexy.modules.audio_generation.providers.edge.words import Boundary
from nexy.nursery.border import call

BYTES_PER_SECOND = 6000  # of audio-24khz-48kbitrate-mono-mp3
TICKS_PER_SECOND = 10_000_000
AHEAD_BYTES = 60 * BYTES_PER_SECOND
"""A minute: any sentence is received as fast as the service sends it, and its connection is free
for another one. What waits is MP3 (360 kB at most), a sixteenth of what it is as PCM, and what is
never heard is never decoded."""
GOODBYE_SECONDS = 0.5  # the socket is shut by then: it only takes asyncio's side some steps to see it


class Received(NamedTuple):
    """One message with sound, and the word boundaries that came before it."""

    mp3: bytes
    boundaries: tuple[Boundary, ...]


Make = Callable[[str, aiohttp.BaseConnector], Communicate]


class _Account(dict[str, Any]):
    """The library's own count of what came.

    The library ends in the same way when the service has said turn.end and when the connection
    is lost (its #190), but it brings its account up to date only for the first.
    """

    def __init__(self, state: Any, on_end: Callable[[], None]) -> None:
        super().__init__(state)
        self._on_end = on_end

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        if key == "offset_compensation":
            self._on_end()


class _Connector(aiohttp.TCPConnector):
    """Stays usable when the library closes it: after a 403 it connects once more with the same."""

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Leave it to `end`."""

    async def end(self) -> None:  # asyncio
        """Close what is open, and wait until it is."""
        await super().close(abort_ssl=True)


class Line:
    """One sentence's way through the service, part by part; one connection at a time."""

    def __init__(self, texts: Sequence[str], make: Make) -> None:
        # Unbounded in count, bounded in bytes: `_read` stops at AHEAD_BYTES.
        self._put, self.messages = trio.open_memory_channel[Received](float("inf"))
        self._texts = texts
        self._make = make
        self._stream: AsyncGenerator[Any, None] | None = None
        self._connector: _Connector | None = None
        self._sockets: list[socket.socket] = []
        self._hung_up = False
        self._complete = False  # the part that is being read has had its turn.end
        self._received = 0  # bytes of MP3
        self._part_began = 0  # at which byte
        self._boundaries: list[Boundary] = []  # that go with the next sound: alone they wake nobody
        self._ahead = 0  # bytes of MP3 that are not taken yet
        self._room = trio.Event()
        self._ended = False  # all has been handed on
        self.failure: ProviderError | None = None

    def __repr__(self) -> str:
        return f"<Line received={self._received} ahead={self._ahead} failure={self.failure}>"

    async def run(self, connections: trio.CapacityLimiter) -> None:
        """Receive it all, and end `messages`; what failed is then in `failure`.

        Gives back the one of `connections` that was taken in this line's name, once the socket is closed.
        """
        with self._put:
            try:
                for number, text in enumerate(self._texts, 1):
                    await self._receive_part(text, last=number == len(self._texts))
            except ProviderError as error:
                if not self._ended:  # how the connection is closed after the end is nobody's concern
                    self.failure = error
                    self._end()
            finally:
                connections.release_on_behalf_of(self)

    def took(self, mp3: bytes) -> None:
        """The listener has taken a message out of `messages`."""
        self._ahead -= len(mp3)
        if self._ahead <= AHEAD_BYTES // 2:
            self._room.set()

    def hang_up(self) -> None:
        """Shut the socket, now, in whatever state it is, and open no other.

        The library's own way would wait for the service's consent, for up to ten seconds.
        """
        self._hung_up = True
        self._shut()

    def _shut(self) -> None:
        for opened in self._sockets:
            with contextlib.suppress(OSError):  # not yet connected, or closed already
                opened.shutdown(socket.SHUT_RDWR)

    async def _receive_part(self, text: str, *, last: bool) -> None:
        self._complete = False
        self._part_began = self._received
        try:
            while not await call(lambda: self._read(text, last=last)):
                self._room = trio.Event()
                await self._room.wait()
        finally:
            self._shut()  # a service that does not answer a close frame is not waited for
            with trio.CancelScope(shield=True, deadline=trio.current_time() + GOODBYE_SECONDS):
                await call(self._drain)
        if not self._complete:
            raise ProviderError("edge: the connection was dropped before the end", Fault.DROPPED)

    async def _read(self, text: str, *, last: bool) -> bool:  # asyncio
        """Read until the part is through (True) or enough is waiting (False). Raises ProviderError."""
        while self._ahead < AHEAD_BYTES:
            try:
                if self._stream is None:
                    self._stream = self._open(text, last=last)
                message = await anext(self._stream)
            except StopAsyncIteration:
                return True
            except FOREIGN as error:
                came = self._received > 0
                raise translated(error, sound_came=came, complete=self._complete) from error
            self._take(message)
        return False

    def _open(self, text: str, *, last: bool) -> AsyncGenerator[Any, None]:  # asyncio
        self._connector = _Connector(socket_factory=self._socket)
        communicate = self._make(text, self._connector)

        def on_end() -> None:
            self._complete = True
            if last and self._received > self._part_began:
                self._end()  # the listener need not wait for the connection's end

        communicate.state = _Account(communicate.state, on_end)  # type: ignore[assignment]
        return communicate.stream()

    def _socket(self, address: Any) -> socket.socket:
        if self._hung_up:
            raise OSError("hung up")
        family, kind, protocol, *_ = address
        opened = socket.socket(family, kind, protocol)
        self._sockets.append(opened)
        return opened

    def _take(self, message: Any) -> None:
        if message["type"] == "audio":
            self._received += len(message["data"])
            self._ahead += len(message["data"])
            self._hand_on(message["data"])
        else:
            base = self._part_began / BYTES_PER_SECOND
            at = base + message["offset"] / TICKS_PER_SECOND
            until = at + max(0, message["duration"]) / TICKS_PER_SECOND
            self._boundaries.append(Boundary(message["text"], at, until))

    def _hand_on(self, mp3: bytes) -> None:
        boundaries, self._boundaries = tuple(self._boundaries), []
        self._put.send_nowait(Received(mp3, boundaries))

    def _end(self) -> None:
        if self._boundaries:
            self._hand_on(b"")
        self._put.close()
        self._ended = True

    async def _drain(self) -> None:  # asyncio
        """Bring the library to its end, so that nothing of it is left to the garbage collector.

        Its generator holds another one, which closing the first would only let go of.
        """
        if self._stream is not None:
            with contextlib.suppress(*FOREIGN):
                async for _ in self._stream:
                    pass
        if self._connector is not None:
            await self._connector.end()
        self._stream = self._connector = None
        self._sockets.clear()
