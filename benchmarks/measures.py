"""The measurements: each starts its own server and returns figures."""

import asyncio
import random
import time
from dataclasses import dataclass

from benchmarks.client import BYTES_A_SECOND, Client, Heard
from benchmarks.server import Server, server

WORDS_BEFORE_STOP = 11  # the full stop of the scripted model comes with the twelfth word
WORD_SECONDS = 0.02
STOPPED_AT_ONCE = 10  # sessions that are interrupted over and over while the others speak
LEAD_SECONDS = 1.0  # as the measured servers are set


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    value: float
    unit: str
    limit: float

    @property
    def good(self) -> bool:
        return self.value <= self.limit


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that `percent` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered) + 0.5) - 1))]


async def _speak(client: Client, name: str, heard: Heard) -> None:
    """Listen to one answer until it ends or the call is cancelled."""
    async for _ in client.listen(client.answer(name, name), heard, LEAD_SECONDS):
        pass


class Crowd:
    """Sessions that all speak, each over its own connection."""

    def __init__(self, address: str, size: int, name: str = "crowd") -> None:
        self.clients = [Client(address) for _ in range(size)]
        self.name = name
        self.heard: list[Heard] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, over_seconds: float) -> None:
        """Begin one answer after another, evenly spread: users do not begin at the same moment."""
        await asyncio.gather(*(client.warm_up() for client in self.clients))
        for number, client in enumerate(self.clients):
            heard = Heard(time.perf_counter())
            self.heard.append(heard)
            self._tasks.append(asyncio.create_task(_speak(client, f"{self.name}-{number}", heard)))
            await asyncio.sleep(over_seconds / len(self.clients))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self.clients))

    def sound_seconds(self) -> float:
        return sum(heard.sound_bytes for heard in self.heard) / BYTES_A_SECOND

    def forget_lateness(self) -> None:
        for heard in self.heard:
            heard.late.clear()

    def lateness(self) -> list[float]:
        return [late for heard in self.heard for late in heard.late]


async def cpu_of_a_second(running: Server, crowd: Crowd, seconds: float) -> float:
    """Milliseconds of CPU for each second of sound that the crowd got, measured for so long."""
    cpu, sound = running.cpu_seconds(), crowd.sound_seconds()
    await asyncio.sleep(seconds)
    return (running.cpu_seconds() - cpu) / (crowd.sound_seconds() - sound) * 1000


def since_sentence(heard: Heard) -> float:
    """Seconds from the first sentence being complete, in the model's clock, to its first sound."""
    return heard.first_sound - heard.sent - WORDS_BEFORE_STOP * WORD_SECONDS


async def first_sound_alone(rounds: int) -> list[Figure]:
    """Sentence complete → first sound, one session."""
    with server(SCRIPTED_SENTENCES="1") as running:
        client = Client(running.address)
        await client.warm_up()
        times = [await first_sound(client, number) * 1000 for number in range(rounds + 3)]
        await client.close()
    times = times[3:]  # the first ones pay for what is made once
    return [Figure("sentence → first sound, 1 session, p50", percentile(times, 50), "ms", 3)]


async def crowd_of_100(rounds: int) -> list[Figure]:
    """With 100 paced sessions: CPU of a second of sound, memory of a session, first sound, lateness."""
    with server() as running:
        probe = Client(running.address)
        await probe.warm_up()
        await first_sound(probe, 0)
        before = running.memory_bytes()
        crowd = Crowd(running.address, 100)
        await crowd.start(over_seconds=3)
        await asyncio.sleep(3)
        memory = (running.memory_bytes() - before) / 100 / 1e6
        crowd.forget_lateness()
        cpu = await cpu_of_a_second(running, crowd, 10)
        late = crowd.lateness()
        times = [await first_sound(probe, number) * 1000 for number in range(rounds)]
        await crowd.stop()
        await probe.close()
    return [
        Figure("sentence → first sound, 100 sessions, p50", percentile(times, 50), "ms", 12),
        Figure("sentence → first sound, 100 sessions, p99", percentile(times, 99), "ms", 12),
        Figure("server CPU for 1 s of sound, 100 sessions", cpu, "ms", 1.3),
        Figure("memory of one more speaking session", memory, "MB", 0.3),
        Figure("chunk lateness, 100 sessions, p99", percentile(late, 99) * 1000, "ms", 50),
    ]


