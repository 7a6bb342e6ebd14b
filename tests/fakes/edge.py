"""A fake of Microsoft Edge's voices: the service's protocol as edge-tts speaks it, on a real socket.

In a test: `async with open_fake_edge() as fake`. By hand: `python -m tests.fakes.edge --port 8801`.
"""

import argparse
import json
import os
import random
import re
import signal
import ssl
import tempfile
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, unescape

import trio
import trustme
from websockets.datastructures import Headers
from websockets.exceptions import InvalidState
from websockets.frames import Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from tests.fakes.edge_speech import BITS_PER_SECOND, TICKS_PER_SECOND, Speech, Spoken, speech
from tests.fakes.report import Report, into, unheard

PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
MESSAGE_BYTES = 720  # 120 ms of sound: five frames

Odd: TypeAlias = Literal["path", "metadata", "headers", "short", "type", "json", "text frame"]


@dataclass(frozen=True)
class Script:
    """How the fake treats one connection. Numbers of messages count those with sound."""

    first: float = 0.0  # seconds before the first sound
    pace: float = 0.0  # seconds between messages; 0 sends as fast as the client takes them
    message_bytes: int = MESSAGE_BYTES
    drop_after: int | None = None  # messages; then the socket is closed
    close_after: int | None = None  # messages; then close 1011
    silent_after: int | None = None  # messages; then nothing, for ever
    end_after: int | None = None  # messages; then turn.end as if it were all
    no_end: bool = False  # all of the sound, and no turn.end: the socket is closed
    mute: bool = False  # turn.end without a sound
    refuse: int = 0  # an HTTP status instead of the handshake
    headers: tuple[tuple[str, str], ...] = ()  # of the refusal
    stalled: bool = False  # takes the connection, and never answers the TLS handshake
    garbage: tuple[int, ...] = ()  # the messages that are not MP3
    odd: Odd | None = None  # something unexpected after the first sound
    ignore_close: bool = False  # never answers a close frame, and never closes by itself
    names: tuple[tuple[str, str], ...] = ()  # words that are named otherwise than they are written
    shift_ticks: int = 0  # added to each word's offset
    fail: float = 0.0  # the probability of one of FAILURES


FAILURES = (
    Script(drop_after=3),
    Script(close_after=3),
    Script(refuse=503),
    Script(refuse=429, headers=(("Retry-After", "1"),)),
    Script(mute=True),
    Script(silent_after=0),
    Script(silent_after=3),
)


@dataclass
class Connection:
    """What the fake saw of one connection. Times are trio.current_time()."""

    opened: float
    query: dict[str, list[str]] = field(default_factory=dict)
    voice: str = ""
    prosody: str = ""  # the attributes of the element
    text: str = ""
    boundary: str = ""  # the speech.config message
    began: float = 0.0  # the first sound was sent
    messages: int = 0  # with sound, sent
    left: float = 0.0  # the client's close frame or the end of its data came
    closed: float = 0.0  # the socket is gone


class FakeEdge:
    """The service. `script` is for every connection; those in `scripts` are used up first."""

    def __init__(self, script: Script, seed: int, report: Report) -> None:
        self.script = script
        self._report = report
        self.scripts: deque[Script] = deque()
        self.connections: list[Connection] = []
        self.open = 0
        self.most_at_once = 0
        self.url = ""
        self.ca_file = ""
        self._random = random.Random(seed)

    def next_script(self) -> Script:
        script = self.scripts.popleft() if self.scripts else self.script
        if script.fail and self._random.random() < script.fail:
            return replace(self._random.choice(FAILURES), first=script.first, pace=script.pace)
        return script

    async def serve(self, tls: ssl.SSLContext, stream: trio.SocketStream) -> None:
        connection = Connection(trio.current_time())
        self.connections.append(connection)
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        script = self.next_script()
        try:
            if script.stalled:
                while await stream.receive_some():
                    pass
            else:
                wire = _Wire(trio.SSLStream(stream, tls, server_side=True, https_compatible=True), connection)
                await _converse(wire, connection, script)
        except GONE:
            pass
        finally:
            await trio.aclose_forcefully(stream)
            connection.closed = trio.current_time()
            connection.left = connection.left or connection.closed
            self.open -= 1
            self._report(
                connection.text,
                opened=connection.opened,
                began=connection.began or None,
                left=connection.left,
                closed=connection.closed,
            )


class _Gone(Exception):
    """The client, or the script, ended the conversation."""


