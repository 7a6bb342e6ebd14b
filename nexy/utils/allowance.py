"""What may be done so and so often: a bucket that fills by itself."""

import trio


class Allowance:
    """Lets through `most` at once, and `per_second` in the long run."""

    def __init__(self, most: float, per_second: float) -> None:
        self._most = most
        self._per_second = per_second
        self._left = most
        self._at = -float("inf")

    def __repr__(self) -> str:
        return f"<Allowance {self._left:.1f} of {self._most:.0f}>"

    def take(self) -> bool:
        """Whether it may be done once more."""
        now = trio.current_time()
        self._left = min(self._most, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
