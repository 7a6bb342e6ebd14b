"""Being told to be quiet."""

import time
from functools import partial
from typing import Any

import grpc
import pytest

from nexy.integrations.answer import PIECES_AHEAD
from tests.e2e.conftest import until
from tests.e2e.wire import Wire, request

LONG = {"SCRIPTED_SENTENCES": 100, "SCRIPTED_WORD_SECONDS": 0.01, "LEAD_SECONDS": 0.5}


@pytest.mark.parametrize("other_channel", [False, True])
def test_interrupt(serve: Any, connect: Any, other_channel: bool) -> None:
    server = serve(**LONG)
    client = connect(server)
    answers = [client.say(session_id=name, timeout=None) for name in ("one", "two")]
    other = client.say(who="someone else", timeout=None)
    assert all(answer.speaking() for answer in [*answers, other])

    response = (connect(server) if other_channel else client).interrupt()
    told = time.monotonic()
    assert response.success
    assert sorted(response.interrupted_sessions) == ["one", "two"]
    for answer in answers:
        assert answer.wait(1).status is grpc.StatusCode.OK
        assert answer.items[-1][1:] == ("end_message", "interrupted")
        assert answer.kinds.count("end_message") == 1
        assert answer.items[-1][0] < told + 0.1

    count = len(other.items)
    assert until(lambda: len(other.items) > count + 1, 3)  # is not touched
    again = client.say(session_id="one", timeout=None)
    assert again.speaking()
    assert client.interrupt().success
    assert other.status is None
    assert client.interrupt("someone else").success
    assert again.wait().items[-1][2] == other.wait().items[-1][2] == "interrupted"


def test_the_last_byte_is_sent_before_the_response(serve: Any, pb: Any) -> None:
    """On one connection the order of frames tells it exactly."""
    server = serve(**LONG)
    with Wire(server.target) as wire:
        stream = wire.call("StreamAudio", pb.StreamRequest(prompt="x", hardware_id="device"))
        wire.read(lambda: len(wire.data[stream]) > 50_000)
        stop = wire.call("InterruptSession", pb.InterruptRequest(hardware_id="device"))
        wire.read(lambda: stop in wire.ended)
        assert wire.order.index(stop) > max(n for n, one in enumerate(wire.order) if one == stream)
        assert wire.trailers[stream]["grpc-status"] == "0"
        assert wire.trailers[stop]["grpc-status"] == "0"


def test_it_is_quick(serve: Any, connect: Any) -> None:
    client = connect(serve(**LONG))
    for _ in range(3):
        assert client.say(timeout=None).speaking()
        began = time.monotonic()
        assert client.interrupt().success
        assert time.monotonic() - began < 0.2


def test_nothing_is_running(serve: Any, connect: Any) -> None:
    client = connect(serve())
    for _ in range(2):
        response = client.interrupt()
        assert (response.success, response.message) == (False, "no active sessions")
        assert not response.interrupted_sessions
        assert client.say().wait().of("end_message") == ["completed"]


@pytest.mark.parametrize("nobody", ["", "  ", "unknown"])
def test_whom(serve: Any, connect: Any, nobody: str) -> None:
    client = connect(serve())
    with pytest.raises(grpc.RpcError) as error:
        client.interrupt(nobody)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_client_knows_how_much_it_has_played(serve: Any, connect: Any) -> None:
    server = serve(**LONG)  # 0.2 s a word
    client = connect(server)
    for played_ms, words in ((0, 0), (399, 1), (400, 2), (None, None)):
        answer = client.say(session_id=str(played_ms), timeout=None)
        assert until(partial(_has_sound, answer, 0.45))
        more = {} if played_ms is None else {"played_ms": played_ms}
        assert client.interrupt(**more).success
        answer.wait()
        heard = server.heard()[-1].split()
        assert heard == answer.text.split()[: len(heard)]
        assert len(heard) == words or (words is None and len(heard) < 8)


def _has_sound(answer: Any, seconds: float) -> bool:
    return len(answer.sound) >= seconds * 96_000


def test_nobody_has_played_less_than_nothing(serve: Any, connect: Any) -> None:
    with pytest.raises(grpc.RpcError) as error:
        connect(serve()).interrupt(played_ms=-1)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details() == "played_ms is negative"


def test_a_session_without_a_name_is_named_in_the_response(serve: Any, connect: Any) -> None:
    client = connect(serve(**LONG))
    answer = client.say(timeout=None)
    assert answer.speaking()
    (name,) = client.interrupt().interrupted_sessions
    assert len(name) == 36
    answer.wait()


def test_a_client_that_does_not_read(serve: Any, connect: Any, pb: Any, monkeypatch: Any) -> None:
    """Its answer waits in the model, and not all of it in our memory; and it can still be stopped."""
    from nexy.modules.text_processing.providers import scripted

    given = 0
    receive = scripted._Script.receive

    async def counted(script: Any) -> Any:
        nonlocal given
        given += 1
        return await receive(script)

    monkeypatch.setattr(scripted._Script, "receive", counted)
    server = serve(SCRIPTED_SENTENCES=1000, SCRIPTED_WORD_SECONDS=0)
    with Wire(server.target) as wire:
        hungry = pb.StreamRequest(prompt="x", hardware_id="device")
        wire.send(*request(wire.next_stream(), "StreamAudio", hungry, timeout="30S"))
        assert until(lambda: given > 0)
        time.sleep(0.3)
        before = given
        time.sleep(0.3)
        assert before == given <= 12 * 9 + PIECES_AHEAD
        assert server.active == 1
        began = time.monotonic()
        assert connect(server).interrupt().success
        assert time.monotonic() - began < 1.5
        assert server.active == 0
