"""Admission: who is let in is counted, and whoever is not is told so at once, and when to come again."""

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import trio

from nexy.errors import Closing, Limit, Refused
from nexy.types import HardwareId

NOBODY = HardwareId("")  # for requests that name no device
MINUTE = 60.0  # seconds
SOONEST_SECONDS = 1.0  # until a refused client is asked to come again: less cannot be said in `retry-after`
RETURNS_PER_SECOND = 50.0  # that are asked for: a refusal costs about a millisecond, so a twentieth of a core
EXPECTED_SECONDS = 0.25  # from the first look at a request until it is counted, at the most
LATEST_SECONDS = 60.0  # nobody is sent away for longer: places become free within seconds


CROWDED = {
    Limit.SESSIONS: "too many sessions are open",
    Limit.ACTIVE: "too many answers are running",
    Limit.MEMORY: "too much memory is in use",
    Limit.LOOP_LAG: "there is too much to do",
    Limit.RATE: "too many requests in a minute",
}
"""What is said of the limits that all users share."""


class Limits(Protocol):
    """How much is let in."""

    max_sessions: int
    max_active_sessions: int
    max_requests_per_minute: int
    max_requests_per_user: int
    max_requests_per_minute_per_user: int
    max_memory_usage: float
    max_loop_lag_seconds: float


class Vitals(Protocol):
    """How the process is doing."""

    @property
    def loop_lag_seconds(self) -> float: ...
    @property
    def memory_percent(self) -> float: ...


@dataclass(frozen=True)
class AtEase:
    """Nothing is known to be wrong."""

    loop_lag_seconds: float = 0.0
    memory_percent: float = 0.0


class Admission:
    """Counts the requests that run, and those of the last minute. It never waits and never looks twice."""

    def __init__(self, limits: Limits, vitals: Vitals) -> None:
        self.refused: Counter[Limit] = Counter()  # since the start
        self._limits = limits
        self._vitals = vitals
        self._running: Counter[HardwareId] = Counter()
        self._recent: deque[tuple[float, HardwareId]] = deque()  # the requests of the last minute
        self._recent_of: Counter[HardwareId] = Counter()
        self._expected: deque[float] = deque()  # when each was let in that is not counted yet
        self._next_return: dict[Limit, float] = {}  # when whoever is refused next is asked to come again

    def __repr__(self) -> str:
        return f"<Admission running={self.running} refused={self.refused.total()}>"

    @property
    def running(self) -> int:
        """Requests that are running or waiting."""
        return self._running.total()

    @property
    def in_last_minute(self) -> int:
        """Requests for an answer that were let in."""
        self._forget_old(trio.current_time())
        return len(self._recent)

    @contextmanager
    def counted(self, who: HardwareId) -> Iterator[None]:
        """Count one request of `who` while the block runs. Raises Refused over a limit."""
        if self._expected:
            self._expected.popleft()
        if who != NOBODY and self._running[who] >= self._limits.max_requests_per_user:
            raise self.refusal("too many requests of this hardware_id are running", Limit.USER)
        limit = self.full
        if limit is not None:
            raise self.crowded(limit)
        self._running[who] += 1
        try:
            yield
        finally:
            self._running[who] -= 1
            if not self._running[who]:
                del self._running[who]

    def expect(self) -> bool:
        """Whether one more request may come. If so a place is kept for it until it is counted.

        A request is seen before it is read. Without this one free place would let in all who come
        until the first of them has been read, only to refuse all the others at greater cost.
        """
        now = trio.current_time()
        while self._expected and self._expected[0] < now - EXPECTED_SECONDS:
            self._expected.popleft()
        if self.full is not None or self.running + len(self._expected) >= self._limits.max_active_sessions:
            return False
        self._expected.append(now)
        return True

    @property
    def full(self) -> Limit | None:
        """The limit for which nobody at all is let in just now; None when somebody may be."""
        limits = self._limits
        if self.running >= limits.max_active_sessions:
            return Limit.ACTIVE
        if self._vitals.memory_percent > limits.max_memory_usage:
            return Limit.MEMORY
        if self._vitals.loop_lag_seconds > limits.max_loop_lag_seconds:
            return Limit.LOOP_LAG
        return None

    def count_in_minute(self, who: HardwareId) -> None:
        """Count one request for an answer against what a minute may have. Raises Refused over a limit."""
        now = trio.current_time()
        self._forget_old(now)
        most_of_one = self._limits.max_requests_per_minute_per_user
        if who != NOBODY and self._recent_of[who] >= most_of_one:
            first = next(at for at, device in self._recent if device == who)
            raise self.refusal(
                "too many requests of this hardware_id in a minute", Limit.USER_RATE, first + MINUTE - now
            )
        if len(self._recent) >= self._limits.max_requests_per_minute:
            raise self.crowded(Limit.RATE, self._recent[0][0] + MINUTE - now)
        self._recent.append((now, who))
        self._recent_of[who] += 1

    def _forget_old(self, now: float) -> None:
        while self._recent and self._recent[0][0] <= now - MINUTE:
            _, who = self._recent.popleft()
            self._recent_of[who] -= 1
            if not self._recent_of[who]:
                del self._recent_of[who]

    def refusal(self, reason: str, limit: Limit, retry_after_seconds: float = SOONEST_SECONDS) -> Refused:
        """The error to raise, which is counted."""
        self.refused[limit] += 1
        return Refused(reason, limit, retry_after_seconds=retry_after_seconds)

    def closing(self) -> Closing:
        """The error to raise when the server goes, which is counted."""
        self.refused[Limit.CLOSING] += 1
        return Closing("the server is closing")

    def crowded(self, limit: Limit, soonest_seconds: float = SOONEST_SECONDS) -> Refused:
        """A refusal because of all that go on together: those who are sent away come again one by one.

        If each was told "in a second", two thousand would come back every second, and what refusing
        them costs would be missed by those who are let in.
        """
        now = trio.current_time()
        due = max(self._next_return.get(limit, now), now + soonest_seconds)
        self._next_return[limit] = min(due + 1 / RETURNS_PER_SECOND, now + LATEST_SECONDS)
        return self.refusal(CROWDED[limit], limit, due - now)
