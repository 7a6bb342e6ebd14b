"""The connection to NATS comes back, whatever ended it."""

from contextlib import suppress
from pathlib import Path

import pytest
import trio

from nexy.errors import BusError
from nexy.nursery import nats as nats_module
from nexy.nursery.border import open_asyncio
from nexy.nursery.nats import Message, Nats, open_nats
from tests.nats import nats_server, until
from tests.nursery.fake_nats import fake_nats


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_module, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(nats_module, "RETRY_SECONDS", 0.05)


@pytest.mark.parametrize(
    "error", ["Authorization Violation", "User Authentication Expired", "maximum connections exceeded"]
)
async def test_after_an_error_for_good_another_client_has_the_same_subscriptions(error: str) -> None:
    heard: list[bytes] = []
    connected = 0

    def count() -> None:
        nonlocal connected
        connected += 1

    async with fake_nats() as server, open_asyncio(), open_nats(server.url, "one") as line:
        line.on_connected.append(count)
        kept = await line.subscribe("kept", lambda message: heard.append(message.data))
        left = await line.subscribe("left", lambda message: heard.append(message.data))
        await until(lambda: b"left" in server.subjects)
        await server.fail(error)
        await until(lambda: connected == 1)
        assert line.connected
        assert line.lost_times == 1
        await until(lambda: {b"kept", b"left"} <= set(server.subjects))
        await left()
        await until(lambda: b"left" not in server.subjects)
        await server.say(b"kept", b"once")
        await until(lambda: heard == [b"once"])

        await server.fail(error)
        await until(lambda: connected == 2)
        await until(lambda: len(server.subjects) == 2)  # with the inbox
        await kept()
        await until(lambda: b"kept" not in server.subjects)


async def test_what_is_given_up_while_there_is_no_client_does_not_come_back() -> None:
    async with fake_nats() as server, open_asyncio(), open_nats(server.url, "one") as line:
        unsubscribe = await line.subscribe("left", lambda _: None)
        await until(lambda: b"left" in server.subjects)
        server.refuses = "Authorization Violation"
        await server.fail("Authorization Violation")
        await until(lambda: not line.connected and server.came > 2)
        with pytest.raises(BusError):
            await line.publish("anything")
        with suppress(BusError):  # without the connection there is no subscription either
            await unsubscribe()
        server.refuses = ""
        await until(lambda: line.connected)
        await until(lambda: len(server.subjects) == 1)  # the inbox
        assert b"left" not in server.subjects


async def test_a_bus_that_refuses_at_first_is_tried_again() -> None:
    async with fake_nats() as server, open_asyncio(), trio.open_nursery() as nursery:
        server.refuses = "Authorization Violation"
        line = Nats(server.url, "one")
        nursery.start_soon(line.run)
        await until(lambda: server.came > 1)
        assert not line.connected
        server.refuses = ""
        await until(lambda: line.connected)
        nursery.cancel_scope.cancel()


async def test_it_is_not_connected_before_the_subscriptions_are_there_again() -> None:
    async with fake_nats() as server, open_asyncio(), open_nats(server.url, "one") as line:
        client = line._client
        assert client is not None
        server.silent_after = 1  # that of CONNECT; the one after the subscriptions does not come
        await server.cut()
        await until(lambda: not line.connected)
        await until(lambda: client.is_connected and bool(server.subjects))
        assert not line.connected
        with pytest.raises(BusError):
            await line.publish("anything")
        server.silent_after = None
        await server.cut()
        await until(lambda: line.connected)


async def test_questions_are_answered_after_a_real_server_sent_everybody_away(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        async with open_asyncio(), open_nats(server.url, "one") as one, open_nats(server.url, "two") as two:
            answering: list[Message] = []
            await two.subscribe("question", answering.append)
            client = two._client
            assert client is not None
            await _break(two)
            await until(lambda: two._client is not client and two.connected)
            async with one.asking("question", b"?") as answers:
                await until(lambda: bool(answering))
                await two.publish(answering[0].reply, b"!")
                with trio.fail_after(10):
                    answer = await answers.receive()
                assert answer is not None
                assert answer.data == b"!"


async def _break(line: Nats) -> None:
    """Have NATS say `-ERR 'Unknown Protocol Operation'` to it."""
    assert line._client is not None
    assert line._client._transport is not None
    line._client._transport.write(b"NONSENSE\r\n")
