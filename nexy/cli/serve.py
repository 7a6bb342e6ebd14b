"""nexy serve."""

import resource
import sys
from contextlib import suppress
from functools import partial

import trio
import typer

from nexy.app import Server, serve
from nexy.cli.collecting import collect_old, collecting, settle
from nexy.cli.configuration import configuration
from nexy.cli.failing import fail
from nexy.cli.stopping import run_until_ctrl_c
from nexy.config import Config
from nexy.errors import ProviderError, StorageError, leaves
from nexy.monitoring import logger, set_up
from nexy.nursery.shutdown import Drained


def run(host: str | None, **ports: int | None) -> None:
    given = {name: None if port is None else str(port) for name, port in ports.items()}
    config, warnings = configuration(grpc_host=host, **given)
    set_up(config.log.log_level, config.log.log_format)
    for warning in warnings:
        logger("nexy.config").warning(warning)
    _take_descriptors()
    try:
        with collecting():
            drained = run_until_ctrl_c(partial(_serve, config))
    except ExceptionGroup as error:
        fail(*_explain(error))
    if drained is Drained.LATE:  # not a failure: everybody was told, and what was said is kept
        logger("nexy.serve").warning("DRAIN_SECONDS are over: the answers that still ran were told so")
    if drained is Drained.CUT_OFF:
        raise typer.Exit(1)


def _take_descriptors() -> None:
    """Have as many open connections as the system lets us: the usual 1,024 are fewer than MAX_CONNECTIONS."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited" and means less
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(config: Config) -> Drained:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect_old)
        drained = await serve(config, _ready)
        nursery.cancel_scope.cancel()
    return drained


def _ready(server: Server) -> None:
    settle()
    print(f"ready {server}", flush=True)
    if sys.stderr.isatty():  # for people; a file gets the log and nothing else
        print(f"console: {server.console}", file=sys.stderr, flush=True)


def _explain(error: Exception) -> list[str]:
    """A line for each thing that keeps the server from starting; anything else is a bug, and raised."""
    lines = []
    for leaf in leaves(error):
        if isinstance(leaf, OSError):
            lines.append(f"cannot listen: {leaf.strerror or leaf}")
        elif isinstance(leaf, (ProviderError, StorageError)):
            lines.append(str(leaf))
        else:
            raise error
    return lines
