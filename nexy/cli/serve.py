"""nexy serve."""

import os
import resource
import socket
import sys
from contextlib import suppress
from functools import partial

import trio
import typer

from nexy.app import Server, serve
from nexy.cli.collecting import collect_old, collecting, settle
from nexy.cli.configuration import configuration
from nexy.cli.failing import WRONG_USE, fail
from nexy.cli.stopping import run_until_ctrl_c
from nexy.config import Config
from nexy.errors import BusError, ProviderError, StorageError, leaves
from nexy.monitoring import logger, set_up
from nexy.nursery.control import Control
from nexy.nursery.shutdown import Drained
from nexy.nursery.workers import CONTROL, NUMBER, CannotStart
from nexy.supervisor import Supervisor
from nexy.supervisor import serve as supervise


def run(host: str | None, workers: int, **ports: int | None) -> None:
    given = {name: None if port is None else str(port) for name, port in ports.items()}
    config, warnings = configuration(grpc_host=host, **given)
    if workers > 1 and not config.bus.nats_url.get_secret_value():
        fail(
            f"--workers {workers} needs NATS_URL, the bus by which an interrupt finds its worker and limits "
            "hold for all: start nats-server -js and set NATS_URL=nats://127.0.0.1:4222",
            status=WRONG_USE,
        )
    number = os.environ.get(NUMBER, "")  # of this worker, when it is one
    set_up(config.log.log_level, config.log.log_format, **({"worker": number} if number else {}))
    if not number:
        for warning in warnings:
            logger("nexy.config").warning(warning)
    _take_descriptors()
    try:
        if workers > 1:
            drained = run_until_ctrl_c(partial(supervise, config, workers, _ready))
        else:
            with collecting():
                drained = run_until_ctrl_c(partial(_serve, config, _overseer()))
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


def _overseer() -> socket.socket | None:
    """This worker's end of the line to its supervisor; None when it has none."""
    descriptor = os.environ.get(CONTROL)
    return socket.socket(fileno=int(descriptor)) if descriptor else None


async def _serve(config: Config, overseer: socket.socket | None) -> Drained:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(collect_old)
        drained = await serve(config, _ready, Control(overseer) if overseer else None)
        nursery.cancel_scope.cancel()
    return drained


def _ready(server: Server | Supervisor) -> None:
    settle()
    print(f"ready {server}", flush=True)
    if sys.stderr.isatty() and NUMBER not in os.environ:  # for people; a file gets the log and nothing else
        print(f"console: {server.console}", file=sys.stderr, flush=True)


def _explain(error: Exception) -> list[str]:
    """A line for each thing that keeps the server from starting; anything else is a bug, and raised."""
    lines = []
    for leaf in leaves(error):
        if isinstance(leaf, OSError):
            lines.append(f"cannot listen: {leaf.strerror or leaf}")
        elif isinstance(leaf, (BusError, ProviderError, StorageError)):
            lines.append(str(leaf))
        elif isinstance(leaf, CannotStart):
            continue  # the worker has said why
        else:
            raise error
    return lines
