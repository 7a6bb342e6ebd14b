"""nexy serve."""

import os
from functools import partial

import structlog
import trio
import typer

from nexy.app import serve
from nexy.cli import fail
from nexy.config import Config, load
from nexy.errors import ConfigError, ProviderError
from nexy.monitoring import set_up


def configuration(**overrides: str | None) -> tuple[Config, list[str]]:
    """The configuration, or a line for every mistake in it and the end of the program."""
    try:
        return load(os.environ, **overrides)
    except ConfigError as error:
        fail(*error.problems)


def run(host: str | None, grpc_port: int | None, http_port: int | None) -> None:
    config, warnings = configuration(
        grpc_host=host,
        grpc_port=None if grpc_port is None else str(grpc_port),
        http_port=None if http_port is None else str(http_port),
    )
    set_up(config.log.log_level, config.log.log_format)
    for warning in warnings:
        structlog.get_logger("nexy.config").warning(warning)
    try:
        drained = trio.run(serve, config, partial(print, flush=True), strict_exception_groups=True)
    except* ProviderError as group:
        fail(*map(str, _leaves(group)))
    except* OSError as group:
        fail(*(f"cannot listen: {error.strerror or error}" for error in _leaves(group)))
    if not drained:
        raise typer.Exit(1)


def _leaves(group: BaseExceptionGroup[Exception]) -> list[Exception]:
    leaves: list[Exception] = []
    for error in group.exceptions:
        leaves += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return leaves
