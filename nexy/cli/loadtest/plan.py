"""What is to be done, and what must hold afterwards."""

from dataclasses import dataclass

from nexy.cli.address import Address
from nexy.cli.link import Link

PROMPTS = (
    "What will the weather be like tomorrow?",
    "Please read me the last message.",
    "How do I make a good tomato soup?",
    "What is on my screen just now?",
    "Tell me something about lighthouses.",
)
MOST_RAMP_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """Who speaks how, for how long, and to whom."""

    link: Link
    http: Address
    users: int = 100
    duration: float = 60.0  # seconds, the ramp among them
    ramp: float = 6.0  # seconds over which the users come
    think: float = 2.0  # seconds on the average, from the end of an answer until its user speaks again
    interrupt: float = 0.2  # the share of turns in which the user may not want to hear the end
    screenshot_share: float = 0.0
    prompts: tuple[str, ...] = PROMPTS
    name: str = "loadtest"  # of the users: name-1, name-2, …
    word_seconds: float | None = None  # of the server's `scripted` model


@dataclass(frozen=True)
class Thresholds:
    """What must hold for exit status 0. None is never asked for."""

    max_errors: float = 0.0  # % of the turns
    max_first_sound_p99: float = 2.0  # seconds
    max_sentence_p99: float | None = None  # seconds
    max_interrupt_p99: float = 0.5  # seconds
    max_unclean: int = 0  # interrupts
    min_success: float = 95.0  # % of the turns
    min_requests_per_second: float | None = None


def default_ramp(duration: float) -> float:
    return min(duration / 10, MOST_RAMP_SECONDS)
