"""The server as it shows itself over HTTP, and the load generator's own loop."""

import json
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import trio

from nexy.cli.address import Address
from nexy.cli.link import Link
from nexy.cli.loadtest.tally import percentile

LOOK_SECONDS = 1.0
TICK_SECONDS = 0.05
HTTP_SECONDS = 5.0
LATE_SECONDS = 0.02  # as late as what is measured may be: a later loop measures itself
BUSY_PERCENT, IDLE_PERCENT = 90.0, 50.0  # of one core

# The names in /metrics, Prometheus's own before ours, and those of the same in /status.
METRICS = {
    "process_cpu_seconds_total": "cpu_seconds",
    "nexy_cpu_percent": "cpu_percent",
    "process_resident_memory_bytes": "memory_bytes",
    "nexy_resident_memory_bytes": "memory_bytes",
    "nexy_active_requests": "active",
    "nexy_sessions": "sessions",
    "nexy_loop_lag_seconds": "loop_lag",
}
STATUS = {"active_sessions": "active", "sessions": "sessions"}


@dataclass(frozen=True)
class Seen:
    """What the server showed of itself at one moment. None is what it does not show."""

    cpu_seconds: float | None = None
    cpu_percent: float | None = None  # of one core, as the server reckons it
    memory_bytes: float | None = None
    active: float | None = None
    sessions: float | None = None
    loop_lag: float | None = None


@dataclass(frozen=True)
class Sample:
    """How it went in the second before `at`."""

    at: float  # seconds since the start of the test
    own_lag: float  # the most, seconds
    own_cpu_percent: float  # of one core
    server: Seen | None = None
    server_cpu_percent: float | None = None


@dataclass
class Watch:
    """What is seen while the test runs."""

    began: float  # trio.current_time()
    samples: list[Sample] = field(default_factory=list)
    lags: "array[float]" = field(default_factory=lambda: array("d"))
    server: Seen | None = None
    trouble: str = (
        "nobody has looked yet"  # why the server's own figures are missing; empty when they are not
    )
    _looked: tuple[float, float] | None = None  # the newest CPU time of the server, and when
    _server_cpu_percent: float | None = None

    @property
    def own_lag_p99(self) -> float:
        return percentile(sorted(self.lags), 99) if self.lags else 0.0

    @property
    def own_cpu_percent(self) -> float:
        shares = [sample.own_cpu_percent for sample in self.samples]
        return sum(shares) / len(shares) if shares else 0.0

    def bottleneck(self) -> str:
        """Why the figures tell of the load generator rather than of the server; empty when they do not."""
        if self.own_lag_p99 > LATE_SECONDS:
            late = f"its loop was late by {self.own_lag_p99 * 1000:.0f} ms at p99"
            others = self.own_cpu_percent < IDLE_PERCENT
            return late + ", though it was mostly idle: other programs had its core" * others
        if self.own_cpu_percent > BUSY_PERCENT:
            return f"it used {self.own_cpu_percent:.0f} % of its core"
        return ""

    async def feel(self) -> None:
        """Note how late this program's own loop is; for ever."""
        due = trio.current_time()
        while True:
            due = max(due + TICK_SECONDS, trio.current_time())
            await trio.sleep_until(due)
            self.lags.append(trio.current_time() - due)

    async def sample(self, tell: Callable[[], None]) -> None:
        """Keep a sample each second, and `tell` it; for ever."""
        cpu, wall, lags = time.process_time(), trio.current_time(), len(self.lags)
        while True:
            await trio.sleep_until(wall + LOOK_SECONDS)
            cpu_before, wall_before = cpu, wall
            cpu, wall = time.process_time(), trio.current_time()
            own = 100 * (cpu - cpu_before) / (wall - wall_before)
            worst = max(self.lags[lags:], default=0.0)
            lags = len(self.lags)
            self.samples.append(Sample(wall - self.began, worst, own, self.server, self._server_cpu_percent))
            tell()

    def _take(self, seen: Seen | None) -> None:
        self.server, before = seen, self._looked
        cpu, now = seen.cpu_seconds if seen else None, trio.current_time()
        self._looked = None if cpu is None else (cpu, now)
        self._server_cpu_percent = seen.cpu_percent if seen else None
        if cpu is not None and before is not None and cpu >= before[0]:  # else it was started anew
            self._server_cpu_percent = 100 * (cpu - before[0]) / (now - before[1])

    async def look(self, http: Address, link: Link) -> None:
        """Ask the server how it is doing, each second; for ever, or until nobody answers at all."""
        headers = {"authorization": f"Bearer {link.token}"} if link.token else {}
        tls = link.context()
        address = f"{'https' if tls else 'http'}://{http}"
        async with httpx2.AsyncClient(
            base_url=address, headers=headers, timeout=HTTP_SECONDS, trust_env=False, verify=tls or True
        ) as client:
            while True:
                try:
                    self._take(await _seen(client))
                    self.trouble = ""
                except (httpx2.HTTPError, ValueError) as error:
                    self._take(None)
                    if not any(sample.server for sample in self.samples):
                        self.trouble = f"{address} does not show them ({type(error).__name__})"
                        return
                await trio.sleep(LOOK_SECONDS)


async def _seen(client: httpx2.AsyncClient) -> Seen:
    """From /metrics, or what there is of it in /status."""
    answer = await client.get("/metrics")
    if answer.status_code == httpx2.codes.OK:
        return read_metrics(answer.text)
    answer = await client.get("/status")
    answer.raise_for_status()
    return read_status(answer.text)


def read_metrics(text: str) -> Seen:
    """What is wanted of Prometheus text.

    Several lines of one name, told apart by labels, are added up; of lateness it is the worst that counts.
    """
    found: dict[str, float] = {}
    for line in text.splitlines():
        name = line.partition("{")[0].partition(" ")[0]
        if name in METRICS:
            value = float(line.rpartition("}")[2].removeprefix(name).split()[0])
            before = found.get(name, 0.0)
            found[name] = max(before, value) if METRICS[name] == "loop_lag" else before + value
    return Seen(**{METRICS[name]: found[name] for name in reversed(METRICS) if name in found})


def read_status(text: str) -> Seen:
    """What /status tells of it. Raises ValueError when it is no JSON."""
    status = json.loads(text)
    return Seen(**{ours: float(status[theirs]) for theirs, ours in STATUS.items() if theirs in status})
