"""Who is let in: the handshake, the hello, tokens, and going on after a drop."""

import time

import pytest
import trio
from trio_websocket import ConnectionRejected, wrap_client_stream

from nexy.config import ConnectionsConfig
from nexy.integrations.gateway import Origins
from nexy.modules.session_management import Doorkeeper, Seal, new_grant
from nexy.types import HardwareId
from tests.integrations.gateway.stage import BOTH, HELLO, Client, Stage, stage
from tests.integrations.gateway.test_requests import story

SEAL = Seal(b"a secret of more than thirty-two bytes")


async def rejected(at: Stage, subprotocol: str = BOTH[1], **more: object) -> ConnectionRejected:
    """How the handshake is answered. A nursery of its own: trio-websocket raises it in its reader."""
    ours: list[ConnectionRejected] = []
    try:
        async with trio.open_nursery() as nursery:
            here = Stage(nursery, at.house, at.behind, at.model)
            with trio.fail_after(60):
                await here.client(subprotocol, **more)  # type: ignore[arg-type]
    except* ConnectionRejected as group:
        ours.extend(error for error in group.exceptions if isinstance(error, ConnectionRejected))
    return ours[0]


@pytest.mark.parametrize("wrong", ["", "nexy.v2.json", "NEXY.V1.JSON"])
async def test_another_sub_protocol_or_none(wrong: str, autojump_clock: object) -> None:
    async with stage() as at:
        answer = await rejected(at, wrong)
        assert answer.status_code == 400
        assert answer.body == b"the sub-protocol must be nexy.v1.proto or nexy.v1.json\n"
        assert at.house.turned_away == {"handshake": 1}


async def test_the_first_sub_protocol_that_is_known_is_taken(autojump_clock: object) -> None:
    async with stage() as at:
        end = at.open_stream(trio.testing.memory_stream_pair)
        offered = ["graphql-ws", *reversed(BOTH)]
        socket = await wrap_client_stream(at.nursery, end, "localhost", "/?x=1", subprotocols=offered)  # type: ignore[arg-type]
        assert socket.subprotocol == BOTH[1]


async def test_another_path(autojump_clock: object) -> None:
    async with stage() as at:
        assert (await rejected(at, path="/chat")).status_code == 404


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://localhost:8080", "localhost:8082", 101),
        ("http://127.0.0.1:8080", "127.0.0.1:8082", 101),
        ("http://[::1]:8080", "[::1]:8082", 101),
        ("https://friend.example", "localhost:8082", 101),
        ("https://friend.example:443", "localhost:8082", 101),
        ("https://localhost:8080", "localhost:8082", 403),  # the page is not served by TLS
        ("http://localhost:8081", "localhost:8082", 403),
        ("http://localhost", "localhost:8082", 403),
        ("http://127.0.0.1:8080", "localhost:8082", 403),
        ("http://evil.example:8080", "localhost:8082", 403),
        ("http://evil.example:8080", "evil.example:8082", 403),  # a name that others may let lead here
        ("http://friend.example", "localhost:8082", 403),
        ("null", "localhost:8082", 403),
        ("", "localhost:8082", 403),
        ("http://[:8080", "localhost:8082", 403),
    ],
)
async def test_pages(origin: str, host: str, status: int, autojump_clock: object) -> None:
    async with stage() as at:
        headers = [(b"Origin", origin.encode())]
        if status == 101:
            client = await at.client(headers=headers, host=host)
            await client.hello()
        else:
            answer = await rejected(at, headers=headers, host=host)
            assert answer.status_code == status
            assert at.house.turned_away == {"origin": 1}


def test_with_tls_the_name_is_proven() -> None:
    origins = Origins(frozenset(), 8080, secure=True)
    assert origins.let_in("https://nexy.example:8080", "nexy.example:8082")
    assert not origins.let_in("http://nexy.example:8080", "nexy.example:8082")
    assert Origins(frozenset(), 443, secure=True).let_in("https://nexy.example", "nexy.example:8082")
    assert not origins.let_in("https://nexy.example:8080", "")


