"""The process's figures, in simulated time and with readings that the test makes up."""

from pathlib import Path

import psutil
import pytest
import trio
from trio.testing import MockClock

from nexy.monitoring.vitals import Reading, Vitals, cgroup_percents, read_system


def calm() -> Reading:
    return Reading(10.0, 50_000_000, 0.0)


async def test_a_loop_that_is_in_time_has_no_lag(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    vitals = Vitals(calm)
    await nursery.start(vitals.watch)
    await trio.sleep(5)
    assert (vitals.loop_lag_seconds, vitals.worst_loop_lag_seconds) == (0.0, 0.0)
    nursery.cancel_scope.cancel()


async def test_a_loop_that_stood_still_is_late_for_a_second(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    vitals = Vitals(calm)
    await nursery.start(vitals.watch)
    await trio.sleep(5.01)
    autojump_clock.jump(0.5)  # what work without a checkpoint looks like to the clock
    await trio.sleep(0.1)
    assert vitals.worst_loop_lag_seconds == pytest.approx(0.41)
    # the probes that were due meanwhile: late by 0.41, 0.31, … 0.01 s
    assert vitals.loop_lag_seconds == pytest.approx((0.41 + 0.31 + 0.21 + 0.11 + 0.01) / 10)
    await trio.sleep(1.1)
    assert vitals.loop_lag_seconds == pytest.approx(0.0, abs=1e-9)
    nursery.cancel_scope.cancel()


async def test_a_long_standstill_is_caught_up_with_at_once(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    vitals = Vitals(calm)
    await nursery.start(vitals.watch)
    autojump_clock.jump(3600)
    await trio.sleep(0.05)
    assert vitals.worst_loop_lag_seconds > 0.9
    await trio.sleep(1.2)
    assert vitals.loop_lag_seconds == pytest.approx(0.0, abs=1e-6)
    nursery.cancel_scope.cancel()


async def test_memory_and_processor_are_read_once_a_second(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    """0.4 s of processor in a second is 40 %; with threads it may be more than a core."""
    readings = [
        Reading(50.0, 1000, 7.0),
        Reading(60.0, 2000, 7.4),
        Reading(70.0, 3000, 8.9),
    ]
    vitals = Vitals(lambda: readings.pop(0) if len(readings) > 1 else readings[0])
    await nursery.start(vitals.watch)
    assert (vitals.memory_percent, vitals.rss_bytes, vitals.cpu_percent) == (50.0, 1000, 0.0)
    await trio.sleep(1.15)
    assert (vitals.memory_percent, vitals.rss_bytes) == (60.0, 2000)
    assert vitals.cpu_percent == pytest.approx(40.0, rel=0.1)
    await trio.sleep(1.05)
    assert vitals.cpu_percent == pytest.approx(150.0, rel=0.1)
    nursery.cancel_scope.cancel()


def test_the_system_says_something_of_this_very_process() -> None:
    reading = read_system()
    assert 0 < reading.memory_percent <= 100
    assert reading.rss_bytes == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert reading.cpu_seconds > 0


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_a_containers_limit_counts_and_what_can_be_given_back_does_not(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/nexy/server\n")
    group = tmp_path / "fs" / "nexy"
    write(tmp_path / "fs", memory__stat="inactive_file 0\n")
    write(group, memory__max="1000000\n", memory__current="700000\n")
    write(group, memory__stat="anon 5\ninactive_file 200000\n")
    write(group / "server", memory__max="max\n", memory__current="700000\n")
    assert cgroup_percents(tmp_path / "fs", own) == [50.0]


def test_the_older_kind_of_groups_counts_too(tmp_path: Path) -> None:
    own = tmp_path / "cgroup"
    own.write_text("5:cpu,cpuacct:/\n4:memory:/box\n0::/\n")
    box = tmp_path / "fs" / "memory" / "box"
    write(box, memory__limit_in_bytes="1000000", memory__usage_in_bytes="900000")
    write(box, memory__stat="total_inactive_file 100000\n")
    assert cgroup_percents(tmp_path / "fs", own) == [80.0]


@pytest.mark.parametrize("limit", ["max", str(2**62)])
def test_no_limit_is_none(tmp_path: Path, limit: str) -> None:
    own = tmp_path / "cgroup"
    own.write_text("0::/\n")
    write(tmp_path / "fs", memory__max=limit, memory__current="5")
    assert cgroup_percents(tmp_path / "fs", own) == []
    assert cgroup_percents(tmp_path / "fs", tmp_path / "nowhere") == []
