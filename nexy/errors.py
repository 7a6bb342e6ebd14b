"""What can go wrong, told apart by who has to mend it."""

from collections.abc import Sequence
from enum import Enum


class NexyError(Exception):
    """The root of all errors that Nexy raises on purpose. Its text may be shown to the caller."""


class BadRequest(NexyError):
    """The caller sent something that cannot be answered."""


class TooLarge(NexyError):
    """The caller sent more than is taken at once."""


class Unauthenticated(NexyError):
    """Nobody knows who calls: the token is missing, wrong, expired or revoked."""


class Forbidden(NexyError):
    """It is known who calls, and it may not do this."""


class ReleaseError(NexyError):
    """A release cannot be made, changed or read so."""


class BusError(NexyError):
    """The bus between processes cannot be used just now."""


class Limit(Enum):
    """What a request was refused for. Its value is what logs and metrics call it."""

    SESSIONS = "sessions"
    ACTIVE = "active"  # answers at once
    USER = "user"  # answers at once, of one hardware_id
    RATE = "rate"  # requests in a minute
    USER_RATE = "user_rate"  # the same, of one hardware_id
    MODEL_CALLS = "model_calls"  # no turn came within the time for one
    MEMORY = "memory"
    LOOP_LAG = "loop_lag"
    CLOSING = "closing"


class Refused(NexyError):
    """A limit is reached, or the server is closing: the same request may be right later."""

    def __init__(self, reason: str, limit: Limit, *, retry_after_seconds: float = 1.0) -> None:
        super().__init__(reason)
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class Closing(Refused):
    """The server takes no new work because it is going away."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, Limit.CLOSING)


class Fault(Enum):
    """What a provider's failure is. Its value is what logs, metrics and `nexy doctor` call it."""

    UNREACHABLE = "unreachable"  # no connection could be made
    DROPPED = "dropped"  # the connection broke, or what came was cut off
    SILENT = "silent"  # nothing came in time
    KEY = "key"  # the key is missing, wrong or has no rights
    QUOTA = "quota"  # the account's limit is reached
    CROWDED = "crowded"  # too much is asked of it at once, by us: there was no turn in time
    BUSY = "busy"  # the other side has a fault of its own, or too much to do
    REFUSED = "refused"  # it takes no request of this kind: no such model, say, or not in this country
    UNFIT = "unfit"  # it does not take what one user sent: a picture that it cannot read, or too much text
    BLOCKED = "blocked"  # the other side will not answer this: asking again is of no use
    EMPTY = "empty"  # all went well, and there was nothing in it
    CUT = "cut"  # the answer reached the most that it may cost; what came is good
    MALFORMED = "malformed"  # what came cannot be understood
    BROKEN = "broken"  # anything else


OF_THE_REQUEST = frozenset({Fault.BLOCKED, Fault.CUT, Fault.UNFIT})
"""Faults for which the provider need not be left alone: what others ask is answered."""


class ProviderError(NexyError):
    """A model, a voice or another thing outside failed."""

    def __init__(
        self, reason: str, fault: Fault = Fault.BROKEN, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(reason)
        self.fault = fault
        self.retry_after_seconds = retry_after_seconds  # when the provider said how long to wait


class ProviderTimeout(ProviderError):
    """A model or a voice stayed silent for too long."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, Fault.SILENT)


class StorageError(NexyError):
    """The database failed; the operator has to look."""


class ConfigError(NexyError):
    """The configuration is wrong; `problems` names every mistake, `warnings` what else is odd; no secret."""

    def __init__(self, problems: list[str], warnings: Sequence[str] = ()) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.warnings = list(warnings)


def leaves(error: BaseException) -> list[BaseException]:
    """The errors themselves, out of the groups that nurseries put around them."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]
