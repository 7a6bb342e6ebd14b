"""What came of a bad day, and whether it is what is claimed of one. Only values: nothing runs here."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ANSWERED, APOLOGISED, INTERRUPTED = "answered", "apologised", "interrupted"
LEAST_ANSWERED = 0.7  # of the turns that were not interrupted: a day of apologies tries little else
MOST_GROWN_BYTES = 8_000_000  # of memory, from the second third of a day to the last


@dataclass(slots=True)
class Turn:
    """What one user heard of one turn, and how it ended."""

    wait_seconds: float | None = None  # until the first sound; None when there was none
    last_words_heard: bool = False  # sound followed the last text
    end_message: str = ""
    error_message: str = ""
    status: str = "OK"  # gRPC's, by name
    asked_to_stop: bool = False  # its user has sent an interrupt before it ended
    stop_status: str = "OK"  # of that interrupt

    @property
    def how(self) -> str:
        """How it ended; what begins with "unclean" should never happen.

        An apology is the last that is said, and heard: the error message alone is not.
        """
        if self.stop_status != "OK":
            return f"unclean: an interrupt ended {self.stop_status}"
        if self.status == "OK":
            if self.end_message == "completed" and self.last_words_heard:
                return ANSWERED
            if self.end_message == "interrupted" and self.asked_to_stop:
                return INTERRUPTED
        elif self.status != "INTERNAL" and self.error_message and self.last_words_heard:
            return APOLOGISED
        return (
            f"unclean: {self.status}, end {self.end_message!r}, error {self.error_message!r}, "
            f"{'its' if self.last_words_heard else 'no'} last words heard, "
            f"{'asked' if self.asked_to_stop else 'not asked'} to stop"
        )


@dataclass(frozen=True)
class Held:
    """What the server holds while nobody talks to it."""

    files: int  # open ones, without the pooled connections to models and the database
    threads: int
    sockets: int = 0  # likewise
    tasks: int = 0  # of Trio; each open session has one


@dataclass(frozen=True)
class Day:
    """The facts of a day."""

    turns: Sequence[Turn]
    patience_seconds: float  # the longest that anybody should wait for a first sound
    memory: Sequence[int]  # bytes, looked at again and again at even intervals
    before: Held  # after the warm-up
    after: Held
    edge_left: int  # connections to Edge that are open though nobody speaks
    rested: Mapping[str, float]  # the share of the day in which each breaker was not closed
    states: Mapping[str, str]  # of the breakers at the end
    faults: Sequence[str] = ()  # lines of the log that should not be there
    met: Mapping[str, int] = field(default_factory=dict)  # what the log says of providers, and how often

    @property
    def ends(self) -> Counter[str]:
        return Counter(turn.how for turn in self.turns)

    @property
    def answered_share(self) -> float:
        """Of the turns that nobody interrupted."""
        ends = self.ends
        return ends[ANSWERED] / max(1, ends.total() - ends[INTERRUPTED])

    @property
    def longest_wait_seconds(self) -> float:
        return max((turn.wait_seconds for turn in self.turns if turn.wait_seconds is not None), default=0.0)


@dataclass(frozen=True)
class Claim:
    """One thing that is said of a day."""

    what: str
    found: str
    wanted: str
    holds: bool


def thirds(values: Sequence[int]) -> tuple[float, float, float]:
    """The mean of each third, oldest first. There must be three values at least."""
    size = len(values) // 3
    first, second, last = values[:size], values[size:-size], values[-size:]
    return statistics.fmean(first), statistics.fmean(second), statistics.fmean(last)


def claims(day: Day) -> list[Claim]:
    """All that is claimed of a day in which two in ten requests fail."""
    return [*of_turns(day, LEAST_ANSWERED), *_of_what_is_left(day), *_of_breakers(day)]


def of_turns(day: Day, least_answered: float) -> list[Claim]:
    """How its turns went."""
    unclean = {how: count for how, count in day.ends.items() if how.startswith("unclean")}
    share, waited = day.answered_share, day.longest_wait_seconds
    return [
        Claim(
            "turns that were neither answered nor apologised for nor interrupted",
            "; ".join(f"{count} × {how}" for how, count in unclean.items()) or "none",
            "none",
            not unclean and bool(day.turns),
        ),
        Claim(
            "answered, of the turns that nobody interrupted",
            f"{share:.0%}",
            f"≥ {least_answered:.0%}",
            share >= least_answered,
        ),
        Claim(
            "longest wait for a first sound",
            f"{waited:.1f} s",
            f"≤ {day.patience_seconds:g} s",
            waited <= day.patience_seconds,
        ),
    ]


def _of_what_is_left(day: Day) -> list[Claim]:
    _, second, last = thirds(day.memory)
    grown = last - second
    return [
        *of_held(day.before, day.after, ("files", "threads")),
        edge_is_left(day),
        Claim(
            "memory grown from the second third of the day to the last",
            f"{grown / 1e6:+.1f} MB",
            f"≤ {MOST_GROWN_BYTES / 1e6:g} MB",
            grown <= MOST_GROWN_BYTES,
        ),
        log_is_clean(day),
    ]


def of_held(before: Held, after: Held, what: Sequence[str]) -> list[Claim]:
    """That nothing is held any longer."""
    more = [(name, getattr(after, name) - getattr(before, name)) for name in what]
    return [
        Claim(f"{name} more than after the warm-up", f"{count:+d}", "≤ 0", count <= 0) for name, count in more
    ]


def edge_is_left(day: Day) -> Claim:
    return Claim("connections to Edge that are left", str(day.edge_left), "0", day.edge_left == 0)


def log_is_clean(day: Day) -> Claim:
    found = f"{len(day.faults)}: {day.faults[0]}" if day.faults else "none"
    return Claim("unexpected lines in the log", found, "none", not day.faults)


def _of_breakers(day: Day) -> list[Claim]:
    opened = sorted(name for name, share in day.rested.items() if share)
    return [
        Claim(
            "breakers that opened during the day",
            ", ".join(opened) or "none",
            "at least one",
            bool(opened),
        ),
        breakers_are_closed(day),
    ]


def breakers_are_closed(day: Day) -> Claim:
    unclosed = [f"{name} {state}" for name, state in day.states.items() if state != "closed"]
    return Claim(
        "breakers that are not closed at its end",
        ", ".join(unclosed) or "none",
        "none",
        not unclosed and bool(day.states),
    )
