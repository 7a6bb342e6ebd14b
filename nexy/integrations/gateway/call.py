"""One request that came over a WebSocket, as the RPCs see it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import trio
from grpclib.const import Status

from nexy.errors import NexyError
from nexy.modules.grpc_service import envelope
from nexy.modules.grpc_service.envelope import Frame
from nexy.types import Caller, Timing

Put: TypeAlias = Callable[[tuple[Frame, ...]], Awaitable[None]]
"""Has frames written, all or none; waits while the client is slow. Raises trio.BrokenResourceError."""


class SocketCall:
    """A request, messages to send, one end. `scope` is of the task that serves it."""

    def __init__(self, turn: str, kind: str, put: Put, subprotocol: str, address: str) -> None:
        self.turn = turn
        self.kind = kind
        self.address = address
        self.caller = Caller()
        self.metadata: Mapping[str, str] = {}
        self.timing = Timing(trio.current_time())
        self.scope = trio.CancelScope()
        self.over = False  # the client is told how it ended
        self._request: bytes | NexyError = b""
        self._put = put
        self._subprotocol = subprotocol
        self._dropped = False

    def __repr__(self) -> str:
        return f"<SocketCall {self.kind} {'over' if self.over else 'running'}>"

    def admit(self, token: str, admit: "Callable[[SocketCall], Caller]", request: bytes = b"") -> None:
        """Ask who calls, as gRPC does for each call; for whom is not let in, `request` raises."""
        if token:
            self.metadata = {"authorization": f"Bearer {token}"}
        try:
            self.caller = admit(self)
            self._request = request
        except NexyError as error:
            self._request = error

    def request(self) -> bytes:
        """The request, still encoded. Raises NexyError when its caller is not let in."""
        if isinstance(self._request, NexyError):
            raise self._request
        return self._request

    async def send(self, *parts: bytes | memoryview) -> None:
        """A cancelled send has sent nothing. Raises trio.BrokenResourceError when the client is gone."""
        await self._send(self.kind, *parts)

    async def _send(self, kind: str, *parts: bytes | memoryview) -> None:
        if not self._dropped:
            await self._put(envelope.frames(self._subprotocol, self.turn, kind, *parts))

    async def finish(
        self,
        status: Status = Status.OK,
        message: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Send its `over`, the first time."""
        if not self.over:
            await self._send("over", envelope.over(status, message, metadata))
            self.over = not self._dropped

    def reset(self) -> None:
        """Send nothing more of it, until `end`."""
        self._dropped = True

    async def end(self, status: Status, message: str) -> None:
        """Send the `over` that a request which was cancelled or dropped has not had."""
        self._dropped = False
        await self.finish(status, message)
