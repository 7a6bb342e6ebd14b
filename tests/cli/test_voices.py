"""nexy voices, in a pipe and on a terminal."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nexy.cli import app

runner = CliRunner()


def test_in_a_pipe_each_voice_is_a_line_of_fields() -> None:
    result = runner.invoke(app, ["voices"])
    rows = [line.split("\t") for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert ["ru-RU-SvetlanaNeural", "ru-RU", "female", "edge"] in rows
    assert ["ru", "ru", "", "espeak"] in rows
    assert {len(row) for row in rows} == {4}


def test_only_those_of_a_language() -> None:
    russian = runner.invoke(app, ["voices", "--language", "ru"]).stdout.splitlines()
    spoken = {line.split("\t")[1] for line in russian}
    assert {"ru-RU", "ru"} <= spoken
    assert all(tag.partition("-")[0] == "ru" for tag in spoken)
    british = runner.invoke(app, ["voices", "--language", "en_gb"]).stdout.splitlines()
    assert [line.split("\t")[0] for line in british if line.endswith("edge")] == [
        "en-GB-RyanNeural",
        "en-GB-SoniaNeural",
    ]


def test_a_language_that_nobody_speaks() -> None:
    result = runner.invoke(app, ["voices", "--language", "tlh\n"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "nexy: --language: no voice speaks 'tlh\\n'\n"


def test_the_doctor_hears_edge_through_the_fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.fakes.edge", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as fake:
        assert fake.stdout is not None
        settings = dict(fake.stdout.readline().strip().split("=", 1) for _ in range(2))
        assert set(settings) == {"EDGE_TTS_URL", "SSL_CERT_FILE"}
        monkeypatch.chdir(tmp_path)
        for name, value in {
            "TTS_PROVIDERS": "edge",
            "GRPC_PORT": "0",
            "HTTP_PORT": "0",
            "UPDATE_PORT": "0",
            "WEBSOCKET_PORT": "0",
            **settings,
        }.items():
            monkeypatch.setenv(name, value)
        result = runner.invoke(app, ["doctor"])
        fake.send_signal(signal.SIGINT)
        assert fake.wait(10) == 0
    assert 'ok   voice edge: says "Hello."' in result.stdout


def test_on_a_terminal_the_columns_stand_under_each_other() -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "nexy", "voices", "--language", "de"]
    with subprocess.Popen(command, stdout=theirs) as program:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # Linux says so at the end
                break
        assert program.wait(10) == 0
    os.close(ours)
    head, *rows = shown.decode().splitlines()
    assert head.split() == ["NAME", "LANGUAGE", "GENDER", "PROVIDER"]
    place = head.index("PROVIDER")
    assert {row[place:] for row in rows} == {"edge", "espeak"}
