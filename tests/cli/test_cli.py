"""The command line: what it says, and the status that it ends with."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nexy import __version__
from nexy.cli import app
from nexy.cli.address import read_address

COMMANDS = ["serve", "ask", "interrupt", "welcome", "voices", "doctor", "loadtest", "release"]
ROOT = Path(__file__).parents[2]
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


def python(*args: str) -> "subprocess.CompletedProcess[str]":
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=20, check=False)


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
        ["db"],
        ["provider"],
        ["release"],
        ["token"],
        ["interrupt"],
        ["ask", "hi", "--loud"],
        ["serve", "--grpc-port", "x"],
        ["serve", "--workers", "0"],
        ["serve", "--workers", "2"],
        ["serve", "--grpc-port", "99999"],
        ["serve", "--http-port", "-1"],
        ["serve", "--host", ""],
        ["ask", "hi", "--token", "t\nt"],
        ["ask", "\udcff"],
    ],
)
def test_wrong_use_is_status_2_and_one_plain_line(wrong: list[str]) -> None:
    result = runner.invoke(app, wrong)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("nexy: ")
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 200  # a whole help in one line is none


def test_nothing_at_all_shows_the_help() -> None:
    result = runner.invoke(app, [])
    assert result.exit_code == 2
    assert "Commands:" in result.stderr
    assert result.stdout == ""


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from nexy.__main__ import main
sys.argv = ["nexy", "--help"]
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    done = python("-c", code)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "typer" in loaded
    heavy = "trio trio_asyncio asyncio grpclib numpy pydantic betterproto rich structlog eldc"
    assert not loaded & set(heavy.split())


def test_a_client_loads_no_voice_and_no_model() -> None:
    code = "import sys, nexy.cli.ask, nexy.cli.welcome, nexy.cli.interrupt; print(*sys.modules)"
    done = python("-c", code)
    assert "nexy.cli.ask" in done.stdout.split()
    assert not {"numpy", "nexy.modules.audio_generation", "nexy.app"} & set(done.stdout.split())


def test_it_runs_as_a_module() -> None:
    done = python("-m", "nexy", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"nexy {__version__}\n", "")


@pytest.mark.parametrize("command", [["ask", "Hello"], ["interrupt", "device"], ["welcome"]])
def test_when_no_server_answers_it_says_so_in_one_line(command: list[str], nobody: str) -> None:
    result = runner.invoke(app, [*command, "--server", nobody])
    assert result.exit_code == 1
    assert result.stderr == f"nexy: no server answers at {nobody}; start one with: nexy serve\n"
    assert result.stdout == ""


@pytest.mark.parametrize(
    "server",
    [
        "here", "localhost:", "localhost:http", "localhost:²", "localhost:0", "localhost:65536",
        "localhost:-1", ":50051", "[]:50051", "::1:50051", "http://localhost:50051", "[::1]",
        "a b:50051", "[::1:50051",
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [["ask", "Hello"], ["interrupt", "device"], ["welcome"]])
def test_what_is_no_address_is_wrong_use(command: list[str], server: str) -> None:
    result = runner.invoke(app, [*command, "--server", server])
    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"nexy: Invalid value for '--server' (env var: 'NEXY_SERVER'): {server!r} "
    )
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("localhost:1", "localhost", 1), ("[::1]:65535", "::1", 65535), (" 10.0.0.1:50051 ", "10.0.0.1", 50051)],
)
def test_an_address(text: str, host: str, port: int) -> None:
    address = read_address(text)
    assert address == (host, port)
    assert str(address) == text.strip()


def test_a_token_that_cannot_be_sent_is_not_shown() -> None:
    result = runner.invoke(app, ["welcome"], env={"NEXY_TOKEN": "geheim\u0159"})
    assert result.exit_code == 2
    assert "geheim" not in result.output


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    with (tmp_path / "large.png").open("wb") as large:
        large.truncate(60 * 2**20)  # takes no room on the disk
    return tmp_path


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("none.png", "No such file or directory"),
        ("folder.png", "Is a directory"),
        ("empty.png", "is empty"),
        ("large.png", "larger than 37 MiB, the most that a message can carry"),
        ("/dev/zero", "larger than 37 MiB, the most that a message can carry"),
    ],
)
def test_a_screenshot_that_cannot_be_sent(file: str, why: str, nobody: str, files: Path) -> None:
    result = runner.invoke(app, ["ask", "Hello", "--screenshot", file, "--server", nobody])
    assert result.exit_code == 1
    assert result.stderr == f"nexy: {file}: {why}\n"


@pytest.mark.parametrize("command", [["ask", "Hello"], ["welcome"]])
@pytest.mark.parametrize(
    ("out", "why"), [("no/a.wav", "there is no folder no"), ("folder.png", "Is a directory")]
)
def test_where_no_sound_can_be_written_is_told_before_the_server_is_asked(
    command: list[str], out: str, why: str, nobody: str, files: Path
) -> None:
    result = runner.invoke(app, [*command, "--out", out, "--server", nobody])
    assert result.exit_code == 1
    assert result.stderr == f"nexy: {out}: {why}\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_that_others_reach_says_what_it_lacks_and_does_not_start(host: str) -> None:
    result = runner.invoke(
        app, ["serve", "--host", host, "--grpc-port", "0", "--http-port", "0", "--ws-port", "0"]
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("nexy: GRPC_HOST: others reach this address")
    assert "ALLOW_INSECURE=true" in result.stderr
    assert result.stderr.count("\n") == 1
