"""The stand-ins of Gemini and Edge, each in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def _fake(name: str, lines: int, options: dict[str, float]) -> Iterator[dict[str, str]]:
    """Run tests.fakes.`name`; yields the settings that it prints."""
    given = [part for option, value in options.items() for part in (f"--{option}", str(value))]
    command = [sys.executable, "-m", f"tests.fakes.{name}", "--port", "0", *given]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout is not None
            words = "".join(started.stdout.readline() for _ in range(lines)).split()
            yield dict(word.split("=", 1) for word in words if "=" in word)
        finally:
            started.terminate()
            started.wait(10)


@contextmanager
def edge(**options: float) -> Iterator[dict[str, str]]:
    """A stand-in of Edge: the settings with which a server finds it."""
    with _fake("edge", 2, options) as settings:
        yield settings


@contextmanager
def gemini(**options: float) -> Iterator[dict[str, str]]:
    """A stand-in of Gemini: the settings with which a server finds it."""
    with _fake("gemini", 1, options) as settings:
        yield settings
