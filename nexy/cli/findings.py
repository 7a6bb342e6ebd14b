"""What the doctor finds."""

from dataclasses import dataclass
from enum import Enum
from typing import TextIO


class Level(Enum):
    """How bad it is; the value is what a pipe is shown."""

    OK = "ok"
    WARN = "warn"  # the server can answer all the same
    BAD = "BAD"  # it cannot


MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.BAD: ("✗", "bold red")}


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


def show(found: list[Finding], out: TextIO) -> None:
    """A line for each: with marks and colours for a person at a terminal, with plain words in a pipe."""
    if not out.isatty():
        for one in found:
            print(f"{one.level.value:4} {one.what}: {' '.join(one.words.splitlines())}", file=out)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out)
    for one in found:
        mark, style = MARKS[one.level]
        mark = mark if console.encoding.lower().startswith("utf") else one.level.value
        console.print(Text.assemble((mark, style), f" {one.what}: ", one.words), soft_wrap=True)
