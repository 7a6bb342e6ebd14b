"""A NATS server that says what a test wants it to say; it speaks as much of the protocol as nats-py needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import trio

INFO = b'INFO {"server_id":"fake","version":"2.9.10","max_payload":1048576,"headers":true}\r\n'


@dataclass(eq=False)
class Guest:
    """A client that is connected."""

    stream: trio.SocketStream
    subscribed: dict[bytes, bytes] = field(default_factory=dict)  # sid -> subject


@dataclass
class FakeNats:
    """Passes messages on, without wildcards, until it is told to fail."""

    port: int = 0
    guests: list[Guest] = field(default_factory=list)
    came: int = 0  # clients that said CONNECT
    refuses: str = ""  # what each client that comes is told
    silent_after: int | None = None  # PONGs that a client gets; None: all

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[bytes]:
        """That somebody listens to."""
        return [subject for guest in self.guests for subject in guest.subscribed.values()]

    async def fail(self, error: str) -> None:
        """Tell all, and close."""
        for guest in list(self.guests):
            await guest.stream.send_all(f"-ERR '{error}'\r\n".encode())
            await guest.stream.aclose()

    async def cut(self) -> None:
        for guest in list(self.guests):
            await guest.stream.aclose()

    async def say(self, subject: bytes, data: bytes) -> None:
        for guest in list(self.guests):
            for sid, listened in guest.subscribed.items():
                if listened == subject:
                    await guest.stream.send_all(b"MSG %s %s %d\r\n%s\r\n" % (subject, sid, len(data), data))

    async def serve(self, stream: trio.SocketStream) -> None:
        guest = Guest(stream)
        try:
            await stream.send_all(INFO)
            await self._converse(guest)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            if guest in self.guests:
                self.guests.remove(guest)
            await trio.aclose_forcefully(stream)

    async def _converse(self, guest: Guest) -> None:
        buffer, pongs = b"", 0
        async for some in guest.stream:
            *lines, buffer = (buffer + some).split(b"\r\n")
            for line in lines:
                word, *rest = line.split(b" ")
                if word == b"CONNECT":
                    self.came += 1
                    if self.refuses:
                        await guest.stream.send_all(f"-ERR '{self.refuses}'\r\n".encode())
                        return
                    self.guests.append(guest)
                elif word == b"PING" and (self.silent_after is None or pongs < self.silent_after):
                    pongs += 1
                    await guest.stream.send_all(b"PONG\r\n")
                elif word == b"SUB":
                    guest.subscribed[rest[-1]] = rest[0]
                elif word == b"UNSUB":
                    guest.subscribed.pop(rest[0], None)


@asynccontextmanager
async def fake_nats() -> AsyncIterator[FakeNats]:
    async with trio.open_nursery() as nursery:
        server = FakeNats()
        listeners = await nursery.start(partial(trio.serve_tcp, server.serve, 0, host="127.0.0.1"))
        server.port = listeners[0].socket.getsockname()[1]
        yield server
        nursery.cancel_scope.cancel()
