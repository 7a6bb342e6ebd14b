"""python -m benchmarks.soak: many users, good and bad ones, for half an hour; nothing may grow or be left.

A short round comes first; what the server holds when it is quiet after it is the base. Then the long
one: memory is looked at from the end of the warm-up on. Ends with status 1 when anything that is
claimed does not hold; the figures and a picture of the memory are kept in benchmarks/results/.
"""

import argparse
import asyncio
import dataclasses
import datetime
import json
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import fakes
from benchmarks.bad_day import PATIENCE_SECONDS, SERVER
from benchmarks.day import (
    APOLOGISED,
    Claim,
    Day,
    breakers_are_closed,
    edge_is_left,
    log_is_clean,
    of_held,
    of_turns,
)
from benchmarks.growth import bars, grown, picture, slope
from benchmarks.restless import Deeds, restless
from benchmarks.server import server
from benchmarks.watching import Look, Watch, heal, held, read_log, talk, wait_for_sessions_to_end

RESULTS = Path(__file__).parent / "results"
BASE_SECONDS = 30.0
LOOK_SECONDS = 5.0
IDLE_SECONDS = 40  # a session ends after so much silence: longer than any pause of a user who goes on
WARM_UP = 1 / 3  # of the time: histories and what is kept by then are as large as they get
MOST_GROWN_BYTES = 5_000_000
LEAST_ANSWERED = 0.9  # of the turns that nobody interrupted
PACE = 0.25  # seconds a word of a model
WORDS = 6  # in a chunk: Gemini sends several at once. One by one, they would take half of the server's core
SENTENCES = 3  # of an answer, about twelve seconds: each is a connection to Edge, with its handshake


@dataclass(frozen=True)
class Soaked:
    """The facts of it."""

    day: Day
    deeds: Deeds
    looks: list[Look]
    warm_up_seconds: float

    @property
    def apologies(self) -> Counter[str]:
        """What they were for, as the clients were told."""
        return Counter(
            f"{one.status}: {one.error_message}" for one in self.day.turns if one.how == APOLOGISED
        )

    @property
    def warm(self) -> list[Look]:
        """The looks after the warm-up."""
        since = self.looks[0].at + self.warm_up_seconds
        return [look for look in self.looks if look.at >= since]


async def _talk(watch: Watch, users: int, seconds: float, seed: int, deeds: Deeds) -> None:
    def people(until: float) -> Iterable[Coroutine[Any, Any, None]]:
        for number in range(users):
            yield restless(watch.running.address, f"user-{number}", until, seed, deeds)

    await talk(watch, people, seconds, deeds.turns, LOOK_SECONDS)


def _soak(users: int, seconds: float, fail: float, seed: int) -> Soaked:
    with ExitStack() as stack:
        gemini = stack.enter_context(
            fakes.gemini(fail=fail, pace=PACE, seed=seed, sentences=SENTENCES, words=WORDS, nice=0)
        )
        openai = stack.enter_context(fakes.openai(fail=fail, pace=PACE, seed=seed, nice=0))
        edge = stack.enter_context(fakes.edge(fail=fail, nice=0))
        log = stack.enter_context(tempfile.TemporaryFile("w+"))
        settings = gemini.settings | openai.settings | edge.settings | SERVER
        with server(log, **settings, SESSION_IDLE_SECONDS=str(IDLE_SECONDS)) as running:
            models = {gemini.port, openai.port}
            asyncio.run(_talk(Watch(running), users, BASE_SECONDS, seed, Deeds()))
            wait_for_sessions_to_end(running)
            before, watch, deeds = held(running, models), Watch(running), Deeds()
            asyncio.run(_talk(watch, users, seconds, seed + 1, deeds))
            states = asyncio.run(heal(running))
            wait_for_sessions_to_end(running)
            after, edge_left = held(running, models), running.connections(edge.port)
        faults, met = read_log(log)
    day = Day(
        deeds.turns, PATIENCE_SECONDS, watch.memory, before, after, edge_left, watch.rested(), states,
        faults, met,
    )  # fmt: skip
    return Soaked(day, deeds, watch.looks, seconds * WARM_UP)


