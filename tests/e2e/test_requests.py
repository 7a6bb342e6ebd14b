"""Requests that are wrong, odd or large."""

import base64
import io
import os
from collections.abc import Mapping
from typing import Any

import grpc
import PIL.Image
import pytest

from nexy.integrations.phrases import BUSY, CANNOT, TOO_LARGE
from tests.e2e.test_answer import script

STREAM_AUDIO = "/streaming.StreamingService/StreamAudio"


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8), **options: Any) -> str:
    """A screenshot as clients send it, of noise: it does not get smaller."""
    out = io.BytesIO()
    PIL.Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(out, kind, **options)
    return base64.b64encode(out.getvalue()).decode()


def assert_refused(
    answer: Any, status: grpc.StatusCode, *words: str, aloud: Mapping[str, str] | None = None
) -> None:
    """An error_message, and nothing else but what is said `aloud`, and then the status; nothing internal."""
    answer.wait()
    said = ["text_chunk", *["audio_chunk"] * len(answer.of("audio_chunk"))] if aloud else []
    assert answer.kinds == [*said, "error_message"]
    assert answer.text == (aloud["en"] if aloud else "")
    assert len(said) != 1
    assert answer.status is status, (answer.status, answer.details)
    for text in (*answer.of("error_message"), answer.details):
        assert not [word for word in words if word not in text], text
        assert not [word for word in ("Traceback", "nexy/", ".py", "Error(", "betterproto") if word in text]


@pytest.fixture
def usual(serve: Any, connect: Any) -> Any:
    """A client of a usual server; at the end the server must still answer."""
    client = connect(serve())
    yield client
    assert client.say(who="next").wait().text == script(2)


def test_hardware_id(usual: Any) -> None:
    for nobody in ("", "   ", "unknown", "Unknown", "\t\n"):
        assert_refused(usual.say(who=nobody), grpc.StatusCode.INVALID_ARGUMENT, "hardware_id")


def test_empty_prompt(usual: Any) -> None:
    for nothing in ("", "  ", "\n"):
        assert_refused(usual.say(nothing), grpc.StatusCode.INVALID_ARGUMENT, "prompt")


def test_empty_prompt_with_a_screenshot(usual: Any) -> None:
    assert usual.say("", screenshot=picture()).wait().text == script(2)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_screenshots(usual: Any, kind: str) -> None:
    answer = usual.say(screenshot=picture(kind), screen_width=8, screen_height=8).wait()
    assert (answer.status, answer.text) == (grpc.StatusCode.OK, script(2))


def test_screenshots_that_are_none(usual: Any) -> None:
    for screenshot, word in (
        ("this is not base64!", "base64"),
        (picture()[:-3], "base64"),
        (base64.b64encode(b"GIF89a" + bytes(50)).decode(), "PNG"),
        (base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), "PNG"),
        (base64.b64encode(os.urandom(2_000)).decode(), "WebP"),
        (picture("BMP"), "JPEG"),
    ):
        assert_refused(usual.say(screenshot=screenshot), grpc.StatusCode.INVALID_ARGUMENT, word)


def test_a_screenshot_that_is_too_large(serve: Any, connect: Any) -> None:
    client = connect(serve(MAX_IMAGE_BYTES=1000))
    answer = client.say(screenshot=picture(size=(40, 40)))
    assert_refused(answer, grpc.StatusCode.INVALID_ARGUMENT, "1000")
    assert client.say(screenshot=picture()).wait().text == script(2)


def test_a_very_large_screenshot(serve: Any, connect: Any) -> None:
    client = connect(serve(MAX_IMAGE_BYTES=40_000_000))
    large = picture(size=(2_600, 2_600), compress_level=0)
    assert len(large) > 27_000_000
    assert client.say(screenshot=large).wait(20).text == script(2)


def test_a_message_that_is_too_large(serve: Any, connect: Any) -> None:
    client = connect(serve(MAX_MESSAGE_BYTES=100_000, MAX_PROMPT_CHARS=10_000_000))
    refused = client.say("x" * 3_000_000)
    assert_refused(refused, grpc.StatusCode.RESOURCE_EXHAUSTED, "100000", aloud=TOO_LARGE)
    assert "retry-after" not in refused.trailers
    assert client.say("x" * 99_000).wait().text == script(2)


