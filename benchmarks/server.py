"""The server under measurement: a process of its own, with its CPU and memory read from outside."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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

    def cpu_seconds(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def waited_seconds(self) -> float:
        """For a processor that somebody else had; 0 where the system does not tell (it is Linux's)."""
        found = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(one.read_text().split()[1]) for one in found) / 1e9

    def memory_bytes(self) -> int:
        return int(self.process.memory_info().rss)

    def connections(self, port: int) -> int:
        """How many it has open to that port of somebody else."""
        return sum(bool(one.raddr) and one.raddr.port == port for one in self.process.net_connections("tcp"))


@contextmanager
def server(log: IO[str] | None = None, /, **settings: str) -> Iterator[Server]:
    """`nexy serve` on any free port, on the machine's first core; the client keeps to the others.

    `log` takes what it logs, which else goes where this process's own errors go.
    """
    command = [sys.executable, "-m", "nexy", "serve", *PORTS]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command,
            env=os.environ
            | SETTINGS
            | {"DATABASE_URL": f"sqlite:///{folder}/nexy.db", "UPDATE_DIR": folder}
            | settings,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as started,
    ):
        try:
            assert started.stdout is not None
            ready = started.stdout.readline()
            addresses = dict(part.split("=") for part in ready.split()[1:])
            process = psutil.Process(started.pid)
            process.cpu_affinity([0])
            yield Server(addresses["grpc"], addresses["http"], addresses["ws"], addresses["updates"], process)
        finally:
            started.terminate()
            started.wait(10)
