"""A gateway with the real service, sessions and answers behind it, a scripted model, and clients for it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

import trio
import trio.testing
from trio_websocket import WebSocketConnection, wrap_client_stream

from nexy.config import ConnectionsConfig
from nexy.errors import Forbidden, Refused
from nexy.integrations.conversation import Conversation
from nexy.integrations.gateway import House, Origins, serve_client
from nexy.modules.grpc_service import Greeting, Read, Sizes, StreamingService
from nexy.modules.grpc_service.envelope import JSON, PROTO, _class
from nexy.modules.session_management import Doorkeeper, check_hardware_id, check_session_id
from nexy.nursery.session import Ended, Why
from nexy.types import (
    AudioChunk,
    Caller,
    Forgotten,
    HardwareId,
    SendReply,
    SessionId,
    Sound,
    Stopped,
    Timing,
    Utterance,
)
from tests.integrations.fakes import Model, cast, conversation

MOST_BYTES = 100_000
HELLO = {"hardware_id": "desk"}


@dataclass
class Behind:
    """What stands behind the RPCs: a real conversation, and the least of all else."""

    talk: Conversation
    doorkeeper: Doorkeeper
    used: list[tuple[int, int]] = field(default_factory=list)
    bug: bool = False

    def caller(self, authorization: str | None, address: str) -> Caller:
        return self.doorkeeper.caller(authorization, address)

    def forbidden(self, reason: str) -> Forbidden:
        return self.doorkeeper.forbidden(reason)

    def check_hardware_id(self, given: str) -> HardwareId:
        return check_hardware_id(given)

    def check_session_id(self, given: str) -> SessionId | None:
        return check_session_id(given)

    def turn(
        self, who: HardwareId, asked: SessionId | None, read: Read, reply: SendReply, timing: Timing
    ) -> AbstractAsyncContextManager[Ended]:
        return self.talk.turn(who, asked, read, reply, timing)

    def turn_away(self, authorization: str | None) -> tuple[Refused, Sequence[AudioChunk]] | None:
        return None

    def tones(self) -> Sequence[AudioChunk]:
        return self.talk.regrets.tones

    async def say_refused(self, error: Exception, prompt: str, reply: SendReply) -> None:
        await self.talk.say_refused(error, prompt, reply)

    def counted(self, who: HardwareId) -> AbstractContextManager[None]:
        return self.talk.sessions.counted(who)

    async def collect(self, said: Utterance, number: int) -> None:
        await self.talk.collect(said, number)

    async def interrupt(self, who: HardwareId, played_seconds: float | None) -> Stopped:
        if self.bug:
            raise ZeroDivisionError
        return Stopped(await self.talk.sessions.stop(who, played_seconds))

    @asynccontextmanager
    async def greet(
        self,
        asked: tuple[str, str, str],
        deliver: Callable[[Greeting], Awaitable[None]],
        timing: Timing,
        who: HardwareId | None,
    ) -> AsyncIterator[Ended]:
        said: Any = SimpleNamespace(
            method="tone", rate=48_000, seconds=1.0, sounds=(Sound(bytes(96_000), 48_000),)
        )
        await deliver(said)
        yield Ended(Why.DONE)

    async def add_usage(self, who: HardwareId, source: str, model: str, tokens: tuple[int, int]) -> None:
        self.used.append(tokens)

    async def export(self, who: HardwareId) -> str:
        return json.dumps({"who": who, "said": "é" * 100_000}, ensure_ascii=False)

    async def forget(self, who: HardwareId) -> Forgotten:
        return Forgotten(3)


class Client:
    """A client of either sub-protocol. What comes is (turn, kind, fields), with sound in its `pcm`."""

    def __init__(self, socket: WebSocketConnection, end: trio.abc.Stream) -> None:
        self.socket = socket
        self.end = end  # its end of the stream
        self.json = socket.subprotocol == JSON

    async def say(self, turn: str, **content: Any) -> None:
        message = {"turn": turn, **content}
        if self.json:
            await self.socket.send_message(json.dumps(message))
        else:
            await self.socket.send_message(_class("ClientMessage")(**message).SerializeToString())

    async def hear(self) -> tuple[str, str, dict[str, Any]]:
        """The next message. Raises ConnectionClosed."""
        frame = await self.socket.get_message()
        if isinstance(frame, str):
            assert self.json
            message = json.loads(frame)
            turn = message.pop("turn")
            ((kind, content),) = message.items()
            if "audio_chunk" in content:
                pcm = await self.socket.get_message()
                assert isinstance(pcm, bytes)
                assert len(pcm) == content["audio_chunk"].pop("bytes")
                content["audio_chunk"]["pcm"] = pcm
            return turn, kind, content
        assert not self.json
        return self._from_proto(frame)

    def _from_proto(self, frame: bytes) -> tuple[str, str, dict[str, Any]]:
        message = _class("ServerMessage").FromString(frame)
        kind = message.WhichOneof("content")
        found = getattr(message, kind)
        content = {one.name: getattr(found, one.name) for one in found.DESCRIPTOR.fields}
        if found.DESCRIPTOR.oneofs:
            chosen = found.WhichOneof("content")
            content = {chosen: content[chosen]}
        if "audio_chunk" in content:
            chunk = content["audio_chunk"]
            words = [
                {one.name: getattr(word, one.name) for one in word.DESCRIPTOR.fields} for word in chunk.words
            ]
            shape = {"sample_rate": chunk.sample_rate, "channels": chunk.channels, "words": words}
            content["audio_chunk"] = shape | {"pcm": chunk.audio_data}
        return message.turn, kind, content

    async def answer(self, turn: str) -> list[tuple[str, dict[str, Any]]]:
        """All that is answered to it, to its `over`. What bears other names is passed over."""
        found: list[tuple[str, dict[str, Any]]] = []
        while not found or found[-1][0] != "over":
            name, kind, content = await self.hear()
            if name == turn:
                found.append((kind, content))
        return found

    async def hello(self, **more: str) -> dict[str, Any]:
        await self.say("0", hello=HELLO | more)
        turn, kind, ready = await self.hear()
        assert (turn, kind) == ("0", "ready")
        return ready

    async def until_closed(self) -> tuple[int, str | None]:
        """The close code and reason; what comes before is passed over."""
        while self.socket.closed is None:
            with trio.move_on_after(1_000) as patience:
                await trio.lowlevel.checkpoint()
                try:
                    await self.socket.get_message()
                except Exception:  # noqa: BLE001 - ConnectionClosed
                    break
            assert not patience.cancelled_caught, "it is not closed"
        assert self.socket.closed is not None
        return self.socket.closed.code, self.socket.closed.reason


@dataclass
class Stage:
    """The gateway, and the way to it."""

    nursery: trio.Nursery
    house: House
    behind: Behind
    model: Model

    def open_stream(self, make: Callable[[], tuple[trio.abc.Stream, trio.abc.Stream]]) -> trio.abc.Stream:
        """A client's end of a stream that is served."""
        ours, theirs = make()
        self.nursery.start_soon(partial(serve_client, self.house, ours, "127.0.0.1:1234", "127.0.0.1"))
        return theirs

    async def client(
        self,
        subprotocol: str = JSON,
        *,
        make: Any = trio.testing.memory_stream_pair,
        headers: Sequence[tuple[bytes, bytes]] = (),
        path: str = "/",
        host: str = "localhost:8082",
    ) -> Client:
        """A connection that has shaken hands, and not said hello yet."""
        end: Any = self.open_stream(make)
        socket = await wrap_client_stream(
            self.nursery,
            end,
            host,
            path,
            subprotocols=[subprotocol] if subprotocol else None,
            extra_headers=list(headers),
            message_queue_size=0,
        )
        return Client(socket, end)

    async def greeted(self, subprotocol: str = JSON, **hello: str) -> Client:
        client = await self.client(subprotocol)
        await client.hello(**hello)
        return client


@asynccontextmanager
async def stage(
    model: Model | None = None, doorkeeper: Doorkeeper | None = None, limits: ConnectionsConfig | None = None
) -> AsyncIterator[Stage]:
    async with trio.open_nursery() as nursery:
        asked = model or Model("One sentence. ", "And another one.")
        talk = conversation(nursery, cast(asked, lead_seconds=1.0))
        behind = Behind(talk, doorkeeper or Doorkeeper(None))
        service = StreamingService(behind, Sizes(MOST_BYTES, 10_000, 1_000))
        origins = Origins(frozenset({"https://friend.example"}), 8080, secure=False)
        house = House(service, limits or ConnectionsConfig(), MOST_BYTES, origins)
        yield Stage(nursery, house, behind, asked)
        nursery.cancel_scope.cancel()


BOTH = (PROTO, JSON)
