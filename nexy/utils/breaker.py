"""A circuit breaker: who failed too often is left alone for a while, and then tried once."""

import math
from collections.abc import Callable
from typing import Literal, NewType, TypeAlias

State: TypeAlias = Literal["closed", "open", "half-open", "off"]

LONGEST_REST_SECONDS = 3600.0  # that the other side can ask for: one mistaken header is no outage for good

PROBATION_TRIES = (
    3  # that must begin well after a rest, the probe among them, before a failure is one of many
)

Try = NewType("Try", int)
"""Names a try: after how many openings it began. One from before the last opening tells old news."""


class Breaker:
    """Counts the failures since the last success. Sans-I/O: `now` is trio.current_time().

    Closed, everyone may try. After `threshold` failures it is open for `rest_seconds`: nobody may.
    Then it is half-open: one may try, and how that begins decides; until a few have begun well, the
    next failure opens it again.

    A success takes as long as an answer, a failure is there at once. So where many speak at the same
    time the failures must also be half as many as the tries that began well meanwhile: else one that
    fails now and then would rest most of the time.

    An operator may switch it off: then nobody may try, until it is switched on again. What was learnt
    before that is forgotten: whoever switches it on has seen to it.
    """

    def __init__(
        self, threshold: int, rest_seconds: float, on_change: Callable[[State], None] = lambda _: None
    ) -> None:
        self._threshold = threshold
        self._rest_seconds = rest_seconds
        self._on_change = on_change
        self._failures = 0
        self._began = 0  # tries that began well since the last success
        self._probation = False
        self._rests_until: float | None = None  # None while it is closed
        self._probing = False
        self._openings = 0
        self._off = False

    def __repr__(self) -> str:
        return f"<Breaker {'closed' if self._rests_until is None else 'open'} failures={self._failures}>"

    def switch(self, *, on: bool) -> None:
        """By an operator's hand. What is under way goes on, and tells nothing any more."""
        if on is not self._off:
            return
        self._off = not on
        self._openings += 1
        self._rests_until, self._probing = None, False
        self._forgive()
        self._on_change("closed" if on else "off")

    def state(self, now: float) -> State:
        if self._off:
            return "off"
        if self._rests_until is None:
            return "closed"
        return "half-open" if now >= self._rests_until else "open"

    def rests_for(self, now: float) -> float:
        """Seconds until somebody may try again; 0 when one may now, infinite when it is switched off."""
        if self._off:
            return math.inf
        return 0.0 if self._rests_until is None else max(0.0, self._rests_until - now)

    def admits(self, now: float) -> bool:
        """Whether one may try. It is only a question: nothing is taken before `begin`."""
        return self.state(now) == "closed" or (self.state(now) == "half-open" and not self._probing)

    def begin(self) -> Try:
        """Somebody who was admitted tries, and must say how it went: `succeeded`, `failed` or `abandoned`."""
        if self._rests_until is not None:
            self._probing = True
            self._on_change("half-open")
        return Try(self._openings)

    def began_well(self, one: Try) -> None:
        """The first of a try has come. After a rest others may try too."""
        if one != self._openings:
            return
        self._close()
        self._began += 1
        if self._probation and self._began >= PROBATION_TRIES:
            self._forgive()

    def answered(self, one: Try) -> None:
        """A try was turned away for what was in it: somebody is there, and nothing more is known."""
        if one == self._openings:
            self._close()

    def _close(self) -> None:
        if self._rests_until is not None:
            self._rests_until, self._probing = None, False
            self._forgive()
            self._probation = True
            self._on_change("closed")

    def _forgive(self) -> None:
        self._failures = self._began = 0
        self._probation = False

    def succeeded(self, one: Try) -> None:
        """A try went well to its end."""
        if one == self._openings:
            self._close()
            self._forgive()

    def failed(self, one: Try, now: float, rest_seconds: float | None = None) -> None:
        """A try failed. `rest_seconds`: the other side has said how long it wants to be left alone."""
        if self._off or (one != self._openings and rest_seconds is None):
            return
        self._failures += 1
        if rest_seconds is None and self._rests_until is None and not self._fails_too_often:
            return
        was = self.state(now)
        rest = self._rest_seconds if rest_seconds is None else min(rest_seconds, LONGEST_REST_SECONDS)
        rests_until = now + rest
        self._rests_until = max(rests_until, self._rests_until or rests_until)
        self._openings, self._probing = self._openings + 1, False
        if was != "open":
            self._on_change("open")

    @property
    def _fails_too_often(self) -> bool:
        return self._probation or (self._failures >= self._threshold and 2 * self._failures >= self._began)

    def abandoned(self, one: Try) -> None:
        """A try ended before anything could be said of it; another may probe."""
        if one == self._openings:
            self._probing = False
