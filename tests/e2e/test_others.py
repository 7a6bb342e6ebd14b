"""The other calls: welcome, usage; and what every gRPC server and every web server has."""

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import grpc
import pytest
import trio
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from tests.e2e.conftest import until

SERVICE = "streaming.StreamingService"


@pytest.mark.parametrize("voice", ["tone", "espeak"])
def test_welcome(serve: Any, connect: Any, voice: str) -> None:
    heard = connect(serve(TTS_PROVIDERS=voice)).welcome(text="Hello there, dear friend.")
    assert heard.status is grpc.StatusCode.OK
    assert heard.kinds == ["metadata", *["audio_chunk"] * (len(heard.kinds) - 2), "end_message"]
    (metadata,) = heard.of("metadata")
    assert (metadata.sample_rate, metadata.channels, metadata.dtype) == (48_000, 1, "int16")
    assert metadata.method == voice
    assert len(heard.sound) / 96_000 == pytest.approx(metadata.duration_sec)
    assert metadata.duration_sec > 0.5
    for chunk in heard.of("audio_chunk"):
        assert (chunk.dtype, list(chunk.shape), chunk.sample_rate, chunk.channels) == ("int16", [], 48_000, 1)
        assert 0 < len(chunk.audio_data) <= 32_768


def test_welcome_without_text_is_a_greeting(serve: Any, connect: Any) -> None:
    client = connect(serve(TTS_PROVIDERS="espeak"))
    english, russian, default = (client.welcome(language=name) for name in ("en-US", "ru", ""))
    assert all(heard.status is grpc.StatusCode.OK for heard in (english, russian, default))
    assert len({english.sound, russian.sound}) == 2
    assert default.sound


def test_welcome_with_a_voice(serve: Any, connect: Any) -> None:
    client = connect(serve(TTS_PROVIDERS="espeak"))
    said = {
        name: client.welcome(text="1 2 3", voice=name).sound
        for name in ("en-US-JennyNeural", "de-DE-KatjaNeural", "ru-RU-SvetlanaNeural")
    }
    assert len(set(said.values())) == 3
    assert all(said.values())
    unknown = client.welcome(text="Hello", voice="no such voice")
    assert unknown.status is grpc.StatusCode.INVALID_ARGUMENT
    assert unknown.kinds == ["error_message"]


def test_welcome_with_nothing_to_say(serve: Any, connect: Any) -> None:
    client = connect(serve())
    too_long = client.welcome(text="word " * 10_000)
    assert (too_long.status, too_long.kinds) == (grpc.StatusCode.INVALID_ARGUMENT, ["error_message"])
    assert client.welcome().status is grpc.StatusCode.OK


def test_report_usage(serve: Any, connect: Any, pb: Any) -> None:
    client = connect(serve())

    def report(**fields: Any) -> Any:
        return client.stub.ReportUsage(pb.UsageRequest(**fields), timeout=5)

    assert report(
        hardware_id="device", session_id="s", source="x", input_tokens=3, output_tokens=4, model="m"
    ).success
    assert report(hardware_id="device").success
    assert not report(input_tokens=3).success
    assert not report(hardware_id="  ", input_tokens=3).success
    assert not report(hardware_id="unknown", input_tokens=3).success
    assert not report(hardware_id="device", input_tokens=-3).success
    assert report(hardware_id="device", input_tokens=2**31 - 1).success


@pytest.mark.parametrize("service", ["", SERVICE])
def test_health(serve: Any, connect: Any, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(connect(serve()).channel)
    response = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    assert response.status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as error:
        stub.Check(health_pb2.HealthCheckRequest(service="none"), timeout=5)
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


def test_reflection(serve: Any, connect: Any) -> None:
    known = ProtoReflectionDescriptorDatabase(connect(serve()).channel)
    assert {SERVICE, "grpc.health.v1.Health"} <= set(known.get_services())
    service = DescriptorPool(known).FindServiceByName(SERVICE)
    calls = {method.name: method.server_streaming for method in service.methods}
    assert calls == {
        "StreamAudio": True,
        "InterruptSession": False,
        "GenerateWelcomeAudio": True,
        "ReportUsage": False,
    }
    numbers = {field.name: field.number for field in service.methods_by_name["StreamAudio"].input_type.fields}
    assert (numbers["prompt"], numbers["chunk_text"]) == (1, 9)


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_http(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=50, SCRIPTED_WORD_SECONDS=0.01)
    assert get(f"{server.http}/health")[0] == 200
    assert get(f"{server.http}/ready") == (200, {"ready": True, "reasons": []})
    client = connect(server)
    answer = client.say(timeout=None)
    assert answer.speaking()
    code, status = get(f"{server.http}/status")
    assert (code, status["service"], status["active_sessions"]) == (200, "nexy", 1)
    assert status["uptime_seconds"] >= 0
    client.interrupt()
    answer.wait()
    assert get(f"{server.http}/status")[1]["active_sessions"] == 0


def test_draining(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=2, SCRIPTED_WORD_SECONDS=0.02)
    client = connect(server)
    answer = client.say(timeout=None)
    assert answer.speaking()
    drain = threading.Thread(
        target=trio.from_thread.run, args=(server.server.drain,), kwargs={"trio_token": server.token}
    )
    drain.start()
    assert until(lambda: get(f"{server.http}/ready")[0] == 503)
    assert get(f"{server.http}/ready")[1]["reasons"] == ["the server is closing"]
    assert get(f"{server.http}/health")[0] == 200
    late = client.say(who="late").wait()
    assert (late.kinds, late.status) == (["error_message"], grpc.StatusCode.UNAVAILABLE)
    assert answer.wait().of("end_message") == ["completed"]  # what runs may end
    drain.join(3)
    assert not drain.is_alive()
