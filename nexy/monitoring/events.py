"""Counts what happens where it happens: turns that end, interrupts. What has an owner is not counted here."""

from dataclasses import dataclass
from typing import Any

import trio
from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics
from prometheus_client import Counter as Counted

from nexy.monitoring.recent import Count, Recent, percentile

FIRST_SECONDS = (
    # from what an answer takes on this machine alone, over the figures that are promised, to an outage
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.35, 0.5),
    *(0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0),
)
INTERRUPT_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
TURN_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
MOST_NAMES = 32  # of models: an endpoint that makes up new ones does not fill our memory
OTHER = "other"
PERCENTS = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class TurnFigures:
    """What is counted of a turn that is over. Nothing in it tells who spoke, or what was said."""

    why: str  # it ended
    model: str
    voice: str
    seconds: float
    first_word: float | None = None  # seconds from the request
    first_sound: float | None = None  # seconds from the request
    sound_seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    error: str = ""  # what failed
    ours: bool = False  # it failed, and not because of what was asked


class Events:
    """The counters of one server, in a registry of its own, and what the last minute was like."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each that is there, and nobody asks for it
        self.registry = CollectorRegistry()
        self.first_words, self.first_sounds, self.interrupts = Recent(), Recent(), Recent()
        self.turns, self.failures = Count(), Count()
        self._models: set[str] = set()
        self._turns = self._counter(
            "nexy_turns", "Turns that are over, by how they ended.", "why", "model", "voice"
        )
        self._errors = self._counter("nexy_turn_errors", "Turns that failed, by what failed.", "error")
        self._welcomes = self._counter("nexy_welcomes", "Greetings that are over, by how they ended.", "why")
        self._tokens = self._counter(
            "nexy_tokens", "Tokens of models, as they count them.", "direction", "model", "source"
        )
        self._sound = self._counter("nexy_sound_seconds", "Sound of answers that was sent.")
        self._stops = self._counter("nexy_interrupts", "InterruptSession calls.", "stopped")
        seconds = self._histogram
        self._word = seconds(
            "nexy_first_word_seconds", "From the request to the model's first word.", FIRST_SECONDS
        )
        self._first_sound = seconds(
            "nexy_first_sound_seconds", "From the request to the first sound sent.", FIRST_SECONDS
        )
        self._interrupt = seconds(
            "nexy_interrupt_seconds",
            "From InterruptSession to the end of what it stopped, where it stopped something.",
            INTERRUPT_SECONDS,
        )
        self._seconds = seconds("nexy_turn_seconds", "How long turns took, speaking included.", TURN_SECONDS)

    def __repr__(self) -> str:
        return f"<Events {self.turns!r}>"

    def _counter(self, name: str, help_text: str, *labels: str) -> Counted:
        return Counted(name, help_text, labels, registry=self.registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, help_text, buckets=buckets, registry=self.registry)

    def turn_over(self, turn: TurnFigures) -> None:
        """A turn is over."""
        now, model = trio.current_time(), self._name(turn.model)
        self._turns.labels(turn.why, model, turn.voice).inc()
        self._seconds.observe(turn.seconds)
        self.turns.add(now)
        if turn.first_word is not None:
            self._word.observe(turn.first_word)
            self.first_words.add(turn.first_word, now)
        if turn.first_sound is not None:
            self._first_sound.observe(turn.first_sound)
            self.first_sounds.add(turn.first_sound, now)
            self._sound.inc(turn.sound_seconds)
        if turn.input_tokens or turn.output_tokens:
            self.tokens_used("answer", model, turn.input_tokens, turn.output_tokens)
        if turn.error:
            self._errors.labels(turn.error).inc()
        if turn.ours:
            self.failures.add(now)

    def welcome_over(self, why: str) -> None:
        """A greeting is over."""
        self._welcomes.labels(why).inc()

    def tokens_used(self, source: str, model: str, input_tokens: int, output_tokens: int) -> None:
        """A model has told what an answer cost, or what it cost to remember."""
        name = self._name(model)
        self._tokens.labels("input", name, source).inc(max(0, input_tokens))
        self._tokens.labels("output", name, source).inc(max(0, output_tokens))

    def interrupted(self, seconds: float, *, stopped: bool) -> None:
        """An interrupt was answered. One that found nothing to stop does not tell how fast they are."""
        self._stops.labels("yes" if stopped else "no").inc()
        if stopped:
            self._interrupt.observe(seconds)
            self.interrupts.add(seconds, trio.current_time())

    def _name(self, model: str) -> str:
        if model not in self._models:
            if len(self._models) >= MOST_NAMES:
                return OTHER
            self._models.add(model)
        return model

    def last_minute(self) -> dict[str, Any]:
        """As /status shows it: percentiles in seconds, null where there was nothing."""
        now = trio.current_time()
        kinds = {
            "first_word_seconds": self.first_words,
            "first_sound_seconds": self.first_sounds,
            "interrupt_seconds": self.interrupts,
        }
        return {"turns": self.turns.total(now), "failed": self.failures.total(now)} | {
            name: _percentiles(recent.figures(now)) for name, recent in kinds.items()
        }


def _percentiles(figures: list[float]) -> dict[str, float | int | None]:
    found = {f"p{percent}": percentile(figures, percent) for percent in PERCENTS}
    return {"count": len(figures)} | {
        name: None if value is None else round(value, 4) for name, value in found.items()
    }
