"""nexy serve."""

import ctypes
import gc
import resource
import time
from contextlib import suppress
from functools import partial

import typer

from nexy.app import serve
from nexy.cli.configuration import configuration
from nexy.cli.failing import fail
from nexy.cli.stopping import run_until_ctrl_c
from nexy.errors import ProviderError, StorageError, leaves
from nexy.monitoring import logger, set_up
from nexy.nursery.shutdown import Drained

GC_THRESHOLDS = 5_000, 2, 2
"""A pause of the collector is silence for every session at once, and what waits for it is memory.

With 100 sessions that speak with Edge's voices a look at 50,000 young objects took up to 50 ms, one at
5,000 takes up to 5. Answers that fail or are left behind lie in cycles, some 270 objects each, of the
libraries and of tracebacks; they outlive two looks. So older objects are looked at every 20,000 new
ones: but only those that came since the last such look."""

OLDEST = 2  # generation

WHOLE_HEAP_SECONDS = 30.0
"""So often all of them are, if there is a look at all: 40 to 80 ms with 60 users, and 150 with 1,900
connections, whose objects live as long as they do. With two minutes, what failing answers leave in cycles
had grown to some 30 MB by then."""


def run(host: str | None, grpc_port: int | None, http_port: int | None) -> None:
    config, warnings = configuration(
        grpc_host=host,
        grpc_port=None if grpc_port is None else str(grpc_port),
        http_port=None if http_port is None else str(http_port),
    )
    set_up(config.log.log_level, config.log.log_format)
    for warning in warnings:
        logger("nexy.config").warning(warning)
    gc.set_threshold(*GC_THRESHOLDS)
    gc.callbacks.append(_Collector().told)
    _take_descriptors()
    try:
        drained = run_until_ctrl_c(partial(serve, config, _ready))
    except ExceptionGroup as error:
        fail(*_explain(error))
    if drained is Drained.LATE:  # not a failure: everybody was told, and what was said is kept
        logger("nexy.serve").warning("DRAIN_SECONDS are over: the answers that still ran were told so")
    if drained is Drained.CUT_OFF:
        raise typer.Exit(1)


class _Collector:
    """Keeps what has outlived a look at the older objects out of the next ones, for a while."""

    def __init__(self) -> None:
        self._whole, self._whole_at = False, time.monotonic()
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's

    def told(self, phase: str, about: dict[str, int]) -> None:
        if about["generation"] < OLDEST:
            return
        if phase == "start":
            self._begin()
            return
        gc.freeze()
        if self._whole and self._trim is not None:
            self._trim(0)  # free memory between what is in use stays with the process else: some 50 MB

    def _begin(self) -> None:
        self._whole = time.monotonic() - self._whole_at > WHOLE_HEAP_SECONDS
        if self._whole:
            gc.unfreeze()
            self._whole_at = time.monotonic()


def _take_descriptors() -> None:
    """Have as many open connections as the system lets us: the usual 1,024 are fewer than MAX_CONNECTIONS."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited" and means less
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _ready(line: str) -> None:
    """Say that all of it answers. What is loaded by now stays: the collector need not look at it again.

    It looks at the whole only when a quarter has been added since the last time; looking once more makes
    it forget what is frozen, which is so much that this would hardly ever be.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    print(line, flush=True)


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
