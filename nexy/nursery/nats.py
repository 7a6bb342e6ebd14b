"""The connection to NATS as Trio sees it: nats-py lives on asyncio's side of the border.

Nothing is sent late: what cannot leave at once is an error, not a letter that stops the wrong answer when the
connection is back.
"""

import math
import random
import secrets
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import trio

from nexy.errors import BusError
from nexy.monitoring import logger
from nexy.nursery.border import call

if TYPE_CHECKING:
    from nats.aio.client import Client

CONNECT_SECONDS = 2.0  # for one try
FIRST_SECONDS = 5.0  # that a start waits for the bus
RETRY_SECONDS = 0.25  # between two tries
MOST_RETRY_SECONDS = 8.0  # between two clients, when NATS sends each of them away
STEADY_SECONDS = 30.0  # a client that lasted so long was not sent away at once
LOOK_SECONDS = 0.5  # between two looks whether the client has given up
PING_SECONDS = 5.0  # a link that was cut, without a word, is noticed after two of them without an answer
PINGS = 2
UNHEARD_SECONDS = 3.0  # what the other machine's kernel did not acknowledge by then never leaves
NO_RESPONDERS = "503"
NOBODY_LISTENS = "nobody listens"

log = logger("nexy.bus")


@dataclass(frozen=True)
class Message:
    """What came over the bus."""

    data: bytes
    reply: str  # the subject to which an answer is sent; empty where none is wanted


Receive: TypeAlias = Callable[[Message], None]
Unsubscribe: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class _Subscription:
    """What somebody listens to, with whichever client there is."""

    subject: str
    take: Callable[[Any], Awaitable[None]]  # asyncio
    held: Any = None  # nats-py's own, with the client of now

    async def begin(self, client: "Client") -> None:  # asyncio
        self.held = await client.subscribe(self.subject, cb=self.take)

    async def end(self) -> None:  # asyncio
        if self.held is not None:
            await self.held.unsubscribe()


