"""A full server, with and without 1,900 more users who knock at it: whoever is let in must not notice."""

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.knockers import ARRIVE_SECONDS
from benchmarks.measures import WORD_SECONDS, WORDS_BEFORE_STOP, Figure, percentile
from benchmarks.server import Server, server

ADMITTED = 100
KNOCKING = 1_900
PROCESSES = 2  # that knock: one alone would be late itself
SECONDS = 25.0
SETTLE_SECONDS = 10.0  # until those who were there first are at different places of their answers
FEWEST = 100  # beginnings, for a p99
UNNOTICED = 1.5  # the first sound of the admitted may take so many times as long
PATIENCE_MS = 50.0  # for a refusal
SERVER = {"MAX_ACTIVE_SESSIONS": str(ADMITTED), "MAX_SESSIONS": "5000", "SCRIPTED_SENTENCES": "5"}
SENTENCE_MS = WORDS_BEFORE_STOP * WORD_SECONDS * 1000


async def knocking(seconds: float = SECONDS) -> list[Figure]:
    """First sound of the admitted, and the time of a refusal, with so many at the door."""
    alone = await _day(0, seconds)
    crowded = await _day(KNOCKING, seconds)
    before, since = (_p99(_first_sounds(day)) for day in (alone, crowded))
    refused = _all("refused", crowded)
    _tell(alone, crowded)
    return [
        Figure("full server: sentence → first sound, nobody knocking, p99", before, "ms", 20),
        Figure("full server: sentence → first sound, 1,900 knocking, p99", since, "ms", UNNOTICED * before),
        Figure("full server: a refusal, p50", percentile(refused, 50), "ms", PATIENCE_MS),
        Figure("full server: a refusal, p99", percentile(refused, 99), "ms", PATIENCE_MS),
        Figure("full server: the slowest refusal", max(refused), "ms", PATIENCE_MS),
    ]


async def _day(knocking: int, seconds: float) -> list[dict[str, Any]]:
    """What the users met who were there first, and then those who knocked."""
    with server(**SERVER) as running:
        cpu, waited, began = running.cpu_seconds(), running.waited_seconds(), time.perf_counter()
        days = [asyncio.create_task(_knockers(running, "first", ADMITTED, SETTLE_SECONDS + seconds, 5.0))]
        await asyncio.sleep(SETTLE_SECONDS)
        each = knocking // PROCESSES
        days += [
            asyncio.create_task(_knockers(running, f"door-{number}", each, seconds, ARRIVE_SECONDS))
            for number in range(PROCESSES if each else 0)
        ]
        met = await asyncio.gather(*days)
        seconds = time.perf_counter() - began
        core, waited = (running.cpu_seconds() - cpu) / seconds, (running.waited_seconds() - waited) / seconds
        print(
            f"{knocking} knocking: the server used {core:.0%} of a core, and waited {waited:.0%} for one",
            file=sys.stderr,
        )
    return met


async def _knockers(running: Server, name: str, users: int, seconds: float, arrive: float) -> dict[str, Any]:
    options = ["--name", name, "--users", str(users)]
    command = [
        "-m",
        "benchmarks.knockers",
        running.address,
        *options,
        "--seconds",
        str(seconds),
        "--arrive",
        str(arrive),
    ]
    started = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    out, _ = await started.communicate()
    met: dict[str, Any] = json.loads(out)
    return met


def _all(what: str, day: list[dict[str, Any]]) -> list[float]:
    return [one for met in day for one in met[what]]


def _first_sounds(day: list[dict[str, Any]]) -> list[float]:
    return [one - SENTENCE_MS for one in _all("admitted", day)]


def _p99(times: list[float]) -> float:
    """Of fewer than that it says nothing, and is over every limit."""
    return percentile(times, 99) if len(times) >= FEWEST else float("inf")


def _tell(alone: list[dict[str, Any]], crowded: list[dict[str, Any]]) -> None:
    """What else is to be known of the figures, above all how late the clients were themselves."""
    for name, day in (("nobody", alone), ("1,900", crowded)):
        lag, first = _all("lag", day), _first_sounds(day)
        odd = sum((Counter(met["odd"]) for met in day), Counter[str]())
        print(
            f"{name} knocking: {len(first)} let in, p50 {percentile(first, 50):.1f} ms; "
            f"clients late p50 {percentile(lag, 50):.1f}, p99 {percentile(lag, 99):.1f} ms; "
            f"odd ends: {dict(odd) or 'none'}",
            file=sys.stderr,
        )
    waits = sum((Counter(met["retry_after"]) for met in crowded), Counter[str]())
    sizes, refused = _all("refusal_bytes", crowded), _all("refused", crowded)
    print(
        f"{len(refused)} refused, {percentile(sizes, 50):.0f} bytes each (p50), most {max(sizes):.0f}; "
        f"retry-after: {dict(waits.most_common(5))}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    for figure in asyncio.run(knocking()):
        print(figure)
