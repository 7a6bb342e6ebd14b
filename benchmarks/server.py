"""The server under measurement: a process of its own, with its CPU and memory read from outside."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

PORTS = ["--grpc-port", "0", "--http-port", "0", "--ws-port", "0", "--update-port", "0"]
SETTINGS = {
    "LLM_PROVIDERS": "scripted",
    "TTS_PROVIDERS": "tone",
    "SCRIPTED_SENTENCES": "1000",
    "SCRIPTED_WORD_SECONDS": "0.02",
    "LEAD_SECONDS": "1",
    "MAX_SESSIONS": "5000",
    "MAX_ACTIVE_SESSIONS": "5000",
    "MAX_REQUESTS_PER_MINUTE": "1000000",
    "MAX_REQUESTS_PER_USER": "100",
    "MAX_REQUESTS_PER_MINUTE_PER_USER": "1000000",
    "MAX_CONCURRENT_REQUESTS": "5000",
    "MAX_CONNECTIONS": "5000",
    "MAX_CONNECTIONS_PER_ADDRESS": "5000",
    "MAX_LOOP_LAG_SECONDS": "10",
    "LOG_LEVEL": "ERROR",
    "DRAIN_SECONDS": "0",
}


@dataclass
class Server:
    """A running `nexy serve`."""

    address: str
    http: str
    ws: str
    updates: str
    process: psutil.Process

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that serve: its own, or those that it started."""
        return self.process.children() or [self.process]

    def cpu_seconds(self) -> float:
        """Of all its processes."""
        times = [one.cpu_times() for one in {self.process, *self.workers}]
        return float(sum(one.user + one.system for one in times))

    def waited_seconds(self) -> float:
        """For a processor that somebody else had; 0 where the system does not tell (it is Linux's)."""
        found = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(one.read_text().split()[1]) for one in found) / 1e9

    def memory_bytes(self) -> int:
        return int(sum(one.memory_info().rss for one in self.workers))

    def connections(self, port: int) -> int:
        """How many it has open to that port of somebody else."""
        return sum(bool(one.raddr) and one.raddr.port == port for one in self.process.net_connections("tcp"))


@contextmanager
def server(log: IO[str] | None = None, /, **settings: str) -> Iterator[Server]:
    """`nexy serve` on any free port, on the machine's first core; the client keeps to the others.

    `log` takes what it logs, which else goes where this process's own errors go.
    """
    with serving(settings, log=log) as running:
        yield running


@contextmanager
def serving(
    settings: Mapping[str, str], *, workers: int = 1, cores: Sequence[int] = (0,), log: IO[str] | None = None
) -> Iterator[Server]:
    """The same with so many workers, on these cores."""
    command = [sys.executable, "-m", "nexy", "serve", *PORTS, "--workers", str(workers)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command,
            env=os.environ
            | SETTINGS
            | {"DATABASE_URL": f"sqlite:///{folder}/nexy.db", "UPDATE_DIR": folder}
            | dict(settings),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as started,
    ):
        try:
            assert started.stdout is not None
            ready = started.stdout.readline()
            at = dict(part.split("=") for part in ready.split()[1:])
            process = psutil.Process(started.pid)
            running = Server(at["grpc"], at["http"], at["ws"], at["updates"], process)
            for one in {process, *running.workers}:
                one.cpu_affinity(list(cores))
            yield running
        finally:
            started.terminate()
            started.wait(10)
