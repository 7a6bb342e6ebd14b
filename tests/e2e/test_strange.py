"""Clients that are broken, hostile or odd do not hurt the others."""

import socket
import time
from functools import partial
from typing import Any

import pytest
from hyperframe.frame import Frame, PingFrame, SettingsFrame

from tests.e2e.conftest import until
from tests.e2e.test_answer import script
from tests.e2e.wire import PREFACE, Wire, headers, request

TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(193)


def address(server: Any) -> tuple[str, int]:
    return server.server.grpc.host, server.server.grpc.port


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 40,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        TLS_HELLO,
        PREFACE + b"\xff" * 100,
        PREFACE[:10],
        b"",
    ],
    ids=["garbage", "http/1.1", "tls", "garbage after the preface", "half a preface", "nothing"],
)
def test_bytes_that_are_not_http2(serve: Any, connect: Any, data: bytes) -> None:
    server = serve()
    with socket.create_connection(address(server), timeout=5) as other:
        other.sendall(data)
        time.sleep(0.05)
        assert connect(server).say().wait().text == script(2)


def test_a_frame_of_an_unknown_type(serve: Any, pb: Any) -> None:
    """RFC 9113 §4.1: it is ignored."""
    server = serve()
    with Wire(server.target) as wire:
        wire.socket.sendall(b"\0\0\5\xfa\0\0\0\0\0hello")
        stream = wire.call("StreamAudio", pb.StreamRequest(prompt="x", hardware_id="d"), "9S")
        wire.read(lambda: stream in wire.ended)
        assert wire.trailers[stream]["grpc-status"] == "0"


def test_a_setting_that_nobody_knows(serve: Any, pb: Any) -> None:
    server = serve()
    with Wire(server.target) as wire:
        wire.send(SettingsFrame(0, settings={0xF00: 7}), PingFrame(0, opaque_data=b"12345678"))
        stream = wire.call("StreamAudio", pb.StreamRequest(prompt="x", hardware_id="d"), "9S")
        wire.read(lambda: stream in wire.ended)
        assert wire.trailers[stream]["grpc-status"] == "0"


def test_a_tiny_window(serve: Any, pb: Any) -> None:
    server = serve()
    with Wire(server.target, INITIAL_WINDOW_SIZE=1000) as wire:
        stream = wire.call("StreamAudio", pb.StreamRequest(prompt="x", hardware_id="d"), "30S")
        wire.read(lambda: stream in wire.ended, 15)
        answers = [pb.StreamResponse.FromString(data) for data in wire.messages(stream)]
    assert "".join(answer.text_chunk for answer in answers) == script(2)
    assert sum(len(answer.audio_chunk.audio_data) for answer in answers) == 24 * 19_200
    assert answers[-1].end_message == "completed"
    assert wire.trailers[stream]["grpc-status"] == "0"


def test_many_connections_opened_and_dropped(serve: Any, connect: Any) -> None:
    server = serve()
    for _ in range(10):
        some = [socket.create_connection(address(server), timeout=5) for _ in range(100)]
        for n, one in enumerate(some):
            if n % 2:
                one.sendall(PREFACE)
            one.close()
    assert connect(server).say().wait().text == script(2)


def test_a_stream_that_is_reset_at_once(serve: Any, connect: Any, pb: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=50)
    with Wire(server.target) as wire:
        for _ in range(50):
            stream = wire.call("StreamAudio", pb.StreamRequest(prompt="x", hardware_id="d"))
            wire.h2.reset_stream(stream, 8)
            wire.flush()
        assert until(lambda: server.active == 0)
        assert connect(server).say().wait().text == script(50)


def test_a_request_that_never_ends(serve: Any, connect: Any) -> None:
    """Its client goes in the middle; and a message that says it is longer than it is."""
    server = serve()
    with Wire(server.target) as wire:
        for start, ends in (
            (b"\0\0\0", False),
            (b"\0\0\0\1\0abc", False),
            (b"\0\0\0\1\0abc", True),
            (b"", True),
        ):
            stream = wire.next_stream()
            wire.h2.send_headers(stream, headers("StreamAudio"))
            wire.h2.send_data(stream, start, end_stream=ends)
            wire.flush()
            if ends:
                wire.read(partial(wire.ended.__contains__, stream))
                assert wire.trailers[stream]["grpc-status"] == "3"
    assert connect(server).say().wait().text == script(2)


def test_many_clients_that_do_not_read_go_away(serve: Any, connect: Any, pb: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=1000, SCRIPTED_WORD_SECONDS=0, MAX_REQUESTS_PER_USER=50)
    wires = [Wire(server.target) for _ in range(10)]
    for wire in wires:
        frames: list[Frame] = request(
            wire.next_stream(), "StreamAudio", pb.StreamRequest(prompt="x", hardware_id="d")
        )
        wire.send(*frames)
    assert until(lambda: server.active == 10)
    for wire in wires:
        wire.socket.close()
    assert until(lambda: server.active == 0)
    assert connect(server).interrupt("d").message == "no active sessions"
