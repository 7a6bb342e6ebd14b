"""What WebSockets carry: requests and replies with the names of their turns, in either sub-protocol.

Here the official protobuf library reads and writes: it is strict, it knows JSON, and it is written in C
(its JSON is not: see `_parse`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from grpclib.const import Status

from nexy.errors import BadRequest
from nexy.modules.grpc_service.codec import sound_in, text_message, varint
from nexy.modules.grpc_service.service import descriptors
from nexy.modules.grpc_service.streaming import Over, Ready

PROTO, JSON = "nexy.v1.proto", "nexy.v1.json"
SUBPROTOCOLS = (PROTO, JSON)

Frame: TypeAlias = str | bytes
"""A message of a WebSocket: text, or binary."""

MOST_TURN_CHARS = 256  # of a turn's name: each reply bears it
LONG_CHARS = 1_000  # of a text, which json_format then is not given
_LENGTH_DELIMITED = 2  # wire type: a length, and then so many bytes
_NOT_A_MESSAGE = (DecodeError, json_format.ParseError, ValueError, TypeError, RecursionError)


@cache
def _class(name: str) -> Any:
    """The contract's message of that name, in a pool of its own."""
    pool = DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors()).file:
        pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(f"streaming.{name}"))


@cache
def _field(kind: str) -> tuple[bytes, Any]:
    """Of a reply of that kind: the tag, and the class of what is in it."""
    field = _class("ServerMessage").DESCRIPTOR.fields_by_name[kind]
    return varint(field.number << 3 | _LENGTH_DELIMITED), GetMessageClass(field.message_type)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, or a hello or a cancel, out of its envelope."""

    turn: str
    kind: str  # the name of the field in ClientMessage
    message: Any  # with the official library's attributes

    def request(self, hardware_id: str, session_id: str) -> bytes:
        """Encoded. It is of that device and in that session, where it names none itself."""
        for name, value in (("hardware_id", hardware_id), ("session_id", session_id)):
            if name in self.message.DESCRIPTOR.fields_by_name and not getattr(self.message, name):
                setattr(self.message, name, value)
        data: bytes = self.message.SerializeToString()
        return data


def read(frame: Frame) -> Asked:
    """What a client sent. Raises BadRequest."""
    message = _class("ClientMessage")()
    try:
        if isinstance(frame, str):
            _parse(frame, message)
        else:
            message.ParseFromString(frame)
    except _NOT_A_MESSAGE:
        raise BadRequest("this is not a ClientMessage") from None
    kind = message.WhichOneof("content")
    if kind is None:
        raise BadRequest("a ClientMessage without content, or with one that is not known")
    if len(message.turn) > MOST_TURN_CHARS:
        raise BadRequest(f"the name of a turn has at most {MOST_TURN_CHARS} characters")
    return Asked(message.turn, kind, getattr(message, kind))


def _parse(text: str, message: Any) -> None:
    """Fill a ClientMessage from JSON. Raises one of _NOT_A_MESSAGE.

    json_format goes through every text letter by letter: for a screenshot it would hold up the whole server
    for a second. So long texts are set apart, and it sees an empty one in their place.
    """
    told = json.loads(text, object_pairs_hook=_each_once)
    apart = []
    for kind, content in told.items() if isinstance(told, dict) else ():
        if isinstance(content, str):
            told[kind] = content[:LONG_CHARS]  # a turn's name, which is too long then too
        for name, value in content.items() if isinstance(content, dict) else ():
            if isinstance(value, str) and len(value) > LONG_CHARS:
                apart.append((kind, name, value))
                content[name] = ""
    json_format.ParseDict(told, message)
    for kind, name, value in apart:
        content = getattr(message, kind)
        names = content.DESCRIPTOR.fields_by_name
        field = names[name] if name in names else content.DESCRIPTOR.fields_by_camelcase_name[name]
        setattr(content, field.name, value)  # which looks for what is no text, in C


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, whose names differ."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def frames(subprotocol: str, turn: str, kind: str, *parts: bytes | memoryview) -> tuple[Frame, ...]:
    """The frames of a reply, whose encoded content comes in parts that are joined."""
    if subprotocol == PROTO:
        tag, _ = _field(kind)
        return (b"".join((text_message(1, turn), tag, varint(sum(map(len, parts))), *parts)),)
    sound = sound_in(parts)
    if sound is None:
        _, known = _field(kind)
        return (_json(turn, kind, _fields(known.FromString(b"".join(parts)))),)
    pcm, tail = sound
    chunk = _class("AudioChunk").FromString(tail)
    header = {
        "sample_rate": chunk.sample_rate,
        "channels": chunk.channels,
        "bytes": len(pcm),
        "words": [_fields(word) for word in chunk.words],
    }
    return _json(turn, kind, {"audio_chunk": header}), bytes(pcm)


def _fields(message: Any) -> Mapping[str, Any]:
    """As JSON has them, by the names in the .proto; those that have their default too."""
    found: Mapping[str, Any] = json_format.MessageToDict(
        message, always_print_fields_with_no_presence=True, preserving_proto_field_name=True
    )
    return found


def _json(turn: str, kind: str, content: Mapping[str, Any]) -> str:
    return json.dumps({"turn": turn, kind: content}, ensure_ascii=False, separators=(",", ":"))


def ready(session_id: str, resume: str, *, resumed: bool, ping_seconds: float, version: str) -> bytes:
    """The answer to a hello, encoded."""
    return bytes(Ready(session_id, resume, resumed, ping_seconds, version))


def over(status: Status, message: str | None, metadata: Mapping[str, str] | None) -> bytes:
    """The end of a request, encoded: what gRPC has in its trailers."""
    seconds = float((metadata or {}).get("retry-after", 0))
    return bytes(Over(status.value, status.name, message or "", seconds))
