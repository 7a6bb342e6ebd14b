"""A load test finds what a server does wrong: servers that do one thing wrong each, over grpcio."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from itertools import pairwise
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from nexy.cli import app
from nexy.modules.grpc_service.codec import sound_message
from nexy.modules.grpc_service.streaming import InterruptRequest, InterruptResponse, StreamResponse

RATE = 48_000
Answer = Callable[["Faulty", Any], Iterator[StreamResponse | bytes]]


def sound(seconds: float) -> bytes:
    return b"".join(sound_message(2, bytes(2 * int(seconds * RATE)), RATE))


class Faulty(grpc.GenericRpcHandler):  # type: ignore[misc] # grpcio has no types
    """Answers as it was told to; an interrupt stops an answer that looks at `interrupted`."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[float] = []  # when, time.monotonic()
        self.running = self.interrupted = False

    def service(self, details: Any) -> grpc.RpcMethodHandler:
        if details.method.endswith("StreamAudio"):
            return grpc.unary_stream_rpc_method_handler(self._stream)
        return grpc.unary_unary_rpc_method_handler(self._interrupt)

    def _stream(self, request: bytes, context: Any) -> Iterator[bytes]:
        self.asked.append(time.monotonic())
        self.running, self.interrupted = True, False
        for one in self._answer(self, context):
            yield bytes(one)
        self.running = False

    def _interrupt(self, request: bytes, context: Any) -> bytes:
        assert InterruptRequest().parse(request).hardware_id == "loadtest-1"
        self.interrupted = True
        return bytes(InterruptResponse(success=self.running))


def run(answer: Answer, *args: str, seconds: float = 2) -> tuple[int, dict[str, Any], Faulty]:
    """One user at such a server: the exit status, what was found, the server."""
    faulty = Faulty(answer)
    server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[faulty])
    where = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        given = ["--server", where, "--http", where, "--users", "1", "--duration", str(seconds), "--json"]
        result = CliRunner().invoke(app, ["loadtest", *given, "--think", "0", "--interrupt", "0", *args])
    finally:
        server.stop(None).wait()
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, json.loads(result.stdout), faulty


def refuse(_: Faulty, context: Any) -> Iterator[StreamResponse | bytes]:
    yield StreamResponse(text_chunk="I'm sorry.")
    yield sound(0.1)
    yield StreamResponse(error_message="full")
    context.set_trailing_metadata((("retry-after", "1"),))
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "full")


def test_the_refused_wait_as_long_as_they_were_told() -> None:
    status, found, server = run(refuse, "--min-success", "0", seconds=4)
    waits = [later - before for before, later in pairwise(server.asked)]
    assert waits  # two or three, as the machine has time
    assert min(waits) >= 1
    assert 2 <= found["figures"]["refusals"]["full"] <= len(waits) + 1
    assert found["figures"]["errors"] == {}
    assert status == 1  # nobody was answered
    assert [one["what"] for one in found["verdict"] if not one["holds"]] == ["request → first sound, p99"]


def speak(server: Faulty, *, obeys: bool) -> Iterator[StreamResponse | bytes]:
    yield StreamResponse(text_chunk="Hello.")
    for _ in range(75):
        if server.interrupted and obeys:
            break
        yield sound(0.02)
        time.sleep(0.02)
    yield StreamResponse(end_message="interrupted" if server.interrupted else "completed")


def go_on(server: Faulty, _: Any) -> Iterator[StreamResponse | bytes]:
    return speak(server, obeys=False)


def stop(server: Faulty, _: Any) -> Iterator[StreamResponse | bytes]:
    return speak(server, obeys=True)


@pytest.mark.parametrize(("answer", "unclean"), [(go_on, 1), (stop, 0)])
def test_sound_after_the_response_to_an_interrupt_is_unclean(answer: Answer, unclean: int) -> None:
    # The second answer at the latest is interrupted: by then it is known how long they are.
    _, found, _ = run(answer, "--interrupt", "1", seconds=6)
    assert (found["figures"]["unclean"] > 0) == bool(unclean), found["figures"]
    assert found["figures"]["interrupt"]["count"] > 0
    missed = [one["what"] for one in found["verdict"] if not one["holds"]]
    assert ("unclean interrupts" in missed) == bool(unclean)


def late(_: Faulty, __: Any) -> Iterator[StreamResponse | bytes]:
    yield StreamResponse(text_chunk="Hello.")
    yield sound(0.1)
    time.sleep(0.4)
    yield sound(0.1)
    yield StreamResponse(end_message="completed")


def test_sound_that_comes_too_late_is_a_gap_in_playing() -> None:
    status, found, server = run(late)
    figures = found["figures"]
    assert status == 0, found["verdict"]
    assert figures["ends"]["answered"] >= 2
    assert figures["gaps"] >= figures["ends"]["answered"]
    assert figures["gap_seconds"] / figures["gaps"] == pytest.approx(0.3, abs=0.15)
    # It is heard to its end before the user asks again.
    assert min(after - before for before, after in zip(server.asked, server.asked[1:], strict=False)) > 0.49


def silent(_: Faulty, __: Any) -> Iterator[StreamResponse]:
    yield StreamResponse(text_chunk="Hello.")
    yield StreamResponse(end_message="completed")


def endless(_: Faulty, __: Any) -> Iterator[StreamResponse | bytes]:
    yield sound(0.01)


def foreign(_: Faulty, __: Any) -> Iterator[StreamResponse | bytes]:
    yield sound(0.01)
    yield StreamResponse(end_message="interrupted")


@pytest.mark.parametrize(
    ("answer", "word"),
    [(silent, "no sound"), (endless, "no end_message"), (foreign, "interrupted by somebody else")],
)
def test_an_answer_that_is_none_is_an_error(answer: Answer, word: str) -> None:
    status, found, _ = run(answer)
    assert status == 1
    assert set(found["figures"]["errors"]) == {word}


def test_without_http_the_servers_own_figures_are_left_out_with_a_word() -> None:
    _, found, _ = run(late, seconds=1)
    assert "does not show them" in found["server_unseen"]
