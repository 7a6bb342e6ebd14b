"""Which of the keys is asked, and how long none may be."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.providers.gemini.faults import failure

OF_THE_KEY = frozenset({Fault.KEY, Fault.QUOTA})
"""Faults that another key may not have."""

QUOTA_SECONDS = 60.0  # quotas are counted by the minute: so long when the service does not say how long
WRONG_SECONDS = 3600.0  # a wrong key costs its user a round trip each time, and is seldom put right


@dataclass(eq=False)
class _Key:
    value: str = field(repr=False)
    rests_until: float = -math.inf  # as the service has asked for, trio.current_time()
    wrong_until: float = -math.inf  # so long it is passed over


class Keys:
    """The keys in the operator's order. One that rests is not asked, one that is wrong only if all are."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {key: _Key(key) for key in keys}

    def __repr__(self) -> str:
        return f"<Keys: {len(self._keys)}>"

    def best(self, now: float, tried: Collection[str] = ()) -> str | None:
        """The first key that may be asked and was not `tried`; None when there is none."""
        may = (key.value for key in self._sound(now) if key.rests_until <= now)
        return next((key for key in may if key not in tried), None)

    def exhausted(self, now: float) -> ProviderError | None:
        """Why none may be asked, and for how long; None when one may."""
        if self.best(now) is not None:
            return None
        return failure(Fault.QUOTA, min(key.rests_until for key in self._sound(now)) - now)

    def blame(self, key: str, error: ProviderError, now: float) -> None:
        """Take note of what `key` failed with."""
        if error.fault is Fault.KEY:
            self._keys[key].wrong_until = now + WRONG_SECONDS
        elif error.fault is Fault.QUOTA:
            wait = error.retry_after_seconds
            self._keys[key].rests_until = now + (QUOTA_SECONDS if wait is None else wait)

    def praise(self, key: str) -> None:
        """`key` is not wrong, whatever was said before."""
        self._keys[key].wrong_until = -math.inf

    def _sound(self, now: float) -> list[_Key]:
        """Those that are not wrong; when all are, it may be the service that is mistaken."""
        keys = list(self._keys.values())
        return [key for key in keys if key.wrong_until <= now] or keys
