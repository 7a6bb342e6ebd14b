"""What one user met in one turn."""

from dataclasses import dataclass
from enum import Enum


class End(Enum):
    """How a turn ended. The value is what reports call it."""

    ANSWERED = "answered"
    INTERRUPTED = "interrupted"  # as its user wanted
    REFUSED = "refused"  # RESOURCE_EXHAUSTED: a limit is reached
    FAILED = "failed"
    LEFT = "left"  # the test was over first


@dataclass(frozen=True, slots=True)
class Stop:
    """An interrupt that was asked for."""

    at: float
    seconds: float  # sent → response
    stopped: bool  # something was running; False when the answer had ended on its way
    clean: bool = True  # no sound came after the response, and the stream ended with "interrupted"


@dataclass(frozen=True, slots=True)
class Turn:
    """Times are seconds since the start of the test, or None for what did not happen."""

    asked_at: float
    ended_at: float
    end: End
    word: str = ""  # of a failure: the status; of a refusal: its message
    first_text_at: float | None = None
    first_sound_at: float | None = None
    sound_seconds: float = 0.0
    gaps: int = 0  # how often the player ran dry
    gap_seconds: float = 0.0
    stop: Stop | None = None
    stop_error: str = ""  # the status of an interrupt that failed
