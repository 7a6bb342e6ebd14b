"""Between protobuf and Nexy's words: pictures, replies, and what a caller may see of an error."""

import base64
import io

import PIL.Image
import pytest
import trio
from grpclib.const import Status
from hypothesis import given
from hypothesis import strategies as st

from nexy.errors import (
    BadRequest,
    Closing,
    Limit,
    NexyError,
    ProviderError,
    ProviderTimeout,
    Refused,
    StorageError,
)
from nexy.modules.grpc_service import translate
from nexy.modules.grpc_service.streaming import StreamRequest, StreamResponse, WelcomeResponse
from nexy.nursery.session import Ended, Why
from nexy.types import Action, AudioChunk, Done, SessionId, TextChunk

MEGABYTE = 1_000_000


def picture(kind: str, size: tuple[int, int] = (20, 10)) -> bytes:
    file = io.BytesIO()
    PIL.Image.new("RGB", size, "red").save(file, kind)
    return file.getvalue()


def encoded(image: bytes) -> str:
    return base64.b64encode(image).decode()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_picture_of_each_kind(kind: str) -> None:
    image = picture(kind)
    shot = await translate.screenshot(encoded(image), MEGABYTE)
    assert shot is not None
    assert (shot.image, shot.kind, shot.width, shot.height) == (image, kind, 20, 10)


async def test_no_picture() -> None:
    assert await translate.screenshot("", MEGABYTE) is None


@pytest.mark.parametrize(
    "image", [picture("gif"), picture("bmp"), b"text", b"\x89PNG\r\n\x1a\n", picture("png")[:20]]
)
async def test_what_is_no_picture_of_the_three_kinds(image: bytes) -> None:
    with pytest.raises(BadRequest, match="neither a PNG nor a JPEG nor a WebP"):
        await translate.screenshot(encoded(image), MEGABYTE)


@pytest.mark.parametrize(
    "broken", ["!", "abc", "ab=c", "data:image/png;base64,AAAA", "Aé==", "AA==AA==", "A\nAA"]
)
async def test_what_is_not_base64(broken: str) -> None:
    with pytest.raises(BadRequest, match="not base64"):
        await translate.screenshot(broken, MEGABYTE)


async def test_a_picture_may_be_as_large_as_allowed_and_no_larger() -> None:
    image = picture("png")
    assert await translate.screenshot(encoded(image), len(image))
    for most in (len(image) - 1, len(image) // 2):
        with pytest.raises(BadRequest, match=f"larger than {most} bytes"):
            await translate.screenshot(encoded(image), most)


async def test_a_large_picture_is_decoded_while_others_run(nursery: trio.Nursery) -> None:
    image = picture("png") + bytes(MEGABYTE)  # what follows a picture's end is passed over
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await trio.lowlevel.checkpoint()

    nursery.start_soon(others)
    shot = await translate.screenshot(encoded(image), 2 * MEGABYTE)
    assert shot is not None
    assert shot.image == image
    assert turns > 1
    nursery.cancel_scope.cancel()


async def test_what_is_wrong_in_a_large_one_is_found() -> None:
    text = encoded(picture("png") + bytes(MEGABYTE))
    with pytest.raises(BadRequest, match="not base64"):
        await translate.screenshot(text[:500_000] + "!" + text[500_001:], 2 * MEGABYTE)


SECRET = "key-1234 at /etc/nexy"


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (BadRequest("too long"), Status.INVALID_ARGUMENT, "too long"),
        (Closing("closing"), Status.UNAVAILABLE, "closing"),
        (Refused("too many", Limit.ACTIVE), Status.RESOURCE_EXHAUSTED, "too many"),
        (ProviderTimeout(SECRET), Status.DEADLINE_EXCEEDED, "no answer came in time"),
        (ProviderError(SECRET), Status.UNAVAILABLE, "no answer can be given just now"),
        (StorageError(SECRET), Status.UNAVAILABLE, "something that Nexy needs has failed"),
        (NexyError(SECRET), Status.UNAVAILABLE, "something that Nexy needs has failed"),
        (ZeroDivisionError(SECRET), Status.INTERNAL, "internal error"),
        (ExceptionGroup(SECRET, [ValueError(SECRET)]), Status.INTERNAL, "internal error"),
        (OSError(2, SECRET), Status.INTERNAL, "internal error"),
    ],
)
def test_the_status_of_an_error(error: Exception, status: Status, text: str) -> None:
    assert translate.status_of(error) == (status, text)
    assert "1234" not in translate.status_of(error)[1]


def test_a_refused_client_is_told_when_to_come_again() -> None:
    assert translate.metadata_of(Refused("x", Limit.RATE, retry_after_seconds=12.4)) == {"retry-after": "12"}
    assert translate.metadata_of(Refused("x", Limit.RATE, retry_after_seconds=0.1)) == {"retry-after": "1"}
    assert translate.metadata_of(ProviderError("x")) == {}


def test_which_ends_are_errors() -> None:
    error = ProviderError("x")
    assert translate.ended_badly(Ended(Why.FAILED, error)) is error
    for why in (Why.TOO_LONG, Why.DEADLINE):
        assert isinstance(translate.ended_badly(Ended(why)), ProviderTimeout)
    assert isinstance(translate.ended_badly(Ended(Why.CLOSING)), Closing)
    for why in (Why.DONE, Why.INTERRUPTED, Why.NEWER, Why.GONE):
        assert translate.ended_badly(Ended(why)) is None


def test_replies_as_they_are_sent() -> None:
    def sent(reply: TextChunk | AudioChunk | Action | Done) -> StreamResponse:
        return StreamResponse().parse(b"".join(translate.reply_parts(reply)))

    assert sent(TextChunk("Привет")).text_chunk == "Привет"
    assert sent(Done()).end_message == "completed"
    action = sent(Action("{}", SessionId("s"), "f")).action_message
    assert (action.action_json, action.session_id, action.feature_id) == ("{}", "s", "f")
    assert sent(AudioChunk(b"\1\2", 48_000)).audio_chunk.audio_data == b"\1\2"


def test_what_a_greeting_is_sent_as() -> None:
    metadata = WelcomeResponse().parse(translate.welcome_metadata("tone", 1.5, 16_000)).metadata
    assert (metadata.method, metadata.duration_sec, metadata.sample_rate) == ("tone", 1.5, 16_000)
    assert (metadata.channels, metadata.dtype) == (1, "int16")
    sound = WelcomeResponse().parse(b"".join(translate.welcome_sound(b"\1\2", 16_000))).audio_chunk
    assert (sound.audio_data, sound.sample_rate) == (b"\1\2", 16_000)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    try:
        translate.parse(StreamRequest, data)
    except BadRequest as error:
        assert str(error) == "this is not a StreamRequest"  # noqa: PT017 - it may also be one


def test_a_request_is_read() -> None:
    request = StreamRequest(prompt="Hello", hardware_id="device")
    assert translate.parse(StreamRequest, bytes(request)) == request
