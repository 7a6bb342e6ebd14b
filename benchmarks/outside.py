"""The measurements with Edge's voices, against its stand-in in a third process."""

import asyncio
import random
import time

from benchmarks import fakes
from benchmarks.client import BYTES_A_SECOND, SOUND_TAG, Client, Heard
from benchmarks.fakes import Seen
from benchmarks.measures import LEAD_SECONDS, Crowd, Figure, cpu_of_a_second, percentile
from benchmarks.server import Server, server

EDGE = {"TTS_PROVIDERS": "edge,espeak"}
FIRST_WORDS = "River bridge"  # of the scripted model's first sentence: only an answer's beginning has them
FIRST_SECONDS = 0.4  # from a sentence to the stand-in's first frame of sound


async def edge_alone(rounds: int) -> list[Figure]:
    """One session: first sound after the stand-in's first frame, and gaps between sentences."""
    answers, gaps = [], []
    with fakes.edge(first=FIRST_SECONDS) as fake, server(**fake.settings | EDGE) as running:
        client = Client(running.address)
        await client.warm_up()
        for number in range(rounds):
            heard, gap = await _listen(client, f"edge-{number}", sentences=3)
            answers.append(heard)
            gaps.append(gap * 1000)
        await client.close()
        times = _since_first_frame(answers, fake.seen())
    return [
        Figure("edge: first sound after its first frame, 1 session, p50", percentile(times, 50), "ms", 30),
        Figure("edge: silence between sentences, 400 ms to a first frame", max(gaps), "ms", 20),
    ]


async def _listen(client: Client, name: str, sentences: int) -> tuple[Heard, float]:
    """Hear so many sentences begin; and for how long the player had nothing to play meanwhile."""
    heard, texts, gap = Heard(time.perf_counter()), 0, 0.0
    call = client.answer(name, name)
    async for message in client.listen(call, heard, LEAD_SECONDS):
        if message[0] == SOUND_TAG:
            played_out = heard.first_sound + (heard.sound_bytes - len(message)) / BYTES_A_SECOND
            gap = max(gap, heard.last_sound - played_out) if heard.sound_bytes > len(message) else gap
        else:
            texts += 1
            if texts > sentences:
                break
    call.cancel()
    return heard, gap


async def edge_crowd(rounds: int) -> list[Figure]:
    """100 paced sessions: CPU of a second of sound beside that of `tone`, and for one more session its
    first sound and its interrupts."""
    with server() as running:
        crowd = await _speaking(running)
        plain = await cpu_of_a_second(running, crowd, 10)
        await crowd.stop()
    with fakes.edge(first=FIRST_SECONDS) as fake, server(**fake.settings | EDGE) as running:
        crowd = await _speaking(running)
        cpu = await cpu_of_a_second(running, crowd, 10)
        probe = Client(running.address)
        await probe.warm_up()
        heard, stops = [], []
        for number in range(rounds):
            one, took = await _first_sound_and_interrupt(probe, f"probe-{number}")
            heard.append(one)
            stops.append(took * 1000)
        await crowd.stop()
        await probe.close()
        times = _since_first_frame(heard, fake.seen())
    return [
        Figure("edge: server CPU for 1 s of sound, above that of tone", cpu - plain, "ms", 3),
        Figure("edge: first sound after its first frame, 100 sessions, p99", percentile(times, 99), "ms", 30),
        Figure("edge: interrupt → response, 100 sessions, p99", percentile(stops, 99), "ms", 10),
    ]


async def _speaking(running: Server) -> Crowd:
    """100 sessions in the middle of their answers."""
    crowd = Crowd(running.address, 100)
    await crowd.start(over_seconds=10)
    await asyncio.sleep(3)
    return crowd


def _since_first_frame(heard: list[Heard], seen: list[Seen]) -> list[float]:
    """Milliseconds from the stand-in's first sound of each answer to that of its listener.

    The answers came one after the other, and nobody else was told their first sentence meanwhile.
    """
    times = []
    for one in heard:
        (began,) = (
            line.began
            for line in seen
            if line.text.startswith(FIRST_WORDS) and line.began and one.sent < line.began < one.first_sound
        )
        times.append((one.first_sound - began) * 1000)
    return times


async def _first_sound_and_interrupt(client: Client, name: str) -> tuple[Heard, float]:
    heard = Heard(time.perf_counter())
    call = client.answer(name, name)
    async for _ in client.listen(call, heard, LEAD_SECONDS):
        if heard.first_sound:
            break
    await asyncio.sleep(random.uniform(0, 0.05))
    _, sent, received = await client.interrupt(name)
    async for _ in call:  # what was on its way, and its end
        pass
    return heard, received - sent
