"""`nexy loadtest` as it is really run, against a server that is really there, full, gone or late."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nexy.cli import app
from tests.e2e.test_process import Process

FOREIGN = re.compile(r"//|@import|url\(|javascript:", re.IGNORECASE)
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
LINKS = {"href", "src", "xlink:href", "action", "data", "srcset", "poster"}


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """A server, for which this test is all of its users."""
    started: list[Process] = []

    def start(**env: object) -> Process:
        settings = {"SCRIPTED_SENTENCES": 1, "MAX_LOOP_LAG_SECONDS": 5} | env
        started.append(Process(tmp_path, {name: str(value) for name, value in settings.items()}))
        return started[-1]

    yield start
    for process in started:
        process.close()


def begin(server: Process, *args: str, seconds: float = 3) -> "subprocess.Popen[str]":
    """Five users, in a process of their own."""
    given = ["--users", "5", "--duration", str(seconds), "--think", "0.1", "--json", *args]
    where = ["--server", server.target, "--http", server.http]
    return server.begin("loadtest", *where, *given)


def until_it_runs(running: "subprocess.Popen[str]") -> None:
    """Wait for its first line of progress, after five seconds of talk."""
    assert running.stderr is not None
    assert " s, " in running.stderr.readline()


def finish(running: "subprocess.Popen[str]") -> tuple[int, dict[str, Any], str]:
    """Its exit status, what it found, and what it said meanwhile."""
    said, errors = running.communicate(timeout=30)
    assert "Traceback" not in errors, errors
    return running.returncode, json.loads(said), errors


def test_users_are_answered_interrupt_and_the_report_shows_it(
    launch: Callable[..., Process], tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    more = ["--interrupt", "0.7", "--screenshot-share", "0.5", "--report", str(file)]
    more += ["--max-interrupt-p99", "3", "--max-first-sound-p99", "5", "--scripted-word-seconds", "0.001"]
    status, found, _ = finish(begin(launch(LEAD_SECONDS=0.5), *more, seconds=6))
    assert (status, found["good"]) == (0, True), found["verdict"]
    figures = found["figures"]
    assert figures["errors"] == figures["refusals"] == {}
    assert figures["ends"]["answered"] > 0
    assert figures["ends"]["interrupted"] > 0
    assert figures["unclean"] == 0
    assert figures["interrupt"]["count"] >= figures["ends"]["interrupted"]
    assert 0 < figures["sentence"]["p50"] < figures["first_sound"]["p50"]
    assert figures["sound_seconds"] > 5
    assert found["server_unseen"] == ""
    _check(Page.of(file.read_text()))


def test_a_threshold_that_does_not_hold_is_status_1(launch: Callable[..., Process]) -> None:
    status, found, _ = finish(begin(launch(), "--max-first-sound-p99", "0.0001", "--interrupt", "0"))
    assert status == 1
    assert [one["what"] for one in found["verdict"] if not one["holds"]] == ["request → first sound, p99"]


def test_the_refused_are_counted_apart_and_come_again_when_they_were_told_to(
    launch: Callable[..., Process],
) -> None:
    server = launch(MAX_ACTIVE_SESSIONS=1, SCRIPTED_SENTENCES=3)
    status, found, _ = finish(begin(server, "--interrupt", "0", "--min-success", "0", seconds=4))
    figures = found["figures"]
    assert status == 0, found["verdict"]
    assert figures["errors"] == {}
    assert sum(figures["refusals"].values()) == figures["ends"]["refused"] >= 4
    assert figures["ends"]["refused"] <= 4 * 5  # after a second at the earliest each
    assert figures["refusal"]["count"] == figures["ends"]["refused"]


def test_a_server_that_dies_meanwhile_is_errors_and_an_end_in_time(launch: Callable[..., Process]) -> None:
    server = launch(SCRIPTED_SENTENCES=20)
    running = begin(server, "--interrupt", "0.5", seconds=8)
    until_it_runs(running)
    server.process.kill()
    status, found, _ = finish(running)
    assert status == 1
    assert set(found["figures"]["errors"]) & {"the connection broke", "no connection"}
    assert found["figures"]["seconds"] == pytest.approx(8, abs=1)


def test_ctrl_c_ends_it_with_what_was_measured(launch: Callable[..., Process]) -> None:
    running = begin(launch(), "--interrupt", "0", "--max-first-sound-p99", "5", seconds=60)
    until_it_runs(running)
    running.send_signal(signal.SIGINT)
    status, found, _ = finish(running)
    assert status == 0, found["verdict"]
    assert found["figures"]["ends"]["answered"] > 0
    assert found["figures"]["seconds"] < 30
    assert "stopped by Ctrl-C" in found["warnings"][0]


def test_a_server_that_is_frozen_does_not_keep_it(launch: Callable[..., Process]) -> None:
    server = launch(SCRIPTED_SENTENCES=20)
    running = begin(server, "--interrupt", "0.9", seconds=7)
    until_it_runs(running)
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        finish(running)
        assert time.monotonic() - began < 10
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def test_without_a_server_there_is_one_plain_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        result = CliRunner().invoke(app, ["loadtest", "--server", where, "--duration", "1"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"nexy: no server answers at {where}; start one with: nexy serve\n"


def test_a_report_that_cannot_be_written_is_said_before_anything_is_measured(tmp_path: Path) -> None:
    for file, why in ((tmp_path / "no" / "r.html", "there is no folder"), (tmp_path, "Is a directory")):
        result = CliRunner().invoke(app, ["loadtest", "--server", "127.0.0.1:1", "--report", str(file)])
        assert result.exit_code == 1
        assert why in result.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["--users", "0"],
        ["--interrupt", "1.5"],
        ["--duration", "nan"],
        ["--think", "inf"],
        ["--http", "here"],
        ["--prompt", "\udcff"],
    ],
)
def test_wrong_use_is_status_2(wrong: list[str]) -> None:
    assert CliRunner().invoke(app, ["loadtest", *wrong]).exit_code == 2


def _check(page: "Page") -> None:
    assert "script" not in page.tags
    assert page.foreign == []
    assert page.tags.count("svg") == page.tags.count("figure") >= 6
    for figure in page.figures:
        assert figure.count("table") == 1  # the figures of each picture
    assert set(page.refers) <= page.ids  # each picture has its words in the page
    assert page.unnamed_pictures == 0


class Page(HTMLParser):
    """A report, taken apart."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.figures: list[list[str]] = []
        self.ids: set[str] = set()
        self.refers: list[str] = []
        self.foreign: list[str] = []
        self.unnamed_pictures = 0
        self._in_style = False

    @classmethod
    def of(cls, text: str) -> "Page":
        page = cls()
        page.feed(text)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._in_style = tag == "style"
        if tag == "figure":
            self.figures.append([])
        elif self.figures:
            self.figures[-1].append(tag)
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        named = [given[name] for name in ("aria-labelledby", "aria-describedby") if name in given]
        self.refers += named
        self.unnamed_pictures += tag == "svg" and (given.get("role") != "img" or len(named) != 2)
        for name, value in given.items():
            if value not in NAMESPACES and (FOREIGN.search(value) or name in LINKS or name[:2] == "on"):
                self.foreign.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._in_style and FOREIGN.search(data):
            self.foreign.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False
