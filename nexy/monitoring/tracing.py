"""Spans of each turn: recorded as plain values while it runs, handed on when it is over.

A turn's path never meets OpenTelemetry: recording is a list and a clock; with no collector, not even that.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, TypeAlias

import trio

from nexy.errors import ProviderError
from nexy.monitoring.kinds import kind_of

Value: TypeAlias = str | int | float | bool


@dataclass(slots=True, eq=False)
class Span:
    """One part of a turn. Times are trio.current_time() seconds; no value holds a text or an id of a user."""

    name: str
    began: float
    attributes: dict[str, Value] = field(default_factory=dict)
    ended: float | None = None
    events: list[tuple[str, float]] = field(default_factory=list)
    failure: str = ""  # what failed, by its kind

    def first(self, event: str) -> None:
        """Something happens in it for the first time, or once more."""
        if not any(name == event for name, _ in self.events):
            self.events.append((event, trio.current_time()))

    def note(self, **attributes: Value) -> None:
        self.attributes.update(attributes)

    def end(self) -> None:
        """It is over, if it was not."""
        if self.ended is None:
            self.ended = trio.current_time()

    def __enter__(self) -> "Span":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self.failure = kind_of(error)
        if error is None or self.failure:  # what was cut off, the trace ends
            self.end()


class Trace:
    """The spans of one turn: `turn` itself, and its parts."""

    def __init__(self, turns: "Turns", began: float) -> None:
        self.turn = Span("turn", began)
        self.parts: list[Span] = []
        self.parent = ""
        self._turns = turns

    def go_on_with(self, parent: str) -> None:
        """The turn is part of its client's own trace: W3C traceparent."""
        self.parent = parent

    def begin(self, name: str, **attributes: Value) -> Span:
        """A part of the turn begins; whoever begins it ends it, also as a context."""
        span = Span(name, trio.current_time(), attributes)
        self.parts.append(span)
        return span

    def over(self, why: str, failure: str, **attributes: Value) -> None:
        """The turn is over: what still ran was cut off with it. Hand it on."""
        now = trio.current_time()
        for part in self.parts:
            if part.ended is None:
                part.ended = now
                part.attributes["cut_off"] = True
        self.turn.attributes.update(attributes, why=why)
        self.turn.ended, self.turn.failure = now, failure
        self._turns.hand_on(self)


class Turns(Protocol):
    """Where the traces of turns go."""

    def begin(self, began: float) -> Trace:
        """A turn that was asked for at `began` runs."""
        ...

    def hand_on(self, trace: Trace) -> None:
        """A turn is over. Never waits, never fails."""
        ...


class _NoSpan(Span):
    """Records nothing."""

    __slots__ = ()

    def first(self, event: str) -> None:
        return None

    def note(self, **attributes: Value) -> None:
        return None

    def end(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


NO_SPAN = _NoSpan("", 0.0)


class _NoTrace(Trace):
    """Records nothing."""

    def go_on_with(self, parent: str) -> None:
        return None

    def begin(self, name: str, **attributes: Value) -> Span:
        return NO_SPAN

    def over(self, why: str, failure: str, **attributes: Value) -> None:
        return None


class Untraced:
    """Nobody wants to know."""

    def __init__(self) -> None:
        self._trace = _NoTrace(self, 0.0)

    def begin(self, began: float) -> Trace:
        return self._trace

    def hand_on(self, trace: Trace) -> None:
        return None


NO_TRACE = Untraced().begin(0.0)


@asynccontextmanager
async def open_turns(endpoint: str) -> AsyncIterator[Turns]:
    """Where traces go: to the OpenTelemetry collector at `endpoint`, or nowhere when it is empty.

    Raises ProviderError when OpenTelemetry is not installed.
    """
    if not endpoint:
        yield Untraced()
        return
    try:
        from nexy.monitoring.otlp import open_exported
    except ImportError:
        raise ProviderError(
            "OpenTelemetry is not installed; install it with: pip install 'nexy[traces]'"
            " (or leave OTEL_EXPORTER_OTLP_ENDPOINT empty)"
        ) from None
    async with open_exported(endpoint) as exported:
        yield exported
