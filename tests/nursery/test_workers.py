"""Worker processes: tiny scripts in their place, in real processes and real time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from nexy.nursery import workers as module
from nexy.nursery.control import Gone, Unable
from nexy.nursery.workers import CONTROL, NUMBER, CannotStart, Worker
from tests.e2e.conftest import until

ROOT = Path(__file__).parents[2]

# What every worker here begins with: it writes in the file `told` what befalls it.
BEGIN = f"""
import json, os, signal, socket, sys, threading, time
number, line = os.environ["{NUMBER}"], socket.socket(fileno=int(os.environ["{CONTROL}"]))
def tell(what):
    with open("told", "a") as file:
        file.write(f"{{number}} {{os.getpid()}} {{what}}\\n")
def lives():
    return sum(one.endswith("begins\\n") for one in open("told") if one.startswith(number + " "))
def say_ready():
    print("ready grpc=127.0.0.1:7 ws=127.0.0.1:8", flush=True)
def drain(*_):
    tell("drains")
    time.sleep(0.2)
    tell("ends")
    os._exit(0)
signal.signal(signal.SIGTERM, drain)
signal.signal(signal.SIGINT, lambda *_: tell("was interrupted"))
tell("begins")
"""

# What a good one goes on with: it answers what is asked, and drains when its supervisor is gone.
SERVE = """
say_ready()
for asked in line.makefile():
    asked = json.loads(asked)
    answer = {"answer": [number, asked["ask"]], "number": asked["number"]}
    line.sendall(json.dumps(answer).encode() + b"\\n")
drain()
"""


@dataclass
class Workshop:
    """A nursery of workers, and what they told."""

    nursery: trio.Nursery
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    async def start(self, script: str = SERVE) -> Worker:
        worker = Worker(len(self.workers) + 1, [sys.executable, "-c", BEGIN + script])
        self.workers.append(worker)
        await self.nursery.start(worker.keep)
        return worker

    def told(self, number: int = 1) -> list[str]:
        lines = [line.split(" ", 2) for line in (self.folder / "told").read_text().splitlines()]
        return [what for who, _, what in lines if int(who) == number]

    async def until(self, true: Callable[[], Any]) -> None:
        with trio.fail_after(10):
            while not true():  # noqa: ASYNC110 - what befalls a process is no event
                await trio.sleep(0.01)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for is short."""
    monkeypatch.setattr(module, "WAITS", (0.1, 0.3, 0.6))
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(module, "DYING_SECONDS", 0.05)


@pytest.fixture
async def shop(
    nursery: trio.Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
) -> Workshop:
    """When a test is over the nursery is cancelled: what it started must be gone then."""
    monkeypatch.chdir(tmp_path)
    return Workshop(nursery, tmp_path)


def begun(worker: Worker, starts: int) -> bool:
    return worker.starts == starts


def works(worker: Worker, starts: int) -> bool:
    return begun(worker, starts) and worker.ready


def lives(pid: int | None) -> bool:
    """Whether there is such a process, and it has not ended."""
    assert pid
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_worker_is_ready_when_it_says_so(shop: Workshop) -> None:
    """With a number of its own, and its addresses; what else it says is not that."""
    talker = 'print("hello\\nready? no=1:1"); print("not ready grpc=1:1", flush=True); time.sleep(0.2)\n'
    one, two = await shop.start(), await shop.start(talker + SERVE)
    for worker in (one, two):
        assert (worker.state, worker.starts, worker.ready) == ("works", 1, True)
        assert worker.addresses == {"grpc": "127.0.0.1:7", "ws": "127.0.0.1:8"}
        assert lives(worker.pid)
        assert await worker.ask("status", 2, more=[1]) == [
            str(worker.number),
            {"what": "status", "more": [1]},
        ]
    assert one.pid != two.pid


async def test_what_a_worker_says_later_does_not_stop_it(shop: Workshop) -> None:
    """A pipe holds 64 kB; one that nobody reads would hold up the worker for ever."""
    chatter = 'say_ready()\nfor _ in range(200): print("x" * 1000, flush=True)\ntell("said it")\n'
    await shop.start(chatter + SERVE)
    await shop.until(lambda: "said it" in shop.told())


