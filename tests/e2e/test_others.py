"""The other calls: welcome, usage; and what every gRPC server and every web server has."""

import json
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import grpc
import pytest
import trio

from nexy.integrations.phrases import CLOSING
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


def judge(program: str, target: str) -> list[str]:
    """What an official client says: in a process of its own, for grpclib in this one has the same names."""
    command = [sys.executable, "-c", textwrap.dedent(program), target]
    said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert said.returncode == 0, said.stderr
    return said.stdout.split()


def test_health(serve: Any) -> None:
    program = """
        import sys
        import grpc
        from grpc_health.v1 import health_pb2, health_pb2_grpc

        with grpc.insecure_channel(sys.argv[1]) as channel:
            for service in ("", "streaming.StreamingService", "none"):
                request = health_pb2.HealthCheckRequest(service=service)
                try:
                    response = health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)
                    print(health_pb2.HealthCheckResponse.ServingStatus.Name(response.status))
                except grpc.RpcError as error:
                    print(error.code().name)
        """
    assert judge(program, serve().target) == ["SERVING", "SERVING", "NOT_FOUND"]


def test_reflection(serve: Any) -> None:
    program = """
        import sys
        import grpc
        from google.protobuf.descriptor_pool import DescriptorPool
        from grpc_reflection.v1alpha import proto_reflection_descriptor_database as reflection

        with grpc.insecure_channel(sys.argv[1]) as channel:
            known = reflection.ProtoReflectionDescriptorDatabase(channel)
            print(*known.get_services())
            service = DescriptorPool(known).FindServiceByName("streaming.StreamingService")
            for method in service.methods:
                print(f"{method.name}:{method.server_streaming}")
            request = service.methods_by_name["StreamAudio"].input_type
            for name in ("prompt", "chunk_text"):
                print(f"{name}={request.fields_by_name[name].number}")
        """
    said = judge(program, serve().target)
    assert {SERVICE, "grpc.health.v1.Health"} <= set(said)
    calls = ["StreamAudio:True", "InterruptSession:False", "GenerateWelcomeAudio:True", "ReportUsage:False"]
    calls += ["ExportMemory:True", "ForgetMe:False"]
    assert said[-8:] == [*calls, "prompt=1", "chunk_text=9"]


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
    http, ws = server.http.removeprefix("http://"), server.ws.removeprefix("ws://")
    endpoints = {"grpc": server.target, "http": http, "ws": ws, "updates": status["update_server"]["address"]}
    assert status["endpoints"] == endpoints
    assert (status["ready"], len(status["modules"])) == (True, 9)
    client.interrupt()
    answer.wait()
    assert get(f"{server.http}/status")[1]["active_sessions"] == 0


def test_draining(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=1, LEAD_SECONDS=1.5)
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
    assert late.status is grpc.StatusCode.UNAVAILABLE
    assert late.text == CLOSING["en"]
    assert late.sound
    assert late.kinds[-1] == "error_message"
    assert answer.wait().of("end_message") == ["completed"]  # what runs may end
    drain.join(3)
    assert not drain.is_alive()


def test_a_user_has_all_that_is_stored_and_has_it_deleted(serve: Any, connect: Any) -> None:
    server = serve(SCRIPTED_SENTENCES=1)
    client = connect(server)
    for name in ("one", "two"):
        assert client.say("Remember the moon.", session_id=name).wait().status is grpc.StatusCode.OK
    other = client.say(who="somebody else").wait()
    assert other.status is grpc.StatusCode.OK
    export = client.stub.ExportMemory
    assert until(
        lambda: len(_exported(export(client.pb.ExportMemoryRequest(hardware_id="device")))["exchanges"]) == 2
    )
    stored = _exported(export(client.pb.ExportMemoryRequest(hardware_id="device")))
    assert {row["prompt"] for row in stored["exchanges"]} == {"Remember the moon."}
    assert "device" not in json.dumps(stored)
    gone = client.stub.ForgetMe(client.pb.ForgetMeRequest(hardware_id="device"), timeout=5)
    assert (gone.success, gone.message) == (True, "all of it is deleted")
    assert gone.rows == sum(map(len, stored.values()))
    assert not any(_exported(export(client.pb.ExportMemoryRequest(hardware_id="device"))).values())
    again = client.stub.ForgetMe(client.pb.ForgetMeRequest(hardware_id="device"), timeout=5)
    assert (again.success, again.rows, again.message) == (True, 0, "nothing was stored")
    assert any(_exported(export(client.pb.ExportMemoryRequest(hardware_id="somebody else"))).values())


def _exported(parts: Any) -> dict[str, list[dict[str, Any]]]:
    text: dict[str, list[dict[str, Any]]] = json.loads("".join(part.json for part in parts))
    return text


def test_forgetting_stops_what_is_being_said(serve: Any, connect: Any) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=100, SCRIPTED_WORD_SECONDS=0.01, LEAD_SECONDS=0.5))
    answer = client.say(timeout=None)
    assert answer.speaking()
    gone = client.stub.ForgetMe(client.pb.ForgetMeRequest(hardware_id="device"), timeout=5)
    assert gone.rows >= 1
    assert answer.wait().items[-1][2] == "interrupted"
    time.sleep(0.3)
    assert not any(
        _exported(client.stub.ExportMemory(client.pb.ExportMemoryRequest(hardware_id="device"))).values()
    )


def test_an_export_is_a_request_like_others(serve: Any, connect: Any) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=100, LEAD_SECONDS=0.1, MAX_REQUESTS_PER_USER=1))
    answer = client.say(timeout=None)
    assert answer.speaking()
    with pytest.raises(grpc.RpcError) as error:
        list(client.stub.ExportMemory(client.pb.ExportMemoryRequest(hardware_id="device"), timeout=5))
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert client.stub.ForgetMe(client.pb.ForgetMeRequest(hardware_id="device"), timeout=5).success  # always


@pytest.mark.parametrize("nobody", ["", "unknown"])
def test_nobody_is_forgotten_by_mistake(serve: Any, connect: Any, nobody: str) -> None:
    client = connect(serve())
    with pytest.raises(grpc.RpcError) as error:
        client.stub.ForgetMe(client.pb.ForgetMeRequest(hardware_id=nobody), timeout=5)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(grpc.RpcError) as error:
        list(client.stub.ExportMemory(client.pb.ExportMemoryRequest(hardware_id=nobody), timeout=5))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