GONE = (_Gone, InvalidState, trio.BrokenResourceError, trio.ClosedResourceError)


class _Wire:
    """A WebSocket over TLS: websockets' own protocol, a socket of Trio's."""

    def __init__(self, tls: "trio.SSLStream[trio.SocketStream]", connection: Connection) -> None:
        self._tls = tls
        self._connection = connection
        self.protocol = ServerProtocol(max_size=None)
        self._events: deque[object] = deque()
        self._lock = trio.Lock()

    async def flush(self) -> None:
        async with self._lock:
            data = b"".join(self.protocol.data_to_send())
            if data:
                await self._tls.send_all(data)

    async def event(self) -> object:
        """The next request or frame. Raises _Gone when the client has left."""
        while not self._events:
            data = await self._tls.receive_some(65536)
            if not data:
                raise _Gone
            self.protocol.receive_data(data)
            self._events.extend(self.protocol.events_received())
        return self._events.popleft()

    async def text(self, path: str, body: str) -> None:
        head = f"X-RequestId:{uuid.uuid4().hex}\r\nContent-Type:application/json; charset=utf-8\r\n"
        self.protocol.send_text(f"{head}Path:{path}\r\n\r\n{body}".encode())
        await self.flush()

    async def sound(self, mp3: bytes, kind: str = "Content-Type:audio/mpeg\r\n", path: str = "audio") -> None:
        head = f"X-RequestId:{uuid.uuid4().hex}\r\n{kind}X-StreamId:{uuid.uuid4().hex}\r\nPath:{path}\r\n"
        await self.binary(len(head).to_bytes(2, "big") + head.encode() + mp3)

    async def binary(self, data: bytes) -> None:
        self.protocol.send_binary(data)
        await self.flush()

    async def watch(self, script: Script) -> None:
        """Wait for the client to leave, and note when."""
        try:
            while getattr(await self.event(), "opcode", None) is not Opcode.CLOSE:
                pass
            self._connection.left = trio.current_time()
            if script.ignore_close:
                while True:
                    await self.event()
            await self.flush()  # websockets has the answering close frame ready
        except (trio.BrokenResourceError, _Gone):
            self._connection.left = self._connection.left or trio.current_time()
        raise _Gone


async def _converse(wire: _Wire, connection: Connection, script: Script) -> None:
    request = await wire.event()
    assert isinstance(request, Request)
    address = urlsplit(request.path)
    connection.query = parse_qs(address.query)
    if address.path != PATH or "TrustedClientToken" not in connection.query:
        script = Script(refuse=404)
    if script.refuse:
        headers = Headers([*script.headers, ("Content-Length", "0"), ("Connection", "close")])
        wire.protocol.send_response(Response(script.refuse, "No", headers))
        await wire.flush()
        return
    wire.protocol.send_response(wire.protocol.accept(request))
    await wire.flush()
    connection.boundary = _body(await wire.event())
    _read_ssml(_body(await wire.event()), connection)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(wire.watch, script)
            await _speak(wire, connection, script)
            await trio.sleep_forever()  # until the client has left
    except* GONE:
        pass


def _body(frame: object) -> str:
    data: bytes = getattr(frame, "data", b"")
    return data.decode().partition("\r\n\r\n")[2]


def _read_ssml(ssml: str, connection: Connection) -> None:
    found = re.search(r"<voice name='([^']*)'><prosody ([^>]*)>(.*)</prosody>", ssml, re.DOTALL)
    assert found is not None, "not the SSML that edge-tts sends"
    connection.voice, connection.prosody = found[1], found[2]
    connection.text = unescape(found[3])


async def _speak(wire: _Wire, connection: Connection, script: Script) -> None:
    said = speech(connection.text)
    await wire.text("turn.start", json.dumps({"context": {"serviceTag": uuid.uuid4().hex}}))
    await wire.text("response", json.dumps({"audio": {"type": "inline", "streamId": uuid.uuid4().hex}}))
    if not script.mute:
        await _send_sound(wire, connection, script, said)
        if script.no_end:
            raise _Gone
        await wire.sound(b"", kind="")
    await wire.text("turn.end", "{}")


