"""A turn's spans, as a collector gets them over OTLP/HTTP."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.e2e.conftest import until
from tests.fakes.collector import Collector, open_collector, values

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")  # ms: the library's own setting
    with open_collector() as one:
        yield one


def of(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


def assert_one_tree(spans: list[Span]) -> Span:
    """One root, and everything else is its child and inside its time; the root is returned."""
    (turn,) = of(spans, "turn")
    for span in spans:
        assert span.trace_id == turn.trace_id
        if span is not turn:
            assert span.parent_span_id == turn.span_id
            assert turn.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
            assert span.end_time_unix_nano <= turn.end_time_unix_nano
    return turn


def test_a_turn_is_one_tree(serve: Any, connect: Any, collector: Collector) -> None:
    client = connect(serve(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address))
    before = time.time_ns()
    client.say("My secret is 1234", who="device-77").wait()
    spans = collector.wait_for(1)
    turn = assert_one_tree(spans)
    assert before <= turn.start_time_unix_nano <= turn.end_time_unix_nano <= time.time_ns()
    assert Counter(span.name for span in spans) == {
        "turn": 1, "recall": 1, "model": 1, "filter": 2, "voice": 2, "send": 2,
    }  # fmt: skip
    assert turn.kind == Span.SPAN_KIND_SERVER
    assert turn.parent_span_id == b""
    assert values(turn)["why"] == "done"
    (model,) = of(spans, "model")
    assert [event.name for event in model.events] == ["first_word"]
    assert values(model) == {
        "providers": "scripted", "model": "scripted", "input_tokens": 4, "output_tokens": 24,
    }  # fmt: skip
    for name in ("filter", "voice", "send"):
        assert sorted(values(span)["sentence"] for span in of(spans, name)) == [1, 2]  # type: ignore[type-var]
    assert [event.name for event in of(spans, "voice")[0].events] == ["first_sound"]
    (resource,) = {request.resource_spans[0].resource.SerializeToString() for request in collector.requests}
    assert b"nexy" in resource
    sent = b"".join(request.SerializeToString() for request in collector.requests)
    assert not [word for word in (b"1234", b"secret", b"device-77", b"River", b"river") if word in sent]


def test_a_clients_own_trace_goes_on(serve: Any, connect: Any, collector: Collector) -> None:
    client = connect(serve(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address))
    client.say(metadata=[("traceparent", TRACEPARENT)]).wait()
    turn = assert_one_tree(collector.wait_for(1))
    assert (turn.trace_id.hex(), turn.parent_span_id.hex()) == (TRACE, PARENT)


@pytest.mark.parametrize("wrong", ["", "nonsense", "00-" + "0" * 32 + "-" + PARENT + "-01", "x" * 5000])
def test_a_trace_that_cannot_be_read_is_a_new_one(
    wrong: str, serve: Any, connect: Any, collector: Collector
) -> None:
    client = connect(serve(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address))
    assert client.say(metadata=[("traceparent", wrong)]).wait().status is grpc.StatusCode.OK
    turn = assert_one_tree(collector.wait_for(1))
    assert turn.parent_span_id == b""


def test_a_client_that_is_not_sampled_is_not_traced(serve: Any, connect: Any, collector: Collector) -> None:
    client = connect(serve(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address))
    client.say(metadata=[("traceparent", TRACEPARENT[:-2] + "00")]).wait()
    client.say(who="other").wait()
    assert_one_tree(collector.wait_for(1))


def test_an_interrupted_turn_is_a_whole_tree_too(serve: Any, connect: Any, collector: Collector) -> None:
    server = serve(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, SCRIPTED_WORD_SECONDS=0.05)
    client = connect(server)
    answer = client.say(timeout=None)
    assert answer.speaking()
    assert client.interrupt().success
    answer.wait()
    spans = collector.wait_for(1)
    turn = assert_one_tree(spans)
    assert values(turn)["why"] == "interrupted"
    assert turn.status.code == Status.STATUS_CODE_UNSET
    (model,) = of(spans, "model")
    assert values(model)["cut_off"] is True
    assert [event.name for event in model.events] == ["first_word"]
    assert not of(spans, "last_words")


def test_a_failed_turn_says_what_failed(serve: Any, connect: Any, collector: Collector) -> None:
    server = serve(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.address,
        LLM_PROVIDERS="openai", OPENAI_BASE_URL="http://127.0.0.1:1/v1", OPENAI_MODEL="m",
    )  # fmt: skip
    connect(server).say().wait()
    spans = collector.wait_for(1)
    turn = assert_one_tree(spans)
    assert (turn.status.code, turn.status.message) == (Status.STATUS_CODE_ERROR, "unreachable")
    (model,) = of(spans, "model")
    assert (model.status.code, model.status.message) == (Status.STATUS_CODE_ERROR, "unreachable")
    assert not model.events
    assert len(of(spans, "last_words")) == 1


@pytest.mark.parametrize("how", ["away", "errors", "hangs"])
def test_a_collector_that_fails_slows_nothing(
    how: str, serve: Any, connect: Any, collector: Collector
) -> None:
    collector.status = 503 if how == "errors" else 200
    if how == "hangs":
        collector.hang.clear()
    address = "http://127.0.0.1:1" if how == "away" else collector.address
    server = serve(OTEL_EXPORTER_OTLP_ENDPOINT=address)
    client = connect(server)
    for number in range(5):
        answer = client.say(who=f"device-{number}").wait()
        assert answer.status is grpc.StatusCode.OK
        assert answer.items[-1][0] - answer.began < 1.0
        time.sleep(0.1)
    client.channel.close()
    assert until(server.is_quiet)
    began = time.monotonic()
    server.close()
    assert time.monotonic() - began < 4.0
