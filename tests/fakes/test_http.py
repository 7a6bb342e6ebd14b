"""What the stand-ins see of those who ask them."""

import socket
from collections.abc import AsyncIterator

import pytest
import trio

from tests.fakes.http import Listening, Request, Response, serve_http

ASK = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
LIMIT_SECONDS = 5


async def respond(request: Request, response: Response) -> None:
    """Does what the path says."""
    match request.target:
        case "/stall":
            await response.begin(200, {"Transfer-Encoding": "chunked"})
            await trio.sleep_forever()
        case "/drop" | "/reset":
            await response.drop(reset=request.target == "/reset")
        case _:
            await response.whole(200, {}, b"Hello")


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    with trio.fail_after(LIMIT_SECONDS):
        async with serve_http(respond) as listening:
            yield listening


async def ask(listening: Listening, path: str = "/") -> trio.SocketStream:
    client = await trio.open_tcp_stream("127.0.0.1", listening.port)
    await client.send_all(ASK.replace(b"/ ", path.encode() + b" ", 1))
    return client


async def read_to(client: trio.SocketStream, end: bytes) -> None:
    read = b""
    while end not in read:
        data = await client.receive_some()
        assert data, "closed too early"
        read += data


async def test_a_connection_is_kept_for_the_next_request(listening: Listening) -> None:
    async with await ask(listening) as client:
        await read_to(client, b"Hello")
        await client.send_all(ASK)
        await read_to(client, b"Hello")
        assert (listening.open, len(listening.connections), len(listening.requests)) == (1, 1, 2)
    await listening.connections[0].closed.wait()
    assert listening.open == 0
    assert all(request.answered for request in listening.requests)


async def test_a_last_request_is_answered_too(listening: Listening) -> None:
    async with await trio.open_tcp_stream("127.0.0.1", listening.port) as client:
        await client.send_all(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert b"".join([data async for data in client]).endswith(b"Hello")
    await listening.connections[0].closed.wait()
    assert listening.requests[0].answered
    assert listening.connections[0].closed_at is None  # the server closed it


@pytest.mark.parametrize("reset", [False, True])
async def test_it_sees_when_a_client_leaves_in_the_middle(listening: Listening, reset: bool) -> None:
    client = await ask(listening, "/stall")
    await read_to(client, b"\r\n\r\n")  # the head
    if reset:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    left = trio.current_time()
    await client.aclose()
    connection = listening.connections[0]
    await connection.closed.wait()
    assert connection.closed_at is not None
    assert 0 <= connection.closed_at - left < 1
    assert not listening.requests[0].answered


@pytest.mark.parametrize(("path", "rest"), [("/drop", b""), ("/reset", None)])
async def test_it_drops_a_connection_politely_or_with_a_reset(
    listening: Listening, path: str, rest: bytes | None
) -> None:
    async with await ask(listening, path) as client:
        try:
            read = await client.receive_some()
        except trio.BrokenResourceError:
            read = None
    assert read == rest
    connection = listening.connections[0]
    assert (connection.closed_at, connection.closed.is_set()) == (None, True)
    assert not listening.requests[0].answered
