"""Several processes: interrupts from node to node, what workers carry, what silence costs the bus."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import nats
from nats.aio.msg import Msg

from benchmarks.client import Client
from benchmarks.measures import Crowd, Figure, cpu_of_a_second, interrupt_often, percentile
from benchmarks.server import serving

SPEAKING = 200
MANY = 1_000
LEAST_TIMES = 1.8  # the sessions of one process that two workers on two cores are to carry
IDLE = 200
COMING_SECONDS = 60.0  # in which so many come: each beginning takes some 40 ms of a core, with its head start
SETTLE_SECONDS = 8.0  # until the models are as far ahead as they may be
COUNTED_SECONDS = 10.0
COMMON = {"HARDWARE_ID_PEPPER": "of all nodes"}  # by which they have the same name for a device
BOTH = tuple(range(os.cpu_count() or 1))


@dataclass(frozen=True)
class Bus:
    """A NATS server of the measurement's own."""

    url: str
    monitor: str

    @property
    def settings(self) -> dict[str, str]:
        return {"NATS_URL": self.url, **COMMON}

    def messages(self) -> int:
        """That came in since its start."""
        with urllib.request.urlopen(f"{self.monitor}/varz", timeout=5) as answer:  # noqa: S310 - it is ours
            return int(json.load(answer)["in_msgs"])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def bus() -> Iterator[Bus]:
    """nats-server on free ports; it must be installed."""
    program = shutil.which("nats-server")
    if program is None:
        raise SystemExit("just bench cluster needs nats-server")
    port, monitor = _free_port(), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        options = ["-js", "-a", "127.0.0.1", "-p", str(port), "-m", str(monitor), "-sd", folder]
        with subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as started:
            try:
                for _ in range(500):
                    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                        break
                    time.sleep(0.02)
                yield Bus(f"nats://127.0.0.1:{port}", f"http://127.0.0.1:{monitor}")
            finally:
                started.terminate()


async def across_nodes(count: int) -> list[Figure]:
    """Two nodes with 100 sessions each: one of each is interrupted, over the other node, again and again.

    Nodes, bus and client share the machine's cores, and a turn that begins takes more of them than its
    interrupt: with ten that begin as fast as they can, it is that what is measured.
    """
    with ExitStack() as stack:
        between = stack.enter_context(bus())
        one, two = (stack.enter_context(serving(between.settings, cores=BOTH)) for _ in range(2))
        crowds = [
            Crowd(node.address, SPEAKING // 2 - 1, f"node-{number}") for number, node in enumerate((one, two))
        ]
        await asyncio.gather(*(crowd.start(over_seconds=6) for crowd in crowds))
        await asyncio.sleep(SETTLE_SECONDS)
        rounds = [
            interrupt_often(
                Client(node.address), f"stopped-{node.address}", count // 2, by=Client(other.address)
            )
            for node, other in ((one, two), (two, one))
        ]
        ended = [result for results in await asyncio.gather(*rounds) for result in results]
        for crowd in crowds:
            await crowd.stop()
    times = [took * 1000 for took, _ in ended]
    unclean = sum(not clean for _, clean in ended)
    return [
        Figure("interrupt across nodes, 200 sessions, p50", percentile(times, 50), "ms", 25),
        Figure("interrupt across nodes, 200 sessions, p99", percentile(times, 99), "ms", 25),
        Figure(f"of {count} across nodes: sound after the response, or no end", float(unclean), "", 0),
    ]


async def workers() -> list[Figure]:
    """What a speaking session costs with one process and with two workers; and 1,000 sessions on two."""
    with bus() as between:
        with serving(between.settings) as alone:
            one = await _cost(alone.address, alone, SPEAKING)
        with serving(between.settings, workers=2, cores=BOTH) as pair:
            two = await _cost(pair.address, pair, SPEAKING)
        with serving(between.settings, workers=2, cores=BOTH) as pair:
            crowd = Crowd(pair.address, MANY)
            await crowd.start(over_seconds=COMING_SECONDS)
            await asyncio.sleep(3)
            crowd.forget_lateness()
            cpu, began = pair.cpu_seconds(), time.perf_counter()
            await asyncio.sleep(COUNTED_SECONDS)
            core = (pair.cpu_seconds() - cpu) / (time.perf_counter() - began) * 100
            late = crowd.lateness()
            await crowd.stop()
    return [
        Figure("1 process: CPU for 1 s of sound, 200 sessions", one, "ms", 1.3),
        Figure("2 workers: CPU for 1 s of sound, 200 sessions", two, "ms", 1.3 * 2 / LEAST_TIMES),
        Figure("the same, of that of 1 process", two / one, "", 2 / LEAST_TIMES),
        Figure("2 workers, 1,000 sessions: chunk lateness, p50", percentile(late, 50) * 1000, "ms", 100),
        Figure("2 workers, 1,000 sessions: chunk lateness, p99", percentile(late, 99) * 1000, "ms", 100),
        Figure("2 workers, 1,000 sessions: of two cores", core, "%", 200),
    ]


async def _cost(address: str, running: object, size: int) -> float:
    crowd = Crowd(address, size)
    await crowd.start(over_seconds=6)
    await asyncio.sleep(3)
    cost = await cpu_of_a_second(running, crowd, COUNTED_SECONDS)  # type: ignore[arg-type]
    await crowd.stop()
    return cost


async def silence() -> list[Figure]:
    """What open sessions that say nothing cost the bus, and what a node costs it that has none."""
    with bus() as between, serving(between.settings | {"SCRIPTED_SENTENCES": "1"}, cores=BOTH) as running:
        without = await _messages(between)
        clients = [Client(running.address) for _ in range(IDLE)]
        async with _listening(between) as heard:
            await asyncio.gather(
                *(_hear(client, f"silent-{number}") for number, client in enumerate(clients))
            )
            await asyncio.sleep(2)
            speaking = len(heard)
            heard.clear()
            await asyncio.sleep(2 * COUNTED_SECONDS)
            idle = len(heard)
        for client in clients:
            await client.close()
    return [
        Figure("the bus: messages a second of a node without sessions", without, "", 5),
        Figure("the bus: messages for an answer, on subjects of users", speaking / IDLE, "", 5),
        Figure(f"the bus: the same, of {IDLE} idle sessions in 20 s", float(idle), "", 0),
    ]


@asynccontextmanager
async def _listening(between: Bus) -> AsyncIterator[list[str]]:
    """All that goes over the bus on subjects that are users'; the subject of each."""
    heard: list[str] = []

    async def note(message: Msg) -> None:
        heard.append(message.subject)

    client = await nats.connect(between.url)
    for of_users in ("device", "place", "minute"):
        await client.subscribe(f"nexy.{of_users}.>", cb=note)
    await client.flush()
    yield heard
    await client.close()


async def _hear(client: Client, name: str) -> None:
    """One answer, to its end."""
    async for _ in client.answer(name, name):
        pass


async def _messages(between: Bus) -> float:
    """A second, over two beats of what says that the node lives."""
    before, began = between.messages(), time.perf_counter()
    await asyncio.sleep(2 * COUNTED_SECONDS)
    return (between.messages() - before) / (time.perf_counter() - began)
