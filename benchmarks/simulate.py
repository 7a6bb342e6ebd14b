"""python -m benchmarks.simulate: what 100 to 10 million users in conversation need, by simulated events.

First it repeats what was measured of one process and says how far off it is. Then it looks how busy a worker
may be until a goal is missed, and at each number of users. Progress goes to stderr, the tables to stdout;
they, the data and a picture are kept in benchmarks/results/. What it takes for granted is in costs.py.
"""

import argparse
import dataclasses
import datetime
import json
import os
import platform
from pathlib import Path
from typing import get_args

from benchmarks.capacity import BUSY_HOURS, Prices
from benchmarks.costs import Habits
from benchmarks.curves import curves
from benchmarks.simulated import Balancer
from benchmarks.study import Found, Study, studied
from benchmarks.written import as_data, tables

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument(
        "--balancer", choices=get_args(Balancer), default="connection", help="who gets a question"
    )
    parser.add_argument("--think", type=float, default=Habits().think_seconds, help="seconds, on the average")
    parser.add_argument("--interrupt", type=float, default=Habits().interrupt, help="the share of answers")
    parser.add_argument("--busy-hours", type=float, default=BUSY_HOURS, help="a day is so many busiest hours")
    parser.add_argument("--most", type=int, default=Study.most_users, help="users of a run; of more a slice")
    parser.add_argument("--core", type=float, help="that a worker shall use; else what the goals allow")
    for price in dataclasses.fields(Prices):
        parser.add_argument(f"--price-{price.name}", type=float, default=0.0, help=price.metadata["of"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="everything as data, instead of the tables")
    parser.add_argument("--forget", action="store_true", help="keep nothing in benchmarks/results/")
    given = parser.parse_args()
    habits = Habits(think_seconds=given.think, interrupt=given.interrupt)
    study = Study(
        habits=habits, balancer=given.balancer, seed=given.seed, most_users=given.most, core=given.core
    )
    prices = Prices(
        **{price.name: getattr(given, f"price_{price.name}") for price in dataclasses.fields(Prices)}
    )
    found = studied(study, prices, given.busy_hours)
    text = tables(found)
    print(json.dumps(as_data(found), indent=1, ensure_ascii=False) if given.json else text)
    if not given.forget:
        _keep(found, text)


def _keep(found: Found, text: str) -> None:
    now = datetime.datetime.now(datetime.UTC)
    stem = RESULTS / now.strftime("%Y-%m-%d-%H%M-simulate")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    RESULTS.mkdir(exist_ok=True)
    stem.with_suffix(".md").write_text(f"{now:%Y-%m-%d %H:%M} UTC, simulated on {machine}\n\n{text}\n")
    stem.with_suffix(".json").write_text(json.dumps(as_data(found), indent=1, ensure_ascii=False) + "\n")
    stem.with_suffix(".svg").write_text(curves(found) + "\n")


if __name__ == "__main__":
    main()
