"""HTTP connections that are slow, odd, too many or broken; the time is simulated, the sockets are real."""

import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import trio
import trio.testing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from trio.testing import MockClock

from nexy.integrations.http_connections import CONNECTIONS, HEAD_SECONDS, STALLED_SECONDS, serve_http
from nexy.integrations.web import site

HEALTH = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
async def address() -> AsyncIterator[str]:
    async def nothing() -> list[str]:
        return []

    async def figures(_: str) -> tuple[bytes, str]:
        return b"", "text/plain"

    async def broken() -> dict[str, object]:
        raise LookupError("a secret")

    async with serve_http(site(broken, nothing, figures), "127.0.0.1", 0) as listening:
        yield listening.address


async def connect(address: str) -> trio.SocketStream:
    host, port = address.rsplit(":", 1)
    return await trio.open_tcp_stream(host, int(port))


async def read_all(client: trio.SocketStream) -> bytes:
    """What comes until the server closes."""
    received = bytearray()
    try:
        async for data in client:
            received += data
    except trio.BrokenResourceError:
        pass
    return bytes(received)


async def ask(address: str, said: bytes) -> bytes:
    """What comes of it; the client says no more, so that the server closes."""
    async with await connect(address) as client:
        await client.send_all(said)
        await trio.sleep(0.2)
        await client.send_eof()
        return await read_all(client)


@pytest.mark.parametrize("said", [b"", b"GET /hea", HEALTH])
async def test_a_client_that_says_nothing_more_is_left(
    address: str, said: bytes, autojump_clock: MockClock
) -> None:
    async with await connect(address) as client:
        began = trio.current_time()
        await client.send_all(said)
        await read_all(client)
        assert trio.current_time() - began == pytest.approx(HEAD_SECONDS, abs=0.5)


async def test_headers_that_drip_are_cut_off_in_time(address: str, autojump_clock: MockClock) -> None:
    async with await connect(address) as client, trio.open_nursery() as nursery:
        began = trio.current_time()

        async def drip() -> None:
            for n in range(1000):
                await client.send_all(b"X-%d: y\r\n" % n)
                await trio.sleep(0.5)

        await client.send_all(HEALTH[:-2])
        nursery.start_soon(drip)
        await read_all(client)
        assert trio.current_time() - began == pytest.approx(HEAD_SECONDS, abs=0.6)
        nursery.cancel_scope.cancel()


async def test_a_client_that_takes_nothing_of_its_page_is_left(autojump_clock: MockClock) -> None:
    async def large(_: Request) -> Response:
        return PlainTextResponse("x" * 50_000_000)

    app = Starlette(routes=[Route("/", large)])
    async with serve_http(app, "127.0.0.1", 0) as listening, await connect(listening.address) as client:
        await client.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await trio.sleep(STALLED_SECONDS + 1)
        assert len(await read_all(client)) < 50_000_000


async def test_a_body_that_nobody_reads_is_not_waited_for(address: str) -> None:
    head = b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
    async with await connect(address) as client:
        await client.send_all(head + bytes(100_000))
        with trio.fail_after(5):
            assert (await read_all(client)).startswith(b"HTTP/1.1 405")


async def test_a_page_with_a_bug_says_nothing_of_it(address: str) -> None:
    said = await ask(address, b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 500")
    assert said.endswith(b'{"error":"internal error"}')


@pytest.mark.parametrize(
    "said",
    [
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\0" * 500,
        b"GET / HTTP/1.1\r\nX: " + b"y" * 50_000 + b"\r\n\r\n",
        b"GET /" + b"z" * 50_000 + b" HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["no ASCII", "HTTP/2", "zeros", "a large header", "a long path", "no chunk"],
)
async def test_requests_that_are_none(address: str, said: bytes) -> None:
    answer = await ask(address, said)
    assert answer[:10] == b"HTTP/1.1 4", answer
    assert b"Error" not in answer
    assert b'"alive"' in await ask(address, HEALTH)


async def test_nobody_is_moved_to_http2(address: str) -> None:
    async with await connect(address) as client:
        await client.send_all(HEALTH[:-2] + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n")
        await client.send_all(b"HTTP2-Settings: AAMAAABk\r\n\r\n")
        assert (await client.receive_some(1000)).startswith(b"HTTP/1.1 200")


async def test_a_client_that_is_gone_before_it_is_let_in_harms_nobody(address: str) -> None:
    host, port = address.rsplit(":", 1)
    for _ in range(20):
        with socket.create_connection((host, int(port))) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset at once
    await trio.sleep(0.1)
    assert b"alive" in await ask(address, HEALTH)


async def test_an_answer_leaves_in_one_piece(address: str) -> None:
    async with await connect(address) as client:
        for _ in range(3):
            await client.send_all(HEALTH)
            assert (await client.receive_some(1000)).endswith(b'{"status":"alive"}')


async def test_requests_that_come_together_are_answered_one_by_one(address: str) -> None:
    async with await connect(address) as client:
        await client.send_all(HEALTH * 20)
        received = bytearray()
        with trio.fail_after(5):
            while received.count(b"alive") < 20:
                received += await client.receive_some(1000)
    assert received.count(b"HTTP/1.1 200") == 20


async def test_who_waits_with_nothing_asked_is_let_go_at_once_when_the_server_goes() -> None:
    async with serve_http(Starlette(), "127.0.0.1", 0) as listening:
        client = await connect(listening.address)
        await trio.sleep(0.1)
        assert listening.connections == 1
        began = trio.current_time()
    assert trio.current_time() - began < 0.5
    assert await read_all(client) == b""
    await client.aclose()


async def test_one_address_cannot_take_all_connections(address: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS.max_connections_per_address):
            client = await stack.enter_async_context(await connect(address))
        await client.send_all(HEALTH)
        assert b" 200 " in await client.receive_some(1000)
        async with await connect(address) as late:
            with trio.fail_after(5):
                assert await read_all(late) == b""
    await trio.sleep(0.2)
    assert b"alive" in await ask(address, HEALTH)


async def test_a_client_that_goes_before_it_is_let_in(address: str) -> None:
    """Reset while it waits in the kernel, it has no address any more when it is accepted."""
    host, port = address.split(":")
    for _ in range(20):
        one = socket.create_connection((host, int(port)))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
    await trio.testing.wait_all_tasks_blocked(0.01)
    assert (
        await ask(address, b"GET /health HTTP/1.1\r\nHost: nexy\r\nConnection: close\r\n\r\n")
    ).startswith(b"HTTP/1.1 200")