class Nats:
    """A connection that comes back by itself, and its subscriptions with it.

    nats-py comes back after a lost connection, and closes its client for good after most of what a server may
    call an error: rights that ended, too many connections. Another client is made then.
    """

    def __init__(self, url: str, name: str) -> None:
        self.sent: Counter[str] = Counter()  # messages, by what they are for
        self.received = 0
        self.lost_times = 0
        self.on_connected: list[Callable[[], None]] = []  # called each time that it is back
        self._url = url
        self._name = name
        self._client: Client | None = None
        self._there = False  # nats-py says "connected" before NATS has the subscriptions again
        self._inbox = f"_INBOX.{secrets.token_hex(12)}"
        self._subscriptions = {_Subscription(f"{self._inbox}.*", self._take_answer)}
        self._asked: dict[str, trio.MemorySendChannel[Message | None]] = {}  # None: nobody listens there
        self._number = 0
        self._ready = trio.Event()
        self._failures = (import_module("nats.errors").Error, OSError)

    def __repr__(self) -> str:
        return f"<Nats {'connected' if self.connected else 'away'} asked={len(self._asked)}>"

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected and self._there

    @property
    def address(self) -> str:
        """Of the server, without what is secret in the URL; empty while there is none."""
        uri = self._client.connected_url if self._client is not None else None
        return f"{uri.hostname}:{uri.port}" if uri is not None else ""

    async def publish(self, subject: str, data: bytes = b"", *, reply: str = "", kind: str = "") -> None:
        """Send one message; `kind` is what it is counted under. Raises BusError when it cannot leave now."""
        if self._client is None or not self.connected:
            raise BusError("the bus is away")
        client = self._client
        self.sent[kind] += 1
        try:
            await call(lambda: client.publish(subject, data, reply))
        except self._failures as error:
            raise BusError("the bus is away") from error

    async def subscribe(self, subject: str, receive: Receive) -> Unsubscribe:
        """Call `receive` with each message, also after the connection was lost and came back.

        What is sent on this connection after it reaches the server after it. Raises BusError.
        """
        client = self._client
        if client is None or not self._ready.is_set():
            raise BusError("the bus is away")

        async def take(message: Any) -> None:  # asyncio
            self.received += 1
            receive(Message(message.data, message.reply))

        subscription = _Subscription(subject, take)
        self._subscriptions.add(subscription)  # before: another client may come meanwhile
        begun = False
        try:
            await call(lambda: subscription.begin(client))
            begun = True
        except self._failures as error:
            raise BusError("the bus is away") from error
        finally:
            if not begun:
                self._subscriptions.discard(subscription)

        async def unsubscribe() -> None:
            self._subscriptions.discard(subscription)
            try:
                await call(subscription.end)
            except self._failures as error:
                raise BusError("the bus is away") from error

        return unsubscribe

    @asynccontextmanager
    async def asking(
        self, subject: str, data: bytes = b"", *, kind: str = ""
    ) -> AsyncIterator[trio.MemoryReceiveChannel[Message | None]]:
        """Send one question; yields what is answered, or None when nobody listens. Raises BusError."""
        with self._inbox_of_its_own() as (reply, answers):
            await self.publish(subject, data, reply=reply, kind=kind)
            yield answers

    async def ask(self, subject: str, data: bytes, seconds: float, *, kind: str = "") -> bytes:
        """The first answer. Raises BusError when there is none in time, or nobody listens."""
        with trio.move_on_after(seconds):
            async with self.asking(subject, data, kind=kind) as answers:
                answer = await answers.receive()
                if answer is None:
                    raise BusError(NOBODY_LISTENS)
                return answer.data
        raise BusError("no answer came in time")

    @contextmanager
    def _inbox_of_its_own(self) -> Any:
        self._number += 1
        token = str(self._number)
        send, receive = trio.open_memory_channel[Message | None](math.inf)
        self._asked[token] = send
        try:
            yield f"{self._inbox}.{token}", receive
        finally:
            del self._asked[token]

    async def _take_answer(self, message: Any) -> None:  # asyncio
        self.received += 1
        asked = self._asked.get(message.subject.rpartition(".")[2])
        if asked is None:
            return  # too late
        nobody = bool(message.headers) and message.headers.get("Status") == NO_RESPONDERS
        asked.send_nowait(None if nobody else Message(message.data, message.reply))

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause = RETRY_SECONDS
        while True:
            began = trio.current_time()
            await self._live_with_one_client()
            if trio.current_time() - began > STEADY_SECONDS:
                pause = RETRY_SECONDS
            await trio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(2 * pause, MOST_RETRY_SECONDS)

    async def _live_with_one_client(self) -> None:
        """Until it has closed itself for good."""
        from nats.aio.client import Client

        self._client = client = Client()
        try:
            await call(lambda: self._connect(client))
            while not client.is_closed:  # noqa: ASYNC110 - nats-py says so only if its goodbye succeeds
                await trio.sleep(LOOK_SECONDS)
            await call(lambda: self._on_lost(client))
        except self._failures as error:
            log.debug("the bus", error=type(error).__name__)
        finally:
            self._there = False
            with trio.CancelScope(shield=True), trio.move_on_after(1):
                await call(client.close)

    async def _connect(self, client: "Client") -> None:  # asyncio
        await client.connect(
            servers=[one.strip() for one in self._url.split(",")],
            name=self._name,
            no_echo=True,
            connect_timeout=math.ceil(CONNECT_SECONDS),
            reconnect_time_wait=RETRY_SECONDS,  # type: ignore[arg-type] # seconds, not only whole ones
            max_reconnect_attempts=-1,
            ping_interval=PING_SECONDS,  # type: ignore[arg-type]
            max_outstanding_pings=PINGS,
            pending_size=0,
            error_cb=self._on_error,
            disconnected_cb=partial(self._on_lost, client),
            reconnected_cb=partial(self._on_connected, client),
        )
        for subscription in list(self._subscriptions):
            await subscription.begin(client)
            if subscription not in self._subscriptions:  # given up meanwhile
                await subscription.end()
        await self._on_connected(client)

    async def _on_error(self, error: Exception) -> None:  # asyncio
        log.debug("the bus", error=type(error).__name__)

    async def _on_lost(self, client: "Client") -> None:  # asyncio
        if client is self._client and self._there:
            self._there = False
            self.lost_times += 1
            log.warning("the bus is away: interrupts and limits are those of this process until it is back")

    async def _on_connected(self, client: "Client") -> None:  # asyncio
        if client is not self._client or not client.is_connected:
            return
        self._there = True
        self._ready.set()
        self._forget_what_is_unheard()
        log.info("the bus is there", server=self.address)
        for tell in self.on_connected:
            tell()

    def _forget_what_is_unheard(self) -> None:  # asyncio
        """Have the kernel soon give up a link that was cut, with all that it would still send over it.

        When it is back, an interrupt would stop an answer that had not begun when its user pressed the key.
        """
        transport = self._client and self._client._transport
        writer = getattr(transport, "_io_writer", None)
        if writer is not None and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            own: socket.socket = writer.get_extra_info("socket")
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(UNHEARD_SECONDS * 1000))

    async def wait_connected(self, seconds: float) -> bool:
        """Whether it came about in that time."""
        with trio.move_on_after(seconds):
            await self._ready.wait()
        return self._ready.is_set()


@asynccontextmanager
async def open_nats(url: str, name: str) -> AsyncIterator[Nats]:
    """The bus at `url` ("nats://HOST:PORT", several with commas); needs `open_asyncio` around it.

    A start waits for it for some seconds and then goes on without: it is tried again for ever. Raises
    BusError when its library is not installed.
    """
    try:
        await trio.to_thread.run_sync(import_module, "nats.aio.client")
    except ModuleNotFoundError as error:
        raise BusError("the library of NATS is missing; install nexy[bus]") from error
    async with trio.open_nursery() as nursery:
        nats = Nats(url, name)
        nursery.start_soon(nats.run)
        if not await nats.wait_connected(FIRST_SECONDS):
            log.warning("the bus is not there yet; it is tried again and again")
        yield nats
        nursery.cancel_scope.cancel()
