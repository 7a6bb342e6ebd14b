"""python -m benchmarks: run every measurement, print a table, keep it in benchmarks/results/."""

import argparse
import asyncio
import datetime
import gc
import json
import os
import platform
import statistics
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from benchmarks import (
    closing,
    cluster,
    gateway,
    knocking,
    measures,
    outside,
    remembering,
    speaking,
    splitting,
    updating,
)
from benchmarks.measures import Figure

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"

ALL: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "first": partial(measures.first_sound_alone, 30),
    "crowd": partial(measures.crowd_of_100, 200),
    "interrupts": partial(measures.interrupts, 1000),
    "many": partial(measures.crowd_of_800, 10),
    "deaf": partial(measures.deaf_client, 3),
    "edge": partial(outside.edge_alone, 5),
    "edge-crowd": partial(outside.edge_crowd, 100),
    "closing": partial(closing.closing, 100),
    "speaking": speaking.speaking,
    "knocking": knocking.knocking,
    "remembering": partial(remembering.remembering, 200),
    "gateway": gateway.gateway,
    "splitting": partial(splitting.splitting, 5),
    "nodes": partial(cluster.across_nodes, 400),
    "workers": cluster.workers,
    "silence": cluster.silence,
    "updates": partial(updating.updating, 8.0),
}
QUICK: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "first": partial(measures.first_sound_alone, 5),
    "crowd": partial(measures.crowd_of_100, 10),
    "interrupts": partial(measures.interrupts, 50),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="just bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ALL], help="only these")
    parser.add_argument("--times", type=int, default=3, help="how often each is repeated")
    parser.add_argument("--quick", action="store_true", help="a short look, nothing kept")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    given = parser.parse_args()
    chosen = QUICK if given.quick else ALL
    os.sched_setaffinity(0, set(range(1, os.cpu_count() or 1)) or {0})  # the server has core 0
    gc.disable()  # a pause of the client would be counted against the server
    runs: list[Figure] = []
    for name in given.names or chosen:
        for time in range(given.times):
            print(f"{name}: {time + 1} of {given.times} …", file=sys.stderr, flush=True)
            runs += asyncio.run(chosen[name]())  # type: ignore[arg-type]
    table = _table(runs)
    print(table)
    if not given.quick:
        _keep(runs, table)
    if given.readme:
        _into_readme(table)


def _table(runs: list[Figure]) -> str:
    lines = ["| what | median | worst | limit | |", "|---|--:|--:|--:|---|"]
    for what in dict.fromkeys(figure.what for figure in runs):
        same = [figure for figure in runs if figure.what == what]
        median = statistics.median(figure.value for figure in same)
        worst = max(figure.value for figure in same)
        verdict = "reached" if median <= same[0].limit else "**missed**"
        limit = f"≤ {same[0].limit:g}"
        lines.append(f"| {what} | {median:.2f} {same[0].unit} | {worst:.2f} | {limit} | {verdict} |")
    return "\n".join(lines)


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _keep(runs: list[Figure], table: str) -> None:
    now = datetime.datetime.now(datetime.UTC)
    stem = RESULTS / now.strftime("%Y-%m-%d-%H%M")
    RESULTS.mkdir(exist_ok=True)
    stem.with_suffix(".md").write_text(f"{now:%Y-%m-%d %H:%M} UTC, {_machine()}\n\n{table}\n")
    rows = [{"what": run.what, "value": run.value, "unit": run.unit, "limit": run.limit} for run in runs]
    stem.with_suffix(".json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def _into_readme(table: str) -> None:
    text = README.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}\nMeasured on {_machine()}.\n\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
