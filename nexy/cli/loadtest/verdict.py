"""Whether what was met is good enough."""

from collections.abc import Iterator
from dataclasses import dataclass

from nexy.cli.loadtest.plan import Thresholds
from nexy.cli.loadtest.tally import Figures, Spread
from nexy.cli.loadtest.words import seconds_as_words


@dataclass(frozen=True)
class Finding:
    """One threshold beside the figure."""

    what: str
    found: str
    wanted: str
    holds: bool


def judge(met: Figures, wanted: Thresholds) -> list[Finding]:
    return list(_findings(met, wanted))


def _findings(met: Figures, wanted: Thresholds) -> Iterator[Finding]:
    yield _at_most("errors", met.error_percent, wanted.max_errors, "%")
    yield _at_least("success", met.success_percent, wanted.min_success, "%")
    yield _p99("request → first sound, p99", met.first_sound, wanted.max_first_sound_p99, needed=True)
    if wanted.max_sentence_p99 is not None:
        yield _p99("sentence → first sound, p99", met.sentence, wanted.max_sentence_p99, needed=True)
    yield _p99("interrupt → response, p99", met.interrupt, wanted.max_interrupt_p99, needed=False)
    yield Finding("unclean interrupts", str(met.unclean), f"at most {wanted.max_unclean}",
                  met.unclean <= wanted.max_unclean)  # fmt: skip
    if wanted.min_requests_per_second is not None:
        yield _at_least("requests", met.requests_per_second, wanted.min_requests_per_second, " a second")


def _at_most(what: str, found: float, limit: float, unit: str) -> Finding:
    return Finding(what, f"{_number(found)}{unit}", f"at most {_number(limit)}{unit}", found <= limit)


def _at_least(what: str, found: float, limit: float, unit: str) -> Finding:
    return Finding(what, f"{_number(found)}{unit}", f"at least {_number(limit)}{unit}", found >= limit)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _p99(what: str, found: Spread | None, limit: float, *, needed: bool) -> Finding:
    """`needed`: it does not hold when there was none at all."""
    wanted = f"at most {seconds_as_words(limit)}"
    if found is None:
        return Finding(what, "there was none", wanted, not needed)
    return Finding(what, seconds_as_words(found.p99), wanted, found.p99 <= limit)
