"""Which of the keys is tried first."""

import math
from collections.abc import Sequence

from nexy.errors import Fault, ProviderError

OF_THE_KEY = frozenset({Fault.KEY, Fault.QUOTA})
"""Faults that another key may not have."""

QUOTA_SECONDS = 60  # quotas are counted by the minute: so long when the service does not say how long


class Keys:
    """The keys in the operator's order; those that failed lately come last."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._rests_until = dict.fromkeys(keys, -math.inf)  # trio.current_time(); wrong keys for ever

    def __repr__(self) -> str:
        return f"<Keys: {len(self._rests_until)}>"

    def in_order(self, now: float) -> list[str]:
        """All keys, the best first."""
        return sorted(self._rests_until, key=lambda key: max(self._rests_until[key], now))

    def blame(self, key: str, error: ProviderError, now: float) -> None:
        """Take note of what `key` failed with."""
        if error.fault is Fault.KEY:
            self._rests_until[key] = math.inf
        elif error.fault is Fault.QUOTA:
            wait = error.retry_after_seconds
            self._rests_until[key] = now + (QUOTA_SECONDS if wait is None else wait)


def most_hopeful(errors: Sequence[ProviderError]) -> ProviderError:
    """Of several keys' errors the one whose cause is soonest over."""
    return min(errors, key=_over)


def _over(error: ProviderError) -> float:
    if error.fault is Fault.KEY:
        return math.inf
    return error.retry_after_seconds if error.retry_after_seconds is not None else float(QUOTA_SECONDS)
