"""The last minute: how often something happened in it, and the figures of what happened. Sans-I/O."""

import math
from collections import deque
from collections.abc import Sequence

MINUTE = 60.0  # seconds
MOST_FIGURES = 4_096  # of one kind; beyond it only the newest are looked at


class Recent:
    """Figures of the last minute, with the times at which they came (trio.current_time() seconds)."""

    def __init__(self, most: int = MOST_FIGURES) -> None:
        self._figures: deque[tuple[float, float]] = deque(maxlen=most)

    def __repr__(self) -> str:
        return f"<Recent {len(self._figures)} figures>"

    def add(self, figure: float, now: float) -> None:
        self._figures.append((now, figure))

    def figures(self, now: float) -> list[float]:
        """Ascending."""
        while self._figures and self._figures[0][0] <= now - MINUTE:
            self._figures.popleft()
        return sorted(figure for _, figure in self._figures)


class Count:
    """How often something happened in the last minute, to a second; 60 numbers, however often it is."""

    def __init__(self) -> None:
        self._seconds = [0] * int(MINUTE)
        self._newest = 0  # the second that the newest number is of

    def __repr__(self) -> str:
        return f"<Count {sum(self._seconds)}>"

    def add(self, now: float, times: int = 1) -> None:
        self._advance(now)
        self._seconds[self._newest % len(self._seconds)] += times

    def total(self, now: float) -> int:
        self._advance(now)
        return sum(self._seconds)

    def _advance(self, now: float) -> None:
        second = math.floor(now)
        for passed in range(max(self._newest + 1, second - len(self._seconds) + 1), second + 1):
            self._seconds[passed % len(self._seconds)] = 0
        self._newest = max(self._newest, second)


def percentile(ascending: Sequence[float], percent: float) -> float | None:
    """The smallest of them that so many percent do not exceed; None of nothing."""
    if not ascending:
        return None
    return ascending[max(0, math.ceil(percent / 100 * len(ascending)) - 1)]
