"""Faults that users of gRPC and Connect report of calls that end early, by their numbers there: none is ours.

Real sockets, and where a well-behaved client is needed the official one.
"""

import os
import socket
import struct
import time
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
import trio

from tests.e2e.conftest import until
from tests.e2e.wire import Wire, headers, message

LONG = {"SCRIPTED_SENTENCES": 100, "SCRIPTED_WORD_SECONDS": 0.01, "LEAD_SECONDS": 0.5}
SILENT = {"SCRIPTED_WORD_SECONDS": 100, "MODEL_FIRST_WORD_SECONDS": 600}  # nothing is ever written
MOST_GROWTH_BYTES = 20_000_000  # of client and server together; what users lost was hundreds of them


def memory_bytes() -> int:
    resident = Path("/proc/self/statm").read_text().split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE")


def open_sockets() -> int:
    """Of this process, in which the server runs."""
    fds = [Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd")]
    return sum(str(fd.readlink()).startswith("socket:") for fd in fds if fd.is_symlink())


def streams(server: Any) -> int:
    """Calls that the server's connections still know of."""

    def count() -> int:
        connections = server.server.grpc._server.connections
        return sum(len(one.processor.streams) for one in connections)

    return int(server.ask(count))


def cancel_some(client: Any, count: int) -> None:
    """Every fourth while it is read, the others as soon as they are made."""
    for number in range(count):
        answer = client.say(who=f"device-{number % 10}", timeout=None)
        if not number % 4:
            assert answer.speaking()
        answer.call.cancel()
        assert answer.wait().status is grpc.StatusCode.CANCELLED


def test_grpc_43360_calls_that_were_cancelled_leave_nothing(serve: Any, connect: Any) -> None:
    server = serve(**LONG)
    client = connect(server)
    cancel_some(client, 8)  # so that all that is made once is there
    assert until(lambda: server.active == streams(server) == 0)
    tasks, sockets, memory = server.extra_tasks(), open_sockets(), memory_bytes()
    cancel_some(client, 80)
    assert until(lambda: server.active == streams(server) == 0)
    assert until(lambda: server.extra_tasks() <= tasks)
    assert open_sockets() <= sockets
    assert memory_bytes() - memory < MOST_GROWTH_BYTES
    assert client.say(timeout=None).speaking()
    assert client.interrupt().success


def test_grpc_43360_calls_that_are_cancelled_as_they_come_do_not_fill_the_connection(
    serve: Any, pb: Any
) -> None:
    """Request and cancellation come in one packet: no task has begun when the call is over.

    What they sent is more than the connection's window, so that it must have been given back.
    """
    server = serve()
    usage = pb.UsageRequest(hardware_id="device", input_tokens=1)
    with Wire(server.target) as wire:
        for number in range(30):
            for _ in range(min(number, 5)):  # none at first, to learn how large the window is
                stream = wire.next_stream()
                wire.h2.send_headers(stream, headers("StreamAudio"))
                wire.h2.send_data(stream, message(bytes(16_000)))
                wire.h2.send_data(stream, bytes(16_000))
                wire.h2.reset_stream(stream)
            wire.flush()
            good = wire.call("ReportUsage", usage)
            wire.read(partial(wire.ended.issuperset, {good}))
            assert wire.trailers[good]["grpc-status"] == "0"
        assert until(lambda: streams(server) == 0)


@pytest.mark.parametrize("how", ["interrupted", "too long", "server closes"])
def test_grpc_29248_a_cancelled_answer_does_not_let_its_client_wait(
    serve: Any, connect: Any, how: str
) -> None:
    server = serve(**LONG, TURN_SECONDS=0.7 if how == "too long" else 60)
    client = connect(server)
    answer = client.say(timeout=None)
    assert answer.speaking()
    if how == "interrupted":
        client.interrupt()
    if how == "server closes":
        sessions = server.server.backstage.conversation.sessions
        trio.from_thread.run(sessions.stop_all, trio_token=server.token)
    status = {
        "interrupted": grpc.StatusCode.OK,
        "too long": grpc.StatusCode.DEADLINE_EXCEEDED,
        "server closes": grpc.StatusCode.UNAVAILABLE,
    }
    assert answer.wait(2).status is status[how]
    assert answer.kinds[-1] == ("end_message" if how == "interrupted" else "error_message")


@pytest.mark.parametrize("how", ["closed", "reset"])
@pytest.mark.parametrize("model", [LONG, SILENT], ids=["speaking", "silent"])
def test_connect_py_174_and_agents_js_927_a_method_ends_when_its_client_is_gone(
    serve: Any, pb: Any, model: dict[str, Any], how: str
) -> None:
    """Also while nothing is sent that could fail. The client has no deadline and says no goodbye."""
    server = serve(**model)
    with Wire(server.target) as wire:
        stream = wire.call("StreamAudio", pb.StreamRequest(prompt="x", hardware_id="device"))
        assert until(lambda: server.active == 1)
        if model is LONG:
            wire.read(lambda: len(wire.data[stream]) > 10_000)
        if how == "reset":
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone = time.monotonic()
    assert until(lambda: server.active == 0, 1)
    assert until(server.is_quiet, 1)
    assert time.monotonic() - gone < 1


def test_agents_4028_a_client_that_lost_its_connection_comes_back_and_is_answered(
    serve: Any, connect: Any
) -> None:
    """By another connection, in the same conversation, as it was heard."""
    server = serve(LLM_PROVIDERS="offline", LEAD_SECONDS=0.2)
    first = connect(server)
    answer = first.say("Say after me: one two three four five six seven eight", timeout=None)
    assert answer.speaking()
    time.sleep(0.25)
    first.channel.close()
    again = connect(server).say("What did you say?").wait()
    assert again.of("end_message") == ["completed"]
    assert again.text.lower().startswith("one")
    assert "eight" not in again.text
