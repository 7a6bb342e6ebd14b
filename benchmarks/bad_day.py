"""python -m benchmarks.bad_day: many users, while two models and Edge fail at random.

Every turn must be answered, apologised for or interrupted, nothing may be left behind, and every
breaker must be closed again at the end. Ends with status 1 when anything that is claimed does not hold.
"""

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import IO

from benchmarks import fakes
from benchmarks.client import Client
from benchmarks.day import Claim, Day, Held, Turn, claims, thirds
from benchmarks.people import speak, user
from benchmarks.server import Server, server

FIRST_WORD_SECONDS, IDLE_SECONDS, FIRST_SOUND_SECONDS = 4, 3, 3
MODELS = ("gemini", "openai")
SERVER = {
    "LLM_PROVIDERS": ",".join(MODELS),
    "TTS_PROVIDERS": "edge,espeak",
    "MODEL_FIRST_WORD_SECONDS": str(FIRST_WORD_SECONDS),
    "MODEL_IDLE_SECONDS": str(IDLE_SECONDS),
    "VOICE_FIRST_SOUND_SECONDS": str(FIRST_SOUND_SECONDS),
    "CIRCUIT_BREAKER_SECONDS": "3",  # so that ten minutes see many rests
    "LEAD_SECONDS": "3",
    "EDGE_TTS_MAX_CONNECTIONS": "64",
    "LOG_LEVEL": "WARNING",
}
# Each model is silent for as long as it may be, then the one that answers falls silent in its first
# sentence, then Edge stays silent and espeak takes over; and a second for the work itself.
PATIENCE_SECONDS = len(MODELS) * FIRST_WORD_SECONDS + IDLE_SECONDS + FIRST_SOUND_SECONDS + 1.0
WARM_UP_SECONDS = 30.0
HEALERS = 10  # a breaker closes only when somebody needs its provider: a second model, after the first
HEALED_WITHIN_SECONDS = 60.0  # after the last turn
QUIET_SECONDS = 12.0  # Trio keeps an idle thread for ten seconds
LOOKS_SECONDS = 1.0  # between two looks at the server
LINES_SECONDS = 30.0  # between two lines of progress that nobody watches


@dataclass
class Watch:
    """What is seen of the server while it is talked to."""

    running: Server
    memory: list[int] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)  # at which a breaker was not closed

    async def look(self) -> None:
        self.memory.append(self.running.memory_bytes())
        states = await asyncio.to_thread(_states, self.running)
        self.looks.update(name for name, state in states.items() if state != "closed")

    def rested(self) -> dict[str, float]:
        return {name: count / len(self.memory) for name, count in self.looks.items()}


def _states(running: Server) -> dict[str, str]:
    """Of each breaker, by the name of its provider."""
    with urllib.request.urlopen(f"http://{running.http}/status", timeout=5) as answer:
        modules = json.load(answer)["modules"]
    return {
        name: state
        for part in ("text_processing", "audio_generation")
        for name, state in modules[part]["providers"].items()
    }


async def _talk(watch: Watch, users: int, seconds: float, seed: int) -> list[Turn]:
    """Have so many users talk for so long, and watch the server meanwhile."""
    turns: list[Turn] = []
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as tasks:
        for number in range(users):
            tasks.create_task(user(watch.running.address, f"user-{number}", until, seed, turns))
        told = time.monotonic()
        while time.monotonic() < until:
            await asyncio.sleep(LOOKS_SECONDS)
            await watch.look()
            if sys.stderr.isatty() or time.monotonic() - told >= LINES_SECONDS:
                told = time.monotonic()
                _progress(until - told, watch.memory[-1], turns)
    return turns


def _progress(left: float, memory: int, turns: list[Turn]) -> None:
    """Tell how far the day is: on one line for somebody at a terminal."""
    ends = Counter(turn.how.partition(":")[0] for turn in turns)
    line = f"{max(0.0, left):4.0f} s left, {memory / 1e6:.0f} MB, " + ", ".join(
        f"{count} {how}" for how, count in ends.most_common()
    )
    start, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    print(f"{start}{line}", end=end, file=sys.stderr, flush=True)


