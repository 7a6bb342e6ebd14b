"""How connections end: broken rules, silence, floods, and a server that goes."""

import pytest
import trio
import trio.testing
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode

from nexy.nursery.border.receiving import SHARE_BYTES
from tests.integrations.gateway.stage import BOTH, MOST_BYTES, Client, stage
from tests.integrations.gateway.test_requests import story


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """One masked frame, by hand."""
    return bytes(FrameProtocol(client=True, extensions=[])._serialize_frame(Opcode(opcode), payload, fin=fin))


PROTO, JSON = BOTH
TEXT, BINARY, MORE, PING, PONG = 1, 2, 0, 9, 10


@pytest.mark.parametrize(
    ("subprotocol", "sent", "code"),
    [
        (JSON, frame(TEXT, b'{"turn":"1",'), 1007),
        (JSON, frame(TEXT, b"[]"), 1007),
        (JSON, frame(TEXT, b'{"turn":"1"}'), 1007),
        (JSON, frame(TEXT, b'{"turn":"1","sing":{}}'), 1007),
        (JSON, frame(TEXT, b'{"turn":"1","stream":{"volume":1}}'), 1007),
        (JSON, frame(TEXT, b'{"turn":"1","stream":{},"cancel":{}}'), 1007),
        (JSON, frame(TEXT, b"[" * 90_000), 1007),
        (JSON, frame(TEXT, b'{"turn":"' + b"x" * 257 + b'","cancel":{}}'), 1007),
        (JSON, frame(TEXT, b"\xff\xfe"), 1007),
        (JSON, frame(TEXT, b"caf\xc3", fin=False) + frame(MORE, b"("), 1007),
        (JSON, frame(BINARY, b"\0"), 1003),
        (PROTO, frame(TEXT, b"{}"), 1003),
        (PROTO, frame(BINARY, b"\xff\xff"), 1007),
        (PROTO, frame(BINARY, b"\x0a\x02\xff\xff"), 1007),
        (PROTO, frame(BINARY), 1007),
        (JSON, frame(TEXT, b"x" * (MOST_BYTES + 1)), 1009),
        (JSON, frame(TEXT, "é".encode() * (MOST_BYTES // 2 + 1)), 1009),
        (PROTO, frame(BINARY, b"x" * MOST_BYTES, fin=False) + frame(MORE, b"x", fin=False), 1009),
        (JSON, frame(TEXT, b"{", fin=False) + frame(MORE, fin=False) * 1100, 1009),
        (JSON, frame(PING) * 2100, 1008),
        (JSON, frame(PONG) * 2100, 1008),
        (JSON, frame(TEXT, b'{"turn":"1","cancel":{}}') * 2100, 1008),
        (JSON, frame(MORE, b"x"), 1002),
        (JSON, b"\x83\x80abcd", 1002),  # an opcode that there is not
        (JSON, b"\x81\x01x", 1002),  # not masked
        (JSON, b"\xc1\x80abcd", 1002),  # an extension's bit
        (JSON, frame(PING, fin=False), 1002),
    ],
    ids=lambda value: "frames" if isinstance(value, bytes) else str(value),  # masks differ in each process
)
async def test_broken_rules(subprotocol: str, sent: bytes, code: int, autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted(subprotocol)
        await client.end.send_all(sent)
        assert (await client.until_closed())[0] == code
        await trio.sleep(3)
        assert not at.house.connections
        assert repr(at.house.receiving) == "<Receiving requests=0 bytes=0>"


async def test_a_message_may_come_in_parts_with_pings_between(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        parts = [b'{"turn":"1",', b'"usage":{', b'"input_tokens":2}}']
        for number, part in enumerate(parts):
            await client.end.send_all(
                frame(MORE if number else TEXT, part, fin=number == 2) + frame(PING, b"a")
            )
        assert (await client.answer("1"))[-1][1]["status"] == "OK"
        assert at.behind.used == [(2, 0)]


async def test_a_message_that_does_not_come_to_its_end(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        await client.end.send_all(frame(TEXT, b'{"turn":"1",', fin=False))
        before = trio.current_time()
        assert await client.until_closed() == (1008, "a message must come within 60 s")
        assert 60 < trio.current_time() - before < 81


class _Large:
    """A request of somebody else."""

    held = 0

    def __init__(self, network: str) -> None:
        self.network = network

    def look(self, now: float) -> bool:
        return True


async def test_the_server_does_not_hold_more_than_it_can(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        for network in ("one", "two"):
            assert at.house.receiving.take(_Large(network), SHARE_BYTES - 1000)
        await client.end.send_all(frame(TEXT, b"{" * 90_000, fin=False))
        assert await client.until_closed() == (1013, "the server receives too much at once")
        other = await at.greeted()
        await other.say("1", usage={})  # small ones have room still
        assert (await other.answer("1"))[-1][1]["status"] == "OK"


def deaf(client: Client) -> None:
    """It receives, and answers nothing by itself any more."""

    async def nothing(_: object) -> None: ...

    client.socket._send = nothing  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("turn", ["same", ""])
async def test_a_turn_of_which_another_runs(turn: str, autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        await client.say(turn, stream={"prompt": "Tell me a story"})
        await client.say(turn, usage={})
        assert await client.until_closed() == (1008, "a request has the turn of one that is not over")
        await trio.sleep(2)
        assert at.behind.talk.sessions.active == 0


async def test_pings_are_answered_and_sent(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        with trio.fail_after(1):
            await client.socket.ping()
        await trio.sleep(300)  # trio-websocket's client answers those of the server by itself
        assert len(at.house.connections) == 1


async def test_a_ping_that_crosses_the_goodbye(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        await client.end.send_all(frame(TEXT, b"{") + frame(PING) * 3 + frame(TEXT, b"{"))
        assert await client.until_closed() == (1007, "this is not a ClientMessage")


async def test_a_client_that_answers_no_ping_is_dropped(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        deaf(client)
        before = trio.current_time()
        assert (await client.until_closed())[0] == 1006
        assert 30 <= trio.current_time() - before <= 40
        assert at.house.turned_away == {"silent": 1}


async def test_a_client_that_says_goodbye(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        await client.say("1", stream={"prompt": "Tell me a story"})
        await client.hear()
        await client.socket.aclose(1000, "bye")
        await trio.sleep(1)
        assert not at.house.connections
        assert at.behind.talk.sessions.active == 0


async def test_a_server_that_goes_says_so_last(autojump_clock: object) -> None:
    async with stage(story()) as at:
        client = await at.greeted()
        await client.say("1", stream={"prompt": "Tell me a story"})
        await client.hear()

        async def go() -> None:
            await at.behind.talk.sessions.stop_all()
            for connection in list(at.house.connections):
                await connection.close(CloseReason.GOING_AWAY, "the server is closing")

        at.nursery.start_soon(go)
        *_, (_, over) = await client.answer("1")
        assert over["status"] == "UNAVAILABLE"
        assert await client.until_closed() == (1001, "the server is closing")


async def test_a_goodbye_that_is_not_answered_takes_a_second(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        deaf(client)
        (connection,) = at.house.connections
        await connection.close(CloseReason.GOING_AWAY, "the server is closing")
        await trio.sleep(0.9)
        assert at.house.connections
        await trio.sleep(0.2)
        assert not at.house.connections
        await connection.close(CloseReason.GOING_AWAY, "again")  # it is closed, and that is no error
