"""Models and voices that operators take out and put back: in all processes, also in those that come later."""

import json
import math
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import trio

from nexy.errors import BadRequest, BusError
from nexy.integrations.providers import Providers, ProviderState
from nexy.monitoring import logger

ANSWER_SECONDS = 1.0  # for the others; who is later does it all the same, and is not counted
START_SECONDS = 0.5  # of it, that a start waits to hear what was switched before
RETRY_SECONDS = 1.0  # until the bus is tried again, if it is not back before
MOST_BYTES = 65_536  # of a message that is read

log = logger("nexy.operator")

Known: TypeAlias = dict[str, tuple[int, bool]]
"""By the name of a provider: how often it was switched, and whether it is off. The greater one is true."""


class Message(Protocol):
    """What came over the bus."""

    @property
    def data(self) -> bytes: ...
    @property
    def reply(self) -> str: ...


class Line(Protocol):
    """The connection to NATS."""

    on_connected: list[Callable[[], None]]

    async def publish(self, subject: str, data: bytes = b"", *, reply: str = "", kind: str = "") -> None: ...
    async def subscribe(
        self, subject: str, receive: Callable[[Any], None]
    ) -> Callable[[], Awaitable[None]]: ...
    def asking(self, subject: str, data: bytes = b"", *, kind: str = "") -> Any: ...


@dataclass(frozen=True, slots=True)
class Switched:
    """What came of a switch."""

    processes: int  # that did it, this one included
    bus_away: bool = False  # the others do it when it is back


class Switches:
    """The providers of this process, for an operator who means those of all processes.

    Nothing is stored: whoever starts, or is back on the bus, says what it knows, and hears what the others
    know. Of two who know different things of a provider, the one is right who knows of more switches, and of
    as many the one who has it off. So no clock counts, and all end up with the same.
    """

    def __init__(
        self, providers: Providers, nursery: trio.Nursery, line: Line | None = None, subject: str = ""
    ) -> None:
        """Without a `line`, this process is alone."""
        self.begun = trio.Event()  # the others have said what they know, or there are none
        self._providers = providers
        self._nursery = nursery
        self._line = line
        self._subject = subject
        self._node = secrets.token_hex(8)
        self._known: Known = {}
        self._back = trio.Event()

    def __repr__(self) -> str:
        return f"<Switches {self._known}>"

    @property
    def states(self) -> list[ProviderState]:
        return self._providers.states

    async def switch(self, name: str, *, on: bool) -> Switched:
        """Here at once, and then in all others. Raises BadRequest for an unknown name."""
        self._providers.switch(name, on=on)
        times, _ = self._known.get(name, (0, False))
        mine = self._known[name] = (times + 1, not on)
        if self._line is None:
            return Switched(1)
        try:
            answers = await self._exchange(self._line)
        except BusError:
            log.warning("a provider was switched in this process alone: the bus is away", provider=name)
            return Switched(1, bus_away=True)
        return Switched(1 + sum(known.get(name) == mine for known in answers.values()))

    async def keep(self) -> None:
        """Do what others were told, until cancelled."""
        if self._line is not None:
            self._line.on_connected.append(lambda: self._back.set())
            await self._keep(self._line)
        self.begun.set()

    async def _keep(self, line: Line) -> None:
        listens = False
        while True:
            self._back, patience = trio.Event(), math.inf
            try:
                if not listens:
                    await line.subscribe(self._subject, self._hear)
                    listens = True
                await self._exchange(line)
            except BusError:
                patience = RETRY_SECONDS
            self.begun.set()
            with trio.move_on_after(patience):
                await self._back.wait()

    async def _exchange(self, line: Line) -> dict[str, Known]:
        """Say what is known here, and learn what the others know, each by its name. Raises BusError."""
        answers: dict[str, Known] = {}
        with trio.move_on_after(ANSWER_SECONDS):
            async with line.asking(self._subject, self._packed(), kind="switch") as heard:
                async for message in heard:
                    if message is None:
                        break  # there are no others
                    node, known = _unpacked(message.data)
                    self._learn(known)
                    answers[node] = known
        return answers

    def _hear(self, message: Message) -> None:
        node, known = _unpacked(message.data)
        if node:
            self._learn(known)
            self._nursery.start_soon(self._answer, message.reply)

    async def _answer(self, reply: str) -> None:
        with suppress(BusError):  # it is told again when the bus is back
            if self._line is not None and reply:
                await self._line.publish(reply, self._packed(), kind="switch")

    def _learn(self, known: Known) -> None:
        for name, (times, off) in known.items():
            if (times, off) <= self._known.get(name, (0, False)):
                continue
            with suppress(BadRequest):  # one that this process does not have
                self._providers.switch(name, on=not off)
                self._known[name] = (times, off)
                log.warning("a provider was switched elsewhere", provider=name, on=not off)

    def _packed(self) -> bytes:
        return json.dumps({"from": self._node, "switched": self._known}).encode()


def _unpacked(data: bytes) -> tuple[str, Known]:
    """Who says it, and what that one knows; nobody when it is none of ours: the bus takes anything."""
    if len(data) > MOST_BYTES:
        return "", {}
    try:
        told = json.loads(data)
        known = {str(name): (int(times), bool(off)) for name, (times, off) in told["switched"].items()}
        return str(told["from"]), known
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return "", {}


@asynccontextmanager
async def open_switches(providers: Providers, line: Line | None, subject: str) -> AsyncIterator[Switches]:
    """With all others that are on the `line`; a start waits a moment for what they know."""
    async with trio.open_nursery() as nursery:
        switches = Switches(providers, nursery, line, subject)
        nursery.start_soon(switches.keep)
        with trio.move_on_after(START_SECONDS):
            await switches.begun.wait()
        yield switches
        nursery.cancel_scope.cancel()
