"""A rush at the door of a full server: everybody is told no at once, and hears it."""

import json
import urllib.request
from typing import Any

import grpc
import pytest

from nexy.integrations.phrases import BUSY
from nexy.integrations.regrets import REFUSED_AT_ONCE
from nexy.modules.audio_generation import falling_tones
from tests.e2e.conftest import Client, Reading, Running, until

FULL = {"MAX_ACTIVE_SESSIONS": 1, "SCRIPTED_SENTENCES": 100, "SAMPLE_RATE": 16000}
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
TONES = falling_tones(16000)
WORD_BYTES = 2 * 16000 // 5  # of the tone voice


@pytest.fixture
def full(serve: Any, connect: Any) -> tuple[Running, Client, Reading]:
    """A server in which somebody is spoken to, and somebody else's connection."""
    server = serve(**FULL)
    inside = connect(server).say(who="inside", timeout=None)
    assert inside.speaking()
    return server, connect(server), inside


def refused(server: Running) -> int:
    with urllib.request.urlopen(f"{server.http}/status", timeout=5) as answer:
        return int(json.load(answer)["refused"]["active"])


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
