"""Ports that are listened on, by one process or by several together."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import trio

BACKLOG = 1024  # after a restart a rush of clients waits in the kernel instead of being refused


async def open_listeners(host: str, port: int, *, shared: bool = False) -> list[trio.SocketListener]:
    """Listeners at each address of `host`; port 0 takes any free one, the same for all.

    With `shared`, other processes of this user may listen there too (SO_REUSEPORT): the kernel gives
    each connection to one of them. Raises OSError, which names the address, when the port is taken.
    """
    try:
        if not shared:
            return await trio.open_tcp_listeners(port, host=host, backlog=BACKLOG)
        with ExitStack() as opening:
            bound = [opening.enter_context(one) for one in await _bind(host, port, shared=True)]
            for one in bound:
                one.listen(BACKLOG)
            opening.pop_all()
        return [trio.SocketListener(trio.socket.from_stdlib_socket(one)) for one in bound]
    except OSError as error:
        raise OSError(error.errno, f"{host}:{port}: {error.strerror or error}") from error


@contextmanager
def kept(sockets: list[socket.socket]) -> Iterator[None]:
    """Keep ports for the processes that are to listen there: nobody connects to what does not listen."""
    try:
        yield
    finally:
        for one in sockets:
            one.close()


async def reserve(host: str, port: int) -> tuple[list[socket.socket], int]:
    """Sockets that hold `port` for several processes, and which port it is. Raises OSError when it is taken.

    It is first asked for alone: with SO_REUSEPORT another server that shares its port would let us in, and
    clients of the one would come to the other.
    """
    try:
        alone = await _bind(host, port, shared=False)
        with kept(alone):
            port = alone[0].getsockname()[1]
        return await _bind(host, port, shared=True), port
    except OSError as error:
        raise OSError(error.errno, f"{host}:{port}: {error.strerror or error}") from error


async def _bind(host: str, port: int, *, shared: bool) -> list[socket.socket]:
    found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            one = socket.socket(family, kind, protocol)
            bound.append(one)
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if family == socket.AF_INET6:
                with suppress(OSError):
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address[0], port, *address[2:]))
            port = one.getsockname()[1]
    except OSError:
        for one in bound:
            one.close()
        raise
    return bound
