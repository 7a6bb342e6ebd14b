"""How far the test is: one line a second at a terminal, one in five in a pipe."""

from collections import Counter
from typing import TextIO

from nexy.cli.loadtest.crowd import Test
from nexy.cli.loadtest.tally import HEARD, first_sound, spread
from nexy.cli.loadtest.turn import End
from nexy.cli.loadtest.words import seconds_as_words

PIPE_EVERY = 5  # seconds
RECENT_SECONDS = 10.0


class Progress:
    """Counts each turn once, however often it tells."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._terminal = out.isatty()
        self._counted = 0
        self._ends: Counter[End] = Counter()
        self._told = 0

    def tell(self, test: Test) -> None:
        self._ends.update(turn.end for turn in test.turns[self._counted :])
        self._counted = len(test.turns)
        self._told += 1
        if self._terminal:
            print(f"\r\x1b[K{self._line(test)}", end="", file=self._out, flush=True)
        elif self._told % PIPE_EVERY == 0:
            print(self._line(test), file=self._out, flush=True)

    def end(self) -> None:
        if self._terminal and self._told:
            print("\r\x1b[K", end="", file=self._out, flush=True)

    def _line(self, test: Test) -> str:
        parts = [f"{test.seconds:.0f} of {test.plan.duration:.0f} s"]
        parts += [f"{self._ends[end]} {end.value}" for end in End if self._ends[end]]
        recent = _recent(test)
        if recent is not None:
            parts.append(f"first sound p99 {seconds_as_words(recent)}")
        if test.watch.samples and (seen := test.watch.samples[-1]).server_cpu_percent is not None:
            parts.append(f"server {seen.server_cpu_percent:.0f} % CPU")
        return ", ".join(parts)


def _recent(test: Test) -> float | None:
    """The p99 of the turns that ended in the last seconds."""
    values = []
    for turn in reversed(test.turns):
        if turn.ended_at < test.seconds - RECENT_SECONDS:
            break
        value = first_sound(turn)
        if value is not None and turn.end in HEARD:
            values.append(value)
    found = spread(values)
    return None if found is None else found.p99
