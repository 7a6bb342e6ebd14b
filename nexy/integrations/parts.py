"""The parts that status, gauges and alerts look at, as those see them, and stand-ins for missing ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from nexy.errors import Fault
from nexy.utils.breaker import Breaker, State

OFF = {"state": "off"}


class Provider(Protocol):
    """A model or a voice, as its guard sees it."""

    @property
    def provider(self) -> Any: ...
    @property
    def breaker(self) -> Breaker: ...
    @property
    def tries(self) -> int: ...
    @property
    def faults(self) -> Counter[Fault]: ...


@runtime_checkable
class Guarded(Protocol):
    """Several providers as one."""

    @property
    def states(self) -> Mapping[str, State]: ...
    @property
    def providers(self) -> Sequence[Provider]: ...


class Turnstile(Protocol):
    """Where calls to models wait for their turn."""

    @property
    def refused(self) -> int:
        """Those who had none in time, since the start."""
        ...

    @property
    def waiting(self) -> int: ...


@runtime_checkable
class Models(Guarded, Protocol):
    """The language models as one."""

    @property
    def turnstile(self) -> Turnstile: ...


class Troubled(Protocol):
    """The database."""

    @property
    def trouble(self) -> str:
        """Why it cannot be used just now; empty when it can."""
        ...


class Missing(Protocol):
    """Memory."""

    @property
    def misses(self) -> int:
        """Recalls that came too late, or to nothing because the database failed."""
        ...


class Listener(Protocol):
    """A port that clients connect to."""

    @property
    def connections(self) -> int: ...
    @property
    def turned_away(self) -> Mapping[str, int]:
        """Connections, calls and requests that were not let in or were ended, by the reason."""
        ...


class Keeping(Protocol):
    """Turns on their way into the database."""

    @property
    def waiting(self) -> int:
        """Those that are not there yet."""
        ...

    @property
    def lost(self) -> int:
        """Those that will never be, since the start."""
        ...


class UpdateServer(Protocol):
    """What offers releases to clients."""

    @property
    def damaged(self) -> Sequence[str]:
        """Names of files that are not served, because they are not what was released."""
        ...

    @property
    def requests(self) -> Mapping[tuple[str, int], int]:
        """Since the start, by kind and status."""
        ...

    @property
    def bytes_sent(self) -> int: ...
    def told(self) -> dict[str, Any]:
        """How it is doing: its state and more."""
        ...


@dataclass(frozen=True)
class NoUpdates:
    """There is none."""

    damaged: Sequence[str] = ()
    requests: Mapping[tuple[str, int], int] = field(default_factory=dict)
    bytes_sent: int = 0

    def told(self) -> dict[str, Any]:
        return OFF


@dataclass(frozen=True)
class AllKept:
    """No turn is on its way."""

    waiting: int = 0
    lost: int = 0


class InCompany(Protocol):
    """How this process works with others."""

    @property
    def bus(self) -> str:
        """What reaches them: "local" where there are none, or "nats"."""
        ...

    @property
    def bus_trouble(self) -> str:
        """Why they cannot be reached just now; empty when they can, or when there are none."""
        ...

    @property
    def limits_trouble(self) -> str:
        """Why limits do not hold over all of them just now; empty when they do."""
        ...

    @property
    def messages_sent(self) -> Mapping[str, int]:
        """Over the bus since the start, by what they were for."""
        ...

    @property
    def messages_received(self) -> int:
        """Over the bus since the start."""
        ...

    @property
    def bus_lost(self) -> int:
        """How often the connection was, since the start."""
        ...

    @property
    def unanswered(self) -> Mapping[str, int]:
        """Answers of others that did not come in time, since the start, by the question."""
        ...

    @property
    def in_last_minute(self) -> int | None:
        """Requests of all of them in the last minute; None where this process counts alone."""
        ...

    @property
    def limits_alone(self) -> int:
        """Requests since the start that were let in without being counted with those of others."""
        ...


@dataclass(frozen=True)
class Alone:
    """There are no others."""

    bus: str = "local"
    bus_trouble: str = ""
    limits_trouble: str = ""
    messages_sent: Mapping[str, int] = field(default_factory=dict)
    messages_received: int = 0
    bus_lost: int = 0
    unanswered: Mapping[str, int] = field(default_factory=dict)
    in_last_minute: int | None = None
    limits_alone: int = 0
