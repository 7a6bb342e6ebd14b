"""The log has times and sizes, and nothing that anybody said."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import ProviderError
from nexy.monitoring import log_turn, set_up
from nexy.monitoring.log import where
from nexy.nursery.session import Ended
from nexy.types import HardwareId, SessionId, Utterance
from tests.integrations.fakes import Model, ask, cast, conversation

SECRET = "the-secret-words"


@pytest.fixture(params=["json", "console"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def log(form: str) -> Iterator[io.StringIO]:
    """What is logged in `form`; afterwards the loggers are as they were."""
    root, log = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    set_up("INFO", form)
    root.handlers[0].setStream(log)  # type: ignore[attr-defined]
    yield log
    root.handlers[:] = before
    root.setLevel(level)


def failed(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:  # noqa: BLE001 - to have its traceback
        return raised


@pytest.mark.parametrize("error", [None, ProviderError(SECRET), ZeroDivisionError(SECRET)])
def test_a_turn_is_one_line_without_ids_or_words(error: Exception | None, log: io.StringIO) -> None:
    error = error and failed(error)
    log_turn(
        "device-of-anna", "session-of-anna", "done", error=error, first_word=0.123456, chars=7, none=None
    )
    line = log.getvalue()
    assert line.count("\n") == 1
    assert "anna" not in line
    assert SECRET not in line
    assert "0.1235" in line
    assert "none" not in line
    if error is not None:
        assert type(error).__name__ in line


def test_a_program_that_set_nothing_up_has_a_clean_stdout_and_hears_of_failures() -> None:
    turns = """
from nexy.monitoring import log_turn
log_turn("device-of-anna", "s", "done", error=None)
log_turn("device-of-anna", "s", "failed", error=ZeroDivisionError("the-secret-words"))
"""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    program = [sys.executable, "-c", turns]
    done = subprocess.run(program, env=env, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "ZeroDivisionError" in done.stderr
    assert "anna" not in done.stderr
    assert SECRET not in done.stderr


def test_a_device_has_the_same_name_in_each_line(log: io.StringIO, form: str) -> None:
    for device in ("a", "a", "b"):
        log_turn(device, "s", "done", error=None)
    if form == "json":
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        names = [line["device"] for line in lines]
        assert names[0] == names[1] != names[2]
        assert {line["why"] for line in lines} == {"done"}
        assert {line["logger"] for line in lines} == {"nexy.turn"}


def test_a_librarys_traceback_is_cut_to_its_place(log: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("library").exception("it failed")
    assert SECRET not in log.getvalue()
    assert "it failed" in log.getvalue()
    assert "ValueError at " in log.getvalue()
    assert log.getvalue().count("\n") == 1


def test_libraries_lines_of_every_call_are_left_out(log: io.StringIO) -> None:
    logging.getLogger("grpclib.server").info("a call")
    logging.getLogger("hypercorn.access").info("a call")
    assert log.getvalue() == ""


def test_where_hides_the_text() -> None:
    text = where(failed(ZeroDivisionError(SECRET)))
    assert SECRET not in text
    assert text.startswith("ZeroDivisionError at failed:")
    assert where(KeyError(SECRET)) == "KeyError"


@pytest.mark.parametrize("ending", ["", ZeroDivisionError(SECRET), ProviderError(SECRET)])
async def test_a_whole_turn_leaves_no_word_in_the_log(
    ending: str | Exception, log: io.StringIO, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    model = Model(SECRET + ". ", *([ending] if ending else []))
    talk = conversation(nursery, cast(model))
    said = Utterance(HardwareId("device-of-anna"), SessionId("session-of-anna"), SECRET)
    ended: list[Ended] = []
    await ask(talk, ended, said)
    assert ended[0].why.value == ("failed" if ending else "done")
    line = log.getvalue()
    assert sum("nexy.turn" in one for one in line.splitlines()) == 1
    for hidden in (SECRET, "anna"):
        assert hidden not in line
    assert "first_word" in line
