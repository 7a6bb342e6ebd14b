"""The streams in which JetStream counts: how they are made, asked and tidied."""

import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from nexy.errors import BusError
from nexy.modules.session_management.admission import Limits

ASK_SECONDS = 0.25  # for any answer
LIFE_SECONDS = 10  # a node that was silent for so long is gone, and what it held is free
MINUTE = 60  # seconds
ALL = ">"  # devices, in a subject
IN_USE = (10058, 10065)  # JetStream's errors: a stream of this name, or of these subjects, is there already
GONE = (10037, 10043)  # there is no such message
TOO_MANY = 10077  # the stream or the subject is full
OF_ONE = "per subject"  # in its words
SECOND = 1_000_000_000  # in JetStream's nanoseconds


class Line(Protocol):
    """The connection to NATS."""

    on_connected: list[Callable[[], None]]
    lost_times: int

    @property
    def connected(self) -> bool: ...
    async def ask(self, subject: str, data: bytes, seconds: float, *, kind: str = "") -> bytes: ...


@dataclass(frozen=True)
class Counted:
    """What JetStream says to one that would be counted."""

    number: int | None  # of its message; None: there is no room
    of_one: bool = False  # there is none for this device


@dataclass(frozen=True)
class Taken:
    """A place that is taken."""

    number: int  # of its message
    who: str  # the device, as it is called on the bus
    node: str
    name: str  # of the place, at its node


class Streams:
    """Three of them, all in NATS's memory: places of requests, the requests of a minute, nodes that live.

    Every method raises BusError when JetStream does not answer, or says that it cannot.
    """

    def __init__(self, line: Line, prefix: str, node: str) -> None:
        """`prefix` is that of this installation; `node` names this process."""
        self._line = line
        self._prefix = prefix
        self._node = node

    def __repr__(self) -> str:
        return f"<Streams {self._prefix} of {self._node}>"

    async def make(self, limits: Limits) -> None:
        """Make them, or change them to these limits."""
        full = {"discard": "new", "discard_new_per_subject": True, "max_bytes": -1}
        all_at_once, all_in_minute = limits.max_active_sessions, limits.max_requests_per_minute
        one_at_once, one_in_minute = limits.max_requests_per_user, limits.max_requests_per_minute_per_user
        at_once = {"max_msgs": all_at_once, "max_msgs_per_subject": min(one_at_once, all_at_once)}
        in_minute = {"max_msgs": all_in_minute, "max_msgs_per_subject": min(one_in_minute, all_in_minute)}
        await self._make("place", full | at_once)
        await self._make("minute", full | in_minute | {"max_age": MINUTE * SECOND})
        newest = {"discard": "old", "max_msgs_per_subject": 1}
        await self._make("alive", newest | {"max_age": LIFE_SECONDS * SECOND})

    async def _make(self, what: str, config: dict[str, Any]) -> None:
        kept = {"storage": "memory", "retention": "limits", "num_replicas": 1, "duplicate_window": 0}
        whole = {"name": self._stream(what), "subjects": [self._subject(what, ">")], **kept, **config}
        made = await self._api("CREATE", what, whole, known=IN_USE)
        if "error" in made:
            await self._api("UPDATE", what, whole)

    async def count(self, what: str, who: str, place: str) -> Counted:
        """Put one message of the device `who` into the "place" or the "minute" stream."""
        message = f"{self._node} {place}".encode()
        told = await self._ask(self._subject(what, who), message, kind="limits", known=(TOO_MANY,))
        if "error" in told:
            return Counted(None, OF_ONE in str(told["error"].get("description")))
        return Counted(int(told["seq"]))

    async def taken(self, who: str = ALL) -> AsyncIterator[Taken]:
        """The places that are taken, of all devices or of one."""
        number = 1
        while (message := await self._next("place", who, number)) is not None:
            node, _, name = _text(message.get("data")).partition(" ")
            device = str(message.get("subject")).rpartition(".")[2]
            yield Taken(int(message["seq"]), device, node, name)
            number = int(message["seq"]) + 1

    async def free(self, number: int) -> None:
        """Take a place's message away, if it is still there."""
        await self._api("MSG.DELETE", "place", {"seq": number, "no_erase": True}, known=GONE)

    async def in_minute(self) -> int:
        """How many requests there were in the last minute."""
        told = await self._api("INFO", "minute", {})
        return int(told.get("state", {}).get("messages", 0))

    async def oldest_seconds(self, who: str = ALL) -> float:
        """How long ago the oldest request of the minute was, of all devices or of one.

        NATS tells when it was, and not what it has now: this machine's clock does.
        """
        message = await self._next("minute", who, 1)
        if message is None:
            return MINUTE
        try:
            return time.time() - datetime.fromisoformat(str(message.get("time"))).timestamp()
        except ValueError as error:
            raise BusError("JetStream cannot be understood") from error

    async def beat(self) -> None:
        """Say that this node lives."""
        await self._ask(self._subject("alive", self._node), b"", kind="alive")

    async def leave(self) -> None:
        """Say that it does no more."""
        await self._api("PURGE", "alive", {"filter": self._subject("alive", self._node)})

    async def alive(self) -> frozenset[str]:
        """The nodes that said so of late."""
        told = await self._api("INFO", "alive", {"subjects_filter": ">"})
        subjects = told.get("state", {}).get("subjects") or {}
        return frozenset(str(one).rpartition(".")[2] for one in subjects)

    async def _next(self, what: str, who: str, number: int) -> dict[str, Any] | None:
        """The first message of the device that has at least that number."""
        request = {"seq": number, "next_by_subj": self._subject(what, who)}
        told = await self._api("MSG.GET", what, request, known=GONE)
        return None if "error" in told else dict(told["message"])

    def _stream(self, what: str) -> str:
        return f"{self._prefix}-{what}"

    def _subject(self, what: str, name: str) -> str:
        return f"{self._prefix}.{what}.{name}"

    async def _api(
        self, what: str, stream: str, request: object, *, known: Collection[int] = ()
    ) -> dict[str, Any]:
        subject, data = f"$JS.API.STREAM.{what}.{self._stream(stream)}", json.dumps(request).encode()
        return await self._ask(subject, data, kind="jetstream", known=known)

    async def _ask(
        self, subject: str, data: bytes, *, kind: str, known: Collection[int] = ()
    ) -> dict[str, Any]:
        """What is answered: no error but the `known` ones. An error is never "there is nothing"."""
        try:
            found = json.loads(await self._line.ask(subject, data, ASK_SECONDS, kind=kind))
        except ValueError as error:
            raise BusError("JetStream cannot be understood") from error
        if not isinstance(found, dict):
            raise BusError("JetStream cannot be understood")
        failure = found.get("error")
        if failure is not None and failure.get("err_code") not in known:
            raise BusError(f"JetStream says {failure.get('err_code')}, {failure.get('description')}")
        return found


def _text(data: object) -> str:
    """As JetStream tells it: base64."""
    try:
        return base64.b64decode(str(data), validate=True).decode()
    except ValueError:
        return ""
