"""A circuit breaker, without any I/O: it tells whether something that failed may be asked again."""

from collections.abc import Callable
from typing import Literal, TypeAlias

State: TypeAlias = Literal["closed", "open", "half-open"]


class Breaker:
    """Lets calls through while they succeed; after failures in a row none, and after a rest a single one.

    Times are trio.current_time() seconds. Who is let through reports once: `succeeded`, `failed` or
    `abandoned`. Reports are not told apart: one of an older call that comes while the single one is
    out counts as its own.
    """

    def __init__(
        self, threshold: int, rest_seconds: float, *, on_change: Callable[[State], None] | None = None
    ) -> None:
        """`threshold` failures in a row open it for `rest_seconds`; `on_change` is told each new state."""
        self._threshold = threshold
        self._rest_seconds = rest_seconds
        self._on_change = on_change
        self._state: State = "closed"
        self._failures = 0  # in a row, while closed
        self._rests_until = 0.0  # while open
        self._probing = False  # while half-open: the single call is out

    def __repr__(self) -> str:
        match self._state:
            case "closed":
                return f"<Breaker closed failures={self._failures}/{self._threshold}>"
            case "open":
                return f"<Breaker open until={self._rests_until:.1f}>"
            case "half-open":
                return f"<Breaker half-open probing={self._probing}>"

    @property
    def state(self) -> State:
        """It stays "open" after the rest, until somebody asks."""
        return self._state

    def allows(self, now: float) -> bool:
        """Whether a call may be made. After a rest the one who is told so makes the call that decides."""
        if self._state == "open" and now >= self._rests_until:
            self._probing = False
            self._become("half-open")
        if self._state != "half-open":
            return self._state == "closed"
        if self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self, now: float) -> None:
        """A call went well. While open it is one from before, and the rest is kept."""
        if self._state != "open":
            self._failures = 0
            self._become("closed")

    def failed(self, now: float, *, rest_seconds: float | None = None) -> None:
        """A call failed. `rest_seconds`, when the other side said it, opens at once for so long."""
        if self._state == "closed":
            self._failures += 1
            if rest_seconds is None and self._failures < self._threshold:
                return
        if self._state == "open":  # a call from before: only a longer rest is news
            self._rests_until = max(self._rests_until, now + (rest_seconds or 0.0))
            return
        self._failures = 0
        self._rests_until = now + (self._rest_seconds if rest_seconds is None else rest_seconds)
        self._become("open")

    def abandoned(self, now: float) -> None:
        """A call was cancelled, and so says nothing: if it was the one that decides, another may be made."""
        self._probing = False

    def _become(self, state: State) -> None:
        if state == self._state:
            return
        self._state = state
        if self._on_change is not None:
            self._on_change(state)
