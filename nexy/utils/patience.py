"""Bounded waiting for somebody outside."""

import math
from typing import Any, Self

import trio

from nexy.errors import Fault, ProviderError, ProviderTimeout


class Patience:
    """Bounds each wait for a provider inside the block, and only the waits.

    At first it is for a turn, a free connection say: without one in time, ProviderError says that it
    is CROWDED. From the first `wait` on it is for the provider itself: ProviderTimeout.
    One cancel scope serves a whole stream: moving its deadline is cheaper than a scope for each piece.
    """

    def __init__(self, seconds: float, who: str) -> None:
        self._who = who
        self._in_turn = False
        self._scope = trio.CancelScope(deadline=trio.current_time() + seconds)

    def __enter__(self) -> Self:
        self._scope.__enter__()
        return self

    def __exit__(self, *error: Any) -> bool | None:
        handled = self._scope.__exit__(*error)
        if self._scope.cancelled_caught:
            raise self._timeout()
        return handled

    def _timeout(self) -> ProviderError:
        if not self._in_turn:
            return ProviderError(f"{self._who} had no turn in time", Fault.CROWDED)
        return ProviderTimeout(f"{self._who} was silent for too long")

    def pause(self) -> None:
        """Nobody is waited for."""
        self._scope.deadline = math.inf

    def met(self) -> None:
        """What was waited for is there. Raises ProviderError when it came in the moment that was too late.

        Else the scope, which is cancelled then, would end whatever is done next instead of the wait.
        """
        if self._scope.cancel_called:
            raise self._timeout()
        self.pause()

    def wait(self, seconds: float) -> None:
        """The provider is waited for, for so long at most."""
        self._in_turn = True
        self._scope.deadline = trio.current_time() + seconds