async def first_sound(client: Client, number: int) -> float:
    """Seconds from the first sentence's end to its sound, for one more session that then leaves."""
    name = f"probe-{number}"
    heard = Heard(time.perf_counter())
    call = client.answer(name, name)
    async for _ in client.listen(call, heard, LEAD_SECONDS):
        if heard.first_sound:
            break
    call.cancel()
    return since_sentence(heard)


async def interrupts(count: int) -> list[Figure]:
    """With 100 speaking sessions, ten of them interrupted over and over: each answer ends and is silent."""
    with server() as running:
        crowd = Crowd(running.address, 100 - STOPPED_AT_ONCE)
        await crowd.start(over_seconds=3)
        await asyncio.sleep(1)
        rounds = [
            interrupt_often(Client(running.address), f"stopped-{number}", count // STOPPED_AT_ONCE)
            for number in range(STOPPED_AT_ONCE)
        ]
        ended = [one for results in await asyncio.gather(*rounds) for one in results]
        await crowd.stop()
    times = [took * 1000 for took, _ in ended]
    unclean = sum(not clean for _, clean in ended)
    return [
        Figure("interrupt → response, 100 sessions, p50", percentile(times, 50), "ms", 10),
        Figure("interrupt → response, 100 sessions, p99", percentile(times, 99), "ms", 10),
        Figure(f"of {count} interrupts: sound after the response, or no end", float(unclean), "", 0),
    ]


async def interrupt_often(
    client: Client, name: str, times: int, by: Client | None = None
) -> list[tuple[float, bool]]:
    """Have an answer begin and interrupt it, so often; `by` another connection, if one is given.

    Seconds until each response, and whether the answer had ended well by then.
    """
    ended = [await _interrupt_once(client, name, by or client) for _ in range(times)]
    await client.close()
    return ended


async def _interrupt_once(client: Client, name: str, by: Client) -> tuple[float, bool]:
    heard = Heard(time.perf_counter())
    listening = asyncio.create_task(_speak(client, name, heard))
    while not heard.first_sound:
        await asyncio.sleep(0.002)
    await asyncio.sleep(random.uniform(0, 0.05))
    response, sent, received = await by.interrupt(name)
    await listening
    clean = response.success and heard.end_message == "interrupted" and heard.last_sound <= received
    return received - sent, clean


async def crowd_of_800(seconds: float) -> list[Figure]:
    """800 paced sessions in one process on one core, one second ahead of real time."""
    with server() as running:
        crowd = Crowd(running.address, 800)
        await crowd.start(over_seconds=12)
        await asyncio.sleep(3)
        crowd.forget_lateness()
        cpu, began = running.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(seconds)
        core = (running.cpu_seconds() - cpu) / (time.perf_counter() - began) * 100
        late = crowd.lateness()
        await crowd.stop()
    return [
        Figure("800 sessions: chunk lateness, p50", percentile(late, 50) * 1000, "ms", 50),
        Figure("800 sessions: chunk lateness, p99", percentile(late, 99) * 1000, "ms", 50),
        Figure("800 sessions: of one core", core, "%", 100),
    ]


async def deaf_client(seconds: float) -> list[Figure]:
    """A client that asks 20 times with long answers and never reads: what the server holds for it."""
    with server(LEAD_SECONDS="1000000") as running:
        client = Client(running.address)
        await client.warm_up()
        await first_sound(client, 0)
        before = running.memory_bytes()
        calls = [client.answer(f"deaf-{number}", "") for number in range(20)]
        await asyncio.sleep(seconds)
        held = (running.memory_bytes() - before) / len(calls) / 1e6
        for call in calls:
            call.cancel()
        await client.close()
    return [Figure("held for a client that never reads, an answer", held, "MB", 0.5)]
