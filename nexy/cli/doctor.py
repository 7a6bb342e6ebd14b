"""nexy doctor: what is wrong, and how to mend it."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import typer

from nexy.cli.checks import examine
from nexy.cli.findings import Finding, Level, bad, ok, show, warn
from nexy.cli.stopping import run_until_ctrl_c
from nexy.config import Config, load
from nexy.errors import ConfigError


def run() -> None:
    config, found = _configuration()
    if config is not None:
        with _unlogged():
            found += run_until_ctrl_c(partial(examine, config))
    found.append(_summary(found))
    show(found, sys.stdout)
    if found[-1].level is Level.BAD:
        raise typer.Exit(1)


@contextmanager
def _unlogged() -> Iterator[None]:
    """What would be logged in the block is what is shown after it."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _configuration() -> tuple[Config | None, list[Finding]]:
    what = "configuration"
    try:
        config, warnings = load(os.environ)
    except ConfigError as error:
        return None, [bad(what, one) for one in error.problems] + [warn(what, one) for one in error.warnings]
    return config, [warn(what, one) for one in warnings] or [ok(what, "as it should be")]


def _summary(found: list[Finding]) -> Finding:
    levels = [one.level for one in found]
    wrong, odd = levels.count(Level.BAD), levels.count(Level.WARN)
    if wrong:
        more = f"; {odd} more to look at" if odd else ""
        return bad("summary", f"{wrong} to mend before the server can answer{more}")
    if odd:
        return warn("summary", f"the server can answer; {odd} to look at")
    return ok("summary", "all is well")
