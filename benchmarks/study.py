"""The runs of the simulation: what was measured, how busy a worker may be, and each number of users."""

import math
import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.capacity import MOST_CORE, Need, Prices, holds, need, p99_ms, rates
from benchmarks.costs import REPEATED, Costs, Habits, Time
from benchmarks.simulated import Balancer, Seen, Simulation, World

SIZES = (100, 1_000, 10_000, 100_000)
EXTRAPOLATED = 10_000_000
LOADS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # of a core
LOOKED_AT = 4  # workers, whose load is raised
TURNS_A_SECOND = 1 / 23  # of a user, roughly: only for how long to look
TURNS = 5_000  # at least, a thousand interrupts among them: for a p99 of both
SECONDS = 30.0  # at least
MORE_WORKERS = (1.0, 1.1, 1.2, 1.3)  # than the load asks for, until a size reaches the goals


@dataclass(frozen=True)
class Point:
    """A number of users, as it was simulated."""

    users: int
    simulated: int  # of them; the others, and their workers, are taken to be the same
    seen: Seen
    need: Need


@dataclass(frozen=True)
class Repeated:
    """What was measured of one process, simulated."""

    test: Seen  # the load test of docs/scaling.md
    parts: Seen  # the same, if nothing but what is measured in parts costs anything
    crowd: Seen  # the crowd of `just bench`, whose words are in the cost of its sound


@dataclass
class Study:
    """Runs with the same costs, habits, balancer and seed."""

    costs: Costs = field(default_factory=Costs)
    habits: Habits = field(default_factory=Habits)
    balancer: Balancer = "connection"
    seed: int = 1
    most_users: int = 10_000  # that one run simulates
    core: float | None = None  # that a worker shall use, whatever becomes of the goals
    events: int = 0
    _slices: dict[tuple[int, int], Seen] = field(default_factory=dict)

    def run(self, users: int, workers: int, **changes: Any) -> Seen:
        seconds = max(SECONDS, TURNS / (users * TURNS_A_SECOND))
        world = World(users, workers, seconds, self.costs, self.habits, self.balancer, seed=self.seed)
        simulation, began = Simulation(replace(world, **changes)), time.perf_counter()
        seen = simulation.run()
        self.events += simulation.loop.events
        took = f"{simulation.loop.events:,} events in {time.perf_counter() - began:.1f} s"
        first = f"{seen.core:.0%} of a core each, first sound p99 {p99_ms(seen.first_sounds):.1f} ms"
        print(f"{users:,} users, workers: {workers}: {first}; {took}", file=sys.stderr, flush=True)
        return seen

    def repeated(self) -> Repeated:
        """What was measured of one process."""
        paced = replace(REPEATED, words=600.0, interrupt=0.0, lead_seconds=1.0)
        parts = replace(self.costs, sentence=Time(0.0, "left out"))
        return Repeated(
            self.run(100, 1, seconds=400.0, habits=REPEATED),
            self.run(100, 1, seconds=400.0, habits=REPEATED, costs=parts),
            self.run(100, 1, seconds=60.0, habits=paced, costs=parts),
        )

    def by_load(self) -> list[Seen]:
        """The same workers with more and more users."""
        each = rates(self.run(100 * LOOKED_AT, LOOKED_AT)).core
        return [self.run(round(load * LOOKED_AT / each), LOOKED_AT) for load in LOADS]

    def point(self, users: int, each: float, core: float, prices: Prices, busy: float) -> Point:
        """So many users, with as many workers as that share of a core asks for, or more for the goals."""
        simulated, wanted = min(users, self.most_users), users * each / core
        for more in MORE_WORKERS:
            workers = math.ceil(wanted * more)
            seen = self._slice(simulated, max(1, round(workers * simulated / users)))
            if holds(seen) or self.core:
                break
        return Point(users, simulated, seen, need(users, workers, rates(seen), self.costs, prices, busy))

    def _slice(self, users: int, workers: int) -> Seen:
        """That of 100,000 can be that of 10,000."""
        if (users, workers) not in self._slices:
            self._slices[users, workers] = self.run(users, workers)
        return self._slices[users, workers]


def most_core(by_load: list[Seen]) -> float:
    """The largest load, MOST_CORE at most, up to which every goal is reached."""
    good = 0.0
    for load, seen in zip(LOADS, by_load, strict=True):
        if load > MOST_CORE or not holds(seen):
            break
        good = load
    return good or LOADS[0]


@dataclass(frozen=True)
class Found:
    """All of it."""

    study: Study
    repeated: Repeated
    by_load: list[Seen]
    core: float  # how much of its core a worker may use
    points: list[Point]
    extrapolated: Need
    parts_alone: float  # workers, for each that is needed, if nothing but the measured parts costs anything


def studied(study: Study, prices: Prices, busy: float) -> Found:
    repeated, by_load = study.repeated(), study.by_load()
    load = most_core(by_load)
    core = study.core or load
    within = by_load[LOADS.index(load)]
    alone = rates(study.run(within.users, LOOKED_AT, costs=replace(study.costs, sentence=Time(0.0, "")))).core
    each = rates(within).core
    points = [study.point(users, each, core, prices, busy) for users in SIZES]
    widest = rates(points[-1].seen)
    workers = round(points[-1].need.workers * EXTRAPOLATED / points[-1].users)
    far = need(EXTRAPOLATED, workers, widest, study.costs, prices, busy)
    return Found(study, repeated, by_load, core, points, far, alone / each)
