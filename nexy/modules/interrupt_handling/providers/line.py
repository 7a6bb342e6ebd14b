"""The connection to NATS, as the bus sees it."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol


class Message(Protocol):
    """What came over the bus."""

    @property
    def data(self) -> bytes: ...
    @property
    def reply(self) -> str: ...


class Line(Protocol):
    """The connection to NATS."""

    on_connected: list[Callable[[], None]]

    @property
    def connected(self) -> bool: ...
    async def publish(self, subject: str, data: bytes = b"", *, reply: str = "", kind: str = "") -> None: ...
    async def subscribe(
        self, subject: str, receive: Callable[[Any], None]
    ) -> Callable[[], Awaitable[None]]: ...
    def asking(self, subject: str, data: bytes = b"", *, kind: str = "") -> Any: ...
