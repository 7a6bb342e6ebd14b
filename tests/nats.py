"""Real NATS servers: the one that the environment names, and others that a test may kill."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

URL = os.environ.get("NEXY_TEST_NATS_URL", "")
needs_nats = pytest.mark.skipif(not URL, reason="NEXY_TEST_NATS_URL names no NATS server with JetStream")
START_SECONDS = 10.0


def prefix() -> str:
    """Of one test alone: subjects and streams of another one are not seen."""
    return f"test-{secrets.token_hex(4)}"


def needed(tool: str) -> None:
    """Fail without it: where these tests are asked for, none that did not run may pass for one that did."""
    if shutil.which(tool) is None:
        pytest.fail(f"NEXY_TEST_NATS_URL is set, and there is no {tool} to run")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class NatsServer:
    """A server of the test's own."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = ["nats-server", "-js", "-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.02)
        raise TimeoutError("nats-server does not listen")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """As if its link was cut: nothing comes, and nothing says so."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def nats_server(folder: Path) -> Iterator[NatsServer]:
    """One that runs, on a free port. Skips where no server is named; fails where there is none to run."""
    if not URL:
        pytest.skip("NEXY_TEST_NATS_URL names no NATS server with JetStream")
    needed("nats-server")
    server = NatsServer(free_port(), folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


async def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until it is so. Raises TooSlowError when it does not come about."""
    with trio.fail_after(seconds):
        while not true():  # noqa: ASYNC110 - it is another process that changes
            await trio.sleep(0.01)
