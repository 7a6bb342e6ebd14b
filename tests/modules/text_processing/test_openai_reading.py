"""What the endpoint sends, however it is cut, and what Nexy makes of it. Nothing here touches the network."""

import json
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing import Usage
from nexy.modules.text_processing.providers.openai.events import MOST_EVENT_BYTES, Events, TooLong
from nexy.modules.text_processing.providers.openai.faults import of_error, of_status
from nexy.modules.text_processing.providers.openai.reading import Reading
from nexy.modules.text_processing.providers.openai.thoughts import Thoughts


def cut(data: Any, at: list[int]) -> list[Any]:
    """`data` (text or bytes) cut at the given places."""
    places = sorted({min(place, len(data)) for place in at} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "model": "m-1", **more}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def text(content: str) -> bytes:
    return event({"content": content})


def read(*received: bytes) -> tuple[str, Reading]:
    reading = Reading("m")
    texts = [piece for part in received for piece in reading.feed(part)]
    texts += reading.end()
    assert all(texts)  # none is empty
    return "".join(texts), reading


def fault_of(*received: bytes) -> Fault:
    with pytest.raises(ProviderError) as caught:
        read(*received)[1].check()
    return caught.value.fault


# --- events ---


@given(st.lists(st.integers(0, 80)), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_events_are_the_same_however_they_are_cut(places: list[int], line_end: bytes) -> None:
    lines = [
        b": still here",
        b"event: x",
        b"data: one",
        b"id: 7",
        b"",
        b"data:two",
        b"data:  lines \xd0\xb9",
        b"",
    ]
    stream = b"".join(line + line_end for line in lines)
    events = Events()
    found = [data for part in cut(stream, places) for data in events.feed(part)]
    assert found + events.end() == [b"one", "two\n lines й".encode()]


def test_a_last_event_without_its_empty_line_counts() -> None:
    events = Events()
    assert events.feed(b"data: one\n\ndata: [DONE]") == [b"one"]
    assert events.end() == [b"[DONE]"]
    assert events.end() == []


def test_an_event_without_an_end_does_not_fill_the_memory() -> None:
    events = Events()
    with pytest.raises(TooLong):
        for _ in range(MOST_EVENT_BYTES // 50_000 + 2):
            events.feed(b"data: " + b"x" * 50_000)
    events = Events()
    with pytest.raises(TooLong):
        for _ in range(MOST_EVENT_BYTES // 50_000 + 2):
            events.feed(b"data: " + b"x" * 50_000 + b"\n")


# --- thoughts ---


@pytest.mark.parametrize("tag", ["think", "thinking", "thought", "THINK"])
@given(st.lists(st.integers(0, 90)))
def test_thoughts_are_left_out_however_they_are_cut(tag: str, places: list[int]) -> None:
    written = f"\n <{tag}>Let me </b> see < think ></{tag.lower()}>\n\n<think></think>It is < 3 <think>, yes."
    thoughts = Thoughts()
    found = "".join(thoughts.feed(part) for part in cut(written, places)) + thoughts.end()
    assert found == "It is < 3 <think>, yes."


@pytest.mark.parametrize("answer", ["<", "<thin", "<b>bold", "</think>", "<thinner>", "a <think>b</think>"])
def test_what_only_looks_like_thinking_is_the_answer(answer: str) -> None:
    thoughts = Thoughts()
    assert "".join(map(thoughts.feed, answer)) + thoughts.end() == answer


def test_the_answer_is_not_held_back_once_it_has_begun() -> None:
    thoughts = Thoughts()
    assert thoughts.feed("<th") == ""
    assert thoughts.feed("e end") == "<the end"
    assert thoughts.feed("<") == "<"


def test_endless_thinking_is_no_answer_and_takes_no_memory() -> None:
    thoughts = Thoughts()
    for _ in range(1000):
        assert thoughts.feed("<think>and then ") == ""
    assert len(thoughts._held) < 20
    assert thoughts.end() == ""


# --- reading ---


@given(st.lists(st.integers(0, 600)))
def test_an_answer_is_the_same_however_it_is_cut(places: list[int]) -> None:
    stream = text("<think>hm") + text("</think>\n") + text("Добрый ") + text("день ☀") + event({}, "stop")
    answer, reading = read(*cut(stream + b"data: [DONE]\n\n", places))
    assert answer == "Добрый день ☀"
    assert reading.done
    reading.check()


def test_reasoning_in_its_own_field_is_left_out() -> None:
    answer, _ = read(
        event({"role": "assistant", "content": None, "reasoning_content": "First I"}),
        event({"content": "", "reasoning": "think"}),
        text("Yes."),
    )
    assert answer == "Yes."


def test_the_last_count_is_what_it_cost() -> None:
    _, reading = read(
        event({"content": "a"}, usage={"prompt_tokens": 3, "completion_tokens": 1}),
        event({"content": "b"}, "stop", usage=None),
        b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}\n\n',
    )
    assert reading.usage == Usage(3, 2, "m")


@pytest.mark.parametrize(
    "usage", [{}, {"prompt_tokens": "3", "completion_tokens": 1}, [], {"prompt_tokens": -1}]
)
def test_a_strange_count_is_no_count(usage: Any) -> None:
    assert read(event({"content": "a"}, usage=usage))[1].usage is None


def test_a_character_in_two_halves_is_joined_and_half_a_one_is_replaced() -> None:
    answer, _ = read(text("a\ud83d"), text("\ude00b\ude00"), text("c\ud83d"))
    assert answer == "a😀b\ufffdc\ufffd"


def test_what_follows_the_end_does_not_count() -> None:
    answer, _ = read(text("a") + b"data: [DONE]\n\n" + text("b"), text("c"))
    assert answer == "a"


def test_an_answer_in_one_piece_is_read_too() -> None:
    reading = Reading("m")
    whole = {"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]}
    assert list(reading.whole(json.dumps(whole).encode())) == ["Hello."]
    reading.check()


def test_how_an_answer_ended_is_told_apart() -> None:
    stop, done = event({}, "stop"), b"data: [DONE]\n\n"
    read(text("a"), stop)[1].check()  # an endpoint that does not say [DONE]
    read(text("a"), done)[1].check()  # one that does not say why it stopped
    assert fault_of(text("a")) is Fault.DROPPED
    assert fault_of(stop, done) is Fault.EMPTY
    assert fault_of(text(" \n"), stop, done) is Fault.EMPTY
    assert fault_of(text("<think>so long"), event({}, "length"), done) is Fault.EMPTY
    assert fault_of(text("a"), event({}, "length"), done) is Fault.CUT
    assert fault_of(text("a"), event({}, "content_filter"), done) is Fault.BLOCKED
    assert fault_of(event({}, "content_filter"), done) is Fault.BLOCKED
    assert fault_of(event({"refusal": "I must not"})) is Fault.BLOCKED


@pytest.mark.parametrize(
    "data",
    [
        b"{nonsense",
        b"[]",
        b'"text"',
        b"[" * 100_000,
        b"\xff\xfe{",
        b'{"choices": 7}',
        b'{"choices": ["x"]}',
        b'{"choices": [{"delta": "x"}]}',
        b'{"choices": [{"delta": {"content": ["x"]}}]}',
    ],
)
def test_what_is_not_the_protocol_is_malformed(data: bytes) -> None:
    assert fault_of(b"data: " + data + b"\n\n") is Fault.MALFORMED


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["choices", "delta", "message", "content", "usage", "error", "finish_reason", "model"]
                ),
                inner,
            )
        ),
    )
)
def test_no_json_breaks_it(chunk: Any) -> None:
    with suppress(ProviderError):
        read(b"data: " + json.dumps(chunk).encode() + b"\n\n")


