"""Between protobuf and Nexy's own words, and from errors to status. The only file that knows both."""

import binascii
import dataclasses
import io
import struct
from collections.abc import Mapping
from typing import Literal, TypeVar

import betterproto
import PIL.Image
import trio
from grpclib.const import Status

from nexy import types
from nexy.errors import (
    BadRequest,
    Closing,
    Fault,
    Forbidden,
    NexyError,
    ProviderError,
    ProviderTimeout,
    Refused,
    TooLarge,
    Unauthenticated,
)
from nexy.modules.grpc_service.codec import sound_message, text_message
from nexy.modules.grpc_service.streaming import (
    ActionMessage,
    ExportMemoryRequest,
    ForgetMeRequest,
    InterruptRequest,
    SpokenWord,
    StreamRequest,
    StreamResponse,
    SwitchProviderRequest,
    UsageRequest,
    WelcomeMetadata,
    WelcomeRequest,
    WelcomeResponse,
)
from nexy.nursery.session import Ended, Why
from nexy.types import Action, AudioChunk, Done, Reply, Screenshot, TextChunk

M = TypeVar(
    "M",
    StreamRequest,
    InterruptRequest,
    WelcomeRequest,
    UsageRequest,
    ExportMemoryRequest,
    ForgetMeRequest,
    SwitchProviderRequest,
)

# What betterproto's parser lets through when bytes are not the message that they should be.
STUMBLES = (ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError, struct.error)

STRANGERS: Mapping[type[BaseException], Status] = {
    Unauthenticated: Status.UNAUTHENTICATED,
    Forbidden: Status.PERMISSION_DENIED,
}

DONE = "completed"
INTERRUPTED = "interrupted"
COLLECTED = "COLLECT_ACCEPTED"
INLINE_CHARS = 65_536  # of base64: what is shorter is decoded at once, without a thread
SLICE_CHARS = 262_144  # of base64: a thread that decodes lets others run after each

TEXT_FIELD, SOUND_FIELD, END_FIELD = 1, 2, 3  # StreamResponse's text_chunk, audio_chunk, end_message
WELCOME_SOUND_FIELD = 1  # WelcomeResponse.audio_chunk
Kind = Literal["png", "jpeg", "webp"]
# MPO is a JPEG with more pictures behind it, as many phones make them.
_KINDS: dict[str | None, Kind] = {"PNG": "png", "JPEG": "jpeg", "MPO": "jpeg", "WEBP": "webp"}


def parse(kind: type[M], data: bytes) -> M:
    """The request in `data`. Raises BadRequest when it is none."""
    try:
        _check_wire(kind, data)
        return kind().parse(data)
    except STUMBLES as error:
        raise BadRequest(f"this is not a {kind.__name__}") from error


def _check_wire(kind: type[M], data: bytes) -> None:
    """What betterproto's parser does not: no field ends too early or has another type than it should."""
    metas = [betterproto.FieldMetadata.get(field) for field in dataclasses.fields(kind)]
    wires = {meta.number: 2 if meta.proto_type == "string" else 0 for meta in metas}
    at = 0
    while at < len(data):
        key, at = betterproto.decode_varint(data, at)
        wire = key & 7
        if wires.get(key >> 3, wire) != wire:
            raise ValueError("a field of another type")
        if wire == 0:
            _, at = betterproto.decode_varint(data, at)
        elif wire == 2:
            size, at = betterproto.decode_varint(data, at)
            at += size
        else:
            at += {1: 8, 5: 4}[wire]
    if at > len(data):
        raise EOFError


async def screenshot(base64: str, most_bytes: int) -> Screenshot | None:
    """The picture that a client sent; None for the empty string. Raises BadRequest."""
    if not base64:
        return None
    if len(base64) > most_bytes * 4 // 3 + 4:
        raise BadRequest(f"the screenshot is larger than {most_bytes} bytes")
    if len(base64) <= INLINE_CHARS:
        return _decode(base64, most_bytes)
    return await trio.to_thread.run_sync(_decode, base64, most_bytes)


