"""The outcome as text for a person, and as data for a program."""

import dataclasses
from collections.abc import Iterator
from typing import Any, TextIO

from nexy.cli.loadtest.outcome import Outcome
from nexy.cli.loadtest.tally import Spread
from nexy.cli.loadtest.turn import End
from nexy.cli.loadtest.words import counted, seconds_as_words

MEGABYTE = 1e6
COLUMNS = ("", "count", "p50", "p95", "p99", "most")


def latencies(found: Outcome) -> list[tuple[str, Spread]]:
    """Those of which there were any, by name."""
    met = found.figures
    named = {
        "request → first text": met.first_text,
        sentence_name(found): met.sentence,
        "request → first sound": met.first_sound,
        "interrupt → response": met.interrupt,
        "request → refusal": met.refusal,
    }
    return [(name, spread) for name, spread in named.items() if spread is not None]


def sentence_name(found: Outcome) -> str:
    return "first text → first sound" if found.plan.word_seconds is None else "sentence → first sound"


def row(name: str, spread: Spread) -> tuple[str, ...]:
    times = (spread.p50, spread.p95, spread.p99, spread.most)
    return (name, str(spread.count), *map(seconds_as_words, times))


def facts(found: Outcome) -> Iterator[tuple[str, str]]:
    """What is not a latency, each in a line."""
    met = found.figures
    ends = [f"{met.ends[end]} {end.value}" for end in End if end in met.ends and end is not End.LEFT]
    yield "turns", f"{met.turns}, {met.turns_per_second:.1f} a second: {', '.join(ends) or 'none'}"
    left = met.ends.get(End.LEFT, 0)
    yield "running at the end", f"{left}, counted with neither success nor errors"
    yield "requests", f"{met.requests}, {met.requests_per_second:.1f} a second"
    yield "sound", f"{met.sound_seconds:.0f} s; {met.gaps} gaps in playing, {met.gap_seconds:.2f} s together"
    stopped = met.interrupt.count if met.interrupt else 0
    late = f", {met.too_late} came after the end" if met.too_late else ""
    yield "interrupts", f"{stopped} stopped an answer{late}; {met.unclean} unclean"
    yield "errors", counted(met.errors)
    yield "refusals", counted(met.refusals)
    yield "server", _server(found)
    late = seconds_as_words(found.own_lag_p99)
    yield "load generator", f"{found.own_cpu_percent:.0f} % of a core, its loop late by {late} at p99"


def _server(found: Outcome) -> str:
    if found.server_unseen:
        return f"CPU and memory are not known: {found.server_unseen}"
    parts = []
    cpu = [sample.server_cpu_percent for sample in found.samples if sample.server_cpu_percent is not None]
    seen = [sample.server for sample in found.samples if sample.server is not None]
    memory = [one.memory_bytes for one in seen if one.memory_bytes is not None]
    active = [one.active for one in seen if one.active is not None]
    if cpu:
        parts.append(f"CPU {sum(cpu) / len(cpu):.0f} % of a core, {max(cpu):.0f} % at most")
    if memory:
        parts.append(f"memory {memory[0] / MEGABYTE:.0f} MB → {memory[-1] / MEGABYTE:.0f} MB")
    if active:
        parts.append(f"{max(active):.0f} answers at once at most")
    return "; ".join(parts) or "it shows nothing of itself"


def warnings(found: Outcome) -> list[str]:
    said = []
    if found.stopped_early:
        said.append(f"stopped by Ctrl-C after {found.figures.seconds:.0f} s of {found.plan.duration:.0f} s")
    met = found.figures.sentence
    if met is not None and met.p50 < 0:
        said.append("--scripted-word-seconds is more than the server has: sound came before its sentence")
    if found.bottleneck:
        said.append(
            f"the load generator did not keep up, so that times are too long: {found.bottleneck}; "
            "use fewer users, or give it a core or a machine of its own"
        )
    return said


def heading(found: Outcome) -> str:
    plan = found.plan
    return f"{plan.users} users for {found.figures.seconds:.0f} s against {plan.link.server}"


def as_text(found: Outcome, out: TextIO) -> str:
    lines = [heading(found), ""]
    rows = [COLUMNS, *(row(name, spread) for name, spread in latencies(found))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *cells in rows:
        numbers = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
        lines.append("  ".join([name.ljust(widths[0]), *numbers]))
    lines.append("")
    lines += [f"{name}: {words}" for name, words in facts(found)]
    lines.append("")
    lines += [f"warning: {words}" for words in warnings(found)]
    marks = ("✓", "✗") if out.isatty() and (out.encoding or "").lower().startswith("utf") else ("ok ", "BAD")
    for one in found.verdict:
        lines.append(f"{marks[not one.holds]} {one.what}: {one.found} ({one.wanted})")
    lines.append("verdict: all held" if found.good else "verdict: not all held")
    return "\n".join(lines)


def as_json(found: Outcome) -> dict[str, Any]:
    met = found.figures
    plan = dataclasses.asdict(found.plan)
    del plan["link"]
    plan["server"], plan["http"] = str(found.plan.link.server), str(found.plan.http)
    counts = dataclasses.asdict(met)
    counts["ends"] = {end.value: met.ends.get(end, 0) for end in End}
    more = ("turns", "error_percent", "success_percent", "turns_per_second", "requests_per_second")
    return {
        "good": found.good,
        "verdict": [dataclasses.asdict(one) for one in found.verdict],
        "warnings": warnings(found),
        "percentiles": "nearest-rank, of the single values; seconds",
        "plan": plan,
        "figures": counts | {name: getattr(met, name) for name in more},
        "server_unseen": found.server_unseen,
        "own_lag_p99": found.own_lag_p99,
        "own_cpu_percent": found.own_cpu_percent,
        "windows": [
            dataclasses.asdict(one) | {"ends": {end.value: n for end, n in one.ends.items()}}
            for one in found.windows
        ],
        "samples": [dataclasses.asdict(sample) for sample in found.samples],
    }
