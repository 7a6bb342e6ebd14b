"""What the limits do when JetStream fails, and when a process is gone: in simulated time."""

from contextlib import AsyncExitStack

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import BusError, Limit
from nexy.modules.session_management.providers.reaper import Reaper
from nexy.modules.session_management.providers.streams import Streams
from nexy.types import HardwareId
from tests.modules.session_management.fake_jetstream import LONG, FakeJetStream, FakeLine, nodes

ANNA, BEN = HardwareId("anna"), HardwareId("ben")


async def fill(server: FakeJetStream, node: str, number: int) -> None:
    """Have `node` hold so many places."""
    streams = Streams(FakeLine(server), "test", node)
    for each in range(number):
        await streams.count("place", f"device-{node}-{each}", f"lost-{each}")


@pytest.mark.parametrize("asked", ["INFO alive", "MSG.GET place"])
async def test_an_error_is_not_nobody(autojump_clock: MockClock, asked: str) -> None:
    server = FakeJetStream()
    async with nodes(server, 2) as (one, two), one.limits.place(ANNA), two.limits.place(BEN):
        server.failing[asked] = 10008
        for node in (one, two):
            node.line.lose()
            node.line.find()
        await trio.sleep(LONG)
        assert "10008" in one.limits.trouble
        assert len(server.held()) == 2
        server.failing.clear()
        await trio.sleep(LONG)
        assert one.limits.trouble == two.limits.trouble == ""
        assert len(server.held()) == 2


async def test_what_is_gone_already_is_no_trouble(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1) as (one,):
        async with one.limits.place(ANNA):
            server.streams["test-place"].messages.clear()
        made = one.line.asked["CREATE place"]
        await trio.sleep(LONG)
        assert one.line.asked["CREATE place"] == made


async def test_what_could_not_be_given_back_is_given_back_later(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1) as (one,):
        server.failing["MSG.DELETE place"] = 10057
        async with one.limits.place(ANNA):
            pass
        await trio.sleep(LONG)
        assert len(server.held()) == 1
        server.failing.clear()
        await trio.sleep(LONG)
        assert server.held() == []
        assert one.limits.trouble == ""


async def test_who_is_not_among_the_living_frees_nothing(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1):
        pass
    await fill(server, "dead", 1)
    for other in ("node-0", "node-5"):
        await Streams(FakeLine(server), "test", other).beat()
    streams = Streams(FakeLine(server), "test", "node-1")
    assert await Reaper(streams, "node-1").reap() == 0
    assert await Reaper(streams, "absent").reap() == 0
    server.streams["test-alive"].messages.clear()
    assert await Reaper(streams, "node-1").reap() == 0
    await streams.beat()
    assert await Reaper(streams, "node-1").reap() == 1


async def test_one_of_all_frees_what_the_dead_held(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 4) as (one, two, three, four), four.limits.place(ANNA):
        before = [node.line.asked["MSG.GET place"] for node in (one, two, three)]
        four.life.cancel()
        await trio.sleep(LONG)
        assert server.held() == []
        after = [node.line.asked["MSG.GET place"] for node in (one, two, three)]
        assert after[0] > before[0]
        assert after[1:] == before[1:]
        async with two.limits.place(ANNA):
            async with three.limits.place(BEN):
                one.life.cancel()  # now another one does it
                three.life.cancel()
                await trio.sleep(LONG)
            assert len(server.held()) == 1


async def test_who_has_much_to_put_right_is_not_taken_for_dead(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1) as (one,), one.limits.place(ANNA):
        await fill(server, "node-0", 300)  # of which nobody knows any more
        server.slow["MSG.GET place"] = server.slow["MSG.DELETE place"] = 0.2
        one.line.lose()
        one.line.find()
        for _ in range(50):
            await trio.sleep(1)
            assert server.alive == {"node-0"}
        assert len(server.held()) > 1  # it is not done
        await trio.sleep(150)
        assert len(server.held()) == 1


async def test_one_request_in_doubt_is_looked_for_where_it_may_be(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1, max_active_sessions=1000) as (one,):
        await Streams(FakeLine(server), "test", "other").beat()
        await fill(server, "other", 500)
        server.slow["minute"] = 0.1
        before = one.line.asked["MSG.GET place"]
        with trio.move_on_after(0.0015):  # it is counted, and nobody hears of it
            async with one.limits.place(ANNA):
                pytest.fail("let in")
        assert len(server.held("node-0")) == 1
        for _ in range(8):
            await trio.sleep(1)
            await Streams(FakeLine(server), "test", "other").beat()
        assert server.held("node-0") == []
        assert one.line.asked["MSG.GET place"] - before < 10


