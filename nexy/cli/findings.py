"""What the doctor finds."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is; the value is what a pipe is shown."""

    OK = "ok"
    WARN = "warn"  # the server can answer all the same
    BAD = "BAD"  # it cannot


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    words: str


def ok(what: str, words: str) -> Finding:
    return Finding(Level.OK, what, words)


def warn(what: str, words: str) -> Finding:
    return Finding(Level.WARN, what, words)


def bad(what: str, words: str) -> Finding:
    return Finding(Level.BAD, what, words)