def test_text_before_a_fault_in_the_same_bytes_is_not_lost() -> None:
    texts = Reading("m").feed(text("a") + b"data: {nonsense\n\n")
    assert next(texts) == "a"
    with pytest.raises(ProviderError):
        next(texts)


# --- faults ---


def test_a_status_says_what_is_wrong() -> None:
    said = {status: of_status(status) for status in (301, 400, 401, 402, 403, 404, 422, 429, 500, 503, 529)}
    assert said == {
        301: Fault.REFUSED,
        400: Fault.REFUSED,
        401: Fault.KEY,
        402: Fault.QUOTA,
        403: Fault.KEY,
        404: Fault.REFUSED,
        422: Fault.REFUSED,
        429: Fault.QUOTA,
        500: Fault.BUSY,
        503: Fault.BUSY,
        529: Fault.BUSY,
    }


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ({"code": 429}, Fault.QUOTA),
        ({"code": "502"}, Fault.BUSY),
        ({"code": "rate_limit_exceeded"}, Fault.QUOTA),
        ({"code": None, "type": "insufficient_quota"}, Fault.QUOTA),
        ({"type": "authentication_error"}, Fault.KEY),
        ({"code": "invalid_api_key", "type": "invalid_request_error"}, Fault.KEY),
        ({"code": "content_filter", "type": "invalid_request_error"}, Fault.BLOCKED),
        ({"code": "context_length_exceeded", "type": "invalid_request_error"}, Fault.UNFIT),
        ({"code": 500, "type": "server_error", "message": "image input is not supported"}, Fault.UNFIT),
        ({"code": 400, "message": "API key not valid."}, Fault.KEY),
        ({"object": "error", "type": "BadRequestError", "code": 400}, Fault.REFUSED),
        ({"type": "server_error", "code": None}, Fault.BUSY),
        ({"type": "overloaded_error"}, Fault.BUSY),
        ("model runner has unexpectedly stopped", Fault.BUSY),
        (["?"], Fault.BUSY),
    ],
)
def test_an_error_in_the_stream_is_told_by_its_code_or_type(error: Any, fault: Fault) -> None:
    assert of_error(error) is fault
    assert fault_of(text("a"), b"data: " + json.dumps({"error": error}).encode() + b"\n\n") is fault


def test_an_error_without_a_wrapping_is_one_too() -> None:
    assert fault_of(b'data: {"object": "error", "message": "?", "code": 429}\n\n') is Fault.QUOTA
