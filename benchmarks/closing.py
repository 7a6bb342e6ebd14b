"""How soon the stand-ins of Gemini and Edge see their sockets closed after an interrupt."""

import asyncio
import random
import time

from benchmarks import fakes
from benchmarks.client import Client, Heard
from benchmarks.fakes import Seen
from benchmarks.measures import LEAD_SECONDS, Crowd, Figure, percentile
from benchmarks.server import server

SERVER = {"LLM_PROVIDERS": "gemini", "TTS_PROVIDERS": "edge,espeak", "EDGE_TTS_MAX_CONNECTIONS": "64"}
SPEAKING = 100  # sessions, with the one that is interrupted over and over
LONGEST_SECONDS = 0.6  # from a first sound to its interrupt: Edge is still sending, and Gemini writing
SEEN_SECONDS = 1.0  # in which a stand-in has told of what is over


async def closing(count: int) -> list[Figure]:
    """With 100 speaking sessions: from an interrupt's request to the sockets' end, as the stand-ins see it.

    Gemini writes 50 words a second and is far from the end of its answer; Edge sends a sentence in
    two thirds of a second.
    """
    with (
        fakes.gemini(pace=0.02, sentences=500) as gemini,
        fakes.edge(first=0.1, pace=0.02) as edge,
        server(**gemini.settings | edge.settings | SERVER) as running,
    ):
        crowd = Crowd(running.address, SPEAKING - 1)
        await crowd.start(over_seconds=10)
        client = Client(running.address)
        await client.warm_up()
        stops = dict([await _interrupt(client, number) for number in range(count)])
        await crowd.stop()
        await client.close()
        await asyncio.sleep(SEEN_SECONDS)
        after_gemini, after_edge = _after(stops, gemini.seen()), _after(stops, edge.seen())
    return [
        _figure("Gemini", after_gemini, count),
        _figure("Edge", after_edge, count // 2),  # between two sentences it has no connection
    ]


async def _interrupt(client: Client, number: int) -> tuple[str, float]:
    """What was asked, which no other asks, and when it was interrupted."""
    asked, heard = f"word{number}word", Heard(time.perf_counter())
    call = client.answer(asked, asked, asked)
    async for _ in client.listen(call, heard, LEAD_SECONDS):
        if heard.first_sound:
            break
    await asyncio.sleep(random.uniform(0, LONGEST_SECONDS))
    _, sent, _ = await client.interrupt(asked)
    async for _ in call:  # what was on its way, and its end
        pass
    return asked, sent


def _after(stops: dict[str, float], seen: list[Seen]) -> list[float]:
    """Milliseconds from each interrupt to the end of each connection that it found open."""
    return [
        (one.closed - at) * 1000
        for one in seen
        for asked, at in stops.items()
        if asked in one.text and one.opened < at < one.closed
    ]


def _figure(who: str, times: list[float], fewest: int) -> Figure:
    """Only a figure when there were so many connections to see; else it is over every limit."""
    value = percentile(times, 99) if len(times) >= fewest else float("inf")
    return Figure(f"interrupt → {who} sees its socket closed, 100 sessions, p99", value, "ms", 50)
