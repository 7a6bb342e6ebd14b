"""`nexy serve` as it is really run."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest

from tests.e2e.conftest import FAST

ROOT = Path(__file__).parents[2]
READY = re.compile(r"ready grpc=(\S+:\d+) http=(\S+:\d+) ws=(\S+:\d+) updates=(\S+:\d+)")
PORTS = ["--grpc-port", "0", "--http-port", "0", "--ws-port", "0", "--update-port", "0"]


class Process:
    """A running `nexy serve`."""

    def __init__(
        self, folder: Path, env: dict[str, str], *more: str, under: Sequence[str] = (), measured: bool = True
    ) -> None:
        """With `more` arguments, `under` a command that runs others; `measured` for coverage."""
        self.folder = folder
        coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        self.env = own | (coverage if measured else {}) | FAST | env
        command = [*under, sys.executable, "-m", "nexy", "serve", *PORTS, *more]
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(
            command, env=self.env, cwd=folder, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if match := READY.fullmatch(line.strip()):
                self.target, self.http, self.ws, self.updates = match.groups()
                break
        else:
            raise AssertionError("it does not get ready: " + (folder / "log").read_text())

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = 5) -> int:
        return self.process.wait(seconds)

    def begin(self, *args: str) -> "subprocess.Popen[str]":
        """Another command beside it."""
        command, pipe = [sys.executable, "-m", "nexy", *args], subprocess.PIPE
        return subprocess.Popen(command, env=self.env, cwd=self.folder, stdout=pipe, stderr=pipe, text=True)

    def ask(self, *args: str) -> "subprocess.Popen[str]":
        return self.begin("ask", "Hello", "--server", self.target, *args)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.log.close()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(**env: object) -> Process:
        started.append(Process(tmp_path, {name: str(value) for name, value in env.items()}))
        return started[-1]

    yield start
    for process in started:
        process.close()
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")
def test_languages_are_loaded_before_it_is_ready(launch: Callable[..., Process]) -> None:
    assert "eldc" in Path(f"/proc/{launch().process.pid}/maps").read_text()


def test_ask_and_an_idle_end(launch: Any, tmp_path: Path) -> None:
    server = launch()
    with urllib.request.urlopen(f"http://{server.http}/ready", timeout=5) as response:
        assert response.status == 200
    port = server.target.rpartition(":")[2]
    second = server.begin("serve", "--grpc-port", port, "--http-port", "0", "--ws-port", "0")
    with server.ask("--out", "said.wav") as asked, second:
        text, times = asked.communicate(timeout=10)
        assert asked.returncode == 0, times
        assert text.count(".") == 2
        _, error = second.communicate(timeout=10)
        assert second.returncode == 1
        *warnings, last = error.splitlines()
        assert last.startswith("nexy: cannot listen")
        assert all('"level": "warning"' in line for line in warnings)
    with wave.open(str(tmp_path / "said.wav")) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (48_000, 1, 2)
        assert wav.getnframes() == 24 * 9_600
    began = time.monotonic()
    server.signal()
    assert server.wait() == 0
    assert time.monotonic() - began < 2


def test_sigterm_during_an_answer(launch: Any, connect: Any) -> None:
    server = launch(DRAIN_SECONDS=0.2, SCRIPTED_SENTENCES=100)
    answer = connect(server.target).say(timeout=None)
    assert answer.speaking()
    server.signal()
    answer.wait(3)
    assert answer.kinds[-1] == "error_message"
    assert answer.kinds.count("error_message") == 1
    assert "end_message" not in answer.kinds
    assert answer.status is grpc.StatusCode.UNAVAILABLE
    assert server.wait() == 0  # who could not end was told


def test_an_answer_may_end(launch: Any, connect: Any) -> None:
    server = launch(DRAIN_SECONDS=20, SCRIPTED_SENTENCES=1, LEAD_SECONDS=1.8)
    answer = connect(server.target).say(timeout=None)
    assert answer.speaking()
    server.signal()
    assert answer.wait().of("end_message") == ["completed"]
    assert server.wait() == 0


def test_two_signals_end_it_at_once(launch: Any, connect: Any) -> None:
    server = launch(SCRIPTED_SENTENCES=100)
    answer = connect(server.target).say(timeout=None)
    assert answer.speaking()
    server.signal()
    time.sleep(0.2)
    assert server.process.poll() is None
    began = time.monotonic()
    server.signal(signal.SIGINT)
    assert server.wait() == 1
    assert time.monotonic() - began < 2
    assert answer.wait().status is grpc.StatusCode.UNAVAILABLE


def test_a_client_ends_quietly_by_ctrl_c_and_when_nobody_reads_it(launch: Any) -> None:
    server = launch(SCRIPTED_SENTENCES=1000, SCRIPTED_WORD_SECONDS=0.01)
    with server.ask() as stopped, server.ask() as unread:
        assert stopped.stdout.read(5)
        stopped.send_signal(signal.SIGINT)
        out, err = stopped.communicate(timeout=5)
        assert (stopped.returncode, err) == (130, "")
        assert out.endswith("\n")  # the text itself has none
        assert unread.stdout.read(5)
        unread.stdout.close()
        assert unread.wait(5) == 1
        assert unread.stderr.read() == ""
