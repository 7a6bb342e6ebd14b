"""A circuit breaker: who failed too often is left alone for a while, and then tried once."""

from collections.abc import Callable
from typing import Literal, TypeAlias

State: TypeAlias = Literal["closed", "open", "half-open"]


class Breaker:
    """Counts failures that follow one another. Sans-I/O: `now` is trio.current_time().

    Closed, everyone may try. After `threshold` failures it is open for `rest_seconds`: nobody may.
    Then it is half-open: one may try, and how that goes decides.
    """

    def __init__(
        self, threshold: int, rest_seconds: float, on_change: Callable[[State], None] = lambda _: None
    ) -> None:
        self._threshold = threshold
        self._rest_seconds = rest_seconds
        self._on_change = on_change
        self._failures = 0
        self._rests_until: float | None = None  # None while it is closed
        self._probing = False

    def __repr__(self) -> str:
        return f"<Breaker {'closed' if self._rests_until is None else 'open'} failures={self._failures}>"

    def state(self, now: float) -> State:
        if self._rests_until is None:
            return "closed"
        return "half-open" if now >= self._rests_until else "open"

    def rests_for(self, now: float) -> float:
        """Seconds until somebody may try again; 0 when one may now."""
        return 0.0 if self._rests_until is None else max(0.0, self._rests_until - now)

    def admits(self, now: float) -> bool:
        """Whether one may try; who is let in while it is half-open is the probe, and must say how it went."""
        if self._rests_until is None:
            return True
        if now < self._rests_until or self._probing:
            return False
        self._probing = True
        self._on_change("half-open")
        return True

    def succeeded(self) -> None:
        """A try went well."""
        was_open = self._rests_until is not None
        self._failures, self._rests_until, self._probing = 0, None, False
        if was_open:
            self._on_change("closed")

    def failed(self, now: float, rest_seconds: float | None = None) -> None:
        """A try failed. `rest_seconds`: the other side has said how long it wants to be left alone."""
        self._failures += 1
        if rest_seconds is None and not self._probing and self._failures < self._threshold:
            return
        was_closed_or_probed = self._rests_until is None or self._probing
        self._rests_until = now + (self._rest_seconds if rest_seconds is None else rest_seconds)
        self._probing = False
        if was_closed_or_probed:
            self._on_change("open")

    def abandoned(self) -> None:
        """A try ended before anything could be said of it; another may probe."""
        self._probing = False
