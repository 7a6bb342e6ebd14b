"""What every command of nexy release begins with, and how it fails."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from nexy.cli.configuration import configuration
from nexy.cli.failing import fail
from nexy.config import UpdatesConfig
from nexy.errors import ReleaseError
from nexy.integrations.releasing import Desk, open_desk


def settings() -> UpdatesConfig:
    config, _ = configuration()
    return config.updates


@contextmanager
def failing() -> Iterator[None]:
    """What goes wrong in the block is one plain line, and the end of the program."""
    try:
        yield
    except ReleaseError as error:
        fail(str(error))


def desk() -> Desk:
    with failing():
        return open_desk(settings())


def say(*lines: str) -> None:
    """What should be known beside the result: plain lines on stderr."""
    for line in lines:
        print("nexy:", line, file=sys.stderr)


def say_if_local(base_url: str) -> None:
    if base_url.startswith("http://"):
        say(f"UPDATE_BASE_URL is {base_url}: clients on other machines cannot reach that")
