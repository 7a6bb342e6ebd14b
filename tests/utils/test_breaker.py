"""The circuit breaker: when it opens, how long it rests, and who may try again. Time is a number here."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nexy.utils.breaker import Breaker

REST = 60.0


def opened(threshold: int = 3) -> Breaker:
    """One that opened at 0."""
    breaker = Breaker(threshold, REST)
    for _ in range(threshold):
        breaker.failed(0)
    return breaker


def test_it_lets_everything_through_while_it_is_closed() -> None:
    breaker = Breaker(3, REST)
    assert all(breaker.allows(now) for now in range(100))
    assert breaker.state == "closed"


def test_failures_in_a_row_open_it() -> None:
    breaker = Breaker(3, REST)
    for now in (1, 2):
        breaker.failed(now)
    breaker.succeeded(2.5)
    for now in (3, 4):
        breaker.failed(now)
        assert breaker.allows(now)
    breaker.failed(5)
    assert breaker.state == "open"
    assert not breaker.allows(5)


def test_it_rests_and_then_exactly_one_may_try() -> None:
    breaker = opened()
    assert not breaker.allows(REST - 0.001)
    assert str(breaker.state) == "open"
    assert breaker.allows(REST)
    assert breaker.state == "half-open"
    assert not any(breaker.allows(REST + late) for late in (0, 1, 1000))


def test_when_the_one_succeeds_it_closes() -> None:
    breaker = opened()
    assert breaker.allows(REST)
    breaker.succeeded(REST + 1)
    assert breaker.state == "closed"
    assert breaker.allows(REST + 1)
    assert breaker.allows(REST + 1)
    breaker.failed(REST + 2)
    assert breaker.state == "closed"  # the failures of before are forgotten


def test_when_the_one_fails_it_rests_again() -> None:
    breaker = opened()
    assert breaker.allows(REST)
    breaker.failed(REST + 5)
    assert breaker.state == "open"
    assert not breaker.allows(2 * REST + 4.9)
    assert breaker.allows(2 * REST + 5)


def test_when_the_one_is_cancelled_another_may_try() -> None:
    breaker = opened()
    assert breaker.allows(REST)
    breaker.abandoned(REST + 1)
    assert breaker.state == "half-open"
    assert breaker.allows(REST + 1)
    assert not breaker.allows(REST + 1)


def test_a_cancelled_call_says_nothing_while_it_is_closed_or_open() -> None:
    breaker = Breaker(2, REST)
    breaker.failed(0)
    breaker.abandoned(0)
    breaker.failed(0)
    assert breaker.state == "open"
    breaker.abandoned(1)
    assert not breaker.allows(1)


def test_a_rest_that_the_other_side_asks_for_is_kept_at_once() -> None:
    breaker = Breaker(5, REST)
    breaker.failed(10, rest_seconds=7)
    assert breaker.state == "open"
    assert not breaker.allows(16.9)
    assert breaker.allows(17)
    breaker.failed(18, rest_seconds=300)
    assert not breaker.allows(317)
    assert breaker.allows(318)


def test_late_reports_of_older_calls_do_not_shorten_a_rest() -> None:
    breaker = opened()
    breaker.succeeded(1)
    breaker.failed(2)
    breaker.failed(3, rest_seconds=1)
    assert not breaker.allows(REST - 1)
    breaker.failed(4, rest_seconds=100)
    assert not breaker.allows(103)
    assert breaker.allows(104)


def test_each_new_state_is_told_once() -> None:
    told: list[str] = []
    breaker = Breaker(1, REST, on_change=told.append)
    breaker.succeeded(0)
    breaker.failed(0)
    breaker.failed(0)
    breaker.allows(REST)
    breaker.allows(REST)
    breaker.failed(REST)
    breaker.allows(2 * REST)
    breaker.succeeded(2 * REST)
    assert told == ["open", "half-open", "open", "half-open", "closed"]


def test_it_shows_how_it_is() -> None:
    breaker = Breaker(3, REST)
    breaker.failed(0)
    assert repr(breaker) == "<Breaker closed failures=1/3>"
    breaker.failed(0, rest_seconds=2)
    assert repr(breaker) == "<Breaker open until=2.0>"
    assert breaker.allows(2)
    assert repr(breaker) == "<Breaker half-open probing=True>"


class Callers(RuleBasedStateMachine):
    """Calls that are made when they may be, and report in any order, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.out = 0  # calls that have not reported
        self.since_opening = 0  # calls let through since it opened last
        self.breaker = Breaker(3, REST, on_change=self.changed)

    def changed(self, state: str) -> None:
        self.since_opening = 0

    @rule(seconds=st.integers(0, 150))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        if self.breaker.allows(self.now):
            self.out += 1
            self.since_opening += 1
            assert self.breaker.state != "open"

    @precondition(lambda self: self.out)
    @rule()
    def succeed(self) -> None:
        self.out -= 1
        self.breaker.succeeded(self.now)
        assert self.breaker.state != "half-open"

    @precondition(lambda self: self.out)
    @rule(rest=st.none() | st.integers(0, 150))
    def fail(self, rest: int | None) -> None:
        self.out -= 1
        self.breaker.failed(self.now, rest_seconds=rest)
        assert self.breaker.state != "half-open"
        if rest:
            assert self.breaker.state == "open"
            assert not self.breaker.allows(self.now)

    @precondition(lambda self: self.out)
    @rule()
    def abandon(self) -> None:
        self.out -= 1
        before = self.breaker.state
        self.breaker.abandoned(self.now)
        assert self.breaker.state == before
        if before == "half-open":
            self.since_opening = 0

    @invariant()
    def one_at_most_tries(self) -> None:
        if self.breaker.state == "half-open":
            assert self.since_opening <= 1

    @invariant()
    def it_never_stays_shut(self) -> None:
        """When no call is out, a long enough wait lets one through."""
        if not self.out:
            probe = self.breaker
            assert probe.state != "half-open" or not probe._probing


Callers.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_calls_in_any_order = Callers.TestCase
