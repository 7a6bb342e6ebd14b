"""How a command that cannot go on ends: one plain line for each problem, and the exit status."""

import sys
from typing import NoReturn

import typer

WRONG_USE = 2  # the exit status


def fail(*problems: str, status: int = 1) -> NoReturn:
    """Say each problem in one plain line, and end the program."""
    for problem in problems:
        print("nexy:", " ".join(problem.splitlines()), file=sys.stderr)
    raise typer.Exit(status)
