"""How much work for nothing a connection may ask for: a budget of frames, without I/O."""

from collections.abc import Callable

BURST = 2_000.0
"""At once. It is a thousand cancelled calls, five times what a proxy can have on one connection; 2,000 pings
keep the loop busy for some 60 ms, once."""

A_SECOND = 400.0
"""And from then on. grpc-core sends some ten pings a second while it measures its bandwidth, and a few
settings; 200 calls a second may be cancelled before anything was sent on them. At most 6 % of a core."""

MOST = 20_000.0
"""What is earned is kept up to this: a rush of 5,000 frames to many users, acknowledged four times each."""


class Budget:
    """A bucket of tokens. Frames that do no work take some, what we send fills it.

    The clock is asked only when the bucket is empty.
    """

    def __init__(self, now: float) -> None:
        self._left = BURST
        self._filled_at = now

    def __repr__(self) -> str:
        return f"<Budget {self._left:.0f}>"

    def earn(self, tokens: float) -> None:
        """Something was sent that an honest client answers with frames."""
        if self._left < MOST:
            self._left += tokens

    def spend(self, tokens: float, clock: Callable[[], float]) -> bool:
        """Take tokens; False when there are not so many."""
        self._left -= tokens
        return self._left >= 0 or self._refill(clock())

    def _refill(self, now: float) -> bool:
        self._left += min(BURST, A_SECOND * (now - self._filled_at))
        self._filled_at = now
        return self._left >= 0
