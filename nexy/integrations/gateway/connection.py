"""One WebSocket that has shaken hands: a hello, and then requests, each in a task of its own."""

import random
from dataclasses import dataclass

import trio
from grpclib.const import Status
from trio_websocket import ConnectionClosed
from wsproto.frame_protocol import CloseReason as Code

from nexy import __version__
from nexy.errors import BadRequest, NexyError, leaves
from nexy.integrations.gateway.call import SocketCall
from nexy.integrations.gateway.house import House
from nexy.integrations.gateway.socket import Socket, short
from nexy.modules.grpc_service import envelope, metadata_of, status_of
from nexy.modules.grpc_service.envelope import JSON, Asked, Frame
from nexy.modules.session_management import new_session_id
from nexy.monitoring import logger, where
from nexy.nursery.border.connection import REQUEST_SECONDS
from nexy.types import HardwareId, SessionId
from nexy.utils.allowance import Allowance

log = logger("nexy.websocket")

HELLO_SECONDS = 10.0
PING_SECONDS = 20.0  # proxies drop connections on which nothing moves for 60 s, some for 30 s
PONG_SECONDS = 20.0
CLOSE_SECONDS = 1.0  # that a client may take to say that it closes too
REQUESTS_AT_ONCE, REQUESTS_A_SECOND = 20, 10
AGAIN = {"retry-after": "1"}


@dataclass(eq=False)
class Farewell(Exception):
    """The connection is to be closed, and why."""

    code: Code
    reason: str


