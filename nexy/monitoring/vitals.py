"""How the process is doing: how late its loop is, how much memory and processor it uses."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import trio

PROBE_SECONDS = 0.1  # between two looks at the clock
LAG_PROBES = 10  # a second of them: what the average is of
READING_SECONDS = 1.0  # between two looks at memory and processor: each costs less than a millisecond
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the system says of this process."""

    memory_percent: float  # used of the machine's memory, or of its container's
    rss_bytes: int  # of this process alone
    cpu_seconds: float  # that it has used since it began, all threads


def read_system(cgroups: Path = CGROUPS, own_cgroup: Path = OWN_CGROUP) -> Reading:
    """Ask the system; takes less than a millisecond."""
    percent = psutil.virtual_memory().percent
    percent = max([percent, *cgroup_percents(cgroups, own_cgroup)])
    return Reading(percent, psutil.Process().memory_info().rss, time.process_time())


def cgroup_percents(cgroups: Path = CGROUPS, own_cgroup: Path = OWN_CGROUP) -> list[float]:
    """How much of each memory limit that this process is under is used; none where there is no limit."""
    try:
        lines = own_cgroup.read_text().splitlines()
    except OSError:
        return []
    percents = []
    for line in lines:
        _, kinds, path = line.split(":", 2)
        if kinds == "":
            percents += _used_of_limits(cgroups, path, "memory.max", "memory.current")
        elif "memory" in kinds.split(","):
            v1 = cgroups / "memory"
            percents += _used_of_limits(v1, path, "memory.limit_in_bytes", "memory.usage_in_bytes")
    return percents


def _used_of_limits(root: Path, path: str, limit_file: str, used_file: str) -> list[float]:
    """The same, in one tree: the limit of a group holds for all the groups below it."""
    own = root / path.lstrip("/")
    groups = [own, *own.parents]
    percents = []
    for group in groups[: groups.index(root) + 1]:
        limit, used = _number(group / limit_file), _number(group / used_file)
        if limit and used is not None and limit < psutil.virtual_memory().total:
            percents.append(100 * max(0, used - _reclaimable(group / "memory.stat")) / limit)
    return percents


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # it is not there, or it is "max"
        return None


def _reclaimable(stat: Path) -> int:
    """Bytes of files that are only kept as long as nobody needs the room."""
    try:
        lines = stat.read_text().splitlines()
    except OSError:
        return 0
    figures = dict(line.split(" ", 1) for line in lines if " " in line)
    return int(figures.get("total_inactive_file", figures.get("inactive_file", "0")))


class Vitals:
    """The newest figures, as plain attributes: reading them costs nothing.

    They are zeros until `watch` runs.
    """

    def __init__(self, read: Callable[[], Reading] = read_system) -> None:
        self.loop_lag_seconds = 0.0  # how late the loop came to its probes, as the last second's average
        self.worst_loop_lag_seconds = 0.0  # and at worst, in that second
        self.memory_percent = 0.0
        self.rss_bytes = 0
        self.cpu_percent = 0.0  # of one core; threads may use others beside it
        self._read = read
        self._late: deque[float] = deque([0.0] * LAG_PROBES, LAG_PROBES)

    def __repr__(self) -> str:
        return (
            f"<Vitals lag={self.loop_lag_seconds:.3f}s memory={self.memory_percent:.0f}%"
            f" cpu={self.cpu_percent:.0f}%>"
        )

    async def watch(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the figures up to date until cancelled; they are true once it has started."""
        reading, at = self._read(), trio.current_time()
        self._note(reading)
        task_status.started()
        due = at
        while True:
            # By absolute times: each probe that should have been made while the loop stood still is late too.
            due = max(due + PROBE_SECONDS, trio.current_time() - PROBE_SECONDS * LAG_PROBES)
            await trio.sleep_until(due)
            now = trio.current_time()
            self._be_late(now - due)
            if now >= at + READING_SECONDS:
                before, reading = reading, self._read()
                self._note(reading)
                self.cpu_percent = 100 * (reading.cpu_seconds - before.cpu_seconds) / (now - at)
                at = now

    def _be_late(self, seconds: float) -> None:
        self._late.append(max(0.0, seconds))
        self.loop_lag_seconds = sum(self._late) / LAG_PROBES
        self.worst_loop_lag_seconds = max(self._late)

    def _note(self, reading: Reading) -> None:
        self.memory_percent = reading.memory_percent
        self.rss_bytes = reading.rss_bytes
