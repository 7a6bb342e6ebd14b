"""An OpenTelemetry collector on a real loopback socket: takes OTLP over HTTP and keeps the spans."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """What came, in the order in which it came."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        self.status = 200
        self.hang = threading.Event()  # set: requests are answered; clear: they wait
        self.hang.set()
        self.address = ""

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def wait_for(self, turns: int, seconds: float = 10.0) -> list[Span]:
        """The spans, once so many turns are among them: a turn's own span comes last."""
        end = time.monotonic() + seconds
        while sum(span.name == "turn" for span in self.spans) < turns:
            assert time.monotonic() < end, f"only {[span.name for span in self.spans]} came"
            time.sleep(0.02)
        return self.spans


def values(span: Span) -> dict[str, object]:
    """A span's attributes."""
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes}


@contextmanager
def open_collector() -> Iterator[Collector]:
    """Listens inside the block, on any free port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.hang.wait(10)
            if self.path == "/v1/traces" and collector.status == 200:
                collector.requests.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(collector.status if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    collector.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield collector
    finally:
        collector.hang.set()
        server.shutdown()
        thread.join()
        server.server_close()
