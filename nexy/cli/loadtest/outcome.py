"""All that a test has found: what the table, the JSON and the report are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from nexy.cli.loadtest.crowd import Test
from nexy.cli.loadtest.plan import Plan, Thresholds
from nexy.cli.loadtest.tally import Figures, Window, figures, windows
from nexy.cli.loadtest.verdict import Finding, judge
from nexy.cli.loadtest.watch import Sample


@dataclass(frozen=True)
class Outcome:
    """What was planned, met and judged."""

    plan: Plan
    figures: Figures
    verdict: list[Finding]
    windows: list[Window]
    samples: Sequence[Sample]
    own_lag_p99: float
    own_cpu_percent: float
    bottleneck: str  # why the load generator measured itself; empty when it did not
    server_unseen: str  # why the server's CPU and memory are not known; empty when they are
    stopped_early: bool

    @property
    def good(self) -> bool:
        return all(finding.holds for finding in self.verdict)


def outcome(test: Test, thresholds: Thresholds) -> Outcome:
    seconds = max(test.seconds, 0.001)  # Ctrl-C may come at once
    met = figures(test.turns, seconds, test.plan.word_seconds)
    return Outcome(
        plan=test.plan,
        figures=met,
        verdict=judge(met, thresholds),
        windows=windows(test.turns, seconds, test.plan.word_seconds),
        samples=test.watch.samples,
        own_lag_p99=test.watch.own_lag_p99,
        own_cpu_percent=test.watch.own_cpu_percent,
        bottleneck=test.watch.bottleneck(),
        server_unseen=test.watch.trouble,
        stopped_early=test.stopped_early,
    )
