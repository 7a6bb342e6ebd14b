"""Ctrl-C ends every command quietly, whatever it is doing."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trio
import trio.testing
import typer

from nexy.cli.stopping import run_until_ctrl_c

ROOT = Path(__file__).parents[2]
BY_CTRL_C = {130, -signal.SIGINT}  # as a shell sees both: 130


class Started:
    """A command in a process of its own."""

    def __init__(self, folder: Path, *args: str, **env: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *args],
            cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)} | env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._fuse = threading.Timer(20, self.process.kill)  # so that no test waits for ever
        self._fuse.start()

    def ctrl_c(self) -> tuple[int, str, str]:
        """Press it; the exit status and what is printed from then on."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err

    def close(self) -> None:
        self._fuse.cancel()
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    started: list[Started] = []

    def begin(*args: str, **env: str) -> Started:
        started.append(Started(tmp_path, *args, **env))
        return started[-1]

    yield begin
    for one in started:
        one.close()


@pytest.mark.parametrize("command", [["ask", "Hello"], ["interrupt", "device"], ["welcome"]])
def test_while_a_server_is_silent(command: list[str], start: Callable[..., Started]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        started = start("-m", "nexy", *command, "--server", address)
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(24)  # it speaks
            assert started.ctrl_c() == (130, "", "")


PORTS = ["--grpc-port", "0", "--http-port", "0", "--ws-port", "0", "--update-port", "0"]


@pytest.mark.parametrize("loaded", ["nexy.cli.address", "numpy", "nexy.app", "espeakng_loader"])
def test_while_a_server_starts(loaded: str, start: Callable[..., Started]) -> None:
    command = ["-X", "importtime", "-m", "nexy", "serve", *PORTS]
    started = start(*command, TTS_PROVIDERS="espeak")
    assert started.process.stderr is not None
    for line in started.process.stderr:
        if line.rpartition("|")[2].strip() == loaded:
            break
    status, out, err = started.ctrl_c()
    assert status in BY_CTRL_C
    assert out == ""
    assert [line for line in err.splitlines() if not line.startswith("import time:")] == []


def test_what_runs_is_cancelled_and_may_clean_up() -> None:
    cleaned = []

    async def stopped_by_ctrl_c() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            try:
                os.kill(os.getpid(), signal.SIGINT)
                await trio.sleep_forever()
            finally:
                cleaned.append(True)

    with pytest.raises(typer.Exit) as ended:
        run_until_ctrl_c(stopped_by_ctrl_c)
    assert ended.value.exit_code == 130
    assert cleaned == [True]


def test_a_second_one_does_not_wait() -> None:
    async def stubborn() -> None:
        with trio.CancelScope(shield=True):
            receiver = signal.getsignal(signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            with trio.fail_after(5):
                while signal.getsignal(signal.SIGINT) is receiver:  # noqa: ASYNC110 - nothing tells of it
                    await trio.sleep(0.01)  # until it is taken: two at once are one
            os.kill(os.getpid(), signal.SIGINT)
            await trio.sleep_forever()

    began = time.monotonic()
    with pytest.raises(typer.Exit) as ended:
        run_until_ctrl_c(stubborn)
    assert ended.value.exit_code == 130
    assert time.monotonic() - began < 6


def test_without_it_the_result_and_errors_come_out() -> None:
    async def well() -> int:
        return 7

    async def badly() -> None:
        raise ValueError("why")

    assert run_until_ctrl_c(well) == 7
    with pytest.RaisesGroup(pytest.RaisesExc(ValueError, match="why")):
        run_until_ctrl_c(badly)
