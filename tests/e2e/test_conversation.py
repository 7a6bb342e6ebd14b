"""Conversations as installed clients have them: what they say next is answered from what was heard."""

import time
from typing import Any

import grpc
import pytest

from nexy.integrations.phrases import BUSY
from tests.e2e.conftest import until
from tests.e2e.test_requests import picture
from tests.e2e.wire import Wire, request

OFFLINE = {"LLM_PROVIDERS": "offline"}
NUMBERS = "one two three four five six seven eight"  # 1.6 s
REPEAT, WHAT_DID_YOU_SAY = f"Say after me: {NUMBERS}", "What did you say?"


def heard_of(answer: Any) -> int:
    """How many of the numbers an answer repeats; they must be the first ones."""
    words = answer.text.lower().strip(" .…").split()
    assert words == NUMBERS.split()[: len(words)]
    return len(words)


def test_a_client_that_cancels_goes_on_in_its_conversation(serve: Any, connect: Any) -> None:
    """It sends no session_id, and its next request right behind the cancellation, on the same connection."""
    client = connect(serve(**OFFLINE, LEAD_SECONDS=0.2))
    for turn in range(6):
        who = f"device {turn}"
        first = client.say(REPEAT, who, timeout=None)
        assert first.speaking()
        time.sleep(0.25)
        first.call.cancel()
        again = client.say(WHAT_DID_YOU_SAY, who)
        assert 1 <= heard_of(again.wait()) <= 4, again.text  # 0.2 s a word
        first.wait()


def test_what_was_sent_and_not_yet_played_is_not_remembered(serve: Any, connect: Any) -> None:
    """With a deadline all of it is sent at once; the user speaks again after about three words."""
    client = connect(serve(**OFFLINE))
    assert client.say(REPEAT).wait().of("end_message") == ["completed"]
    time.sleep(0.65)
    assert 2 <= heard_of(client.say(WHAT_DID_YOU_SAY).wait()) <= 6


def test_an_interrupt_after_the_end_takes_back_what_was_not_played(serve: Any, connect: Any) -> None:
    client = connect(serve(**OFFLINE))
    assert client.say(REPEAT).wait().of("end_message") == ["completed"]
    time.sleep(0.45)
    assert not client.interrupt().success  # no call is running
    time.sleep(1.3)
    assert 1 <= heard_of(client.say(WHAT_DID_YOU_SAY).wait()) <= 5


def test_what_was_played_whole_is_remembered_whole(serve: Any, connect: Any) -> None:
    client = connect(serve(**OFFLINE))
    client.say("Say after me: one two three").wait()
    time.sleep(0.8)
    assert client.say(WHAT_DID_YOU_SAY).wait().text.strip() == "One two three."


def test_an_interrupt_finds_a_request_whose_picture_is_still_being_read(serve: Any, connect: Any) -> None:
    server = serve(MAX_IMAGE_BYTES=14_000_000)
    shot = picture("PNG", (2000, 2000), compress_level=0)
    clients = [connect(server) for _ in range(2)]
    stopped = 0
    for _ in range(3):
        answer = clients[0].say("What is this?", screenshot=shot, timeout=None)
        assert until(lambda: server.active == 1)
        response = clients[1].interrupt()
        assert response.success
        assert len(response.interrupted_sessions) == 1
        assert answer.wait().of("end_message") == ["interrupted"]
        stopped += answer.sound == b""
    assert stopped  # some were stopped before they began


def test_a_refused_commit_keeps_what_was_collected(serve: Any, connect: Any) -> None:
    client = connect(serve(**OFFLINE, MAX_REQUESTS_PER_USER=1, LEAD_SECONDS=0.1))
    draft = {"session_id": "draft", "timeout": None}
    for number, text in enumerate(["What is 17", "times 3?"], 1):
        client.say("", chunk_text=text, phase=1, chunk_seq=number, **draft).wait()
    other = client.say(REPEAT, session_id="other", timeout=None)
    assert other.speaking()
    refused = client.say("", phase=2, **draft).wait()
    assert refused.status is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.text == BUSY["en"]
    assert client.interrupt().success
    other.wait()
    assert "51" in client.say("", phase=2, **draft).wait().text


def test_a_part_is_refused_at_a_limit(serve: Any, connect: Any) -> None:
    client = connect(serve(MAX_REQUESTS_PER_USER=1, SCRIPTED_SENTENCES=100, LEAD_SECONDS=0.1))
    answer = client.say(timeout=None)
    assert answer.speaking()
    part = client.say("", chunk_text="What", phase=1, chunk_seq=1).wait()
    assert part.status is grpc.StatusCode.RESOURCE_EXHAUSTED
    client.interrupt()
    answer.wait()


def test_a_welcome_counts_and_one_that_is_not_read_is_dropped(serve: Any, connect: Any, pb: Any) -> None:
    server = serve(MAX_ACTIVE_SESSIONS=1, TURN_SECONDS=1)
    with Wire(server.target) as wire:
        wire.send(*request(wire.next_stream(), "GenerateWelcomeAudio", pb.WelcomeRequest(text="word " * 300)))
        assert until(lambda: server.active == 1)
        refused = connect(server).welcome()
        assert refused.status is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert until(lambda: server.active == 0, 4)
    assert connect(server).welcome().of("end_message") == ["completed"]


@pytest.mark.parametrize("lead", [0.1])
def test_a_turn_that_takes_too_long_says_so(serve: Any, connect: Any, lead: float) -> None:
    client = connect(serve(SCRIPTED_SENTENCES=100, TURN_SECONDS=0.5, LEAD_SECONDS=lead))
    answer = client.say(timeout=None).wait()
    assert answer.status is grpc.StatusCode.DEADLINE_EXCEEDED
    assert answer.text.endswith("this is taking too long, so I am stopping here.")
    assert answer.kinds[-2:] == ["audio_chunk", "error_message"]
