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
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks import fakes
from benchmarks.day import Claim, Day, Turn, claims, thirds
from benchmarks.people import user
from benchmarks.server import server
from benchmarks.watching import Watch, heal, held, read_log, talk

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


async def _talk(watch: Watch, users: int, seconds: float, seed: int) -> list[Turn]:
    """Have so many users talk for so long, and watch the server meanwhile."""
    turns: list[Turn] = []

    def people(until: float) -> Iterable[Coroutine[Any, Any, None]]:
        for number in range(users):
            yield user(watch.running.address, f"user-{number}", until, seed, turns)

    await talk(watch, people, seconds, turns)
    return turns


def _day(users: int, seconds: float, fail: float, seed: int) -> Day:
    """Live through a day, and tell its facts."""
    with ExitStack() as stack:
        gemini = stack.enter_context(fakes.gemini(fail=fail, pace=0.02, seed=seed))
        openai = stack.enter_context(fakes.openai(fail=fail, pace=0.02, seed=seed))
        edge = stack.enter_context(fakes.edge(fail=fail))
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        settings = gemini.settings | openai.settings | edge.settings | SERVER
        with server(log, **settings) as running:
            day = partial(_talk, users=users, seed=seed)
            asyncio.run(day(Watch(running), seconds=min(WARM_UP_SECONDS, seconds)))
            models = {gemini.port, openai.port}
            before, watch = held(running, models), Watch(running)
            turns = asyncio.run(day(watch, seconds=seconds))
            states = asyncio.run(heal(running))
            after, edge_left = held(running, models), running.connections(edge.port)
        faults, met = read_log(log)
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
