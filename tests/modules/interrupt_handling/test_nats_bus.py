"""The bus between processes, over a real NATS: who is asked, who answers, and what happens without it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio

from nexy.modules.interrupt_handling import Claim, Claimed, Handed, NatsBus, interrupt
from nexy.modules.interrupt_handling.providers import nats as bus_module
from nexy.nursery.border import open_asyncio
from nexy.nursery.nats import Message, Nats, open_nats
from nexy.types import Forgotten, HardwareId, Part, Screenshot, SessionId, Stopped
from tests.nats import URL, nats_server, needs_nats, prefix, until

ANNA, BEN, TALK = HardwareId("anna"), HardwareId("ben"), SessionId("talk")


@dataclass
class Process:
    """One of those that are on the bus."""

    running: dict[HardwareId, list[str]] = field(default_factory=dict)
    stopped: list[tuple[HardwareId, float | None]] = field(default_factory=list)
    talk_forgotten: list[tuple[HardwareId, bool]] = field(default_factory=list)
    takes_seconds: float = 0.0
    has: Handed = field(default_factory=Handed)
    claimed: list[Claim] = field(default_factory=list)

    async def hand_over(self, who: HardwareId, claim: Claim) -> Handed:
        await trio.sleep(self.takes_seconds)
        self.claimed.append(claim)
        return self.has

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        await trio.sleep(self.takes_seconds)
        self.stopped.append((who, played_seconds))
        return [SessionId(name) for name in self.running.pop(who, [])]

    async def forget(self, who: HardwareId) -> int:
        return len(self.running.pop(who, []))

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        self.talk_forgotten.append((who, all_of_it))
        return 1


@dataclass
class Node:
    """A process with its bus."""

    line: Nats
    bus: NatsBus
    here: Process

    async def begins(self, who: HardwareId, session: str) -> None:
        await self.bus.attend(who)
        self.here.running.setdefault(who, []).append(session)


@asynccontextmanager
async def nodes(number: int, url: str = URL, *, newest_only: bool = False) -> AsyncIterator[list[Node]]:
    name = prefix()
    async with open_asyncio(), trio.open_nursery() as nursery:
        made = []

        async def one(node: str) -> None:
            async with open_nats(url, node) as line, trio.open_nursery() as of_bus:
                here = Process()
                bus = NatsBus(
                    line, node, here, lambda who: f"{name}.device.{who}", of_bus, newest_only=newest_only
                )
                made.append(Node(line, bus, here))
                await trio.sleep_forever()

        for each in range(number):
            nursery.start_soon(one, f"node-{each}")
        await until(lambda: len(made) == number)
        yield sorted(made, key=lambda node: repr(node.bus))
        nursery.cancel_scope.cancel()


async def stopped(who: HardwareId, bus: NatsBus, played_seconds: float | None = None) -> list[str]:
    """The sessions that an interrupt stops."""
    return list((await interrupt(who, bus, played_seconds)).sessions)


async def settled() -> None:
    """What is under way on this machine's bus has come."""
    await trio.sleep(0.1)


@needs_nats
async def test_an_interrupt_reaches_the_answer_wherever_it_runs() -> None:
    async with nodes(3) as (one, two, three):
        await one.begins(ANNA, "a")
        await two.begins(BEN, "b")
        await settled()
        assert await stopped(ANNA, three.bus, 1.5) == ["a"]
        assert one.here.stopped == [(ANNA, 1.5)]
        assert two.here.stopped == []  # it does not even hear of it
        assert await stopped(ANNA, three.bus) == []
        assert two.here.running == {BEN: ["b"]}


@needs_nats
async def test_of_a_device_that_is_on_several_nodes_every_answer_is_stopped() -> None:
    async with nodes(3) as (one, two, three):
        await one.begins(ANNA, "a")
        await two.begins(ANNA, "b")
        await settled()
        two.here.takes_seconds = 0.2  # later than the first answer by far
        assert await stopped(ANNA, three.bus) == ["a", "b"]
        await three.begins(ANNA, "c")
        await settled()
        two.here.running[ANNA] = ["d"]
        assert await stopped(ANNA, three.bus) == ["c", "d"]


@needs_nats
async def test_that_nobody_serves_a_device_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "ANSWER_SECONDS", 60.0)
    async with nodes(2) as (one, two):
        with trio.fail_after(2):
            assert await stopped(ANNA, one.bus) == []
            await one.begins(BEN, "b")
            assert await stopped(BEN, one.bus) == ["b"]  # nobody but the asker has it
        assert two.here.stopped == []


