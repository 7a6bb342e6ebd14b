"""What is served: generated services whose methods are Trio functions, and grpclib's own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeAlias, cast

import trio
from google.protobuf.message import DecodeError
from grpclib.const import Handler, Status
from grpclib.exceptions import GRPCError, ProtocolError
from grpclib.server import Stream
from h2.exceptions import ProtocolError as Http2Error
from trio_asyncio import BaseTrioEventLoop

from nexy.nursery.border.call import Call
from nexy.nursery.border.curt import TurnAway
from nexy.types import Caller

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
    admit: Callable[[Call], Caller]  # who calls; raises NexyError for whom nothing is done
    turn_away: Mapping[str, TurnAway] = field(default_factory=dict)  # by names too: before anything is read

    def __mapping__(self) -> dict[str, Handler]:
        return {
            path: handler._replace(func=partial(self._serve, self.rpcs[path.rpartition("/")[2]]))
            for path, handler in self.contract.__mapping__().items()
        }

    async def _serve(self, rpc: Rpc, stream: Stream[Any, Any]) -> None:  # asyncio
        with _left_quietly(stream):
            call = Call(stream, self.most_request_bytes)
            await call.read(self.admit)
            await _on_trio(rpc, call)


async def _on_trio(rpc: Rpc, call: Call) -> None:  # asyncio
    """Run a Trio function; cancelling cancels that."""
    future = cast("BaseTrioEventLoop", asyncio.get_running_loop()).trio_as_future(rpc, call)
    try:
        await future
    finally:
        del future  # of which an exception that comes from it would hold this frame


@contextmanager
def _left_quietly(stream: Stream[Any, Any]) -> Iterator[None]:
    """A client may leave in the very moment when its call ends, or fails because of that.

    grpclib would log it as a cancellation that failed.
    """
    wrapper = stream._stream.wrapper
    try:
        yield
    except (Http2Error, GRPCError, ProtocolError, AssertionError, trio.BrokenResourceError):
        if wrapper is None or not wrapper.cancelled:
            raise
    if wrapper is not None and wrapper.cancelled:
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
        with _left_quietly(stream):
            try:
                await rpc(stream)
            except (AssertionError, DecodeError, NotImplementedError):
                raise GRPCError(Status.INVALID_ARGUMENT, "the request cannot be understood") from None
