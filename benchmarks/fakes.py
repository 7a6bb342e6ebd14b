"""The stand-ins of Gemini, Edge and an OpenAI-compatible endpoint, each in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Seen:
    """One connection to a stand-in that is over, or one request: time.perf_counter() seconds."""

    text: str  # what was to be spoken, or what the user said
    opened: float
    closed: float
    left: float | None = None  # the client was seen to close it
    began: float | None = None  # the first sound was sent


@dataclass(frozen=True)
class Fake:
    """A running stand-in."""

    settings: dict[str, str]  # with which a server finds it
    _report: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        (url,) = (value for name, value in self.settings.items() if name.endswith("_URL"))
        return urlsplit(url).port or 0

    def seen(self) -> list[Seen]:
        """All that is over by now."""
        return [Seen(**json.loads(line)) for line in self._report.read_text().splitlines()]


@contextmanager
def _fake(name: str, options: dict[str, float], *, lines: int = 1, reports: bool = True) -> Iterator[Fake]:
    """Run tests.fakes.`name`, which prints its settings in so many `lines`.

    It shares a core with the measuring client, which must not be kept waiting for it: it is `nice`, by
    ten unless told otherwise.
    """
    with tempfile.NamedTemporaryFile() as report:
        command = ["nice", "-n", str(options.pop("nice", 10)), sys.executable, "-m", f"tests.fakes.{name}"]
        given = options | {"port": 0} | ({"report": report.name} if reports else {})
        command += [part for option, value in given.items() for part in (f"--{option}", str(value))]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as started:
            try:
                assert started.stdout is not None
                words = "".join(started.stdout.readline() for _ in range(lines)).split()
                yield Fake(dict(word.split("=", 1) for word in words if "=" in word), Path(report.name))
            finally:
                started.terminate()
                started.wait(10)


@contextmanager
def edge(**options: float) -> Iterator[Fake]:
    """A stand-in of Edge."""
    with _fake("edge", options, lines=2) as fake:
        yield fake


@contextmanager
def gemini(**options: float) -> Iterator[Fake]:
    """A stand-in of Gemini."""
    with _fake("gemini", options) as fake:
        yield fake


@contextmanager
def openai(**options: float) -> Iterator[Fake]:
    """A stand-in of an OpenAI-compatible endpoint, which tells nothing of what it saw."""
    with _fake("openai", options, reports=False) as fake:
        yield fake