class Connection:
    """A client's connection. Leaving `run` cancels what its requests still do: the client is gone."""

    def __init__(self, house: House, socket: Socket, address: str) -> None:
        self._house = house
        self._socket = socket
        self._address = address
        self._subprotocol = socket.subprotocol or JSON
        self._nursery: trio.Nursery
        self._calls: dict[str, SocketCall] = {}  # that run, by the names of their turns
        self._requests = Allowance(REQUESTS_AT_ONCE, REQUESTS_A_SECOND)
        # Of length 0: what is taken from it is being written, so a send that is cancelled has sent nothing.
        self._out, self._to_write = trio.open_memory_channel[tuple[Frame, ...] | Farewell](0)
        self._token = self._resume = ""
        self._who, self._session = HardwareId(""), SessionId("")

    def __repr__(self) -> str:
        return f"<Connection {self._subprotocol} turns={len(self._calls)}>"

    async def run(self) -> None:
        """Serve it until one side closes it."""
        try:
            async with trio.open_nursery() as self._nursery:
                self._nursery.start_soon(self._write)
                self._nursery.start_soon(self._keep_alive)
                try:
                    await self._welcome()
                    await self._take_requests()
                except Farewell as farewell:
                    await self.close(farewell.code, farewell.reason)
                except (ConnectionClosed, trio.BrokenResourceError):
                    pass
                await trio.sleep_forever()  # the task that reads or the one that writes ends it
        finally:
            self._house.resuming.left(self._resume)

    def drop(self) -> None:
        """Its client has come by another connection."""
        self._nursery.cancel_scope.cancel()

    async def close(self, code: Code, reason: str) -> None:
        """Have it closed, after what is being written."""
        try:
            await self._out.send(Farewell(code, reason))
        except trio.BrokenResourceError:
            return  # it is closed

    async def _write(self) -> None:
        """The one task that writes messages: what ends a turn does not cancel it in the middle of one."""
        with self._to_write:
            try:
                async for item in self._to_write:
                    if isinstance(item, Farewell):
                        with trio.move_on_after(CLOSE_SECONDS):
                            await self._socket.aclose(item.code, short(item.reason))
                        break
                    await self._socket.send_frames(item)
            except ConnectionClosed:
                pass
        self._nursery.cancel_scope.cancel()

    async def _keep_alive(self) -> None:
        """Ping now and then, until the client does not answer."""
        pause = PING_SECONDS * random.uniform(0.5, 1)  # who came together is not asked together
        there = True
        try:
            while there:
                await trio.sleep(pause)
                pause, there = PING_SECONDS, await self._is_there()
        except ConnectionClosed:
            return
        self._house.turned_away["silent"] += 1
        self._nursery.cancel_scope.cancel()

    async def _is_there(self) -> bool:
        """Whether a ping is answered in time."""
        if trio.current_time() - self._socket.coming_since > REQUEST_SECONDS:
            await self.close(Code.POLICY_VIOLATION, f"a message must come within {REQUEST_SECONDS:.0f} s")
        with trio.move_on_after(PONG_SECONDS) as patience:
            await self._socket.ping()
        return not patience.cancelled_caught

    async def _receive(self) -> Asked:
        """The next message. Raises Farewell for one that is none."""
        frame = await self._socket.get_message()
        if isinstance(frame, str) is not (self._subprotocol == JSON):
            raise Farewell(Code.UNSUPPORTED_DATA, f"{self._subprotocol} has no such frames")
        try:
            return envelope.read(frame)
        except BadRequest as error:
            raise Farewell(Code.INVALID_FRAME_PAYLOAD_DATA, str(error)) from None

    async def _welcome(self) -> None:
        """Take the hello, and say that all is ready. Raises Farewell."""
        with trio.move_on_after(HELLO_SECONDS) as patience:
            asked = await self._receive()
        if patience.cancelled_caught:
            raise Farewell(Code.POLICY_VIOLATION, f"no hello came within {HELLO_SECONDS:.0f} s")
        if asked.kind != "hello":
            raise Farewell(Code.POLICY_VIOLATION, "the first message must be a hello")
        hello, call = asked.message, self._call(asked.turn, "ready")
        self._token = hello.token
        call.admit(self._token, self._house.service.caller)
        refusal: NexyError | None = None
        try:
            call.request()
            self._who, given = self._house.service.greet(call, hello.hardware_id, hello.session_id)
        except NexyError as error:
            refusal = error
        if refusal is not None:
            status, text = status_of(refusal)
            await call.finish(status, text, metadata_of(refusal))
            raise Farewell(Code.POLICY_VIOLATION, text)
        resumed = self._house.resuming.redeem(hello.resume, self._who)
        self._session = resumed or given or new_session_id()
        after = hello.resume if resumed else None
        self._resume = self._house.resuming.issue(self._who, self._session, self.drop, after)
        ready = envelope.ready(
            self._session,
            self._resume,
            resumed=resumed is not None,
            ping_seconds=PING_SECONDS,
            version=__version__,
        )
        await call.send(ready)

    async def _take_requests(self) -> None:
        while True:
            asked = await self._receive()
            self._house.resuming.received(self._resume)
            match asked.kind:
                case "hello":
                    raise Farewell(Code.POLICY_VIOLATION, "a connection has one hello")
                case "cancel":
                    if asked.turn in self._calls:
                        self._calls[asked.turn].scope.cancel()
                case _:
                    await self._begin(asked)

    async def _begin(self, asked: Asked) -> None:
        running = self._calls.get(asked.turn)
        if running is not None and not running.over:
            raise Farewell(Code.POLICY_VIOLATION, "a request has the turn of one that is not over")
        call = self._call(asked.turn, asked.kind)
        if refusal := self._refusal(asked.kind):
            self._house.turned_away["requests"] += 1
            await call.finish(Status.RESOURCE_EXHAUSTED, refusal, AGAIN)
            return
        call.admit(self._token, self._house.service.caller, asked.request(self._who, self._session))
        self._calls[call.turn] = call
        self._nursery.start_soon(self._serve, call)

    def _refusal(self, kind: str) -> str:
        """Why a request of that kind is refused, before anything is asked of it; empty when it is not."""
        often = not self._requests.take()
        most = self._house.limits.max_streams_per_connection
        if kind == "interrupt":  # that is never too often, and finds as much room again
            often, most = False, 2 * most
        if len(self._calls) >= most:
            return "too many requests run on this connection"
        return "too many requests on this connection" if often else ""

    def _call(self, turn: str, kind: str) -> SocketCall:
        return SocketCall(turn, kind, self._out.send, self._subprotocol, self._address)

    async def _serve(self, call: SocketCall) -> None:
        try:
            with call.scope:
                await self._house.service.rpc(call.kind)(call)
            await call.end(Status.CANCELLED, "cancelled")
        except trio.BrokenResourceError:
            return  # the client is gone
        except Exception as error:  # noqa: BLE001 - a bug of one request; the others go on
            await self._fail(call, error)
        finally:
            if self._calls.get(call.turn) is call:  # another may have its name, once its `over` is sent
                del self._calls[call.turn]

    async def _fail(self, call: SocketCall, error: Exception) -> None:
        log.error("a request failed", error=where(leaves(error)[0]))
        try:
            await call.end(Status.INTERNAL, "internal error")
        except trio.BrokenResourceError:
            return
