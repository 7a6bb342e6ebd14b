"""The command line: what it says, and the status that it ends with."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nexy import __version__
from nexy.cli import app

COMMANDS = ["serve", "ask", "interrupt", "welcome", "voices", "doctor"]
runner = CliRunner()


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # no config.env is found
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address that nobody answers at: the port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


def test_help_names_every_command() -> None:
    result = runner.invoke(app, ["--help"])
    assert result.exit_code == 0
    for command in COMMANDS:
        assert command in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    assert runner.invoke(app, [command, "-h"]).exit_code == 0


def test_version() -> None:
    result = runner.invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"nexy {__version__}\n")


@pytest.mark.parametrize(
    "wrong",
    [
        ["sing"],
        ["ask"],
        ["interrupt"],
        ["ask", "hi", "--loud"],
        ["serve", "--grpc-port", "x"],
        ["serve", "--workers", "0"],
    ],
)
def test_wrong_use_is_status_2(wrong: list[str]) -> None:
    assert runner.invoke(app, wrong).exit_code == 2


def test_each_mistake_in_the_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("TURN_SECONDS=hidden\nLLM_PROVIDERS=hidden,hidden\n")
    result = runner.invoke(app, ["serve", "--grpc-port", "70000"])
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert sorted(line.split(":")[:2] for line in lines) == [
        ["nexy", " GRPC_PORT"],
        ["nexy", " LLM_PROVIDERS"],
        ["nexy", " TURN_SECONDS"],
    ]
    assert "hidden" not in result.output


def test_several_processes_are_refused() -> None:
    result = runner.invoke(app, ["serve", "--workers", "2"])
    assert result.exit_code == 1
    assert result.stderr == "nexy: --workers: this version runs in one process\n"


@pytest.mark.parametrize("command", [["ask", "Hello"], ["interrupt", "device"], ["welcome"]])
def test_when_no_server_answers_it_says_so_in_one_line(command: list[str], nobody: str) -> None:
    result = runner.invoke(app, [*command, "--server", nobody])
    assert result.exit_code == 1
    assert result.stderr == f"nexy: no server answers at {nobody}; start one with: nexy serve\n"
    assert result.stdout == ""


@pytest.mark.parametrize("server", ["here", "localhost:", "localhost:http", "localhost:²"])
def test_what_is_no_address(server: str) -> None:
    result = runner.invoke(app, ["ask", "Hello", "--server", server])
    assert result.exit_code == 1
    assert result.stderr == f"nexy: --server: {server} is not HOST:PORT\n"


def test_a_screenshot_that_cannot_be_read(nobody: str) -> None:
    result = runner.invoke(app, ["ask", "Hello", "--screenshot", "none.png", "--server", nobody])
    assert result.exit_code == 1
    assert result.stderr == "nexy: none.png: No such file or directory\n"


def test_the_doctor_finds_all_well(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TTS_PROVIDERS": "tone", "GRPC_PORT": "0", "HTTP_PORT": "0"}.items():
        monkeypatch.setenv(name, value)
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 0
    assert [line[:3] for line in result.stdout.splitlines()] == ["ok "] * 5


def test_the_doctor_finds_a_mistake_and_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPC_PORT", "x")
    result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert result.stdout.startswith("BAD  configuration: GRPC_PORT: ")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for name, value in {"TTS_PROVIDERS": "tone", "HTTP_PORT": "0"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GRPC_PORT", str(taken.getsockname()[1]))
        result = runner.invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "BAD  gRPC port" in result.stdout
    assert "set GRPC_PORT to another" in result.stdout
