"""Figures out of turns. Percentiles are nearest-rank, and always of the single values."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nexy.cli.loadtest.turn import End, Turn

WORDS_BEFORE_STOP = 11  # the full stop of the scripted model comes with the twelfth word
WINDOWS_SECONDS = (1, 2, 5, 10, 30, 60, 300)
MOST_WINDOWS = 40  # each should hold some turns, and a table should not be endless
HEARD = (End.ANSWERED, End.INTERRUPTED, End.LEFT)  # what a refusal or a failure says is no answer


@dataclass(frozen=True)
class Spread:
    """How long something took, in seconds."""

    count: int
    p50: float
    p95: float
    p99: float
    most: float


@dataclass(frozen=True)
class Figures:
    """What was met in some time."""

    seconds: float
    ends: dict[End, int]
    first_text: Spread | None
    sentence: Spread | None  # the first sentence complete → its first sound
    first_sound: Spread | None
    interrupt: Spread | None  # of those that stopped an answer
    refusal: Spread | None
    too_late: int  # interrupts that met an answer at its end
    unclean: int  # interrupts after which sound came, or the stream did not end as it should
    gaps: int
    gap_seconds: float
    sound_seconds: float
    requests: int  # for answers and for interrupts
    errors: dict[str, int]
    refusals: dict[str, int]

    @property
    def turns(self) -> int:
        """Those that came to an end by themselves."""
        return sum(count for end, count in self.ends.items() if end is not End.LEFT)

    @property
    def error_percent(self) -> float:
        return 100 * sum(self.errors.values()) / self.turns if self.turns else 0.0

    @property
    def success_percent(self) -> float:
        good = self.ends.get(End.ANSWERED, 0) + self.ends.get(End.INTERRUPTED, 0)
        return 100 * good / self.turns if self.turns else 0.0

    @property
    def turns_per_second(self) -> float:
        return self.turns / self.seconds

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Window:
    """What was met in a short time from `at` on."""

    at: float
    first_text: Spread | None
    sentence: Spread | None
    first_sound: Spread | None
    interrupt: Spread | None
    ends: dict[End, int]
    listening: int  # answers that were running in the middle of it


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Nearest-rank: the smallest value that `percent` of all values do not exceed."""
    return ordered[max(1, math.ceil(percent / 100 * len(ordered))) - 1]


def spread(values: Iterable[float]) -> Spread | None:
    """None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    p50, p95, p99 = (percentile(ordered, percent) for percent in (50, 95, 99))
    return Spread(len(ordered), p50, p95, p99, ordered[-1])


def first_text(turn: Turn) -> float | None:
    return None if turn.first_text_at is None else turn.first_text_at - turn.asked_at


def first_sound(turn: Turn) -> float | None:
    return None if turn.first_sound_at is None else turn.first_sound_at - turn.asked_at


def sentence(turn: Turn, word_seconds: float | None) -> float | None:
    """From the first sentence being complete to its sound.

    When it is complete is told by the clock of the `scripted` model, or else by its text's coming.
    """
    if turn.first_sound_at is None or turn.first_text_at is None:
        return None
    if word_seconds is None:
        return turn.first_sound_at - turn.first_text_at
    return turn.first_sound_at - turn.asked_at - WORDS_BEFORE_STOP * word_seconds


def figures(turns: Sequence[Turn], seconds: float, word_seconds: float | None = None) -> Figures:
    heard = [turn for turn in turns if turn.end in HEARD]
    stops = [turn.stop for turn in turns if turn.stop is not None]
    failed = [turn.word for turn in turns if turn.end is End.FAILED]
    failed += [f"InterruptSession: {turn.stop_error}" for turn in turns if turn.stop_error]
    return Figures(
        seconds=seconds,
        ends=dict(Counter(turn.end for turn in turns)),
        first_text=_spread(map(first_text, heard)),
        sentence=_spread(sentence(turn, word_seconds) for turn in heard),
        first_sound=_spread(map(first_sound, heard)),
        interrupt=spread(stop.seconds for stop in stops if stop.stopped),
        refusal=spread(turn.ended_at - turn.asked_at for turn in turns if turn.end is End.REFUSED),
        too_late=sum(not stop.stopped for stop in stops),
        unclean=sum(not stop.clean for stop in stops),
        gaps=sum(turn.gaps for turn in heard),
        gap_seconds=sum(turn.gap_seconds for turn in heard),
        sound_seconds=sum(turn.sound_seconds for turn in turns),
        requests=len(turns) + len(stops) + sum(bool(turn.stop_error) for turn in turns),
        errors=dict(Counter(failed).most_common()),
        refusals=dict(Counter(turn.word for turn in turns if turn.end is End.REFUSED).most_common()),
    )


def _spread(values: Iterable[float | None]) -> Spread | None:
    return spread(value for value in values if value is not None)


def window_seconds(seconds: float) -> int:
    """The shortest windows of which there are not too many to read."""
    fitting = (one for one in WINDOWS_SECONDS if seconds / one <= MOST_WINDOWS)
    return next(fitting, WINDOWS_SECONDS[-1])


def windows(turns: Sequence[Turn], seconds: float, word_seconds: float | None = None) -> list[Window]:
    """The whole time in windows. A time belongs to the window in which it was known.

    The last one may be up to half longer or shorter.
    """
    length = window_seconds(seconds)
    count = max(1, round(seconds / length))
    heard = [turn for turn in turns if turn.end in HEARD]
    texts = _sorted(length, count, ((turn.first_text_at, first_text(turn)) for turn in heard))
    sounds = _sorted(length, count, ((turn.first_sound_at, first_sound(turn)) for turn in heard))
    sentences = _sorted(
        length, count, ((turn.first_sound_at, sentence(turn, word_seconds)) for turn in heard)
    )
    stops = [turn.stop for turn in turns if turn.stop is not None and turn.stop.stopped]
    stopped = _sorted(length, count, ((stop.at + stop.seconds, stop.seconds) for stop in stops))
    ends: list[Counter[End]] = [Counter() for _ in range(count)]
    for turn in turns:
        if turn.end is not End.LEFT:
            ends[_window(turn.ended_at, length, count)][turn.end] += 1
    asked, ended = sorted(turn.asked_at for turn in turns), sorted(turn.ended_at for turn in turns)

    def listening(at: float) -> int:
        return bisect_right(asked, at) - bisect_right(ended, at)

    return [
        Window(
            at=float(number * length),
            first_text=spread(texts[number]),
            sentence=spread(sentences[number]),
            first_sound=spread(sounds[number]),
            interrupt=spread(stopped[number]),
            ends=dict(ends[number]),
            listening=listening((number + 0.5) * length),
        )
        for number in range(count)
    ]


def _sorted(
    length: float, count: int, known: Iterable[tuple[float | None, float | None]]
) -> list[list[float]]:
    """The values by the window in which each was known."""
    by_window: list[list[float]] = [[] for _ in range(count)]
    for at, value in known:
        if at is not None and value is not None:
            by_window[_window(at, length, count)].append(value)
    return by_window


def _window(at: float, length: float, count: int) -> int:
    return min(count - 1, int(at / length))
