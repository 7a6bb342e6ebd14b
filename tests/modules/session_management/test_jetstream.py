"""Limits that hold over several processes, counted by a real JetStream."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from nexy.config import LimitsConfig
from nexy.errors import Limit, Refused
from nexy.modules.session_management import Admission, JetStreamLimits
from nexy.modules.session_management.admission import AtEase
from nexy.modules.session_management.providers import jetstream, reaper, streams
from nexy.nursery.border import open_asyncio
from nexy.nursery.nats import Nats, open_nats
from nexy.types import HardwareId
from tests.nats import URL, nats_server, needs_nats, prefix, until

ANNA, BEN = HardwareId("anna"), HardwareId("ben")


@dataclass
class Node:
    """A process that counts."""

    line: Nats
    limits: JetStreamLimits
    admission: Admission
    life: trio.CancelScope

    async def refused(self, who: HardwareId) -> Limit:
        """For what a request of `who` is, that should not be let in."""
        with pytest.raises(Refused) as error:
            async with self.limits.place(who):
                pytest.fail("let in")
        return error.value.limit


@asynccontextmanager
async def nodes(number: int, url: str = URL, name: str = "", **limits: int) -> AsyncIterator[list[Node]]:
    name, config = name or prefix(), LimitsConfig.model_validate(limits)
    async with open_asyncio(), trio.open_nursery() as nursery:
        made: list[Node] = []

        async def one(node: str) -> None:
            with trio.CancelScope() as life:
                async with open_nats(url, node) as line, trio.open_nursery() as of_limits:
                    admission = Admission(config, AtEase())
                    shared = JetStreamLimits(line, node, config, admission, str, name)
                    await of_limits.start(shared.run)
                    made.append(Node(line, shared, admission, life))
                    await trio.sleep_forever()

        for each in range(number):
            nursery.start_soon(one, f"{name}-{each}")
        await until(lambda: len(made) == number)
        made.sort(key=lambda node: repr(node.limits))
        yield made
        nursery.cancel_scope.cancel()
        for what in ("place", "minute", "alive"):
            await remove(url, f"{name}-{what}")


async def remove(url: str, stream: str) -> None:
    with trio.CancelScope(shield=True), trio.move_on_after(2):
        async with open_nats(url, "tidy") as line:
            await line.ask(f"$JS.API.STREAM.DELETE.{stream}", b"", 1.0)


@needs_nats
async def test_answers_at_once_of_all_are_counted_over_all_nodes() -> None:
    async with nodes(2, max_active_sessions=3) as (one, two), AsyncExitStack() as running:
        await running.enter_async_context(one.limits.place(ANNA))
        await running.enter_async_context(two.limits.place(BEN))
        async with two.limits.place(ANNA):
            assert await one.refused(HardwareId("cleo")) is Limit.ACTIVE
            assert await two.refused(HardwareId("cleo")) is Limit.ACTIVE
            assert one.admission.refused[Limit.ACTIVE] == 1
        await trio.sleep(0.1)
        async with one.limits.place(HardwareId("cleo")):
            pass
        assert one.limits.trouble == two.limits.trouble == ""


@needs_nats
async def test_answers_at_once_of_one_device_are_counted_over_all_nodes() -> None:
    async with (
        nodes(2, max_requests_per_user=2) as (one, two),
        one.limits.place(ANNA),
        two.limits.place(ANNA),
    ):
        assert await one.refused(ANNA) is Limit.USER
        assert await two.refused(ANNA) is Limit.USER
        async with two.limits.place(BEN):
            pass


@needs_nats
async def test_requests_in_a_minute_are_counted_over_all_nodes() -> None:
    async with nodes(2, max_requests_per_minute=5, max_requests_per_minute_per_user=3) as (one, two):
        for node in (one, two, one):
            async with node.limits.place(ANNA):
                pass
        assert await two.refused(ANNA) is Limit.USER_RATE
        for node in (one, two):
            async with node.limits.place(BEN):
                pass
        assert await one.refused(HardwareId("cleo")) is Limit.RATE
        await trio.sleep(0.1)
        info = json.loads(
            await one.line.ask(f"$JS.API.STREAM.INFO.{one.limits._streams._stream('place')}", b"", 1.0)
        )
        assert info["state"]["messages"] == 0  # who was refused for the minute's sake holds no place


@needs_nats
async def test_the_last_place_is_taken_once_however_many_want_it() -> None:
    async with nodes(4, max_active_sessions=7, max_requests_per_user=7) as four:
        inside = most = 0
        refused = 0

        async def want(node: Node, name: str) -> None:
            nonlocal inside, most, refused
            try:
                async with node.limits.place(HardwareId(name)):
                    inside += 1
                    most = max(most, inside)
                    await trio.sleep(0.3)
                    inside -= 1
            except Refused:
                refused += 1

        async with trio.open_nursery() as nursery:
            for number in range(80):
                nursery.start_soon(want, four[number % 4], f"device-{number}")
        assert most == 7
        assert refused == 73


@needs_nats
async def test_what_a_dead_node_held_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (jetstream, reaper, streams):
        monkeypatch.setattr(module, "LIFE_SECONDS", 1)
    monkeypatch.setattr(jetstream, "BEAT_SECONDS", 0.2)
    async with nodes(2, max_active_sessions=1) as (one, two):
        async with one.limits.place(ANNA):
            place = next(iter(one.limits._held.places))
            place.number, held = None, place.number  # it dies and gives nothing back
            assert held is not None
        assert await two.refused(BEN) is Limit.ACTIVE
        one.life.cancel()
        for _ in range(50):
            await trio.sleep(0.1)
            try:
                async with two.limits.place(BEN):
                    return
            except Refused:
                continue
        pytest.fail("the place is still held")


async def test_without_jetstream_each_counts_alone_and_then_together_again(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with nodes(2, server.url, max_active_sessions=2) as (one, two), one.limits.place(ANNA):
            server.kill()
            await until(lambda: bool(one.limits.trouble and two.limits.trouble))
            for node in (one, two):
                async with node.limits.place(BEN), node.limits.place(ANNA):  # let in, each by itself
                    pass
            assert two.limits.alone == 4  # two places, and two of the minute
            server.start()
            await until(lambda: not (one.limits.trouble or two.limits.trouble))
            async with two.limits.place(BEN):  # what ran meanwhile is counted again
                assert await two.refused(HardwareId("cleo")) is Limit.ACTIVE


async def test_after_a_new_start_of_nats_every_node_holds_its_places_again(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with (
            nodes(3, server.url, max_active_sessions=3) as (one, two, three),
            AsyncExitStack() as running,
        ):
            for node in (one, two, three):
                await running.enter_async_context(node.limits.place(ANNA))
            server.kill()
            await until(lambda: all(node.limits.trouble for node in (one, two, three)))
            server.start()
            await until(lambda: not any(node.limits.trouble for node in (one, two, three)))
            for node in (one, two, three):
                assert await node.refused(BEN) is Limit.ACTIVE


async def test_what_ended_while_the_bus_was_silent_is_given_back_later(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with nodes(2, server.url, max_active_sessions=2) as (one, two):
            async with one.limits.place(ANNA), one.limits.place(BEN):
                server.freeze()
            await until(lambda: bool(one.limits.trouble))
            server.thaw()
            await until(lambda: not one.limits.trouble and not one.limits._held.all_in_doubt)
            async with two.limits.place(ANNA), two.limits.place(BEN):
                assert await one.refused(HardwareId("cleo")) is Limit.ACTIVE


async def test_a_jetstream_that_is_silent_keeps_nobody_waiting_for_long(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with nodes(1, server.url) as (one,):
            server.freeze()
            began = trio.current_time()
            async with one.limits.place(ANNA):
                assert trio.current_time() - began < 0.6
            again = trio.current_time()
            async with one.limits.place(ANNA):
                assert trio.current_time() - again < 0.05  # it is not asked for a second
            assert one.limits.trouble
            server.thaw()
            await until(lambda: not one.limits.trouble)


@needs_nats
async def test_new_limits_take_the_place_of_old_ones() -> None:
    name = prefix()
    async with nodes(1, name=name, max_active_sessions=1) as (one,):
        async with one.limits.place(ANNA):
            assert await one.refused(BEN) is Limit.ACTIVE
        async with (
            nodes(1, name=name, max_active_sessions=2) as (two,),
            two.limits.place(ANNA),
            two.limits.place(BEN),
        ):
            assert await two.refused(HardwareId("cleo")) is Limit.ACTIVE


async def held(node: Node) -> int:
    """Places that are taken, as JetStream counts them."""
    info = await node.line.ask(f"$JS.API.STREAM.INFO.{node.limits._streams._stream('place')}", b"", 1.0)
    return int(json.loads(info).get("state", {}).get("messages", -1))  # there is no stream yet


async def until_held(node: Node, number: int) -> None:
    with trio.fail_after(15):
        while await held(node) != number:  # noqa: ASYNC110 - it is another process that changes
            await trio.sleep(0.1)


async def test_a_place_that_was_confirmed_too_late_is_not_held_for_ever(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with nodes(1, server.url) as (one,):
            server.freeze()
            async with one.limits.place(ANNA):  # after it waited for as long as one waits
                pass
            server.thaw()
            await until_held(one, 1)
            await until_held(one, 0)


@needs_nats
async def test_who_goes_while_a_place_is_asked_for_holds_none() -> None:
    async with nodes(1) as (one,):
        for steps in range(12):
            with trio.CancelScope() as going:
                async with trio.open_nursery() as nursery:

                    async def ask() -> None:
                        async with one.limits.place(ANNA):
                            await trio.sleep_forever()

                    nursery.start_soon(ask)
                    await trio.sleep(steps * 0.0002)
                    going.cancel()
        await until_held(one, 0)
        await trio.sleep(0.5)
        assert await held(one) == 0


async def test_after_a_jetstream_that_began_anew_nobody_gives_back_the_place_of_another(
    tmp_path: Path,
) -> None:
    with nats_server(tmp_path) as server:
        async with (
            nodes(2, server.url, max_active_sessions=4) as (one, two),
            one.limits.place(ANNA),
            two.limits.place(ANNA),
        ):
            async with AsyncExitStack() as leaving, one.limits.place(BEN):
                await leaving.enter_async_context(two.limits.place(BEN))
                server.kill()
                await until(lambda: bool(one.limits.trouble and two.limits.trouble))
                server.start()
                await until(lambda: not (one.limits.trouble or two.limits.trouble))
                await until_held(one, 4)
            await until_held(one, 2)
            await trio.sleep(0.5)
            assert await held(two) == 2
