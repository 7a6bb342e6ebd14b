"""python -m benchmarks.knockers: users who knock at a full server, wait as long as it says, and knock again.

A process of its own, light enough for a thousand of them. Each has its own connection. Who is let in
hears an answer to its end, thinks, and asks again. Prints one line of JSON when the time is over.
"""

import argparse
import asyncio
import gc
import json
import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.raw import Asked, Raw, connect

ARRIVE_SECONDS = 10.0  # in which all of them come, if nothing else is said; each knocks at once
THINK_SECONDS = 2.0  # from what was heard until the same user asks again
LOOK_SECONDS = 0.01  # how often this process looks whether it is late itself
LONGEST_SECONDS = 10.0  # for any answer, yes or no
LONGEST_ANSWER_SECONDS = 30.0  # that is listened to
FIRST_WORD = b"River"  # of the scripted model: a refusal says something else
RESOURCE_EXHAUSTED = "8"


@dataclass
class Met:
    """What some users met. Milliseconds."""

    refused: list[float] = field(default_factory=list)  # from a request to its status
    admitted: list[float] = field(default_factory=list)  # from a request to its first sound
    retry_after: Counter[str] = field(default_factory=Counter)  # seconds, and how often
    refusal_bytes: list[int] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)  # any other end
    lag: list[float] = field(default_factory=list)  # how late this process was itself


async def knock(raw: Raw, name: str, met: Met) -> float:
    """Once; how many seconds to wait before the next time."""
    asked = raw.ask(name)
    waiting: list[asyncio.Future[float]] = [asked.sound, asked.over]
    await asyncio.wait(waiting, timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if asked.sound.done() and FIRST_WORD in asked.head:
        met.admitted.append((asked.sound.result() - asked.sent) * 1000)
        await asyncio.wait([asked.over], timeout=LONGEST_ANSWER_SECONDS)
        raw.leave(asked)
        return THINK_SECONDS
    await asyncio.wait([asked.over], timeout=LONGEST_SECONDS)
    if not asked.over.done():
        raw.leave(asked)
        met.odd["no answer"] += 1
    elif asked.status != RESOURCE_EXHAUSTED:
        met.odd[asked.status] += 1
    else:
        _note(asked, met)
    return float(asked.trailers.get("retry-after", 1))


def _note(asked: Asked, met: Met) -> None:
    met.refused.append((asked.over.result() - asked.sent) * 1000)
    met.refusal_bytes.append(asked.bytes)
    met.retry_after[asked.trailers.get("retry-after", "none")] += 1


async def _user(address: str, name: str, after: float, end: float, met: Met) -> None:
    await asyncio.sleep(after)
    raw = await connect(address)
    while time.monotonic() < end and raw.open:
        wait = await knock(raw, name, met)
        await asyncio.sleep(min(wait, end - time.monotonic()))
    if not raw.open:
        met.odd["closed"] += 1
    raw.vanish()


async def _watch(met: Met, end: float) -> None:
    while time.monotonic() < end:
        due = time.perf_counter() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        met.lag.append((time.perf_counter() - due) * 1000)


async def _run(address: str, name: str, users: int, seconds: float, arrive: float) -> Met:
    met, end = Met(), time.monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(met, end))
        for number in range(users):
            after = number / users * arrive
            tasks.create_task(_user(address, f"{name}-{number}", after, end, met))
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--name", default="knocker", help="what their names begin with")
    parser.add_argument("--users", type=int, default=950)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--arrive", type=float, default=ARRIVE_SECONDS)
    given = parser.parse_args()
    gc.disable()
    met = asyncio.run(_run(given.address, given.name, given.users, given.seconds, given.arrive))
    print(json.dumps(vars(met)))


if __name__ == "__main__":
    main()
