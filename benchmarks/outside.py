"""The measurements with Edge's voices, against its stand-in in a third process."""

import asyncio
import random
import time

from benchmarks import fakes
from benchmarks.client import BYTES_A_SECOND, SOUND_TAG, Client, Heard
from benchmarks.measures import LEAD_SECONDS, WORD_SECONDS, WORDS_BEFORE_STOP, Crowd, Figure, percentile
from benchmarks.server import server

EDGE = {"TTS_PROVIDERS": "edge,espeak", "EDGE_TTS_MAX_CONNECTIONS": "200"}
FIRST_SECONDS = 0.4  # from a sentence to the stand-in's first frame of sound


async def edge_alone(rounds: int) -> list[Figure]:
    """One session: first sound after the stand-in's first frame, and gaps between sentences."""
    times, gaps = [], []
    with fakes.edge(first=FIRST_SECONDS) as settings, server(**settings | EDGE) as running:
        client = Client(running.address)
        await client.warm_up()
        for number in range(rounds):
            heard, gap = await _listen(client, f"edge-{number}", sentences=3)
            times.append((heard.first_sound - heard.sent - _due_seconds()) * 1000)
            gaps.append(gap * 1000)
        await client.close()
    return [
        Figure("edge: first sound after its first frame, 1 session, p50", percentile(times, 50), "ms", 30),
        Figure("edge: silence between sentences, 400 ms to a first frame", max(gaps), "ms", 20),
    ]


def _due_seconds() -> float:
    """From the request to the stand-in's first frame, if nothing else took any time."""
    return WORDS_BEFORE_STOP * WORD_SECONDS + FIRST_SECONDS


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
    """100 paced sessions: CPU of a second of sound, first sound for one more, interrupts."""
    with fakes.edge(first=FIRST_SECONDS) as settings, server(**settings | EDGE) as running:
        crowd = Crowd(running.address, 100)
        await crowd.start(over_seconds=10)
        await asyncio.sleep(3)
        cpu, sound = running.cpu_seconds(), crowd.sound_seconds()
        await asyncio.sleep(10)
        cpu, sound = running.cpu_seconds() - cpu, crowd.sound_seconds() - sound
        probe = Client(running.address)
        await probe.warm_up()
        times, stops = [], []
        for number in range(rounds):
            heard, took = await _first_sound_and_interrupt(probe, f"probe-{number}")
            times.append((heard.first_sound - heard.sent - _due_seconds()) * 1000)
            stops.append(took * 1000)
        await crowd.stop()
        await probe.close()
    return [
        Figure("edge: server CPU for 1 s of sound, all of it", cpu / sound * 1000, "ms", 1.3 + 3),
        Figure("edge: first sound after its first frame, 100 sessions, p99", percentile(times, 99), "ms", 30),
        Figure("edge: interrupt → response, 100 sessions, p99", percentile(stops, 99), "ms", 10),
    ]


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