def _decode(base64: str, most_bytes: int) -> Screenshot:
    try:
        slices = range(0, len(base64), SLICE_CHARS)
        image = b"".join(
            binascii.a2b_base64(base64[at : at + SLICE_CHARS], strict_mode=True) for at in slices
        )
    except ValueError:
        raise BadRequest("the screenshot is not base64") from None
    if len(image) > most_bytes:
        raise BadRequest(f"the screenshot is larger than {most_bytes} bytes")
    try:
        with PIL.Image.open(io.BytesIO(image), formats=["PNG", "JPEG", "WEBP"]) as picture:
            kind, (width, height) = _KINDS[picture.format], picture.size
    except (OSError, ValueError, SyntaxError, PIL.Image.DecompressionBombError):
        raise BadRequest("the screenshot is neither a PNG nor a JPEG nor a WebP image") from None
    return Screenshot(image, kind, width, height)


def played(request: InterruptRequest) -> float | None:
    """Seconds of sound that the client says were heard. Raises BadRequest."""
    if request.played_ms is None:
        return None
    if request.played_ms < 0:
        raise BadRequest("played_ms is negative")
    return request.played_ms / 1000


def reply_parts(reply: Reply) -> tuple[bytes | memoryview, ...]:
    """A reply as the parts of an encoded StreamResponse."""
    match reply:
        case AudioChunk(pcm=pcm, rate=rate, words=words):
            return sound_message(SOUND_FIELD, pcm, rate, [_spoken_word(word) for word in words])
        case TextChunk(text=text):
            return (text_message(TEXT_FIELD, text),)
        case Action(action_json=action, session_id=session, feature_id=feature):
            message = StreamResponse(
                action_message=ActionMessage(action_json=action, session_id=session, feature_id=feature)
            )
            return (bytes(message),)
        case Done():
            return (end(DONE),)


def _spoken_word(word: types.SpokenWord) -> SpokenWord:
    return SpokenWord(
        start_ms=round(word.at * 1000),
        end_ms=round(word.until * 1000),
        text_start=word.first,
        text_end=word.past,
    )


def end(text: str) -> bytes:
    return text_message(END_FIELD, text)


def error(text: str) -> bytes:
    return bytes(StreamResponse(error_message=text))


def welcome_metadata(method: str, seconds: float, rate: int) -> bytes:
    metadata = WelcomeMetadata(
        method=method, duration_sec=seconds, sample_rate=rate, channels=1, dtype="int16"
    )
    return bytes(WelcomeResponse(metadata=metadata))


def welcome_sound(pcm: bytes | memoryview, rate: int) -> tuple[bytes | memoryview, ...]:
    return sound_message(WELCOME_SOUND_FIELD, pcm, rate)


def welcome_end() -> bytes:
    return bytes(WelcomeResponse(end_message=DONE))


def welcome_error(text: str) -> bytes:
    return bytes(WelcomeResponse(error_message=text))


def status_of(error: BaseException) -> tuple[Status, str]:
    """The status and the text that the caller may see. Nothing internal is in either."""
    if type(error) in STRANGERS:
        return STRANGERS[type(error)], str(error)
    match error:
        case BadRequest():
            return Status.INVALID_ARGUMENT, str(error)
        case Closing():
            return Status.UNAVAILABLE, str(error)
        case Refused() | TooLarge():
            return Status.RESOURCE_EXHAUSTED, str(error)
        case ProviderError(fault=Fault.BLOCKED):
            return Status.FAILED_PRECONDITION, "this cannot be answered"
        case ProviderError(fault=Fault.CROWDED):
            return Status.RESOURCE_EXHAUSTED, "too much is asked just now"
        case ProviderTimeout():
            return Status.DEADLINE_EXCEEDED, "no answer came in time"
        case ProviderError():
            return Status.UNAVAILABLE, "no answer can be given just now"
        case NexyError():
            return Status.UNAVAILABLE, "something that Nexy needs has failed"
        case _:
            return Status.INTERNAL, "internal error"


def metadata_of(error: BaseException) -> dict[str, str]:
    """What a refused client should know: when to come again, in seconds."""
    match error:
        case Refused(retry_after_seconds=seconds):
            pass
        case ProviderError(fault=Fault.CROWDED, retry_after_seconds=float(seconds)):
            pass
        case _:
            return {}
    return {"retry-after": str(max(1, round(seconds)))}


def ended_badly(ended: Ended) -> BaseException | None:
    """The error that a turn's end is for its client; None when it is none."""
    match ended.why:
        case Why.FAILED:
            return ended.error
        case Why.TOO_LONG | Why.DEADLINE:
            return ProviderTimeout("the answer took too long")
        case Why.CLOSING:
            return Closing("the server is closing")
        case _:
            return None