def claims(soaked: Soaked) -> list[Claim]:
    """All that is claimed of it."""
    day, unclean = soaked.day, soaked.deeds.unclean
    return [
        *of_turns(day, LEAST_ANSWERED),
        Claim(
            "other deeds that ended otherwise than they should", str(unclean or "none"), "none", not unclean
        ),
        *_of_memory(soaked.warm),
        *of_held(day.before, day.after, ("files", "threads", "sockets", "tasks")),
        edge_is_left(day),
        breakers_are_closed(day),
        log_is_clean(day),
    ]


def _of_memory(looks: list[Look]) -> list[Claim]:
    """That it does not grow, compared in two ways."""
    resident, own = [look.resident for look in looks], [look.own for look in looks]
    more = grown(resident)
    seconds = looks[-1].at - looks[0].at
    line = slope([look.at for look in looks], resident)
    limit = f"< {MOST_GROWN_BYTES / 1e6:g} MB"
    found = f"{more / 1e6:+.2f} MB (of its own {grown(own) / 1e6:+.2f})"
    fitted = f"{line * seconds / 1e6:+.2f} MB in {seconds / 60:.0f} min, {line * 3600 / 1e6:+.1f} MB/hour"
    return [
        Claim("memory grown after the warm-up, by medians", found, limit, more < MOST_GROWN_BYTES),
        Claim("the same, by a fitted line", fitted, limit, line * seconds < MOST_GROWN_BYTES),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="just soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--fail", type=float, default=0.05, help="the probability that a request fails")
    parser.add_argument("--seed", type=int, default=1, help="of all chances")
    parser.add_argument("--forget", action="store_true", help="keep nothing in benchmarks/results/")
    given = parser.parse_args()
    soaked = _soak(given.users, 60 * given.minutes, given.fail, given.seed)
    found = claims(soaked)
    print(_told(soaked, found))
    if not given.forget:
        _keep(vars(given), soaked, found)
    sys.exit(not all(claim.holds for claim in found))


def _told(soaked: Soaked, found: list[Claim]) -> str:
    lines = [f"{'✓' if claim.holds else '✗'} {claim.what}: {claim.found} ({claim.wanted})" for claim in found]
    memory = soaked.day.memory
    lines.append(
        f"memory: {memory[0] / 1e6:.1f} → {memory[-1] / 1e6:.1f} MB, {min(memory) / 1e6:.1f} at least"
    )
    lines.append(bars(memory))
    for what, counts in (
        ("turns", soaked.day.ends),
        ("other deeds", soaked.deeds.odd),
        ("met", soaked.day.met),
    ):
        most_first = sorted(counts.items(), key=lambda item: -item[1])
        lines.append(f"{what}: " + (", ".join(f"{count} {how}" for how, count in most_first) or "none"))
    return "\n".join(lines)


def _keep(given: dict[str, Any], soaked: Soaked, found: list[Claim]) -> None:
    now = datetime.datetime.now(datetime.UTC)
    stem = RESULTS / now.strftime("%Y-%m-%d-%H%M-soak")
    day, start = soaked.day, soaked.looks[0].at
    minutes = [(look.at - start) / 60 for look in soaked.looks]
    rows = {
        "resident": [look.resident / 1e6 for look in soaked.looks],
        "of its own": [look.own / 1e6 for look in soaked.looks],
    }
    facts = {
        "given": given,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "good": all(claim.holds for claim in found),
        "claims": [dataclasses.asdict(claim) for claim in found],
        "turns": day.ends,
        "apologies": soaked.apologies,
        "other deeds": soaked.deeds.odd,
        "met": day.met,
        "held": [dataclasses.asdict(held) for held in (day.before, day.after)],
        "not closed, of the time": day.rested,
        "looks": [[round(minute, 2), round(look.resident / 1e6, 2), round(look.own / 1e6, 2), look.tasks,
                   look.sessions] for minute, look in zip(minutes, soaked.looks, strict=True)],
        "faults": day.faults,
    }  # fmt: skip
    RESULTS.mkdir(exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(facts, ensure_ascii=False) + "\n")
    title = f"Memory of the server, {given['users']} users, {given['minutes']:g} minutes"
    stem.with_suffix(".svg").write_text(picture(title, minutes, rows, soaked.warm_up_seconds / 60) + "\n")


if __name__ == "__main__":
    main()