@needs_nats
async def test_who_left_is_not_asked_any_more() -> None:
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        await two.begins(ANNA, "b")
        await settled()
        one.bus.leave(ANNA)
        await settled()
        assert await stopped(ANNA, two.bus) == ["b"]
        assert one.here.stopped == []
        await one.bus.attend(ANNA)  # and comes back
        await settled()
        assert await stopped(ANNA, two.bus) == ["a"]


@needs_nats
async def test_who_does_not_answer_costs_one_deadline_and_not_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "ANSWER_SECONDS", 0.3)
    async with nodes(3) as (one, two, three):
        await one.begins(ANNA, "a")
        await two.begins(ANNA, "b")
        await settled()
        two.here.takes_seconds = 0.6
        assert await stopped(ANNA, three.bus) == ["a"]
        assert three.bus.unanswered == {"stop": 1}
        await trio.sleep(0.5)
        assert [who for who, _ in two.here.stopped] == [ANNA]  # it has stopped all the same
        one.here.running[ANNA] = ["c"]
        two.here.takes_seconds = 0.0
        two.here.running[ANNA] = ["d"]
        assert await stopped(ANNA, three.bus) == ["c", "d"]  # it said that it lives


@needs_nats
async def test_a_device_is_forgotten_everywhere() -> None:
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        await two.begins(ANNA, "b")
        await two.begins(BEN, "c")
        await settled()
        assert await one.bus.forget(ANNA) == Forgotten(2)
        assert two.here.running == {BEN: ["c"]}


@needs_nats
async def test_what_was_said_is_forgotten_everywhere_and_the_sessions_go_on() -> None:
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        await two.begins(ANNA, "b")
        await settled()
        assert await one.bus.forget_talk(ANNA, all_of_it=True) == 2
        assert await two.bus.forget_talk(ANNA, all_of_it=False) == 2
        for node in (one, two):
            assert node.here.talk_forgotten == [(ANNA, True), (ANNA, False)]
            assert ANNA in node.here.running


@needs_nats
async def test_what_answers_nonsense_harms_nobody() -> None:
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        subject = one.bus._devices[ANNA].subject
        for nonsense in (
            b'{"holders": {}, "stopped": 5, "forgotten": "x"}',
            b'{"from": [], "holders": [[]]}',
            b'{"from": "y", "session": [], "parts": [1, {"number": "x"}, {"number": 1, "image": 3}]}',
        ):

            def answer(message: Message, nonsense: bytes = nonsense) -> None:
                two.bus._nursery.start_soon(two.line.publish, message.reply, nonsense)

            unsubscribe = await two.line.subscribe(subject, answer)
            assert await stopped(BEN, one.bus) == []
            assert (await one.bus.forget(ANNA)).rows in (0, 1)
            await stopped(ANNA, one.bus)
            assert list((await one.bus.claim(ANNA, Claim(TALK))).handed) in ([], [Handed()])
            await unsubscribe()


@needs_nats
async def test_a_session_is_claimed_from_whoever_has_it() -> None:
    async with nodes(3) as (one, two, three):
        await one.begins(ANNA, "a")
        await three.begins(BEN, "b")
        picture = Screenshot(b"\x89PNG" * 999, "png", 40, 30)
        had = Handed(TALK, (Part(0, "What is "), Part(1, "17 times 3?", picture)), talked=True)
        one.here.has = had
        await settled()
        await two.bus.attend(ANNA)
        assert await two.bus.claim(ANNA, Claim(TALK, draft_only=True)) == Claimed([had])
        assert one.here.claimed == [Claim(TALK, draft_only=True, wins=True)]
        assert three.here.claimed == []


@needs_nats
async def test_of_two_claims_that_are_made_together_both_nodes_take_the_same_for_newer() -> None:
    async with nodes(2) as (one, two):
        for node in (one, two):
            await node.bus.attend(ANNA)
        await settled()
        for node in (one, two):
            await node.bus.claim(ANNA, Claim(TALK))
        assert [claim.wins for node in (one, two) for claim in node.here.claimed] == [True, False]


@needs_nats
async def test_who_is_alone_with_a_device_claims_its_sessions_only_once() -> None:
    async with nodes(2) as (one, two):
        await one.bus.attend(ANNA)
        await one.bus.claim(ANNA, Claim(TALK))
        before = one.line.sent.total()
        await one.bus.claim(ANNA, Claim(TALK))
        assert one.line.sent.total() == before
        await two.bus.attend(ANNA)
        await settled()
        await one.bus.claim(ANNA, Claim(TALK))  # somebody else may have it by now
        assert len(two.here.claimed) == 1


@needs_nats
async def test_a_claim_says_whether_the_newest_answer_is_to_be_the_only_one() -> None:
    async with nodes(2, newest_only=True) as (one, two):
        await one.bus.attend(ANNA)
        await settled()
        await two.bus.attend(ANNA)
        await two.bus.claim(ANNA, Claim(None))
        assert one.here.claimed == [Claim(None, newest_only=True, wins=True)]


