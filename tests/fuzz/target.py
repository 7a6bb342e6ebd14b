"""The server that is tried, run as it really is, and the look at it afterwards."""

import json
import re
import socket
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hpack import Decoder
from hpack.exceptions import HPACKError
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import ContinuationFrame, Frame, HeadersFrame

from nexy.modules.grpc_service.streaming import StreamRequest
from tests.e2e.test_process import Process
from tests.e2e.wire import Wire

INTERNAL = re.compile(
    rb"Traceback|site-packages|File \"|\.py\b|nexy/|nexy\.(?!v1\.(?:proto|json))"
    rb"|betterproto|grpclib|h2\.|[a-z]Error\b"
)
ENV = {
    "SCRIPTED_SENTENCES": "1",
    "SCRIPTED_WORD_SECONDS": "0",
    "SESSION_IDLE_SECONDS": "1",
    "MAX_SESSIONS": "1000",
    "MAX_ACTIVE_SESSIONS": "1000",
    "MAX_REQUESTS_PER_USER": "1000",
    "MAX_REQUESTS_PER_MINUTE": "10000000",
    "MAX_REQUESTS_PER_MINUTE_PER_USER": "10000000",
    "MAX_LOOP_LAG_SECONDS": "10",
    "MAX_MEMORY_USAGE": "100",
    "HANDSHAKE_SECONDS": "2",
}
SETTLED_SECONDS = 8.0  # for all of a batch to be gone: sessions, calls, sockets
SPARE_DESCRIPTORS = 4  # the database opens connections as it needs them, eight at most


class Broken(AssertionError):
    """The server did what it must not."""


class Target:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.server = Process(folder, ENV)
        self.sent: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self._log = (folder / "log").open()
        self.check_alive()
        self.base_descriptors = self.descriptors() + 8  # of the database

    @property
    def grpc(self) -> tuple[str, int]:
        host, port = self.server.target.rsplit(":", 1)
        return host, int(port)

    @property
    def http(self) -> tuple[str, int]:
        host, port = self.server.http.rsplit(":", 1)
        return host, int(port)

    @property
    def ws(self) -> tuple[str, int]:
        host, port = self.server.ws.rsplit(":", 1)
        return host, int(port)

    @property
    def _proc(self) -> Path:
        return Path(f"/proc/{self.server.process.pid}")

    def descriptors(self) -> int:
        return len(list((self._proc / "fd").iterdir()))

    def megabytes(self) -> float:
        (line,) = [line for line in (self._proc / "status").read_text().splitlines() if "VmRSS" in line]
        return int(line.split()[1]) / 1024

    def status(self) -> dict[str, object]:
        with urllib.request.urlopen(f"http://{self.server.http}/status", timeout=5) as response:
            found: dict[str, object] = json.load(response)
            return found

    def check_alive(self) -> None:
        """An honest client is answered at both ports."""
        if self.server.process.poll() is not None:
            raise Broken(f"the server has ended with {self.server.process.returncode}")
        with Wire(self.server.target) as wire:
            asked = StreamRequest(prompt="Hello", hardware_id="honest")
            stream = wire.call("StreamAudio", _Encoded(bytes(asked)), "9S")
            wire.read(lambda: stream in wire.ended, 9)
            if wire.trailers[stream].get("grpc-status") != "0":
                raise Broken(f"an honest client is told {wire.trailers[stream]}")
        self.status()

    def check_log(self) -> None:
        """No traceback, and no error that nobody thought of."""
        for line in self._log:
            if not line.startswith("{"):
                raise Broken(f"in the log: {line.strip()}")
            said = json.loads(line)
            if said["level"] not in ("debug", "info"):
                self.warnings[f"{said['event']} {said.get('error', '')}"] += 1
            if said["level"] in ("error", "critical") or str(said["event"]).startswith("asyncio"):
                raise Broken(f"in the log: {line.strip()}")

    def check_quiet(self) -> None:
        """What the batch has opened is closed again."""
        end = time.monotonic() + SETTLED_SECONDS
        while True:
            status, open_now = self.status(), self.descriptors()
            if not status["sessions"] and open_now <= self.base_descriptors + SPARE_DESCRIPTORS:
                return
            if time.monotonic() > end:
                raise Broken(f"left behind: sessions={status['sessions']} descriptors={open_now}")
            time.sleep(0.1)

    def check(self, *, thoroughly: bool) -> None:
        self.check_alive()
        self.check_log()
        if thoroughly:
            self.check_quiet()

    def close(self) -> None:
        self.server.close()
        self._log.close()


class _Encoded:
    """A message that is encoded already, as Wire takes one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's name
        return self._data


def exchange(address: tuple[str, int], parts: Iterable[bytes], wait: float) -> bytes:
    """Send `parts`, and give back what comes until the server closes or is silent for `wait` seconds."""
    received = bytearray()
    with socket.create_connection(address, timeout=5) as line:
        line.settimeout(wait)
        with suppress(OSError):
            for part in parts:
                line.sendall(part)
            while data := line.recv(65_536):
                received += data
        with suppress(OSError):  # what still comes when the server knows that no more does
            line.shutdown(socket.SHUT_WR)
            line.settimeout(2)
            while data := line.recv(65_536):
                received += data
    check_nothing_internal(bytes(received))
    check_nothing_internal(_headers_in(bytes(received)))
    return bytes(received)


def check_nothing_internal(received: bytes) -> None:
    if found := INTERNAL.search(received):
        at = found.start()
        raise Broken(f"told to a client: {received[max(0, at - 80) : at + 80]!r}")


def _headers_in(received: bytes) -> bytes:
    """The headers in a server's HTTP/2, as far as it is some."""
    decoder, found = Decoder(), bytearray()
    with suppress(HyperframeError, HPACKError):
        while len(received) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(received[:9]))
            frame.parse_body(memoryview(received[9 : 9 + length]))
            received = received[9 + length :]
            if isinstance(frame, HeadersFrame | ContinuationFrame):
                for name, value in decoder.decode(frame.data, raw=True):
                    found += name + b": " + value + b"\n"
    return bytes(found)
