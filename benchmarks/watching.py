"""What is seen of a server from outside, while it is talked to and once it is quiet."""

import asyncio
import json
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import IO, Any, TypeAlias

from benchmarks.client import Client
from benchmarks.day import Held, Turn
from benchmarks.people import speak
from benchmarks.server import Server

QUIET_SECONDS = 12.0  # Trio keeps an idle thread for ten seconds
LONGEST_SECONDS = 200.0  # for all sessions to end: what was collected and never committed stays for 120
LINES_SECONDS = 30.0  # between two lines of progress that nobody watches
HEALERS = 10  # a breaker closes only when somebody needs its provider: a second model, after the first
HEALED_WITHIN_SECONDS = 60.0  # after the last turn

People: TypeAlias = Callable[[float], Iterable[Coroutine[Any, Any, None]]]
"""Makes some who talk until a time (time.monotonic())."""


@dataclass(frozen=True)
class Look:
    """One look at the server."""

    at: float  # time.monotonic()
    resident: int  # bytes
    own: int  # bytes that no other process shares
    tasks: int
    sessions: int


@dataclass
class Watch:
    """What is seen of the server while it is talked to."""

    running: Server
    looks: list[Look] = field(default_factory=list)
    open_breakers: Counter[str] = field(default_factory=Counter)  # by name: looks at which it was not closed

    @property
    def memory(self) -> list[int]:
        return [look.resident for look in self.looks]

    async def look(self) -> None:
        status = await asyncio.to_thread(status_of, self.running)
        memory = self.running.process.memory_full_info()
        now = time.monotonic()
        self.looks.append(Look(now, memory.rss, memory.uss, status["tasks"], status["sessions"]))
        self.open_breakers.update(name for name, state in states(status).items() if state != "closed")

    def rested(self) -> dict[str, float]:
        return {name: count / len(self.looks) for name, count in self.open_breakers.items()}


def status_of(running: Server) -> dict[str, Any]:
    """What /status says."""
    with urllib.request.urlopen(f"http://{running.http}/status", timeout=5) as answer:
        status: dict[str, Any] = json.load(answer)
    return status


def states(status: dict[str, Any]) -> dict[str, str]:
    """Of each breaker, by the name of its provider."""
    return {
        name: state
        for part in ("text_processing", "audio_generation")
        for name, state in status["modules"][part]["providers"].items()
    }


async def talk(
    watch: Watch, people: People, seconds: float, turns: list[Turn], look_seconds: float = 1.0
) -> None:
    """Have people talk for so long, and watch the server meanwhile; `turns` is what they make of it."""
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        for one in people(until):
            tasks.create_task(one)
        told = time.monotonic()
        while time.monotonic() < until:
            await asyncio.sleep(look_seconds)
            await watch.look()
            if sys.stderr.isatty() or time.monotonic() - told >= LINES_SECONDS:
                told = time.monotonic()
                _progress(until - told, watch.looks[-1], turns)


def _progress(left: float, look: Look, turns: list[Turn]) -> None:
    """Tell how far the day is: on one line for somebody at a terminal."""
    ends = Counter(turn.how.partition(":")[0] for turn in turns)
    counts = ", ".join(f"{count} {how}" for how, count in ends.most_common())
    line = f"{max(0.0, left):4.0f} s left, {look.resident / 1e6:.1f} MB, {look.tasks} tasks, {counts}"
    start, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    print(f"{start}{line}", end=end, file=sys.stderr, flush=True)


async def heal(running: Server) -> dict[str, str]:
    """Let people ask until every breaker is closed, or it takes too long; how the breakers are then."""
    clients = [Client(running.address) for _ in range(HEALERS)]
    end = time.monotonic() + HEALED_WITHIN_SECONDS
    found = states(status_of(running))
    while set(found.values()) != {"closed"} and time.monotonic() < end:
        async with asyncio.TaskGroup() as tasks:
            for number, client in enumerate(clients):
                tasks.create_task(speak(client, f"healer-{number}", 1.5))
        found = states(status_of(running))
    for client in clients:
        await client.close()
    return found


def held(running: Server, models: set[int]) -> Held:
    """What it holds, once it is quiet, without what waits on purpose for the next request.

    That are connections to `models` (their ports) and to the database, which has up to eight.
    """
    time.sleep(QUIET_SECONDS)
    pooled = sum(running.connections(port) for port in models)
    stored = sum("nexy.db" in file.path for file in running.process.open_files())
    files = running.process.num_fds() - pooled - stored
    sockets = len(running.process.net_connections("all")) - pooled
    return Held(files, running.process.num_threads(), sockets, status_of(running)["tasks"])


def wait_for_sessions_to_end(running: Server) -> None:
    end = time.monotonic() + LONGEST_SECONDS
    while status_of(running)["sessions"] and time.monotonic() < end:
        time.sleep(1)


def read_log(log: IO[str]) -> tuple[list[str], Counter[str]]:
    """The lines that should not be there, and how often something was said of the providers."""
    log.seek(0)
    faults, met = [], Counter[str]()
    for line in log:
        try:
            said = json.loads(line)
        except ValueError:
            said = {}
        if said.get("level") != "warning":
            faults.append(line.strip())
        elif said["logger"] == "nexy.providers":
            met[said["event"]] += 1
    return faults, met
