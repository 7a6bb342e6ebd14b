"""The configuration, for every command that needs it."""

import os

from nexy.cli.failing import fail
from nexy.config import FILE, Config, load
from nexy.errors import ConfigError


def configuration(**overrides: str | None) -> tuple[Config, list[str]]:
    """The configuration, or a line for every mistake in it and the end of the program."""
    try:
        return load(os.environ, FILE, **overrides)
    except ConfigError as error:
        fail(*error.problems, *error.warnings)
