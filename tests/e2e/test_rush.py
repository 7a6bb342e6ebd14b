"""A rush at the door of a full server: everybody is told no at once, and hears it."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import grpc
import pytest

from nexy.integrations.phrases import BUSY
from nexy.integrations.regrets import REFUSED_AT_ONCE
from nexy.modules.audio_generation import falling_tones
from nexy.modules.session_management import Seal, new_grant
from tests.e2e.conftest import Client, Reading, Running, until

FULL = {"MAX_ACTIVE_SESSIONS": 1, "SCRIPTED_SENTENCES": 100, "SAMPLE_RATE": 16000}
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
SECRET = "a secret of more than thirty-two bytes"
TONES = falling_tones(16000)
WORD_BYTES = 2 * 16000 // 5  # of the tone voice


@pytest.fixture
def full(serve: Any, connect: Any) -> tuple[Running, Client, Reading]:
    """A server in which somebody is spoken to, and somebody else's connection."""
    server = serve(**FULL)
    inside = connect(server).say(who="inside", timeout=None)
    assert inside.speaking()
    return server, connect(server), inside


def refused(server: Running, token: str = "") -> int:
    asked = urllib.request.Request(f"{server.http}/status", headers={"authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        return int(json.load(answer)["refused"].get("active", 0))


def test_some_are_told_in_words_and_the_others_in_tones(full: tuple[Running, Client, Reading]) -> None:
    server, client, inside = full
    told = [client.say(who=f"device-{number}").wait() for number in range(REFUSED_AT_ONCE + 15)]
    assert {one.status for one in told} == {EXHAUSTED}
    assert all(int(one.trailers["retry-after"]) >= 1 for one in told)
    assert {one.of("error_message")[-1] for one in told} == {"too many answers are running"}
    assert {one.details for one in told} == {"too many answers are running"}
    assert all(one.kinds[-1] == "error_message" for one in told)
    assert [one.text for one in told[:REFUSED_AT_ONCE]] == [BUSY["en"]] * REFUSED_AT_ONCE
    assert {len(one.sound) for one in told[:REFUSED_AT_ONCE]} == {len(BUSY["en"].split()) * WORD_BYTES}
    curt = [one for one in told if not one.text]
    assert len(curt) >= 10
    assert {one.sound for one in curt} == {TONES}
    assert refused(server) == len(told)
    assert inside.status is None
    client.interrupt("inside")


def test_a_large_request_is_refused_before_it_is_read(full: tuple[Running, Client, Reading]) -> None:
    _, client, _ = full
    for _ in range(REFUSED_AT_ONCE):
        client.say().wait()
    large = client.say(screenshot="A" * 20_000_000).wait()
    assert large.status is EXHAUSTED
    assert client.say().wait().status is EXHAUSTED  # the connection goes on
    client.interrupt("inside")


def test_an_interrupt_is_never_refused_and_makes_room(full: tuple[Running, Client, Reading]) -> None:
    server, client, inside = full
    for _ in range(REFUSED_AT_ONCE + 5):
        client.say().wait()
    assert client.interrupt("inside").success
    assert inside.wait().of("end_message") == ["interrupted"]
    assert until(lambda: server.active == 0)
    again = client.say()
    assert again.speaking()
    client.interrupt()
    assert again.wait().status is grpc.StatusCode.OK


def unwell(server: Running, limit: str) -> int:
    with urllib.request.urlopen(f"{server.http}/status", timeout=5) as answer:
        return int(json.load(answer)["refused"].get(limit, 0))


def test_a_loop_that_is_late_takes_nothing_new_until_it_has_caught_up(serve: Any, connect: Any) -> None:
    server = serve(MAX_LOOP_LAG_SECONDS=0.1)
    client = connect(server)
    assert client.say().wait().status is grpc.StatusCode.OK
    server.ask(lambda: time.sleep(1.2))
    late = client.say().wait()
    assert (late.status, late.details) == (EXHAUSTED, "there is too much to do")
    assert late.sound
    assert unwell(server, "loop_lag") == 1
    assert until(lambda: client.say().wait().status is grpc.StatusCode.OK, 5)


def test_a_machine_without_memory_takes_nothing_new(serve: Any, connect: Any) -> None:
    server = serve(MAX_MEMORY_USAGE=0.001)
    refused = connect(server).say().wait()
    assert (refused.status, refused.details) == (EXHAUSTED, "too much memory is in use")
    assert int(refused.trailers["retry-after"]) >= 1
    assert unwell(server, "memory") == 1


def test_who_has_no_turn_at_the_model_is_told_when_to_come_again(serve: Any, connect: Any) -> None:
    more = {"MAX_CONCURRENT_REQUESTS": 1, "MODEL_FIRST_WORD_SECONDS": 0.3, "MAX_ACTIVE_SESSIONS": 5}
    server = serve(**FULL | more)
    first, second = connect(server), connect(server)
    inside = first.say(who="inside", timeout=None)
    assert inside.speaking()
    waited = second.say().wait()
    assert (waited.status, waited.trailers["retry-after"]) == (EXHAUSTED, "5")
    assert waited.text == BUSY["en"]
    assert waited.sound
    first.interrupt("inside")
    assert until(lambda: server.active == 0)
    assert second.say(timeout=None).speaking()
    second.interrupt()


def test_strangers_in_a_rush_are_strangers(serve: Any, connect: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    server = serve(**FULL, AUTH="tokens", AUTH_SECRET_FILE=secret)
    token = Seal(SECRET.encode()).sign(new_grant(None, 3600, time.time()))
    shown = [("authorization", f"Bearer {token}")]
    inside = connect(server).say(who="inside", timeout=None, metadata=shown)
    assert inside.speaking()
    client = connect(server)
    before = refused(server, token)
    for _ in range(2 * REFUSED_AT_ONCE):
        assert client.say().wait().status is grpc.StatusCode.UNAUTHENTICATED
    assert refused(server, token) == before
    known = client.say(metadata=shown).wait()
    assert (known.status, known.text) == (EXHAUSTED, BUSY["en"])
    inside.call.cancel()


def test_a_greeting_that_is_refused_is_heard(full: tuple[Running, Client, Reading]) -> None:
    _, client, _ = full
    greeting = client.welcome()
    assert greeting.status is EXHAUSTED
    assert greeting.kinds[0] == "metadata"
    assert greeting.sound == TONES
    assert greeting.kinds[-1] == "error_message"
    client.interrupt("inside")