async def _heal(running: Server) -> dict[str, str]:
    """Let people ask until every breaker is closed, or it takes too long; how the breakers are then."""
    clients = [Client(running.address) for _ in range(HEALERS)]
    end = time.monotonic() + HEALED_WITHIN_SECONDS
    states = _states(running)
    while set(states.values()) != {"closed"} and time.monotonic() < end:
        async with asyncio.TaskGroup() as tasks:
            for number, client in enumerate(clients):
                tasks.create_task(speak(client, f"healer-{number}", 1.5))
        states = _states(running)
    for client in clients:
        await client.close()
    return states


def _held(running: Server, models: set[int]) -> Held:
    """What it holds, once it is quiet. Connections to `models` (their ports) wait for the next request."""
    time.sleep(QUIET_SECONDS)
    pooled = sum(running.connections(port) for port in models)
    return Held(running.process.num_fds() - pooled, running.process.num_threads())


def _read_log(log: IO[str]) -> tuple[list[str], Counter[str]]:
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


def _day(users: int, seconds: float, fail: float, seed: int) -> Day:
    """Live through a day, and tell its facts."""
    with ExitStack() as stack:
        gemini = stack.enter_context(fakes.gemini(fail=fail, pace=0.02, seed=seed))
        openai = stack.enter_context(fakes.openai(fail=fail, pace=0.02, seed=seed))
        edge = stack.enter_context(fakes.edge(fail=fail))
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        settings = gemini.settings | openai.settings | edge.settings | SERVER
        with server(log, **settings) as running:
            talk = partial(_talk, users=users, seed=seed)
            asyncio.run(talk(Watch(running), seconds=min(WARM_UP_SECONDS, seconds)))
            models = {gemini.port, openai.port}
            before, watch = _held(running, models), Watch(running)
            turns = asyncio.run(talk(watch, seconds=seconds))
            states = asyncio.run(_heal(running))
            after, edge_left = _held(running, models), running.connections(edge.port)
        faults, met = _read_log(log)
    return Day(
        turns,
        PATIENCE_SECONDS,
        watch.memory,
        before,
        after,
        edge_left,
        watch.rested(),
        states,
        faults,
        met,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="just bad-day", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--fail", type=float, default=0.2, help="the probability that a request fails")
    parser.add_argument("--seed", type=int, default=1, help="of the users' and the models' chances")
    given = parser.parse_args()
    day = _day(given.users, 60 * given.minutes, given.fail, given.seed)
    found = claims(day)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(_for_a_person(day, found) if sys.stdout.isatty() else _for_a_pipe(vars(given), day, found))
    sys.exit(not all(claim.holds for claim in found))


def _for_a_person(day: Day, found: list[Claim]) -> str:
    lines = [f"{'✓' if claim.holds else '✗'} {claim.what}: {claim.found} ({claim.wanted})" for claim in found]
    lines.append(f"turns: {_counted(day.ends)}")
    lines.append("memory: " + " → ".join(f"{third / 1e6:.0f} MB" for third in thirds(day.memory)))
    lines.append("not closed, of the day: " + ", ".join(f"{n} {s:.0%}" for n, s in day.rested.items()))
    lines.append(f"met: {_counted(day.met)}")
    return "\n".join(lines)


def _counted(counts: Mapping[str, int]) -> str:
    most_first = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {what}" for what, count in most_first) or "none"


def _for_a_pipe(given: dict[str, float], day: Day, found: list[Claim]) -> str:
    facts = {
        "given": given,
        "good": all(claim.holds for claim in found),
        "claims": [dataclasses.asdict(claim) for claim in found],
        "turns": day.ends,
        "answered_share": day.answered_share,
        "longest_wait_seconds": day.longest_wait_seconds,
        "memory_of_thirds": thirds(day.memory),
        "held": [dataclasses.asdict(held) for held in (day.before, day.after)],
        "rested": day.rested,
        "states": day.states,
        "met": day.met,
        "faults": day.faults,
    }
    return json.dumps(facts, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