async def _send_sound(wire: _Wire, connection: Connection, script: Script, said: Speech) -> None:
    words = deque(said.words)
    await trio.sleep(script.first)
    due = trio.current_time()
    for number, mp3 in enumerate(said.messages(script.message_bytes)):
        await _cut_short(wire, connection, script)
        until = (number + 1) * script.message_bytes * 8 / BITS_PER_SECOND
        while words and words[0].at < until:
            await wire.text("audio.metadata", _metadata(words.popleft(), script))
        connection.began = connection.began or trio.current_time()
        connection.messages += 1
        await wire.sound(bytes(len(mp3)) if number in script.garbage else mp3)
        if script.odd is not None:
            await _send_odd(wire, script.odd)
        due += script.pace
        if script.pace:
            await trio.sleep_until(due)
        if connection.messages == script.end_after:
            return


async def _cut_short(wire: _Wire, connection: Connection, script: Script) -> None:
    if connection.messages == script.silent_after:
        await trio.sleep_forever()
    if connection.messages == script.drop_after:
        raise _Gone
    if connection.messages == script.close_after:
        wire.protocol.send_close(1011, "Internal error")
        await wire.flush()
        await trio.sleep_forever()  # until the client has answered


def _metadata(word: Spoken, script: Script) -> str:
    text = escape(dict(script.names).get(word.text, word.text))
    place = {
        "Offset": round(word.at * TICKS_PER_SECOND) + script.shift_ticks,
        "Duration": round(word.seconds * TICKS_PER_SECOND),
        "text": {"Text": text, "Length": len(text), "BoundaryType": "WordBoundary"},
    }
    return json.dumps({"Metadata": [{"Type": "WordBoundary", "Data": place}]})


async def _send_odd(wire: _Wire, odd: Odd) -> None:
    match odd:
        case "path":
            await wire.text("new.thing", "{}")
        case "metadata":
            await wire.text("audio.metadata", '{"Metadata":[{"Type":"Viseme","Data":{}}]}')
        case "json":
            await wire.text("audio.metadata", "{")
        case "headers":
            await wire.binary((9999).to_bytes(2, "big") + b"Path:audio\r\n")
        case "short":
            await wire.binary(b"\0")
        case "type":
            await wire.sound(b"OggS", kind="Content-Type:audio/ogg\r\n")
        case "text frame":
            wire.protocol.send_text(b"no header at all")
            await wire.flush()


@contextmanager
def _trusted() -> Iterator[tuple[ssl.SSLContext, str]]:
    """A TLS context for 127.0.0.1, and the CA file that SSL_CERT_FILE names inside the block."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    before = os.environ.get("SSL_CERT_FILE")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fake-edge-ca.pem"
        authority.cert_pem.write_to_path(str(file))
        os.environ["SSL_CERT_FILE"] = str(file)
        try:
            yield context, str(file)
        finally:
            if before is None:
                del os.environ["SSL_CERT_FILE"]
            else:
                os.environ["SSL_CERT_FILE"] = before


@asynccontextmanager
async def open_fake_edge(
    script: Script | None = None, *, port: int = 0, seed: int = 1, report: Report = unheard
) -> AsyncIterator[FakeEdge]:
    """The fake, listening at `fake.url` until the block is left; its CA is trusted meanwhile."""
    fake = FakeEdge(script or Script(), seed, report)
    with _trusted() as (context, fake.ca_file):
        async with trio.open_nursery() as nursery:

            async def serve(stream: trio.SocketStream) -> None:
                await fake.serve(context, stream)

            listen = partial(trio.serve_tcp, serve, port, host="127.0.0.1")
            listeners: list[trio.SocketListener] = await nursery.start(listen)
            fake.url = f"wss://127.0.0.1:{listeners[0].socket.getsockname()[1]}{PATH}"
            yield fake
            nursery.cancel_scope.cancel()


async def _serve_by_hand(port: int, script: Script, report: Report) -> None:
    async with open_fake_edge(script, port=port, report=report) as fake:
        print(f"EDGE_TTS_URL={fake.url}\nSSL_CERT_FILE={fake.ca_file}", flush=True)
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async for _ in signals:
                return


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.edge", description=__doc__)
    parser.add_argument("--port", type=int, default=8801)
    parser.add_argument("--first", type=float, default=0.0, help="seconds before the first sound")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds between messages of 120 ms of sound")
    parser.add_argument("--fail", type=float, default=0.0, help="the probability that a connection fails")
    parser.add_argument("--report", type=Path, help="a file for what is seen of each connection")
    given = parser.parse_args()
    report = into(given.report) if given.report else unheard
    script = Script(first=given.first, pace=given.pace, fail=given.fail)
    trio.run(_serve_by_hand, given.port, script, report)


if __name__ == "__main__":
    main()
