"""What the report draws: times, and the values of each line. Nothing here knows how it is drawn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nexy.cli.loadtest.outcome import Outcome
from nexy.cli.loadtest.tally import Spread, Window, window_seconds
from nexy.cli.loadtest.turn import End
from nexy.cli.loadtest.watch import Sample, Seen

Values = Sequence[float | None]
MOST_SAMPLES = 120
MEGABYTE = 1e6


@dataclass(frozen=True)
class Chart:
    """One picture over time."""

    title: str
    about: str  # what it shows, in a sentence or two
    unit: str
    times: list[float]  # seconds since the start of the test
    lines: Mapping[str, Values]
    stacked: bool = False  # bars of parts of a whole, rather than lines

    @property
    def empty(self) -> bool:
        return all(value is None for values in self.lines.values() for value in values)

    def in_words(self) -> str:
        """For those who do not see it."""
        return "; ".join(
            f"{name}: {_span([value for value in values if value is not None], self.unit)}"
            for name, values in self.lines.items()
        )


def number(value: float) -> str:
    """As many digits as can be read: "3.1", "0.25", "120"."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def _span(values: Sequence[float], unit: str) -> str:
    if not values:
        return "nothing measured"
    least, most = number(min(values)), number(max(values))
    return f"always {most} {unit}".strip() if least == most else f"from {least} to {most} {unit}".strip()


def charts(found: Outcome) -> list[Chart]:
    """All of which anything was measured."""
    made = [*_latency_charts(found), *_turn_charts(found), *_server_charts(found), _own_chart(found)]
    return [chart for chart in made if not chart.empty]


def _latency_charts(found: Outcome) -> Iterator[Chart]:
    sentence = ("Sentence to first sound", "From its being complete, by the clock of the scripted model.")
    if found.plan.word_seconds is None:
        sentence = ("First text to first sound", "How long the first words were silent.")
    each: list[tuple[str, str, Callable[[Window], Spread | None]]] = [
        (
            "Request to first sound",
            "How long users waited until they heard something.",
            lambda one: one.first_sound,
        ),
        (*sentence, lambda one: one.sentence),
        ("Request to first text", "The first words on their screens.", lambda one: one.first_text),
        (
            "Interrupt to response",
            "How long users waited for silence when they cut an answer off.",
            lambda one: one.interrupt,
        ),
    ]
    for title, about, of in each:
        spreads = [of(one) for one in found.windows]
        lines = {
            name: [None if one is None else getattr(one, field) * 1000 for one in spreads]
            for name, field in (("p50", "p50"), ("p95", "p95"), ("p99", "p99"))
        }
        yield Chart(title, about, "ms", [one.at for one in found.windows], lines)


def _turn_charts(found: Outcome) -> Iterator[Chart]:
    times = [one.at for one in found.windows]
    length = window_seconds(found.figures.seconds)
    ends = [end for end in End if any(end in one.ends for one in found.windows)]
    yield Chart(
        "Turns",
        f"How the turns ended, in each {length} s: errors are 'failed', limits 'refused'.",
        "",
        times,
        {end.value: [float(one.ends.get(end, 0)) for one in found.windows] for end in ends},
        stacked=True,
    )
    yield Chart(
        "Answers at once",
        "How many answers were on their way to users.",
        "",
        times,
        {"users hear": [float(one.listening) for one in found.windows]},
    )


def _server_charts(found: Outcome) -> Iterator[Chart]:
    samples = _thinned(found.samples)
    times = [sample.at for sample in samples]

    def seen(of: Callable[[Seen], float | None], scale: float = 1.0) -> Values:
        values = [None if one.server is None else of(one.server) for one in samples]
        return [None if value is None else value * scale for value in values]

    cpu = [sample.server_cpu_percent for sample in samples]
    yield Chart("Server: CPU", "100 % is one core.", "%", times, {"CPU": cpu})
    memory = seen(lambda one: one.memory_bytes, 1 / MEGABYTE)
    yield Chart("Server: memory", "What it holds, resident.", "MB", times, {"memory": memory})
    sessions = {
        "answers at once": seen(lambda one: one.active),
        "open sessions": seen(lambda one: one.sessions),
    }
    yield Chart("Server: sessions", "As the server counts them.", "", times, sessions)
    lag = seen(lambda one: one.loop_lag, 1000)
    yield Chart("Server: loop lag", "How late its loop was.", "ms", times, {"loop lag": lag})


def _own_chart(found: Outcome) -> Chart:
    samples = _thinned(found.samples)
    lags = [sample.own_lag * 1000 for sample in samples]
    about = "How late its own loop was, the most in each second. All times above are too long by up to this."
    return Chart("Load generator: loop lag", about, "ms", [one.at for one in samples], {"loop lag": lags})


def _thinned(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Every so many of them, when there are too many to read."""
    return samples[:: max(1, -(-len(samples) // MOST_SAMPLES))]
