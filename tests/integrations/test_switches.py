"""What an operator switches, in several processes: a bus of one process, in simulated time."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import BadRequest, BusError
from nexy.integrations.providers import Providers
from nexy.integrations.switches import ANSWER_SECONDS, START_SECONDS, Switched, Switches, open_switches
from nexy.utils.breaker import State

SUBJECT = "nexy.operator"


@dataclass(frozen=True)
class Said:
    """A message of the bus."""

    data: bytes
    reply: str


@dataclass
class Bus:
    """Where all lines meet; each message takes a while."""

    nursery: trio.Nursery
    lines: "list[Line]" = field(default_factory=list)
    seconds: float = 0.01

    def deliver(self, sender: "Line", subject: str, message: Said) -> bool:
        """Whether anybody is there to hear it: as NATS, not whoever sent it."""
        others = [line for line in self.lines if line is not sender and line.connected]
        found = [take for line in others for take in line.takers(subject)]
        for take in found:
            self.nursery.start_soon(self._later, take, message)
        return bool(found)

    async def _later(self, take: Callable[[Any], None], message: Said) -> None:
        await trio.sleep(self.seconds)
        take(message)


@dataclass(eq=False)
class Line:
    """The connection of one process."""

    bus: Bus
    connected: bool = True
    on_connected: list[Callable[[], None]] = field(default_factory=list)
    subscribed: list[tuple[str, Callable[[Any], None]]] = field(default_factory=list)
    inboxes: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    def takers(self, subject: str) -> list[Callable[[Any], None]]:
        inbox = [self.inboxes[subject]] if subject in self.inboxes else []
        return inbox + [take for where, take in self.subscribed if where == subject]

    async def publish(self, subject: str, data: bytes = b"", *, reply: str = "", kind: str = "") -> None:
        await self._say(subject, Said(data, reply))

    async def _say(self, subject: str, message: Said) -> bool:
        await trio.lowlevel.checkpoint()
        if not self.connected:
            raise BusError("the bus is away")
        return self.bus.deliver(self, subject, message)

    async def subscribe(self, subject: str, receive: Callable[[Any], None]) -> Callable[[], Awaitable[None]]:
        await trio.lowlevel.checkpoint()
        if not self.connected:
            raise BusError("the bus is away")
        self.subscribed.append((subject, receive))
        return trio.lowlevel.checkpoint

    @asynccontextmanager
    async def asking(self, subject: str, data: bytes = b"", *, kind: str = "") -> AsyncIterator[Any]:
        send, receive = trio.open_memory_channel[Said | None](100)
        inbox = f"inbox.{id(self)}.{len(self.inboxes)}"
        self.inboxes[inbox] = send.send_nowait
        if not await self._say(subject, Said(data, inbox)):
            send.send_nowait(None)
        yield receive

    def cut(self) -> None:
        self.connected = False

    def mend(self) -> None:
        self.connected = True
        for tell in self.on_connected:
            tell()


@dataclass
class Several:
    """Models or voices that can be switched."""

    states: dict[str, State]

    def switch(self, name: str, *, on: bool) -> bool:
        if name in self.states:
            self.states[name] = "closed" if on else "off"
        return name in self.states


@dataclass
class Process:
    """One of those on the bus."""

    line: Line
    switches: Switches
    ending: trio.CancelScope

    def off(self) -> list[str]:
        return [one.name for one in self.switches.states if one.state == "off"]

    def end(self) -> None:
        self.line.cut()
        self.ending.cancel()


@dataclass
class House:
    """All of them."""

    nursery: trio.Nursery
    bus: Bus

    async def start(self, *models: str, connected: bool = True) -> Process:
        line = Line(self.bus, connected)
        self.bus.lines.append(line)
        providers = Providers(
            Several(dict.fromkeys(models or ("gemini", "offline"), "closed")), Several({"edge": "closed"})
        )

        async def live(task_status: trio.TaskStatus[Process]) -> None:
            with trio.CancelScope() as ending:
                async with open_switches(providers, line, SUBJECT) as switches:
                    task_status.started(Process(line, switches, ending))
                    await trio.sleep_forever()

        process: Process = await self.nursery.start(live)
        return process


@pytest.fixture
async def house(nursery: trio.Nursery) -> House:
    return House(nursery, Bus(nursery))


async def test_alone_it_is_switched_here(nursery: trio.Nursery) -> None:
    providers = Providers(Several({"gemini": "closed"}), Several({}))
    async with open_switches(providers, None, "") as alone:
        assert await alone.switch("gemini", on=False) == Switched(1)
        assert [one.state for one in alone.states] == ["off"]
        with pytest.raises(BadRequest):
            await alone.switch("nobody", on=False)


async def test_all_do_it_and_the_operator_hears_how_many(autojump_clock: MockClock, house: House) -> None:
    one, two, three = [await house.start() for _ in range(3)]
    assert await one.switches.switch("gemini", on=False) == Switched(3)
    assert [each.off() for each in (one, two, three)] == [["gemini"]] * 3
    assert await two.switches.switch("gemini", on=True) == Switched(3)
    assert [each.off() for each in (one, two, three)] == [[]] * 3
    with pytest.raises(BadRequest):
        await one.switches.switch("nobody", on=False)


async def test_the_only_one_on_the_bus_does_not_wait(autojump_clock: MockClock, house: House) -> None:
    one = await house.start()
    assert await one.switches.switch("edge", on=False) == Switched(1)
    assert trio.current_time() == 0


async def test_one_that_starts_later_has_it_off_before_it_begins(
    autojump_clock: MockClock, house: House
) -> None:
    one, two = await house.start(), await house.start()
    await one.switches.switch("gemini", on=False)
    await two.switches.switch("edge", on=False)
    one.end()
    began = trio.current_time()
    again = await house.start()
    assert trio.current_time() == began + START_SECONDS
    assert again.off() == ["gemini", "edge"]
    two.end()
    assert (await house.start()).off() == ["gemini", "edge"]  # from the one that had it from them


async def test_who_answers_a_start_late_is_heard_all_the_same(
    autojump_clock: MockClock, house: House
) -> None:
    one = await house.start()
    await one.switches.switch("gemini", on=False)
    house.bus.seconds = 0.4  # there, and back
    two = await house.start()
    assert two.off() == []
    await trio.sleep(0.5)
    assert two.off() == ["gemini"]


async def test_the_last_one_takes_it_with_it(autojump_clock: MockClock, house: House) -> None:
    one = await house.start()
    await one.switches.switch("gemini", on=False)
    one.end()
    assert (await house.start()).off() == []


@pytest.mark.parametrize("on", [False, True])
async def test_one_that_was_away_learns_what_it_missed(
    autojump_clock: MockClock, house: House, on: bool
) -> None:
    one, two = await house.start(), await house.start()
    await one.switches.switch("gemini", on=not on)
    two.line.cut()
    assert await one.switches.switch("gemini", on=on) == Switched(1)
    assert two.off() == ([] if not on else ["gemini"])
    two.line.mend()
    await trio.sleep(ANSWER_SECONDS)
    assert one.off() == two.off() == ([] if on else ["gemini"])


async def test_what_is_switched_while_the_bus_is_away_is_told_when_it_is_back(
    autojump_clock: MockClock, house: House
) -> None:
    one, two = await house.start(), await house.start()
    one.line.cut()
    assert await one.switches.switch("gemini", on=False) == Switched(1, bus_away=True)
    assert (one.off(), two.off()) == (["gemini"], [])
    one.line.mend()
    await trio.sleep(ANSWER_SECONDS)
    assert (one.off(), two.off()) == (["gemini"], ["gemini"])


async def test_of_two_who_know_as_much_the_one_is_right_who_has_it_off(
    autojump_clock: MockClock, house: House
) -> None:
    one, two = await house.start(), await house.start()
    for each, on in ((one, True), (two, False)):
        each.line.cut()
        await each.switches.switch("gemini", on=on)
    for each in (one, two):
        each.line.mend()
    await trio.sleep(2 * ANSWER_SECONDS)
    assert (one.off(), two.off()) == (["gemini"], ["gemini"])


async def test_a_bus_that_is_not_there_at_the_start_is_tried_again(
    autojump_clock: MockClock, house: House
) -> None:
    one = await house.start()
    await one.switches.switch("gemini", on=False)
    two = await house.start(connected=False)
    assert two.off() == []
    await trio.sleep(60)
    two.line.connected = True  # and nobody says so
    await trio.sleep(2)
    assert two.off() == ["gemini"]
    assert await one.switches.switch("gemini", on=True) == Switched(2)


async def test_who_does_not_have_a_provider_is_not_counted(autojump_clock: MockClock, house: House) -> None:
    one, _, other = await house.start(), await house.start(), await house.start("offline")
    assert await one.switches.switch("gemini", on=False) == Switched(2)
    assert await other.switches.switch("edge", on=False) == Switched(3)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff",
        b"7",
        b"[]",
        b'{"name": "gemini", "on": false}',
        b'{"from": "x", "switched": 7}',
        b'{"from": "x", "switched": {"gemini": 7}}',
        b'{"from": "x", "switched": {"gemini": [1e999, true]}}',
        b'{"from": "x", "switched": {"gemini": ["", true]}}',
        b"[" * 50_000,
        json.dumps({"from": "x", "switched": {"gemini": [1, True]}, "more": "x" * 70_000}).encode(),
    ],
)
async def test_what_is_none_of_ours_changes_nothing(
    autojump_clock: MockClock, house: House, said: bytes
) -> None:
    one, two = await house.start(), await house.start()
    stranger = Line(house.bus)
    async with stranger.asking(SUBJECT, said) as answers:
        with trio.move_on_after(1):
            raise AssertionError(await answers.receive())
    assert (one.off(), two.off()) == ([], [])
    assert await one.switches.switch("gemini", on=False) == Switched(2)
