"""As much of JetStream as the limits use, in simulated time; it can be slow, and fail as JetStream does."""

import base64
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import trio

from nexy.config import LimitsConfig
from nexy.errors import BusError, Refused
from nexy.modules.session_management import Admission, JetStreamLimits
from nexy.modules.session_management.admission import AtEase
from nexy.types import HardwareId

NO_MESSAGE, NO_SEQUENCE, TOO_MANY, NO_STREAM = 10037, 10043, 10077, 10059
LONG = 40.0  # seconds: every node that is gone is known to be


@dataclass
class Kept:
    """A message of a stream."""

    number: int
    subject: str
    data: bytes
    at: float  # trio's clock


@dataclass
class Stream:
    """What it holds, and how much it may."""

    config: dict[str, Any]
    messages: list[Kept] = field(default_factory=list)
    last: int = 0

    def forget_old(self) -> None:
        age = self.config.get("max_age", 0) / 1e9
        if age:
            self.messages = [one for one in self.messages if one.at > trio.current_time() - age]

    def of(self, subject: str) -> list[Kept]:
        if subject.endswith(">"):
            return [one for one in self.messages if one.subject.startswith(subject[:-1])]
        return [one for one in self.messages if one.subject == subject]

    def add(self, subject: str, data: bytes) -> dict[str, Any]:
        of_one, of_all = self.config.get("max_msgs_per_subject", -1), self.config.get("max_msgs", -1)
        if self.config["discard"] == "old":
            self.messages = [one for one in self.messages if one.subject != subject]
        elif 0 <= of_one <= len(self.of(subject)):
            return _error(TOO_MANY, "maximum messages per subject exceeded")
        elif 0 <= of_all <= len(self.messages):
            return _error(TOO_MANY, "maximum messages exceeded")
        self.last += 1
        self.messages.append(Kept(self.last, subject, data, trio.current_time()))
        return {"stream": self.config["name"], "seq": self.last}


@dataclass
class FakeJetStream:
    """The server; each process has a line to it."""

    streams: dict[str, Stream] = field(default_factory=dict)
    failing: dict[str, int] = field(default_factory=dict)  # "INFO alive" -> JetStream's error
    slow: dict[str, float] = field(default_factory=dict)  # "MSG.GET place" -> seconds
    silent: set[str] = field(default_factory=set)  # it does what is asked, and no answer comes
    meanwhile: Callable[[str], None] = lambda what: None  # told of each question

    def held(self, node: str = "") -> list[str]:
        """Places in the stream: "node name"."""
        kept = self.streams["test-place"].messages
        return [one.data.decode() for one in kept if one.data.decode().startswith(node)]

    @property
    def alive(self) -> set[str]:
        self.streams["test-alive"].forget_old()
        return {one.subject.rpartition(".")[2] for one in self.streams["test-alive"].messages}

    def answer(self, subject: str, data: bytes) -> dict[str, Any]:
        for one in self.streams.values():
            one.forget_old()
        if not subject.startswith("$JS.API.STREAM."):
            stream = self.streams.get("-".join(subject.split(".")[:2]))
            if stream is None:
                raise BusError("nobody listens")
            return stream.add(subject, data)
        what, _, name = subject.removeprefix("$JS.API.STREAM.").rpartition(".")
        request = json.loads(data)
        if what in ("CREATE", "UPDATE"):
            self.streams.setdefault(name, Stream(request)).config = request
            return {"did_create": True}
        if name not in self.streams:
            return _error(NO_STREAM, "stream not found")
        return self._about(self.streams[name], what, request)

    def _about(self, stream: Stream, what: str, request: dict[str, Any]) -> dict[str, Any]:
        if what == "INFO":
            subjects = Counter(one.subject for one in stream.messages)
            return {"state": {"messages": len(stream.messages), "subjects": dict(subjects)}}
        if what == "PURGE":
            gone = stream.of(request["filter"])
        elif what == "MSG.DELETE":
            gone = [one for one in stream.messages if one.number == request["seq"]]
            if not gone:
                return _error(NO_SEQUENCE, "sequence not found")
        else:
            return _told(one for one in stream.of(request["next_by_subj"]) if one.number >= request["seq"])
        stream.messages = [one for one in stream.messages if one not in gone]
        return {"success": True}


@dataclass
class FakeLine:
    """A process's connection to it."""

    server: FakeJetStream
    connected: bool = True
    lost_times: int = 0
    on_connected: list[Callable[[], None]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def lose(self) -> None:
        self.connected = False
        self.lost_times += 1

    def find(self) -> None:
        self.connected = True
        for tell in self.on_connected:
            tell()

    async def ask(self, subject: str, data: bytes, seconds: float, *, kind: str = "") -> bytes:
        what = _name(subject)
        self.asked[what] += 1
        self.server.meanwhile(what)
        await trio.sleep(self.server.slow.get(what, 0.001))
        if not self.connected:
            raise BusError("the bus is away")
        if what in self.server.failing:
            return json.dumps(_error(self.server.failing[what], "as the test wants it")).encode()
        answer = json.dumps(self.server.answer(subject, data)).encode()
        if what in self.server.silent:
            await trio.sleep(seconds)
            raise BusError("no answer came in time")
        await trio.sleep(0.001)
        return answer


@dataclass
class Node:
    """A process that counts."""

    line: FakeLine
    limits: JetStreamLimits
    life: trio.CancelScope

    async def refused(self, who: HardwareId) -> Refused:
        with pytest.raises(Refused) as error:
            async with self.limits.place(who):
                pytest.fail("let in")
        return error.value


@asynccontextmanager
async def nodes(server: FakeJetStream, number: int, **limits: int) -> AsyncIterator[list[Node]]:
    config = LimitsConfig.model_validate(limits)
    async with trio.open_nursery() as nursery:

        async def one(name: str, task_status: trio.TaskStatus[Node]) -> None:
            line, life = FakeLine(server), trio.CancelScope()
            shared = JetStreamLimits(line, name, config, Admission(config, AtEase()), str, "test")
            with life:
                async with trio.open_nursery() as own:
                    await own.start(shared.run)
                    task_status.started(Node(line, shared, life))
                    await trio.sleep_forever()

        made = [await nursery.start(one, f"node-{each}") for each in range(number)]
        await trio.sleep(LONG)  # until the nodes that live are known
        yield made
        nursery.cancel_scope.cancel()


def _name(subject: str) -> str:
    """As "INFO alive", or "place" for a message to the stream of places."""
    what, _, stream = subject.removeprefix("$JS.API.STREAM.").rpartition(".")
    return f"{what} {stream.removeprefix('test-')}" if subject.startswith("$JS") else subject.split(".")[1]


def _told(found: Any) -> dict[str, Any]:
    one: Kept | None = next(iter(found), None)
    if one is None:
        return _error(NO_MESSAGE, "no message found")
    at = datetime.fromtimestamp(time.time() - (trio.current_time() - one.at), UTC)
    data = base64.b64encode(one.data).decode()
    return {"message": {"subject": one.subject, "seq": one.number, "data": data, "time": at.isoformat()}}


def _error(code: int, description: str) -> dict[str, Any]:
    return {"error": {"code": 400, "err_code": code, "description": description}}
