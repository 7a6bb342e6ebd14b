"""Ports that several listen on together."""

import errno
import socket
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import trio

from nexy.nursery.listening import kept, open_listeners, reserve

HERE = "127.0.0.1"
DESCRIPTORS = Path("/proc/self/fd")

needs_ipv6 = pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="needs IPv6")


def descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir()))


def listening(host: str = HERE, *, shared: bool, family: int = socket.AF_INET) -> socket.socket:
    one = socket.socket(family)
    if shared:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind((host, 0))
    one.listen()
    return one


def port_of(listener: trio.SocketListener) -> int:
    port: int = listener.socket.getsockname()[1]
    return port


async def test_two_who_listen_share_the_connections() -> None:
    sockets, port = await reserve(HERE, 0)
    found: Counter[int] = Counter()
    with kept(sockets), trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            for number in range(2):
                (listener,) = await open_listeners(HERE, port, shared=True)
                assert port_of(listener) == port

                async def count(stream: trio.SocketStream, number: int = number) -> None:
                    found[number] += 1

                nursery.start_soon(trio.serve_listeners, count, [listener])
            for _ in range(60):
                async with await trio.open_tcp_stream(HERE, port) as stream:
                    assert await stream.receive_some() == b""
            nursery.cancel_scope.cancel()
    assert found.total() == 60  # none went to the sockets that only hold the port
    assert min(found[0], found[1]) > 5


async def test_one_that_has_gone_gets_no_more() -> None:
    sockets, port = await reserve(HERE, 0)
    with kept(sockets), trio.fail_after(10):
        (one,), (other,) = [await open_listeners(HERE, port, shared=True) for _ in range(2)]
        await one.aclose()
        for _ in range(20):
            async with await trio.open_tcp_stream(HERE, port), await other.accept():
                pass
        await other.aclose()
        with pytest.raises(OSError, match="127"):
            await trio.open_tcp_stream(HERE, port)


@pytest.mark.parametrize("shared", [False, True])
async def test_a_port_that_another_server_has_is_not_taken(shared: bool) -> None:
    with closing(listening(shared=shared)) as other:
        port = other.getsockname()[1]
        before = descriptors()
        with pytest.raises(OSError, match=f"^.*{HERE}:{port}: Address already in use") as error:
            await reserve(HERE, port)
        assert error.value.errno == errno.EADDRINUSE
        assert descriptors() == before


async def test_where_workers_listen_no_other_may_and_the_port_is_given_back() -> None:
    sockets, port = await reserve(HERE, 0)
    (worker,) = await open_listeners(HERE, port, shared=True)
    async with worker:
        with kept(sockets), pytest.raises(OSError, match="in use"):
            await open_listeners(HERE, port)
        with pytest.raises(OSError, match="in use"):  # also when the supervisor is gone, and they are not
            await reserve(HERE, port)
    again, same = await reserve(HERE, port)
    with kept(again):
        assert same == port


@needs_ipv6
async def test_ipv6() -> None:
    before = descriptors()
    sockets, port = await reserve("::1", 0)
    with kept(sockets):
        (listener,) = await open_listeners("::1", port, shared=True)
        async with listener, await trio.open_tcp_stream("::1", port), await listener.accept():
            pass
    assert descriptors() == before


async def test_a_name_of_several_addresses_has_one_port() -> None:
    sockets, port = await reserve("localhost", 0)
    with kept(sockets):
        listeners = await open_listeners("localhost", port, shared=True)
        assert len(listeners) == len(sockets)
        assert {port_of(one) for one in listeners} == {port}
        async with await trio.open_tcp_stream(HERE, port):
            pass
        for one in listeners:
            await one.aclose()


@needs_ipv6
@pytest.mark.parametrize("shared", [False, True])
async def test_nothing_is_left_open_when_the_second_address_is_taken(
    shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(listening("::1", shared=False, family=socket.AF_INET6)) as other:
        port = other.getsockname()[1]
        both = [(socket.AF_INET, HERE, (HERE, port)), (socket.AF_INET6, "::1", ("::1", port, 0, 0))]

        async def addresses(*_: object, **__: object) -> list[object]:
            return [(family, socket.SOCK_STREAM, 6, "", address) for family, _, address in both]

        monkeypatch.setattr(trio.socket, "getaddrinfo", addresses)
        before = descriptors()
        opening = open_listeners("both", port, shared=True) if shared else reserve("both", port)
        with pytest.raises(OSError, match=f"both:{port}: Address already in use"):
            await opening
        assert descriptors() == before


async def test_a_host_that_is_none_is_told_with_its_name() -> None:
    for opening in (
        reserve("192.0.2.1", 0),
        open_listeners("192.0.2.1", 0, shared=True),
        open_listeners("192.0.2.1", 0),
    ):
        with pytest.raises(OSError, match=r"192\.0\.2\.1:0: Cannot assign"):
            await opening
