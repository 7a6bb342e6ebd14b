"""How far a file is, on a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nexy.integrations.releasing import Tell

EVERY_SECONDS = 0.1
CLEAR = "\r\x1b[K"


def shown(text: str) -> str:
    """`text` as it can be printed: a file's name may have anything in it."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


@contextmanager
def progress() -> Iterator[Tell]:
    """Tells on stderr, in one line that is gone in the end; in a pipe nothing is told."""
    if not sys.stderr.isatty():
        yield lambda file, done, size: None
        return
    last = 0.0

    def tell(file: str, done: int, size: int) -> None:
        nonlocal last
        if done == size:  # whatever is printed next has the line for itself
            print(CLEAR, end="", file=sys.stderr, flush=True)
        elif (now := time.monotonic()) - last >= EVERY_SECONDS:
            last = now
            print(f"{CLEAR}{shown(file)}: {100 * done // size} %", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        print(CLEAR, end="", file=sys.stderr, flush=True)