async def test_bytes_that_are_no_handshake(autojump_clock: object) -> None:
    for sent in (
        b"\0" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\n",
    ):
        async with stage() as at:
            end = at.open_stream(trio.testing.memory_stream_pair)
            await end.send_all(sent)
            before = trio.current_time()
            while await end.receive_some(1000):
                pass
            assert trio.current_time() < before + 1
            assert not at.house.connections


async def test_a_handshake_that_does_not_come(autojump_clock: object) -> None:
    async with stage(limits=ConnectionsConfig(handshake_seconds=7)) as at:
        end = at.open_stream(trio.testing.memory_stream_pair)
        before = trio.current_time()
        assert await end.receive_some(1000) == b""
        assert trio.current_time() - before == 7
        assert at.house.turned_away == {"handshake": 1}


async def test_a_hello_that_does_not_come(autojump_clock: object) -> None:
    async with stage() as at:
        client, before = await at.client(), trio.current_time()
        assert await client.until_closed() == (1008, "no hello came within 10 s")
        assert trio.current_time() - before == 10


async def test_something_else_before_the_hello(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.client()
        await client.say("1", stream={"prompt": "Hello"})
        assert await client.until_closed() == (1008, "the first message must be a hello")
        assert len(at.behind.talk.sessions) == 0


async def test_a_second_hello(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.greeted()
        await client.say("1", hello={"hardware_id": "desk"})
        assert await client.until_closed() == (1008, "a connection has one hello")


@pytest.mark.parametrize("hello", [{}, {"hardware_id": " "}, {"hardware_id": "a", "session_id": "\x07"}])
async def test_a_hello_that_names_no_device(hello: dict[str, str], autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.client()
        await client.say("0", hello=hello)
        (told,) = await client.answer("0")
        assert told[1]["status"] == "INVALID_ARGUMENT"
        assert (await client.until_closed())[0] == 1008


def token(device: str | None) -> str:
    return SEAL.sign(new_grant(None if device is None else HardwareId(device), 3600, time.time()))


def doorkeeper() -> Doorkeeper:
    door = Doorkeeper(SEAL)
    door.revoked = frozenset()
    return door


@pytest.mark.parametrize(
    ("shown", "status", "code"),
    [("", "UNAUTHENTICATED", 16), ("nonsense", "UNAUTHENTICATED", 16), ("ben", "PERMISSION_DENIED", 7)],
)
async def test_a_token_is_missing_wrong_or_another_device_s(
    shown: str, status: str, code: int, autojump_clock: object
) -> None:
    async with stage(doorkeeper=doorkeeper()) as at:
        client = await at.client()
        await client.say(
            "0", hello={"hardware_id": "anna", "token": token(shown) if shown == "ben" else shown}
        )
        ((kind, over),) = await client.answer("0")
        assert (kind, over["status"], over["code"]) == ("over", status, code)
        assert (await client.until_closed())[0] == 1008
        assert at.behind.doorkeeper.turned_away.total() == 1


async def test_a_token_holds_for_its_device_and_until_it_is_revoked(autojump_clock: object) -> None:
    async with stage(doorkeeper=doorkeeper()) as at:
        client = await at.client()
        grant = new_grant(HardwareId("anna"), 3600, time.time())
        await client.say("0", hello={"hardware_id": "anna", "token": SEAL.sign(grant)})
        assert (await client.hear())[1] == "ready"
        await client.say("1", stream={"prompt": "Hello"})
        assert (await client.answer("1"))[-1][1]["status"] == "OK"
        await client.say("2", stream={"prompt": "Hello", "hardware_id": "ben"})
        assert (await client.answer("2"))[-1][1]["status"] == "PERMISSION_DENIED"
        at.behind.doorkeeper.revoked = frozenset({grant.id})
        await client.say("3", interrupt={})
        assert (await client.answer("3"))[-1][1]["status"] == "UNAUTHENTICATED"


async def test_an_operator_may_be_every_device(autojump_clock: object) -> None:
    async with stage(doorkeeper=doorkeeper()) as at:
        client = await at.client()
        await client.say("0", hello={"hardware_id": "anna", "token": token(None)})
        await client.hear()
        await client.say("1", stream={"prompt": "Hello", "hardware_id": "ben"})
        assert (await client.answer("1"))[-1][1]["status"] == "OK"


async def said_in(at: Stage) -> list[list[str]]:
    return [[one.prompt for one in session.notes.history] for session in at.behind.talk.sessions]


async def ask(client: Client, prompt: str) -> None:
    await client.say(prompt, stream={"prompt": prompt})
    assert (await client.answer(prompt))[-1][1]["status"] == "OK"


async def test_a_connection_that_dropped_goes_on_with_its_session(autojump_clock: object) -> None:
    async with stage() as at:
        first = await at.client()
        ready = await first.hello()
        await ask(first, "one")
        await trio.aclose_forcefully(first.end)
        await trio.sleep(29)
        second = await at.client()
        again = await second.hello(resume=ready["resume"])
        assert (again["session_id"], again["resumed"]) == (ready["session_id"], True)
        assert again["resume"] not in ("", ready["resume"])
        await ask(second, "two")
        assert await said_in(at) == [["one", "two"]]

        third = await at.greeted(resume=ready["resume"])  # it has worked once
        await ask(third, "three")
        assert sorted(await said_in(at)) == [["one", "two"], ["three"]]


async def test_a_ready_that_never_came(autojump_clock: object) -> None:
    """A network that goes and comes: the client has the old token only, and may show it again."""
    async with stage() as at:
        first = await at.client()
        ready = await first.hello()
        await ask(first, "one")
        await trio.aclose_forcefully(first.end)
        for number in range(3):
            lost = await at.client()
            await lost.say("0", hello=HELLO | {"resume": ready["resume"]})
            await trio.sleep(1)
            if number % 2:  # the server may not have noticed that it is gone
                await trio.aclose_forcefully(lost.end)
        again = await at.client()
        resumed = await again.hello(resume=ready["resume"])
        assert (resumed["session_id"], resumed["resumed"]) == (ready["session_id"], True)
        await trio.sleep(1)
        assert len(at.house.connections) == 1
        await ask(again, "two")
        assert await said_in(at) == [["one", "two"]]
        assert repr(at.house.resuming) == "<Resuming tokens=1>"


@pytest.mark.parametrize(("seconds", "device"), [(30, "desk"), (1, "another")])
async def test_too_late_or_as_another(seconds: float, device: str, autojump_clock: object) -> None:
    async with stage() as at:
        first = await at.client()
        ready = await first.hello()
        await trio.aclose_forcefully(first.end)
        await trio.sleep(seconds + 0.1)
        second = await at.client()
        again = await second.hello(resume=ready["resume"], hardware_id=device)
        assert again["session_id"] != ready["session_id"]
        assert not again["resumed"]


async def test_the_tokens_of_those_who_left_are_forgotten(autojump_clock: object) -> None:
    async with stage() as at:
        for _ in range(50):
            client = await at.greeted()
            await client.socket.aclose()
            await trio.sleep(1)
        assert "tokens=30>" in repr(at.house.resuming) or "tokens=29>" in repr(at.house.resuming)


async def test_a_connection_that_is_resumed_elsewhere_is_dropped(autojump_clock: object) -> None:
    """The server may not have noticed yet that it is dead."""
    async with stage(story()) as at:
        first = await at.client()
        ready = await first.hello()
        await first.say("1", stream={"prompt": "Tell me a story"})
        await first.hear()
        second = await at.client()
        assert (await second.hello(resume=ready["resume"]))["resumed"]
        await trio.sleep(1)
        assert len(at.house.connections) == 1
        assert at.behind.talk.sessions.active == 0
        assert (await first.until_closed())[0] == 1006


async def test_the_session_that_a_hello_names(autojump_clock: object) -> None:
    async with stage() as at:
        client = await at.client()
        ready = await client.hello(session_id="mine")
        assert ready["session_id"] == "mine"
