"""python -m benchmarks.fetchers: clients of the update server, over plain sockets, in a process of their own.

Some download one file over and over; or some ask for a feed, so many times a second, each request at its
own time whatever became of those before. Prints one line of JSON when the time is over.
"""

import argparse
import asyncio
import gc
import json
import selectors
import socket
import time

BUFFER_BYTES = 1024 * 1024
LONGEST_SECONDS = 5.0


def _asks(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{more}\r\n".encode()


def download(address: tuple[str, int], path: str, clients: int, seconds: float) -> dict[str, float]:
    """All of them read as fast as they can. `bytes` includes a few hundred of headers a file."""
    waiting = selectors.DefaultSelector()
    buffer, received, whole = bytearray(BUFFER_BYTES), 0, 0

    def begin() -> None:
        line = socket.create_connection(address)
        line.sendall(_asks(path, "Connection: close\r\n"))
        waiting.register(line, selectors.EVENT_READ)

    for _ in range(clients):
        begin()
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + seconds:
        for key, _ in waiting.select(0.1):
            line = key.fileobj
            assert isinstance(line, socket.socket)
            if size := line.recv_into(buffer):
                received += size
                continue
            waiting.unregister(line)
            line.close()
            whole += 1
            begin()
    for key in list(waiting.get_map().values()):
        assert isinstance(key.fileobj, socket.socket)
        key.fileobj.close()
    return {"bytes": received, "seconds": now - began, "whole": whole}


class Line:
    """A connection that asks again and again."""

    def __init__(self, address: tuple[str, int], path: str) -> None:
        self._address, self._asked = address, _asks(path)

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._address)

    async def ask(self) -> None:
        self._writer.write(self._asked)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        size = int(head.lower().partition(b"content-length:")[2].split()[0])
        await self._reader.readexactly(size)

    def close(self) -> None:
        self._writer.close()


async def ask(
    address: tuple[str, int], path: str, rate: int, seconds: float, *, anew: bool
) -> dict[str, list[float]]:
    """Milliseconds from when each request was due to its last byte. `anew`: each over its own connection."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    if not anew:
        for _ in range(32):
            line = Line(address, path)
            await line.open()
            free.put_nowait(line)
    times: list[float] = []

    async def one(due: float) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            line = Line(address, path) if anew else await free.get()
            if anew:
                await line.open()
            await line.ask()
        times.append((time.perf_counter() - due) * 1000)
        if anew:
            line.close()
        else:
            free.put_nowait(line)

    began, lag = time.perf_counter() + 0.1, []
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            lag.append((time.perf_counter() - due) * 1000)
            group.create_task(one(due))
    return {"times": times, "lag": lag}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["download", "ask", "ask-anew"])
    parser.add_argument("address")
    parser.add_argument("path")
    parser.add_argument("--number", type=int, required=True, help="clients, or requests a second")
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    gc.disable()
    host, port = given.address.rsplit(":", 1)
    address = (host, int(port))
    if given.what == "download":
        met: object = download(address, given.path, given.number, given.seconds)
    else:
        anew = given.what == "ask-anew"
        met = asyncio.run(ask(address, given.path, given.number, given.seconds, anew=anew))
    print(json.dumps(met))


if __name__ == "__main__":
    main()
