"""What clients send over WebSockets is read strictly, and soon."""

import json
import time

import pytest

from nexy.errors import BadRequest
from nexy.modules.grpc_service.envelope import LONG_CHARS, MOST_TURN_CHARS, read

LONG = "ю" * (LONG_CHARS + 1)


def text(**content: object) -> str:
    return json.dumps({"turn": "1", **content})


@pytest.mark.parametrize("value", ["short", LONG, LONG + "\U0001f600\0"])
@pytest.mark.parametrize("name", ["chunk_text", "chunkText"])
def test_texts_of_any_length_by_either_name(name: str, value: str) -> None:
    asked = read(text(stream={"prompt": value, name: value, "wordTimes": True, "screenshot": None}))
    assert (asked.turn, asked.kind) == ("1", "stream")
    assert (asked.message.prompt, asked.message.chunk_text) == (value, value)
    assert asked.message.word_times
    assert not asked.message.HasField("screenshot")


@pytest.mark.parametrize("length", [1, LONG_CHARS + 1])
@pytest.mark.parametrize(
    "wrong",
    [
        '{"turn":"1","sing":{"prompt":"VALUE"}}',
        '{"turn":"1","stream":{"sing":"VALUE"}}',
        '{"turn":"1","stream":{"chunk_seq":"VALUE"}}',
        '{"turn":"1","stream":{"phase":"VALUE"}}',
        '{"turn":"1","stream":{"prompt":"\\ud800VALUE"}}',
        '{"turn":"1","stream":{"prompt":["VALUE"]}}',
        '{"turn":"1","stream":{"prompt":"VALUE","prompt":"VALUE"}}',
        '{"turn":"1","stream":{"chunk_text":"VALUE","chunkText":"VALUE"}}',
        '{"turn":{"prompt":"VALUE"},"cancel":{}}',
        '{"turn":"1","stream":"VALUE"}',
        '["VALUE"]',
        '"VALUE"',
    ],
)
def test_what_is_not_in_the_contract(wrong: str, length: int) -> None:
    with pytest.raises(BadRequest):
        read(wrong.replace("VALUE", "x" * length))


def test_the_name_of_a_turn_is_short() -> None:
    assert read(json.dumps({"turn": "x" * MOST_TURN_CHARS, "cancel": {}})).kind == "cancel"
    for length in (MOST_TURN_CHARS + 1, 10_000_000):
        with pytest.raises(BadRequest, match="at most 256 characters"):
            read(json.dumps({"turn": "x" * length, "cancel": {}}))


def test_a_screenshot_does_not_hold_up_the_server() -> None:
    """A loop that reads one is not there for all who are spoken to: the library alone took 0.8 s for this."""
    frame = text(stream={"prompt": "x" * 4_000_000, "screenshot": "eHh4" * 1_000_000})
    read(text(cancel={}))
    before = time.thread_time()
    read(frame)
    assert time.thread_time() - before < 0.2