async def test_one_that_dies_is_started_again_after_growing_waits(shop: Workshop) -> None:
    worker = await shop.start(SERVE)
    waits = []
    for starts in range(2, 6):
        pid = worker.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        killed = time.monotonic()
        await shop.until(lambda: not worker.ready)
        assert worker.state == "waits to be started again"
        assert worker.pid is None
        with pytest.raises(Gone):
            await worker.ask("status", 1)
        await shop.until(partial(begun, worker, starts))
        waits.append(time.monotonic() - killed)
        await shop.until(lambda: worker.ready)
        assert worker.state == "works"
        assert worker.status == -signal.SIGKILL
        assert (await worker.ask("status", 2))[0] == "1"
    assert [sum(wait >= least for least in (0.1, 0.3, 0.6)) for wait in waits] == [1, 2, 3, 3]


async def test_one_that_has_lived_long_begins_with_the_shortest_wait(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITS", (0.05, 5.0))
    monkeypatch.setattr(module, "LIVED_SECONDS", 0.5)
    worker = await shop.start()
    for starts in (2, 3, 4):
        await trio.sleep(0.6)
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        await shop.until(partial(works, worker, starts))


async def test_one_that_cannot_start_again_is_tried_on(shop: Workshop) -> None:
    worker = await shop.start('if 1 < lives() < 4: sys.exit("not yet")\n' + SERVE)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    await shop.until(partial(works, worker, 4))
    assert worker.status == 1


@pytest.mark.parametrize(
    "script",
    ["sys.exit(3)", "os.kill(os.getpid(), signal.SIGKILL)", 'print("ready", flush=True); sys.exit(3)'],
)
async def test_one_that_was_never_ready_cannot_start(shop: Workshop, script: str) -> None:
    with trio.fail_after(10), pytest.raises(ExceptionGroup) as error:
        async with trio.open_nursery() as nursery:
            await Workshop(nursery, shop.folder).start(script)
    assert error.group_contains(CannotStart)
    assert shop.told() == ["begins"]


async def test_a_command_that_is_none_cannot_start(shop: Workshop) -> None:
    with pytest.raises(ExceptionGroup) as error:
        async with trio.open_nursery() as nursery:
            await nursery.start(Worker(1, ["/nonexistent/nexy"]).keep)
    assert error.group_contains(CannotStart)


@pytest.mark.parametrize(
    "first", ["", "sys.stdout.close(); os.close(1)\n", 'print("ready", end="", flush=True)\n']
)
async def test_one_that_is_not_ready_in_time_is_ended(
    shop: Workshop, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READY_SECONDS", 0.5)
    with trio.fail_after(10), pytest.raises(ExceptionGroup) as error:
        async with trio.open_nursery() as nursery:
            await Workshop(nursery, shop.folder).start(first + "time.sleep(60)")
    assert error.group_contains(CannotStart)


async def test_one_that_hangs_is_killed_and_started_again(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.5)
    worker = await shop.start("if lives() == 1: say_ready(); time.sleep(60)\n" + SERVE)
    with pytest.raises(Gone):
        await worker.ask("status", 0.1)
    await shop.until(partial(works, worker, 2))
    assert worker.status == -signal.SIGKILL
    await trio.sleep(1)
    assert worker.starts == 2


async def test_one_whose_line_is_broken_is_killed_and_started_again(shop: Workshop) -> None:
    broken = 'if lives() == 1: say_ready(); line.sendall(b"nonsense\\n"); time.sleep(60)\n'
    worker = await shop.start(broken + SERVE)
    await shop.until(partial(works, worker, 2))
    assert worker.status == -signal.SIGKILL


async def test_one_that_can_only_not_tell_is_left_alone(shop: Workshop) -> None:
    """Its clients are answered all the same."""
    worker = await shop.start(SERVE.replace('"answer": [number, asked["ask"]]', '"unable": True'))
    with pytest.raises(Unable):
        await worker.ask("metrics", 5)
    await trio.sleep(0.5)  # it is looked at five times
    assert (worker.starts, worker.state) == (1, "works")


async def test_one_that_ends_by_itself_is_not_killed(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody sent it a signal: it drains, and another takes its place."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.001)
    worker = await shop.start()
    for starts in (2, 3):
        assert worker.pid
        os.kill(worker.pid, signal.SIGTERM)
        await shop.until(partial(works, worker, starts))
        assert worker.status == 0
    assert shop.told()[:4] == ["begins", "drains", "ends", "begins"]


async def test_told_to_end_they_drain_and_stay_ended(shop: Workshop) -> None:
    workers = [await shop.start() for _ in range(3)]
    for worker in workers:
        worker.end()
        assert worker.state == "closing"
    with trio.fail_after(5):
        for worker in workers:
            await worker.ended.wait()
    for worker in workers:
        assert shop.told(worker.number) == ["begins", "drains", "ends"]
        assert (worker.state, worker.status, worker.cut_off, worker.pid) == ("ended", 0, False, None)
    assert all(worker.starts == 1 for worker in workers)


async def test_told_to_end_while_it_waits_to_be_started_it_is_not(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAITS", (30.0,))
    worker = await shop.start()
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    await shop.until(lambda: worker.pid is None)
    worker.end()
    with trio.fail_after(5):  # the rest of the wait is not waited for
        await worker.ended.wait()
    assert (worker.starts, worker.state, worker.cut_off) == (1, "ended", False)


async def test_told_to_end_while_it_starts_it_does_not_serve(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = trio.lowlevel.open_process
    worker = await shop.start()

    async def open_slowly(*args: Any, **options: Any) -> trio.Process:
        process = await opened(*args, **options)
        worker.end()  # just before anybody knows of the process
        return process

    monkeypatch.setattr(trio.lowlevel, "open_process", open_slowly)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    with trio.fail_after(5):
        await worker.ended.wait()
    assert worker.starts == 2
    assert not worker.cut_off  # it had nothing yet that could be cut off


async def test_one_that_is_cut_off_says_so(shop: Workshop) -> None:
    worker = await shop.start("signal.signal(signal.SIGTERM, lambda *_: os._exit(1))\n" + SERVE)
    worker.end()
    with trio.fail_after(5):
        await worker.ended.wait()
    assert (worker.status, worker.cut_off) == (1, True)


async def test_no_descriptor_is_left_of_those_that_ended(shop: Workshop) -> None:
    worker = await shop.start()
    before = sorted(os.listdir("/proc/self/fd"))
    for starts in (2, 3):
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        await shop.until(partial(works, worker, starts))
    assert len(os.listdir("/proc/self/fd")) == len(before)


async def test_without_room_for_one_more_it_is_tried_again(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await shop.start()
    opened, failures = trio.lowlevel.open_process, iter([BlockingIOError(11, "no room")] * 2)

    async def open_or_fail(*args: Any, **options: Any) -> trio.Process:
        for failure in failures:
            raise failure
        return await opened(*args, **options)

    monkeypatch.setattr(trio.lowlevel, "open_process", open_or_fail)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    await shop.until(partial(works, worker, 2))


SUPERVISOR = """
import sys, trio
from nexy.nursery.shutdown import run_until_told
from nexy.nursery.workers import Worker

async def main():
    workers = [Worker(one, [sys.executable, "-c", sys.argv[1]]) for one in (1, 2)]
    async def drain():
        for worker in workers:
            worker.end()
        for worker in workers:
            await worker.ended.wait()
    async with trio.open_nursery() as nursery:
        for worker in workers:
            await nursery.start(worker.keep)
        ready = lambda: print(*(worker.pid for worker in workers), flush=True)
        print(await run_until_told(drain, 10, ready), flush=True)

trio.run(main)
"""


@dataclass
class Supervising:
    """A process with two workers, in a process group of its own as a shell would give it."""

    folder: Path

    def __enter__(self) -> "Supervising":
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", SUPERVISOR, BEGIN + SERVE]
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, text=True, process_group=0
        )
        assert self.process.stdout
        self.pids = [int(pid) for pid in self.process.stdout.readline().split()]
        assert [lives(pid) for pid in self.pids] == [True, True]
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.communicate()

    def told(self) -> list[str]:
        lines = [line.split(" ", 2) for line in (self.folder / "told").read_text().splitlines()]
        return [what for _, pid, what in lines if int(pid) == self.pids[1]]


def test_ctrl_c_does_not_reach_the_workers_but_through_their_supervisor(tmp_path: Path) -> None:
    with Supervising(tmp_path) as supervising:
        os.killpg(supervising.process.pid, signal.SIGINT)
        out, _ = supervising.process.communicate(timeout=10)
        assert (supervising.process.returncode, out) == (0, "Drained.WELL\n")
        assert supervising.told() == ["begins", "drains", "ends"]
        assert not any(map(lives, supervising.pids))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_when_the_supervisor_dies_the_workers_drain_and_go(tmp_path: Path, number: int) -> None:
    with Supervising(tmp_path) as supervising:
        supervising.process.send_signal(number)
        assert until(lambda: not any(map(lives, supervising.pids)), 5)
        assert supervising.told() == ["begins", "drains", "ends"]