def test_a_long_prompt(serve: Any, connect: Any) -> None:
    long = "слово " * 90_000  # a megabyte
    client = connect(serve(MAX_PROMPT_CHARS=1_000_000))
    assert client.say(long).wait().text == script(2)
    client = connect(serve())
    assert_refused(client.say(long), grpc.StatusCode.INVALID_ARGUMENT, "10000")


def test_strict_session_id(serve: Any, connect: Any) -> None:
    client = connect(serve(STRICT_SESSION_ID="true"))
    assert_refused(client.say(), grpc.StatusCode.INVALID_ARGUMENT, "session_id")
    assert client.say(session_id="mine").wait().text == script(2)


def test_fields_that_nobody_knows(usual: Any, pb: Any) -> None:
    data = pb.StreamRequest(prompt="x", hardware_id="device").SerializeToString()
    strange = b"\xba\x3e\x03abc" + b"\xc8\x3e\x05"  # field 999, a string; field 1001, a number
    call = usual.channel.unary_stream(STREAM_AUDIO)(strange + data, timeout=5)
    assert len(list(call)) > 3
    assert call.code() is grpc.StatusCode.OK


@pytest.mark.parametrize("method", ["StreamAudio", "InterruptSession", "GenerateWelcomeAudio", "ReportUsage"])
def test_bytes_that_are_no_message(usual: Any, method: str) -> None:
    for data in (
        b"\xff" * 40,
        b"\x0a\x7fshort",
        b"\x0a\x02\xff\xfe\x2a\x01d",  # a prompt that is not UTF-8
        b"\x08\x01\x2a\x01d",  # a prompt that is a number
        b"\x0a\x01d\x2a\x05d",  # a hardware_id that is cut off
        b"\x0b",
        b"\x00\x00\x00",
    ):
        call = usual.channel.unary_stream(f"/streaming.StreamingService/{method}")(data, timeout=5)
        with pytest.raises(grpc.RpcError):
            list(call)
        assert call.code() is grpc.StatusCode.INVALID_ARGUMENT, data


def test_an_empty_message(usual: Any) -> None:
    call = usual.channel.unary_stream(STREAM_AUDIO)(b"", timeout=5)
    with pytest.raises(grpc.RpcError):
        list(call)
    assert call.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_method_that_does_not_exist(usual: Any) -> None:
    with pytest.raises(grpc.RpcError) as error:
        usual.channel.unary_unary("/streaming.StreamingService/Sing")(b"", timeout=5)
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_compressed_request(usual: Any) -> None:
    answer = usual.say("again and " * 500, compression=grpc.Compression.Gzip).wait()
    assert answer.status in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED)
    assert "compressed" in answer.details


@pytest.mark.parametrize(
    "limit", ["MAX_REQUESTS_PER_USER", "MAX_ACTIVE_SESSIONS", "MAX_REQUESTS_PER_MINUTE", "MAX_SESSIONS"]
)
def test_over_a_limit(serve: Any, connect: Any, limit: str) -> None:
    server = serve(**{limit: 1}, SCRIPTED_SENTENCES=100, SCRIPTED_WORD_SECONDS=0.01)
    client = connect(server)
    first = client.say(timeout=None)
    assert first.speaking()
    second = client.say(timeout=None)
    assert_refused(second, grpc.StatusCode.RESOURCE_EXHAUSTED, aloud=BUSY)
    assert int(second.trailers["retry-after"]) >= 1
    assert client.interrupt().success
    assert first.wait().of("end_message") == ["interrupted"]
    if limit in ("MAX_REQUESTS_PER_USER", "MAX_ACTIVE_SESSIONS"):
        third = client.say(timeout=None)
        assert third.speaking()
        client.interrupt()
        third.wait()


def test_a_jpeg_with_more_pictures_behind_it(usual: Any) -> None:
    out = io.BytesIO()
    one, other = (PIL.Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    one.save(out, "MPO", save_all=True, append_images=[other])
    shot = base64.b64encode(out.getvalue()).decode()
    assert usual.say("What is this?", screenshot=shot).wait().text == script(2)


def test_a_bug_before_the_turn_is_told_and_said(serve: Any, connect: Any, monkeypatch: Any) -> None:
    from nexy.integrations.conversation import Conversation

    server = serve()
    with monkeypatch.context() as broken:
        broken.setattr(Conversation, "_whole", lambda *_: 1 / 0)
        answer = connect(server).say("secret words").wait()
    assert answer.status is grpc.StatusCode.INTERNAL
    assert answer.text == CANNOT["en"]
    assert answer.of("error_message") == ["internal error"]
    assert connect(server).say().wait().text == script(2)
