"""Providers that fail: which one is tried when, and what is learnt from how it went."""

import logging
import math
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, Protocol, TypeVar

import trio

from nexy.errors import OF_THE_REQUEST, Fault, ProviderError
from nexy.types import Stream
from nexy.utils.begun import Begun, begun
from nexy.utils.breaker import Breaker, State, Try

AGAIN = frozenset({Fault.UNREACHABLE, Fault.DROPPED, Fault.BUSY, Fault.MALFORMED, Fault.EMPTY})
"""Faults that a second try at once often does not meet again."""
AGAIN_SECONDS = (0.05, 0.25)  # before a second try: a different moment for each, so that not all come at once

T = TypeVar("T")
log = logging.getLogger("nexy.providers")


class Named(Protocol):
    """A provider."""

    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=Named)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a try may take, in seconds."""

    first_seconds: float  # until the first value
    idle_seconds: float  # between values
    before_seconds: float = 0.0  # that are let pass before it


@dataclass(eq=False)
class Guarded(Generic[P]):
    """A provider, with the breaker that knows how it has been doing, and what was met since the start."""

    provider: P
    breaker: Breaker
    tries: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)

    @asynccontextmanager
    async def begin(self, stream: Stream[T], waits: Waits) -> AsyncIterator[Begun[T]]:
        """Its `stream` from the first value on; how it goes is told to the breaker.

        Raises ProviderError, before or in the block.
        """
        one, came = self.breaker.begin(), False
        self.tries += 1
        try:
            if waits.before_seconds:
                await trio.sleep(waits.before_seconds)
            async with begun(stream, self.provider.name, waits.first_seconds, waits.idle_seconds) as values:
                came = True
                if values.first:
                    self.breaker.began_well(one)
                yield values
        except ProviderError as error:
            self._failed(one, error)
            raise
        except BaseException:
            self._left(one, came)
            raise
        else:
            self._left(one, came)

    def _failed(self, one: Try, error: ProviderError) -> None:
        name, fault = self.provider.name, error.fault
        self.faults[fault] += 1
        if fault is Fault.CROWDED:
            self.breaker.abandoned(one)
            log.warning("%s is %s", name, fault.value)
        elif fault is Fault.UNFIT:
            # It is there, so that a probe is over. That it works is not said: often the request was
            # turned away at the door, and failures that were met before are none the fewer.
            self.breaker.answered(one)
            log.warning("%s calls a request %s", name, fault.value)
        elif fault in OF_THE_REQUEST:
            self.breaker.succeeded(one)
        else:
            self.breaker.failed(one, trio.current_time(), error.retry_after_seconds)
            log.warning("%s failed: %s", name, fault.value)

    def _left(self, one: Try, came: bool) -> None:
        if came:
            self.breaker.succeeded(one)
        else:
            self.breaker.abandoned(one)


def guard(providers: Sequence[P], threshold: int, rest_seconds: float) -> tuple[Guarded[P], ...]:
    """Each provider with a breaker of its own, whose changes are logged."""

    def changed(name: str, state: State) -> None:
        log.warning("the breaker of %s is %s", name, state)

    return tuple(
        Guarded(one, Breaker(threshold, rest_seconds, partial(changed, one.name))) for one in providers
    )


class Trials(Generic[P]):
    """Which provider to try next, for one piece of work; `failures` is what was met so far."""

    def __init__(
        self, guarded: Sequence[Guarded[P]], waits: Waits, reissued: frozenset[str] = frozenset()
    ) -> None:
        self.failures: list[ProviderError] = []
        self._left_alone: list[Guarded[P]] = []
        self._guarded = guarded
        self._waits = waits
        self._reissued = (
            reissued  # those whose silence is a fault of the moment: asked twice in the same time
        )

    def __iter__(self) -> Iterator[tuple[Guarded[P], Waits]]:
        """Each provider that its breaker lets be tried, and once more after a fault of the moment."""
        for one in self._guarded:
            if not one.breaker.admits(trio.current_time()):
                self._left_alone.append(one)
                continue
            known, waits, again = len(self.failures), self._waits, AGAIN
            if one.provider.name in self._reissued:
                waits, again = replace(waits, first_seconds=waits.first_seconds / 2), AGAIN | {Fault.SILENT}
            yield one, waits
            if len(self.failures) == known or not _hopeful(self.failures[-1], again):
                continue
            if one.breaker.admits(trio.current_time()):
                yield one, replace(waits, before_seconds=random.uniform(*AGAIN_SECONDS))

    def none_works(self) -> ProviderError:
        """The error to raise then: the last that was met, or that the others are being left alone.

        UNFIT only when every one has said so: else who asks again may be answered.
        """
        of_the_moment = [error for error in self.failures if error.fault is not Fault.UNFIT]
        if of_the_moment:
            return of_the_moment[-1]
        if not self._left_alone:
            return self.failures[-1]
        rest = min(one.breaker.rests_for(trio.current_time()) for one in self._left_alone)
        if rest == math.inf:
            return ProviderError("every one is switched off", Fault.REFUSED)
        return ProviderError("every one is being left alone", Fault.BUSY, retry_after_seconds=rest)


def _hopeful(error: ProviderError, again: frozenset[Fault]) -> bool:
    return error.fault in again and error.retry_after_seconds is None


def states(guarded: Sequence[Guarded[P]], now: float) -> dict[str, State]:
    """How each provider is doing, by its name."""
    return {one.provider.name: one.breaker.state(now) for one in guarded}


def switch(guarded: Sequence[Guarded[P]], name: str, *, on: bool) -> bool:
    """Take the provider of that name out, or put it back; False when there is none."""
    found = [one for one in guarded if one.provider.name == name]
    for one in found:
        one.breaker.switch(on=on)
    return bool(found)
