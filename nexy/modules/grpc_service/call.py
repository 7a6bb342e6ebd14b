"""One request as the RPCs see it, whatever brought it: HTTP/2 or a WebSocket."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from grpclib.const import Status

from nexy.types import Caller, Timing


class Call(Protocol):
    """A request, messages to send, one end.

    Client gone and deadline passed cancel the task that serves it.
    """

    @property
    def caller(self) -> Caller:
        """Who calls."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]: ...
    @property
    def timing(self) -> Timing: ...
    @property
    def address(self) -> str:
        """Where the client calls from, "host:port"."""
        ...

    def request(self) -> bytes:
        """The request, still encoded. Raises NexyError for one that is not to be answered."""
        ...

    async def send(self, *parts: bytes | memoryview) -> None:
        """Send one encoded message, in parts that are joined; waits while the client is slow.

        A cancelled send has sent nothing. Raises trio.BrokenResourceError when the client is gone.
        """
        ...

    async def finish(
        self,
        status: Status = Status.OK,
        message: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """End it with its status."""
        ...

    def reset(self) -> None:
        """Drop it at once; what is left of it is not sent."""
        ...


Rpc: TypeAlias = Callable[[Call], Awaitable[None]]
