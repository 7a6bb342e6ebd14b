"""The process over the workers, with tiny scripts in their place."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from prometheus_client.parser import text_string_to_metric_families

from nexy import __version__
from nexy import supervisor as module
from nexy.config import Config, load
from nexy.nursery.shutdown import Drained
from nexy.nursery.workers import Worker
from nexy.supervisor import Supervisor, program, serve
from tests.nursery.test_workers import BEGIN, ROOT, SERVE

DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
SETTINGS = {"GRPC_PORT": "0", "HTTP_PORT": "0", "WEBSOCKET_PORT": "none", "UPDATE_DIR": "none"}


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[int, str]:
    """What each worker runs, by its number; all others are good ones."""
    found: dict[int, str] = {}

    def worker(number: int, _: list[str]) -> Worker:
        return Worker(number, [sys.executable, "-c", BEGIN + found.get(number, "") + SERVE])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "Worker", worker)
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.5)
    monkeypatch.setattr(module, "LAST_SECONDS", 0.1)
    return found


def config() -> Config:
    return load(SETTINGS | {"DRAIN_SECONDS": "0"}, Path("/nonexistent"))[0]


async def served(number: int = 2) -> Drained:
    """How they end that are told to as soon as all of them are ready."""

    def tell(_: Supervisor) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    with trio.fail_after(30):
        return await serve(config(), number, tell)


async def test_who_drains_in_time_was_not_cut_off(scripts: dict[int, str]) -> None:
    assert await served() is Drained.WELL


async def test_one_that_had_to_be_killed_was_cut_off(scripts: dict[int, str]) -> None:
    """Nobody told its users, so it is not as if the time was merely up."""
    scripts[2] = DEAF
    assert await served() is Drained.CUT_OFF


async def ready(nursery: trio.Nursery, *talk: str) -> dict[str, float]:
    """What is told by `nexy_ready` of workers with these scripts, by the worker."""
    workers = [Worker(at, [sys.executable, "-c", BEGIN + one]) for at, one in enumerate(talk, 1)]
    for worker in workers:
        await nursery.start(worker.keep)
    text = (await Supervisor(config(), workers).metrics(""))[0].decode()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return {one.labels["worker"]: one.value for one in samples if one.name == "nexy_ready"}


TELLS = SERVE.replace('[number, asked["ask"]]', '"# TYPE nexy_ready gauge\\nnexy_ready 1\\n"')
SILENT = "say_ready()\ntime.sleep(60)\n"


async def test_for_who_does_not_answer_the_supervisor_says_that_it_is_not_ready(
    nursery: trio.Nursery, scripts: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await ready(nursery, TELLS, TELLS) == {"1": 1, "2": 1}
    monkeypatch.setattr(module, "ASK_SECONDS", 0.5)
    assert await ready(nursery, TELLS, SILENT) == {"1": 1, "2": 0}


async def test_when_all_are_down_somebody_still_says_so() -> None:
    workers = [Worker(at, ["nexy"]) for at in (1, 2)]
    told = (await Supervisor(config(), workers).metrics(""))[0].decode()
    for worker in ("1", "2"):
        assert f'nexy_ready{{worker="{worker}"}} 0.0' in told.splitlines()
        assert f'nexy_worker_up{{worker="{worker}"}} 0.0' in told.splitlines()


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_workers_run_the_code_of_their_supervisor(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever folder it was started, and without being installed where that is its own."""
    (tmp_path / "nexy").mkdir()
    (tmp_path / "nexy" / "__init__.py").write_text("raise SystemExit('other code')")
    monkeypatch.chdir(ROOT if where == "here" else tmp_path)
    found = {"PYTHONPATH": str(tmp_path if where == "here" else ROOT)}
    ran = subprocess.run(
        [*program(), "--version"], env=os.environ | found, capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == (f"nexy {__version__}\n", "")
