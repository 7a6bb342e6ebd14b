"""A simulation's findings as tables in Markdown, and as data."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.capacity import (
    ACROSS_MS,
    FIRST_SOUND_MS,
    LATENESS_MS,
    WORKERS_OF_NODE,
    Need,
    breaks,
    p99_ms,
)
from benchmarks.costs import wire_bytes_a_second
from benchmarks.measures import percentile
from benchmarks.simulated import Seen
from benchmarks.study import Found, Point

MEASURED_OF_100 = {  # docs/scaling.md, 100 users; the first sounds as seen inside the server
    "core, %": 44.0,
    "turns/s": 7.5,
    "first sound p50, ms": 2.8,
    "first sound p99, ms": 13.0,
    "interrupt p50, ms": 10.5,
    "interrupt p99, ms": 35.0,
}
MEASURED_OF_CROWD = {"core, %": 9.3, "chunk lateness p99, ms": 2.5}  # benchmarks/results/2026-11-26-1415.md


def tables(found: Found) -> str:
    core = f"{found.core:.0%}"
    return "\n\n".join([
        _validation(found),
        _load(found.by_load),
        f"Planned with workers that use {core} of a core, {WORKERS_OF_NODE} of them on a machine; a "
        f"second of sound is {wire_bytes_a_second() / 1000:.1f} kB on the wire.",
        _sizes(found),
        _breaking(found),
    ])  # fmt: skip


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_100(seen: Seen) -> dict[str, float]:
    return {
        "core, %": seen.core * 100,
        "turns/s": seen.turns / seen.seconds,
        "first sound p50, ms": percentile(list(seen.first_sounds), 50) * 1000,
        "first sound p99, ms": p99_ms(seen.first_sounds),
        "interrupt p50, ms": percentile(list(seen.stops), 50) * 1000,
        "interrupt p99, ms": p99_ms(seen.stops),
    }


def of_crowd(seen: Seen) -> dict[str, float]:
    return {"core, %": seen.core * 100, "chunk lateness p99, ms": p99_ms(seen.lateness)}


def compared(found: Found) -> list[tuple[str, float, float]]:
    """What, as it was measured of one process with 100 users, and as it is simulated."""
    again = found.repeated
    pairs = (
        ("load test, by the measured parts", {"core, %": MEASURED_OF_100["core, %"]}, of_100(again.parts)),
        ("load test", MEASURED_OF_100, of_100(again.test)),
        ("paced crowd", MEASURED_OF_CROWD, of_crowd(again.crowd)),
    )
    return [(f"{run}: {what}", was[what], now[what]) for run, was, now in pairs for what in was]


def _validation(found: Found) -> str:
    rows = [
        (what, f"{was:g}", f"{now:.1f}", f"{(now - was) / was:+.0%}") for what, was, now in compared(found)
    ]
    note = (
        "The core of the load test is fitted: what the measured parts leave over is laid to the sentences. "
        "Interrupts and lateness were measured at the client, with its own time and the way there and back."
    )
    return _table(("one process, 100 users", "measured", "simulated", "difference"), rows) + "\n\n" + note


def _load(by_load: list[Seen]) -> str:
    rows = [
        (
            f"{seen.core:.0%}",
            f"{seen.users / seen.workers:.0f}",
            _goal(p99_ms(seen.first_sounds), FIRST_SOUND_MS),
            _goal(p99_ms(seen.lateness), LATENESS_MS),
            _goal(p99_ms(seen.bus_stops), ACROSS_MS),
        )
        for seen in by_load
    ]
    head = ("of a core", "users a worker", f"first sound p99 (≤ {FIRST_SOUND_MS:g} ms)")
    return _table(
        (*head, f"lateness p99 (≤ {LATENESS_MS:g})", f"interrupt across p99 (≤ {ACROSS_MS:g})"), rows
    )


def _goal(ms: float, most: float) -> str:
    return f"{ms:.1f}" if ms <= most else f"**{ms:.1f}**"


def _sizes(found: Found) -> str:
    needs = [*(point.need for point in found.points), found.extrapolated]
    head = ["users in conversation", *(f"{one.users:,}" for one in needs)]
    seen = [*(_simulated(point) for point in found.points), "extrapolated"]
    waits = {
        "first sound p99, ms": [
            _goal(p99_ms(point.seen.first_sounds), FIRST_SOUND_MS) for point in found.points
        ],
        "chunk lateness p99, ms": [_goal(p99_ms(point.seen.lateness), LATENESS_MS) for point in found.points],
        "interrupt across workers p99, ms": [
            _goal(p99_ms(point.seen.bus_stops), ACROSS_MS) if point.need.workers > 1 else "–"
            for point in found.points
        ],
    }
    rows = [
        ["simulated users", *seen],
        *([what, *values, "–"] for what, values in waits.items()),
        *([what, *(_short(value) for value in values)] for what, values in _amounts(needs)),
        ["workers if only what is measured in parts costs", *(
            f"{max(1, round(one.workers * found.parts_alone)):,}" for one in needs
        )],
    ]  # fmt: skip
    return _table(head, rows)


def _amounts(needs: list[Need]) -> list[tuple[str, list[float]]]:
    """The rows of the table, each with its unit."""
    found: list[tuple[str, list[float]]] = [
        ("workers", [one.workers for one in needs]),
        ("machines", [one.nodes for one in needs]),
        ("cores in use", [one.cores for one in needs]),
        ("memory, GB", [one.memory_gb for one in needs]),
        ("sound out, Gbit/s", [one.out_gbit for one in needs]),
        ("– of one machine", [one.of_node(one.out_gbit) for one in needs]),
        ("turns/s", [one.turns for one in needs]),
        ("interrupts/s", [one.interrupts for one in needs]),
        ("NATS messages/s", [one.bus_messages for one in needs]),
        ("– of one machine", [one.of_node(one.bus_messages) for one in needs]),
        ("– publishes and deletes on streams/s", [one.stream_operations for one in needs]),
        ("database transactions/s", [one.transactions for one in needs]),
        ("new rows a day", [one.rows_a_day for one in needs]),
        ("– GB a day", [one.gb_a_day for one in needs]),
        ("– GB of its log (WAL) a day", [one.wal_gb_a_day for one in needs]),
        ("model, tokens in, a month", [one.input_tokens * 1e6 for one in needs]),
        ("– tokens out", [one.output_tokens * 1e6 for one in needs]),
        ("voice, characters a month", [one.characters * 1e6 for one in needs]),
        ("– hours of sound", [one.sound_hours for one in needs]),
    ]
    if needs[0].cost is not None:
        found.append(("model and voice, a month", [one.cost or 0.0 for one in needs]))
    return found


def _simulated(point: Point) -> str:
    return "all" if point.simulated == point.users else f"a slice of {point.simulated:,}"


def _short(value: float) -> str:
    """Two digits and what they count: 4.3, 950, 12,000, 3.4 M."""
    for most, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M")):
        if value >= most:
            return f"{float(f'{value / most:.2g}'):,g}{unit}"
    return f"{float(f'{value:.2g}'):,g}" if value < 100 else f"{float(f'{value:.3g}'):,.0f}"


def _breaking(found: Found) -> str:
    rows = [
        (_short(users), f"{one.what}: {one.most:,g} ({one.source})", one.then)
        for users, one in breaks(found.extrapolated, found.core)
    ]
    head, *rest = _table(("users", "what ends", "what then"), rows).splitlines()
    return "\n".join([head, "|--:|---|---|", *rest[1:]])


def as_data(found: Found) -> dict[str, Any]:
    return {
        "costs": found.study.costs.sources(),
        "habits": dataclasses.asdict(found.study.habits),
        "balancer": found.study.balancer,
        "seed": found.study.seed,
        "events": found.study.events,
        "compared": [{"what": what, "measured": was, "simulated": now} for what, was, now in compared(found)],
        "by load": [_waits(seen) for seen in found.by_load],
        "core": found.core,
        "of the workers, if only parts cost": found.parts_alone,
        "sizes": [
            {"simulated users": point.simulated} | _waits(point.seen) | dataclasses.asdict(point.need)
            for point in found.points
        ],
        "extrapolated": dataclasses.asdict(found.extrapolated),
        "breaks": [
            {"users": users} | dataclasses.asdict(one)
            for users, one in breaks(found.extrapolated, found.core)
        ],
    }  # fmt: skip


def _waits(seen: Seen) -> dict[str, float]:
    """Milliseconds at p99."""
    return {
        "core": round(seen.core, 4),
        "users a worker": round(seen.users / seen.workers, 1),
        "first sound": round(p99_ms(seen.first_sounds), 2),
        "chunk lateness": round(p99_ms(seen.lateness), 2),
        "interrupt": round(p99_ms(seen.stops), 2),
        "interrupt across": round(p99_ms(seen.bus_stops), 2),
    }
