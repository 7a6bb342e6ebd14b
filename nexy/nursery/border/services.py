"""What is served: generated services whose methods are Trio functions, and grpclib's own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from google.protobuf.message import DecodeError
from grpclib.const import Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream
from trio_asyncio import trio_as_aio

from nexy.nursery.border.call import Call

Rpc: TypeAlias = Callable[[Call], Awaitable[None]]


class Contract(Protocol):
    """What betterproto generates for a service: paths, cardinalities and message types."""

    def __mapping__(self) -> Mapping[str, Handler]: ...


@dataclass(frozen=True, eq=False)
class TrioService:
    """A generated service whose methods are Trio functions, by their names in the .proto."""

    contract: Contract
    rpcs: Mapping[str, Rpc]
    most_request_bytes: int

    def __mapping__(self) -> dict[str, Handler]:
        return {
            path: handler._replace(func=partial(self._serve, self.rpcs[path.rpartition("/")[2]]))
            for path, handler in self.contract.__mapping__().items()
        }

    async def _serve(self, rpc: Rpc, stream: Stream[Any, Any]) -> None:  # asyncio
        call = Call(stream, self.most_request_bytes)
        await call.read()
        await trio_as_aio(rpc)(call)
        if call.is_left:  # in the moment of its end; grpclib would log this as a cancellation that failed
            raise asyncio.CancelledError


@dataclass(frozen=True, eq=False)
class Careful:
    """One of grpclib's own services (health, reflection), which takes every request for a good one."""

    service: Contract

    def __mapping__(self) -> dict[str, Handler]:
        return {
            path: handler._replace(func=partial(self._serve, handler.func))
            for path, handler in self.service.__mapping__().items()
        }

    async def _serve(
        self, rpc: Callable[[Any], Awaitable[None]], stream: Stream[Any, Any]
    ) -> None:  # asyncio
        try:
            await rpc(stream)
        except (AssertionError, DecodeError, NotImplementedError):
            raise GRPCError(Status.INVALID_ARGUMENT, "the request cannot be understood") from None
