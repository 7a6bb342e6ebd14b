"""A client with the independent library `websockets`, for either sub-protocol."""

import json
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PROTO, JSON = "nexy.v1.proto", "nexy.v1.json"
BOTH = (PROTO, JSON)


class Client:
    """A connection that has said hello. What comes is (turn, kind, content), sound in its `pcm`."""

    def __init__(
        self, url: str, pb: SimpleNamespace, subprotocol: str = JSON, *, hello: Any = None, **options: Any
    ) -> None:
        self.pb = pb
        self.json = subprotocol == JSON
        self._stack = ExitStack()
        connecting: Any = connect(
            url,
            subprotocols=[Subprotocol(subprotocol)],
            max_size=None,
            proxy=None,
            open_timeout=30,
            close_timeout=1,
            **options,
        )
        self.socket: ClientConnection = self._stack.enter_context(connecting)
        self.say("hello", hello={"hardware_id": "device"} | (hello or {}))
        self.greeting = self.hear()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def say(self, turn: str, **content: Any) -> None:
        message = {"turn": turn, **content}
        encoded = json.dumps(message) if self.json else self.pb.ClientMessage(**message).SerializeToString()
        self.socket.send(encoded)

    def hear(self, seconds: float = 30) -> tuple[str, str, dict[str, Any]]:
        frame = self.socket.recv(seconds)
        if isinstance(frame, bytes):
            return self._from_proto(frame)
        message = json.loads(frame)
        turn = message.pop("turn")
        ((kind, content),) = message.items()
        if "audio_chunk" in content:
            pcm = self.socket.recv(seconds)
            assert isinstance(pcm, bytes)
            assert len(pcm) == content["audio_chunk"].pop("bytes")
            content["audio_chunk"]["pcm"] = pcm
        return turn, kind, content

    def _from_proto(self, frame: bytes) -> tuple[str, str, dict[str, Any]]:
        message = self.pb.ServerMessage.FromString(frame)
        kind = message.WhichOneof("content")
        found = getattr(message, kind)
        names = [one.name for one in found.DESCRIPTOR.fields]
        if found.DESCRIPTOR.oneofs:
            names = [found.WhichOneof("content")]
        content = {name: getattr(found, name) for name in names}
        if "audio_chunk" in content:
            content["audio_chunk"] = plain_sound(content["audio_chunk"])
        return message.turn, kind, content

    def answer(self, turn: str) -> list[tuple[str, dict[str, Any]]]:
        """All that is answered to it, to its `over`; what bears other names is passed over."""
        found: list[tuple[str, dict[str, Any]]] = []
        while not found or found[-1][0] != "over":
            name, kind, content = self.hear()
            if name == turn:
                found.append((kind, content))
        return found

    def ask(self, prompt: str, turn: str = "1", **more: Any) -> list[dict[str, Any]]:
        """The replies of an answer that goes well."""
        self.say(turn, stream={"prompt": prompt, **more})
        *replies, (_, over) = self.answer(turn)
        assert over["status"] == "OK"
        return [reply for _, reply in replies]


def plain_sound(chunk: Any) -> dict[str, Any]:
    """An AudioChunk of the official library, as the JSON sub-protocol has it."""
    words = [{one.name: getattr(word, one.name) for one in word.DESCRIPTOR.fields} for word in chunk.words]
    return {
        "sample_rate": chunk.sample_rate,
        "channels": chunk.channels,
        "words": words,
        "pcm": chunk.audio_data,
    }
