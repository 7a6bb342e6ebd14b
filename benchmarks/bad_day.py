"""python -m benchmarks.bad_day: many users, while Gemini and Edge fail at random.

Every turn must be answered or apologised for, nothing may be left behind, and every breaker must be
closed again at the end. Ends with status 1 when that is not so.
"""

import argparse
import asyncio
import json
import random
import sys
import time
import urllib.request
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field

import grpc
import psutil

from benchmarks import fakes
from benchmarks.client import END_TAG, SOUND_TAG, Client
from benchmarks.server import Server, server
from benchmarks.stubs import StreamResponse

SERVER = {
    "LLM_PROVIDERS": "gemini",
    "TTS_PROVIDERS": "edge,espeak",
    "MODEL_FIRST_WORD_SECONDS": "4",
    "MODEL_IDLE_SECONDS": "3",
    "VOICE_FIRST_SOUND_SECONDS": "3",
    "CIRCUIT_BREAKER_SECONDS": "3",
    "LEAD_SECONDS": "3",
    "EDGE_TTS_MAX_CONNECTIONS": "64",
}
ERROR_TAG = 0x22  # StreamResponse.error_message
LONGEST_TURN_SECONDS = 60.0
CLOSED_WITHIN_SECONDS = 60.0  # for the breakers, after the last turn


@dataclass
class Tally:
    """How turns ended."""

    ends: Counter[str] = field(default_factory=Counter)
    longest_silence: float = 0.0  # seconds from a request to its first sound


async def _turn(client: Client, name: str, tally: Tally) -> None:
    """One turn: answered, interrupted on purpose, or apologised for; anything else is unclean."""
    began = time.perf_counter()
    call = client.answer(name, name)
    stop_after = random.uniform(0.2, 3) if random.random() < 0.2 else None
    heard, end, error = 0, "", ""
    stopping = asyncio.create_task(_stop(client, name, stop_after)) if stop_after else None
    try:
        async for data in call:
            if data[0] == SOUND_TAG:
                if not heard:
                    tally.longest_silence = max(tally.longest_silence, time.perf_counter() - began)
                heard += len(data)
            elif data[0] == END_TAG:
                end = StreamResponse().parse(data).end_message
            elif data[0] == ERROR_TAG:
                error = StreamResponse().parse(data).error_message
    except grpc.aio.AioRpcError as failure:
        apologised = heard and error and failure.code() is not grpc.StatusCode.INTERNAL
        tally.ends["apologised" if apologised else f"unclean: {failure.code().name}"] += 1
    else:
        good = (end == "completed" and heard) or end == "interrupted"
        tally.ends[end if good else f"unclean: {end!r}"] += 1
    if stopping is not None:
        await stopping


async def _stop(client: Client, name: str, after: float) -> None:
    await asyncio.sleep(after)
    await client.interrupt(name)


async def _user(address: str, number: int, until: float, tally: Tally) -> None:
    client = Client(address)
    await client.warm_up()
    while time.monotonic() < until:
        try:
            await asyncio.wait_for(_turn(client, f"user-{number}", tally), LONGEST_TURN_SECONDS)
        except TimeoutError:
            tally.ends["unclean: no end"] += 1
        await asyncio.sleep(random.uniform(0.1, 1))
    await client.close()


async def _day(running: Server, users: int, minutes: float, tally: Tally) -> None:
    until = time.monotonic() + 60 * minutes
    tasks = [asyncio.create_task(_user(running.address, number, until, tally)) for number in range(users)]
    while time.monotonic() < until:
        await asyncio.sleep(min(30.0, max(0.1, until - time.monotonic())))
        memory = running.memory_bytes() / 1e6
        print(f"{until - time.monotonic():5.0f} s left, {memory:.0f} MB, {dict(tally.ends)}", file=sys.stderr)
    await asyncio.gather(*tasks)


def _states(running: Server) -> dict[str, str]:
    with urllib.request.urlopen(f"http://{running.http}/status", timeout=5) as answer:
        modules = json.load(answer)["modules"]
    return {
        name: state
        for part in ("text_processing", "audio_generation")
        for name, state in modules[part]["providers"].items()
    }


async def _until_closed(running: Server) -> dict[str, str]:
    """Ask now and then until every breaker is closed; what they are in the end."""
    client, end = Client(running.address), time.monotonic() + CLOSED_WITHIN_SECONDS
    states = _states(running)
    while set(states.values()) != {"closed"} and time.monotonic() < end:
        await _turn(client, "healer", Tally())
        states = _states(running)
    await client.close()
    return states


def main() -> None:
    parser = argparse.ArgumentParser(prog="just bad-day", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--fail", type=float, default=0.2, help="the probability that a request fails")
    given = parser.parse_args()
    tally = Tally()
    with ExitStack() as stack:
        gemini = stack.enter_context(fakes.gemini(fail=given.fail, pace=0.02))
        edge = stack.enter_context(fakes.edge(fail=given.fail))
        running = stack.enter_context(server(**gemini.settings | edge.settings | SERVER))
        asyncio.run(_day(running, 1, 0.1, Tally()))  # the first turns pay for what is made once
        asyncio.run(_day(running, given.users, min(0.5, given.minutes / 4), tally))
        memory, files = running.memory_bytes(), running.process.num_fds()
        asyncio.run(_day(running, given.users, given.minutes, tally))
        states = asyncio.run(_until_closed(running))
        time.sleep(3)
        files_left = running.process.num_fds()
        grown, left = (
            running.memory_bytes() - memory,
            _sockets(running.process, edge.settings["EDGE_TTS_URL"]),
        )
    unclean = sum(count for end, count in tally.ends.items() if end.startswith("unclean"))
    print(f"turns: {dict(tally.ends)}")
    print(f"longest wait for a first sound: {tally.longest_silence:.1f} s")
    print(
        f"memory grown: {grown / 1e6:.1f} MB; open files {files} → {files_left}; sockets to Edge left: {left}"
    )
    print(f"breakers: {states}")
    sys.exit(unclean > 0 or set(states.values()) != {"closed"} or left > 0)


def _sockets(process: psutil.Process, edge_url: str) -> int:
    """Connections to Edge that are still open though all turns are over; those to Gemini are pooled."""
    port = int(edge_url.rpartition(":")[2].partition("/")[0])
    return sum(bool(one.raddr) and one.raddr.port == port for one in process.net_connections("tcp"))


if __name__ == "__main__":
    main()