async def test_a_node_that_begins_while_the_dead_are_looked_for_keeps_its_places(
    autojump_clock: MockClock,
) -> None:
    server = FakeJetStream()
    async with nodes(server, 1):
        pass
    await fill(server, "dead", 3)
    await Streams(FakeLine(server), "test", "a").beat()
    late = Streams(FakeLine(server), "test", "late")

    async def begin(_: FakeJetStream) -> None:
        await late.beat()
        await late.count("place", "anna", "0")

    server.slow["MSG.GET place"] = 0.1
    async with trio.open_nursery() as nursery:

        def meanwhile(what: str) -> None:
            if what == "MSG.GET place":
                server.meanwhile = lambda _: None
                nursery.start_soon(begin, server)

        server.meanwhile = meanwhile
        assert await Reaper(Streams(FakeLine(server), "test", "a"), "a").reap() == 3
    assert server.held() == ["late 0"]


async def test_who_was_let_in_while_it_rested_is_counted_later(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 2, max_active_sessions=2) as (one, two), AsyncExitStack() as running:
        one.limits._rest("a test")
        await running.enter_async_context(one.limits.place(ANNA))  # while it is put right already
        assert one.limits.alone == 2
        await trio.sleep(LONG)
        assert len(server.held()) == 1
        async with two.limits.place(BEN):
            assert (await two.refused(HardwareId("cleo"))).limit is Limit.ACTIVE


async def test_who_was_let_in_between_two_looks_is_counted_later(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1) as (one,):
        one.limits._rests_until = trio.current_time() + 0.5  # nothing else is in doubt
        async with one.limits.place(ANNA):
            assert server.held() == []
            await trio.sleep(LONG)
            assert len(server.held()) == 1


async def test_for_whom_there_was_no_room_is_counted_when_there_is(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 2, max_active_sessions=1) as (one, two):
        async with two.limits.place(BEN):
            one.line.lose()
            running = AsyncExitStack()
            await running.enter_async_context(one.limits.place(ANNA))
            one.line.find()
            await trio.sleep(LONG)
            assert len(server.held("node-0")) == 0
        await trio.sleep(LONG)
        assert len(server.held("node-0")) == 1
        await running.aclose()
        await trio.sleep(1)
        assert server.held() == []


async def test_who_asked_too_often_is_told_when_there_is_room(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 2, max_requests_per_minute=3, max_requests_per_minute_per_user=2) as (one, two):
        for node in (one, two):
            async with node.limits.place(ANNA):
                await trio.sleep(10)
        asked = one.line.asked["MSG.GET minute"]
        for _ in range(3):
            error = await one.refused(ANNA)
            assert error.limit is Limit.USER_RATE
            assert error.retry_after_seconds == pytest.approx(40, abs=2)
        assert one.line.asked["MSG.GET minute"] == asked + 1
        async with two.limits.place(BEN):
            pass
        error = await one.refused(BEN)
        assert error.limit is Limit.RATE
        assert error.retry_after_seconds == pytest.approx(40, abs=2)
        await trio.sleep(41)
        async with one.limits.place(ANNA):
            pass
        server.failing["MSG.GET minute"] = 10008
        await trio.sleep(61)
        for _ in range(2):
            async with one.limits.place(BEN):
                pass
        assert (await one.refused(BEN)).retry_after_seconds == 1


async def test_all_is_well_only_when_what_runs_is_counted_again(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1) as (one,), one.limits.place(ANNA):
        one.line.lose()
        server.streams["test-place"].messages.clear()
        server.slow["CREATE place"] = 5.0
        one.line.find()
        while one.limits.trouble:  # noqa: ASYNC110 - each moment of it is looked at
            await trio.sleep(0.01)
        assert len(server.held()) == 1


async def test_who_goes_says_so_and_what_it_held_is_free_soon(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 2) as (one, two), two.limits.place(ANNA):  # a drain does not wait for it
        async with two.limits.place(BEN):
            pass
        await two.limits.close()
        two.life.cancel()
        assert server.alive == {"node-0"}
        assert len(server.held()) == 1
        await trio.sleep(4)  # one beat, and not LIFE_SECONDS
        assert server.held() == []
        assert one.limits.trouble == ""


async def test_the_requests_of_the_last_minute_are_those_of_all(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 2) as (one, two):
        assert one.limits.in_last_minute == 0
        for node in (one, two, two):
            async with node.limits.place(ANNA):
                pass
        await trio.sleep(4)
        assert one.limits.in_last_minute == two.limits.in_last_minute == 3
        one.line.lose()
        assert one.limits.in_last_minute is None
        one.line.find()
        await trio.sleep(70)
        assert one.limits.in_last_minute == 0


async def test_an_error_that_stays_is_not_asked_for_without_end(autojump_clock: MockClock) -> None:
    server = FakeJetStream()
    async with nodes(server, 1) as (one,):
        server.failing["MSG.GET place"] = 10008
        one.line.lose()
        one.line.find()
        before = one.line.asked.total()
        await trio.sleep(60)
        assert one.line.asked.total() - before < 60 * 12
        with pytest.raises(BusError):
            [_ async for _ in one.limits._streams.taken()]