@needs_nats
async def test_an_answer_does_not_wait_long_for_what_another_node_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bus_module, "CLAIM_SECONDS", 0.3)
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        one.here.takes_seconds = 60
        await settled()
        await two.bus.attend(ANNA)
        with trio.fail_after(2):
            assert await two.bus.claim(ANNA, Claim(TALK)) == Claimed([], complete=False)
        assert two.bus.unanswered == {"claim": 1}


@needs_nats
async def test_a_picture_that_is_too_large_for_the_bus_stays_behind() -> None:
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        one.here.has = Handed(TALK, (Part(0, "Look", Screenshot(b"x" * 2_000_000, "png", 4, 3)),))
        await settled()
        await two.bus.attend(ANNA)
        assert await two.bus.claim(ANNA, Claim(TALK)) == Claimed([Handed(TALK, (Part(0, "Look"),))])


@needs_nats
async def test_what_is_still_being_said_ends_no_answer_elsewhere() -> None:
    async with nodes(2, newest_only=True) as (one, two):
        await one.begins(ANNA, "a")
        await two.bus.attend(ANNA)  # a part of an utterance was collected there
        await settled()
        assert one.here.running == {ANNA: ["a"]}
        assert await stopped(ANNA, two.bus) == ["a"]


@needs_nats
async def test_that_not_all_could_be_asked_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_module, "ANSWER_SECONDS", 0.3)
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        await two.begins(ANNA, "b")
        await settled()
        one.here.takes_seconds = 0.6
        assert await interrupt(ANNA, two.bus) == Stopped([SessionId("b")], complete=False)


@needs_nats
async def test_a_silent_device_costs_the_bus_nothing() -> None:
    async with nodes(2) as (one, two):
        for number in range(50):
            await one.begins(HardwareId(f"device-{number}"), "a")
        await settled()
        before = [(node.line.sent.total(), node.line.received) for node in (one, two)]
        await trio.sleep(1)
        assert [(node.line.sent.total(), node.line.received) for node in (one, two)] == before


@needs_nats
async def test_what_is_no_message_of_ours_is_passed_over() -> None:
    async with nodes(2) as (one, two):
        await one.begins(ANNA, "a")
        subject = one.bus._devices[ANNA].subject
        for data in (b"", b"{", b"[]", b'"stop"', b'{"do": "stop"}', b"\xff" * 9, b"x" * 100_000):
            await two.line.publish(subject, data)
        await two.line.publish(subject, b'{"do": "stop", "from": "x", "played": "long"}')
        await settled()
        assert one.here.stopped == [(ANNA, None)]  # the last one is
        strange = b'{"do": "claim", "from": "x", "session": 5, "draft": "x", "all": 1}'
        await two.line.publish(subject, strange)
        await settled()
        assert one.here.claimed == [Claim(None, wins=True)]


async def test_without_the_bus_what_is_here_is_stopped_and_the_rest_comes_back(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with nodes(2, server.url) as (one, two):
            await one.begins(ANNA, "a")
            await two.begins(ANNA, "b")
            server.kill()
            await until(lambda: bool(one.bus.trouble and two.bus.trouble))
            with trio.fail_after(0.5):
                assert await stopped(ANNA, one.bus) == ["a"]
                await one.begins(BEN, "c")  # begins while it is away
                assert await stopped(BEN, two.bus) == []
            assert two.here.running == {ANNA: ["b"]}
            server.start()
            await until(lambda: not (one.bus.trouble or two.bus.trouble))
            await trio.sleep(0.3)
            one.here.running[ANNA] = ["d"]
            assert await stopped(ANNA, one.bus) == ["b", "d"]
            assert await stopped(BEN, two.bus) == ["c"]


async def test_a_bus_that_is_silent_keeps_nobody_waiting_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "ANSWER_SECONDS", 0.3)
    with nats_server(tmp_path) as server:
        async with nodes(2, server.url) as (one, two):
            await one.begins(ANNA, "a")
            await two.begins(ANNA, "b")
            await settled()
            server.freeze()
            began = trio.current_time()
            assert await stopped(ANNA, one.bus) == ["a"]
            assert trio.current_time() - began < 1
            server.thaw()
            await trio.sleep(0.5)
            assert await stopped(ANNA, one.bus) == []  # the first question came late, and was obeyed
            assert two.here.running == {}


async def test_a_start_does_not_wait_for_ever_for_a_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nexy.nursery.nats.FIRST_SECONDS", 0.2)
    async with nodes(1, "nats://127.0.0.1:1") as (one,):
        assert one.bus.trouble == "away"
        await one.begins(ANNA, "a")
        assert await stopped(ANNA, one.bus) == ["a"]
