"""AUTH=tokens over real sockets: every call, with every kind of token."""

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import jwt
import pytest
import trio

from nexy.integrations.phrases import STRANGER
from nexy.modules.database import Issued
from nexy.modules.session_management import Seal, new_grant
from nexy.types import HardwareId
from tests.e2e.conftest import Client, Running, until
from tests.e2e.wire import Wire, headers

SECRET = "a secret of more than thirty-two bytes"
ANNA, BEN = HardwareId("anna's device"), HardwareId("ben's device")
DENIED, UNKNOWN = grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED
CALLS = ["StreamAudio", "collect", "InterruptSession", "ReportUsage", "ExportMemory", "ForgetMe"]


class Office:
    """A server that asks for tokens, and whoever issues them."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.seal = Seal(SECRET.encode())

    def issue(self, device: HardwareId | None, seconds: float = 3600, **claims: Any) -> str:
        token = self.seal.sign(new_grant(device, seconds, time.time()))
        if not claims:
            return token
        told = jwt.decode(token, options={"verify_signature": False}) | claims
        return jwt.encode({name: value for name, value in told.items() if value is not None}, SECRET, "HS256")

    def revoked(self, device: HardwareId | None) -> str:
        """A token that was revoked, and the server knows."""
        grant = new_grant(device, 3600, time.time())
        backstage = self.server.server.backstage

        async def revoke() -> None:
            issued = Issued(grant.id, "device", "", grant.issued_at, grant.expires_at)
            await backstage.database.add_token(device, issued)
            await backstage.database.revoke_token(grant.id)

        trio.from_thread.run(revoke, trio_token=self.server.token)
        assert until(lambda: grant.id in (backstage.doorkeeper.revoked or ()), 5)
        return self.seal.sign(grant)


@pytest.fixture
def office(serve: Callable[..., Running], tmp_path: Path) -> Callable[..., Office]:
    def open_office(**settings: object) -> Office:
        file = tmp_path / "secret"
        file.write_text(SECRET)
        file.chmod(0o600)
        return Office(serve(AUTH="tokens", AUTH_SECRET_FILE=file, **settings))

    return open_office


def bearer(token: str | None) -> tuple[tuple[str, str], ...]:
    return () if token is None else (("authorization", f"Bearer {token}"),)


def status_of(client: Client, name: str, who: str, token: str | None) -> grpc.StatusCode:
    """How a call of `who` ends."""
    pb, metadata = client.pb, bearer(token)
    if name in ("StreamAudio", "collect"):
        phase = 1 if name == "collect" else 0
        status = client.say(who=who, metadata=metadata, phase=phase, session_id="s").wait().status
        assert status is not None
        return status
    if name == "GenerateWelcomeAudio":
        call = client.stub.GenerateWelcomeAudio(pb.WelcomeRequest(), timeout=5, metadata=metadata)
    elif name == "ExportMemory":
        call = client.stub.ExportMemory(pb.ExportMemoryRequest(hardware_id=who), timeout=5, metadata=metadata)
    else:
        request = {
            "InterruptSession": pb.InterruptRequest(hardware_id=who),
            "ReportUsage": pb.UsageRequest(hardware_id=who, input_tokens=1),
            "ForgetMe": pb.ForgetMeRequest(hardware_id=who),
        }[name]
        call = [lambda: getattr(client.stub, name)(request, timeout=5, metadata=metadata)]
    try:
        for each in call:
            if callable(each):
                each()
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    return grpc.StatusCode.OK


def forgeries(office: Office) -> dict[str, str | None]:
    """What is no token of ours that holds."""
    good = office.issue(ANNA)
    head, body, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    deep = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 2900).rstrip(b"=").decode()
    claims = jwt.decode(good, options={"verify_signature": False})
    other = base64.urlsafe_b64encode(json.dumps(claims | {"sub": str(BEN)}).encode()).rstrip(b"=").decode()
    return {
        "no token": None,
        "empty": "",
        "nonsense": "nonsense",
        "bad signature": f"{head}.{body}.{'A' * len(signature)}",
        "another key": jwt.encode(claims, "x" * 40, "HS256"),
        "another hash": jwt.encode(claims, SECRET * 2, "HS512"),
        "alg none": f"{none}.{body}.",
        "alg none, signed": f"{none}.{body}.{signature}",
        "another body": f"{head}.{other}.{signature}",
        "nested": f"{deep}.{body}.{signature}",
        "too long": good + "A" * 5000,
        "expired": office.issue(ANNA, -60),
        "revoked": office.revoked(ANNA),
        "revoked, operator's": office.revoked(None),
        "another audience": office.issue(ANNA, aud="somebody"),
        "no audience": office.issue(ANNA, aud=None),
        "no id": office.issue(ANNA, jti=None),
        "no end": office.issue(ANNA, exp=None),
        "nobody's": office.issue(ANNA, sub=None),
        "both": office.issue(ANNA, op=True),
        "hardly an operator's": office.issue(None, op="yes"),
    }


def test_a_token_that_was_issued_where_the_clock_is_ahead(office: Any, connect: Any) -> None:
    desk = office(SCRIPTED_SENTENCES=1)
    token = desk.issue(ANNA, iat=int(time.time()) + 3600)
    for call in CALLS:
        assert status_of(connect(desk.server), call, ANNA, token) is grpc.StatusCode.OK, call


def test_every_call_with_what_is_no_token(office: Any, connect: Any) -> None:
    desk = office(SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    for name, token in forgeries(desk).items():
        for call in [*CALLS, "GenerateWelcomeAudio"]:
            assert status_of(client, call, ANNA, token) is UNKNOWN, (name, call)


def test_every_call_with_a_token(office: Any, connect: Any) -> None:
    desk = office(SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    anna, ben, operator = desk.issue(ANNA), desk.issue(BEN), desk.issue(None)
    for call in CALLS:
        for who, token in ((ANNA, anna), (ANNA, operator), (f" {ANNA} ", anna)):
            assert status_of(client, call, who, token) is grpc.StatusCode.OK, call
        assert status_of(client, call, ANNA, ben) is DENIED, call
    for token in (anna, ben, operator):
        assert status_of(client, "GenerateWelcomeAudio", "", token) is grpc.StatusCode.OK
    desk.server.drafts = 1


def test_a_stranger_hears_why_and_is_told_in_words_and_by_status(office: Any, connect: Any) -> None:
    client = connect(office().server)
    heard = client.say("Привет, как дела?").wait()
    assert heard.status is UNKNOWN
    assert heard.text == STRANGER["en"]  # nothing of it was read, so nobody knows the language
    assert heard.sound
    assert heard.kinds[-1] == "error_message"
    assert heard.of("error_message") == [heard.details] == ["a token is needed: authorization: Bearer TOKEN"]


def test_who_has_a_token_for_another_device_hears_it_in_the_own_language(office: Any, connect: Any) -> None:
    desk = office()
    heard = connect(desk.server).say("Привет, как дела?", who=ANNA, metadata=bearer(desk.issue(BEN))).wait()
    assert (heard.status, heard.text) == (DENIED, STRANGER["ru"])
    assert heard.sound


def test_strangers_cannot_make_the_server_talk(office: Any, connect: Any) -> None:
    client = connect(office().server)
    calls = [client.say() for _ in range(60)]
    spoken = [bool(call.wait().sound) for call in calls]
    assert {call.status for call in calls} == {UNKNOWN}
    assert {call.kinds[-1] for call in calls} == {"error_message"}
    assert 0 < sum(spoken) <= 30


def test_nothing_of_a_stranger_is_read(office: Any) -> None:
    """The answer comes though the request does not."""
    target = office().server.target
    with Wire(target) as wire:
        stream = wire.next_stream()
        wire.h2.send_headers(stream, headers("InterruptSession"))
        wire.flush()
        wire.read(lambda: stream in wire.ended)
        assert wire.trailers[stream]["grpc-status"] == "16"


def test_what_a_stranger_sends_does_not_stop_up_the_connection(office: Any, connect: Any) -> None:
    """A proxy has one connection for all: large requests that nobody read fill no window of it."""
    desk = office(SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    large = "A" * 8_000_000
    for _ in range(10):
        assert client.say(who=ANNA, screenshot=large).wait().status is UNKNOWN
    good = client.say(who=ANNA, prompt="x" * 9000, metadata=bearer(desk.issue(ANNA)), timeout=10).wait()
    assert good.status is grpc.StatusCode.OK
    through = client.say(who=ANNA, screenshot=large, metadata=bearer(desk.issue(ANNA))).wait()
    assert through.status is grpc.StatusCode.INVALID_ARGUMENT  # it came through, and is no picture


def test_nothing_of_a_stranger_is_counted_or_kept(office: Any, connect: Any) -> None:
    desk = office(MAX_REQUESTS_PER_MINUTE=3, SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    for _ in range(10):
        assert client.say(who=ANNA).wait().status is UNKNOWN
        assert client.say(who=ANNA, metadata=bearer(desk.issue(BEN))).wait().status is DENIED
    assert client.say(who=ANNA, metadata=bearer(desk.issue(ANNA))).wait().status is grpc.StatusCode.OK
    assert desk.server.ask(lambda: len(desk.server.server.backstage.conversation.sessions)) == 1


def test_two_devices_that_both_speak_and_none_touches_the_other(office: Any, connect: Any) -> None:
    desk = office(SCRIPTED_SENTENCES=100, SCRIPTED_WORD_SECONDS=0.01, LEAD_SECONDS=0.5)
    client = connect(desk.server)
    anna, ben = bearer(desk.issue(ANNA)), bearer(desk.issue(BEN))
    hers = client.say("Of tea.", who=ANNA, metadata=anna, timeout=None)
    his = client.say("Of coffee.", who=BEN, metadata=ben, timeout=None)
    assert hers.speaking()
    assert his.speaking()

    for call in CALLS:  # Ben tries everything, as Anna
        assert status_of(client, call, ANNA, desk.issue(BEN)) is DENIED
    assert desk.server.active == 2
    sent = len(hers.items)
    assert until(lambda: len(hers.items) > sent)  # and she speaks on

    stop = client.stub.InterruptSession
    stopped = stop(client.pb.InterruptRequest(hardware_id=BEN), metadata=ben, timeout=5)
    assert (stopped.success, len(stopped.interrupted_sessions)) == (True, 1)
    assert his.wait().of("end_message") == ["interrupted"]
    assert desk.server.active == 1
    stop(client.pb.InterruptRequest(hardware_id=ANNA), metadata=bearer(desk.issue(None)), timeout=5)
    assert hers.wait().of("end_message") == ["interrupted"]

    export = client.stub.ExportMemory

    def stored(who: str, metadata: Any) -> dict[str, Any]:
        parts = export(client.pb.ExportMemoryRequest(hardware_id=who), metadata=metadata, timeout=5)
        found: dict[str, Any] = json.loads("".join(part.json for part in parts))
        return found

    assert until(lambda: stored(ANNA, anna)["exchanges"])
    assert [row["prompt"] for row in stored(ANNA, anna)["exchanges"]] == ["Of tea."]
    assert all(row["source"].startswith("answer") for row in stored(ANNA, anna)["token_usage"])


def test_what_another_collects_does_not_come_into_ones_answer(office: Any, connect: Any) -> None:
    desk = office(SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    anna, ben = bearer(desk.issue(ANNA)), bearer(desk.issue(BEN))
    planted = client.say("Say bad things.", who=ANNA, metadata=ben, phase=1, session_id="s").wait()
    assert planted.status is DENIED
    nothing = client.say("", who=ANNA, metadata=anna, phase=2, session_id="s").wait()
    assert nothing.status is grpc.StatusCode.INVALID_ARGUMENT  # nothing was collected


def test_health_is_open_to_all(office: Any) -> None:
    target = office().server.target
    with Wire(target) as wire:
        stream = wire.next_stream()
        fields = [(n, "/grpc.health.v1.Health/Check" if n == ":path" else v) for n, v in headers("x")]
        wire.h2.send_headers(stream, fields)
        wire.h2.send_data(stream, b"\0\0\0\0\0", end_stream=True)
        wire.flush()
        wire.read(lambda: stream in wire.ended)
        assert wire.trailers[stream]["grpc-status"] == "0"


def get(url: str, token: str | None = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, headers=dict(bearer(token)))
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error) if error.headers["content-type"] == "application/json" else ""


def test_pages_of_operators(office: Any) -> None:
    desk = office()
    http = desk.server.http
    assert get(f"{http}/health") == (200, {"status": "alive"})
    assert get(f"{http}/ready")[0] == 200
    for page in ("/status", "/metrics", "/nothing", "/health/", "/health/../status", "//status", "/%73tatus"):
        assert get(http + page)[0] == 401, page
        assert get(http + page, desk.issue(ANNA))[0] == 403, page
    assert get(f"{http}/status", desk.issue(None))[0] == 200
    assert get(f"{http}/status", desk.revoked(None))[0] == 401
    assert get(f"{http}/nothing", desk.issue(None))[0] == 404


def test_who_calls_from_this_machine_is_an_operator_where_nobody_needs_a_token(serve: Any) -> None:
    backstage = serve().server.backstage
    here, there = backstage.caller(None, "127.0.0.1"), backstage.caller("Bearer x", "192.0.2.1")
    assert (here.operator, there.operator) == (True, False)
    assert here.may_be(ANNA)
    assert there.may_be(ANNA)


def test_a_revocation_is_known_within_five_seconds(office: Any, connect: Any) -> None:
    desk = office(SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    began = time.monotonic()
    token = desk.revoked(ANNA)
    assert time.monotonic() - began < 5
    assert status_of(client, "ReportUsage", ANNA, token) is UNKNOWN


def test_no_token_and_no_device_is_in_the_log(
    office: Any, connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    desk = office(SCRIPTED_SENTENCES=1)
    client = connect(desk.server)
    with caplog.at_level("DEBUG", "nexy"):
        for token in forgeries(desk).values():
            status_of(client, "StreamAudio", ANNA, token)
        good = desk.issue(ANNA)
        status_of(client, "StreamAudio", ANNA, good)
        status_of(client, "StreamAudio", BEN, good)
    text = caplog.text
    assert "turn" in text  # something was logged
    for secret in (SECRET, ANNA, BEN, good, good.split(".")[2]):
        assert secret not in text
