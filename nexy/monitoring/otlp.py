"""Hands the traces of turns to an OpenTelemetry collector, from a thread of its own.

A collector that is slow or away costs the spans, never an answer's time. Needs the extra `traces`.
"""

import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import trio
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span as Recorded
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from nexy import __version__
from nexy.monitoring.tracing import Span, Trace

LAST_SECONDS = 2.0  # for handing on what is left when the server goes
REQUEST_SECONDS = 5.0  # for the collector to take a batch; what it does not take is lost
NANOSECONDS = 1_000_000_000

log = logging.getLogger("nexy.traces")


class Exported:
    """Turns whose traces go to a collector."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def begin(self, began: float) -> Trace:
        return Trace(self, began)

    def hand_on(self, trace: Trace) -> None:
        """Make the spans, with the times that they had; sending them is another thread's work."""
        offset = time.time() - trio.current_time()
        root = self._start(trace.turn, _of_client(trace.parent), SpanKind.SERVER, offset)
        inside = set_span_in_context(root, Context())
        for part in trace.parts:
            _end(self._start(part, inside, SpanKind.INTERNAL, offset), part, offset)
        _end(root, trace.turn, offset)

    def _start(self, span: Span, inside: Context, kind: SpanKind, offset: float) -> Recorded:
        return self._tracer.start_span(
            span.name, inside, kind, span.attributes, start_time=_unix_ns(span.began, offset)
        )


def _end(recorded: Recorded, span: Span, offset: float) -> None:
    for name, at in span.events:
        recorded.add_event(name, timestamp=_unix_ns(at, offset))
    if span.failure:
        recorded.set_status(Status(StatusCode.ERROR, span.failure))
    recorded.end(_unix_ns(span.began if span.ended is None else span.ended, offset))


def _unix_ns(at: float, offset: float) -> int:
    return round((at + offset) * NANOSECONDS)


def _of_client(traceparent: str) -> Context:
    """Where the client's trace goes on; a new trace where it has none, or one that cannot be read."""
    return TraceContextTextMapPropagator().extract({"traceparent": traceparent}, Context())


@asynccontextmanager
async def open_exported(endpoint: str) -> AsyncIterator[Exported]:
    """Traces that go to the collector at `endpoint`. Leaving hands on the rest, in two seconds at most."""
    ours = Resource({"service.name": "nexy", "service.version": __version__})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    exporter = _Telling(f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield Exported(provider.get_tracer("nexy", __version__))
    finally:
        with trio.move_on_after(LAST_SECONDS, shield=True) as last:
            await trio.to_thread.run_sync(provider.shutdown, abandon_on_cancel=True)
        if last.cancelled_caught:
            log.warning("some traces could not be handed on")
            exporter.shutdown()


class _Telling(SpanExporter):
    """Says once that the collector is away, and once that it is back."""

    def __init__(self, url: str) -> None:
        # They would say it with every batch, and for every span that finds no room.
        for name in ("opentelemetry.exporter", "opentelemetry.sdk"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._inner = OTLPSpanExporter(url, timeout=REQUEST_SECONDS)
        self._away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._inner.export(spans)
        away = result is not SpanExportResult.SUCCESS
        if away != self._away:
            log.warning("the collector of traces %s", "takes nothing" if away else "takes them again")
        self._away = away
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()  # type: ignore[no-untyped-call]
