"""The circuit breaker: when it opens, whom it lets try, and what it believes. Time is a number here."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nexy.utils.breaker import LONGEST_REST_SECONDS, PROBATION_TRIES, Breaker, State, Try

THRESHOLD, REST = 3, 60.0


@dataclass
class Watched:
    """A breaker, and the changes that it told."""

    changes: list[State] = field(default_factory=list)

    threshold: int = THRESHOLD

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.threshold, REST, self.changes.append)

    def fail(self, now: float, rest_seconds: float | None = None) -> None:
        self.breaker.failed(self.breaker.begin(), now, rest_seconds)


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def opened(watched: Watched) -> Watched:
    """It has opened at 0 s, and rests until 60 s."""
    for _ in range(THRESHOLD):
        watched.fail(0.0)
    return watched


@pytest.mark.parametrize("asked", [999_999_999.0, float("inf")])
def test_nobody_can_ask_for_a_rest_without_end(watched: Watched, asked: float) -> None:
    watched.fail(0.0, asked)
    assert watched.breaker.rests_for(0.0) == LONGEST_REST_SECONDS


def test_one_failure_fewer_than_the_threshold_leaves_it_closed(watched: Watched) -> None:
    for _ in range(THRESHOLD - 1):
        watched.fail(0.0)
    assert watched.breaker.state(0.0) == "closed"
    assert watched.breaker.admits(0.0)
    assert watched.changes == []


def test_the_failure_that_reaches_the_threshold_opens_it(opened: Watched) -> None:
    assert opened.breaker.state(0.0) == "open"
    assert not opened.breaker.admits(0.0)
    assert opened.breaker.rests_for(0.0) == REST
    assert opened.changes == ["open"]


def test_only_failures_that_follow_one_another_count(watched: Watched) -> None:
    for _ in range(THRESHOLD - 1):
        watched.fail(0.0)
    watched.breaker.succeeded(watched.breaker.begin())
    for _ in range(THRESHOLD - 1):
        watched.fail(0.0)
    assert watched.breaker.state(0.0) == "closed"


def test_a_try_that_only_began_well_does_not_forgive_what_was_before(watched: Watched) -> None:
    for _ in range(THRESHOLD - 1):
        watched.fail(0.0)
    one = watched.breaker.begin()
    watched.breaker.began_well(one)
    watched.breaker.failed(one, 0.0)
    assert watched.breaker.state(0.0) == "open"


def test_it_rests_for_exactly_so_long(opened: Watched) -> None:
    assert opened.breaker.rests_for(59.5) == 0.5
    assert not opened.breaker.admits(59.5)
    assert opened.breaker.state(60.0) == "half-open"
    assert opened.breaker.rests_for(60.0) == 0.0
    assert opened.breaker.admits(60.0)


def test_after_the_rest_only_one_may_try(opened: Watched) -> None:
    opened.breaker.begin()
    assert opened.breaker.state(60.0) == "half-open"
    assert not opened.breaker.admits(60.0)
    assert not opened.breaker.admits(6000.0)


def test_asking_whether_one_may_try_takes_nothing(opened: Watched) -> None:
    assert opened.breaker.admits(60.0)
    assert opened.breaker.admits(60.0)


def test_a_probe_that_goes_well_closes_it_and_forgives_all(opened: Watched) -> None:
    opened.breaker.succeeded(opened.breaker.begin())
    assert opened.breaker.state(60.0) == "closed"
    opened.fail(60.0)
    opened.fail(60.0)
    assert opened.breaker.state(60.0) == "closed"
    assert opened.changes == ["open", "half-open", "closed"]


def test_a_probe_that_fails_opens_it_for_a_whole_rest(opened: Watched) -> None:
    opened.fail(70.0)
    assert opened.breaker.rests_for(70.0) == REST
    assert opened.changes == ["open", "half-open", "open"]


def test_a_probe_that_begins_well_lets_others_try_but_the_next_failure_opens_it(opened: Watched) -> None:
    opened.breaker.began_well(opened.breaker.begin())
    assert opened.breaker.admits(60.0)
    opened.fail(61.0)
    assert opened.breaker.rests_for(61.0) == REST
    assert opened.changes == ["open", "half-open", "closed", "open"]


def test_once_a_few_have_begun_well_after_a_rest_one_failure_is_one_of_many(opened: Watched) -> None:
    for _ in range(PROBATION_TRIES):
        opened.breaker.began_well(opened.breaker.begin())
    for _ in range(THRESHOLD - 1):
        opened.fail(61.0)
    assert opened.breaker.state(61.0) == "closed"
    opened.fail(61.0)
    assert opened.breaker.state(61.0) == "open"


def live(watched: Watched, outcomes: Callable[[], tuple[float, float | None]], seconds: float) -> float:
    """Five try each second, as often as they may; the share of the time in which it was closed.

    `outcomes`: after how many seconds a try fails (negative: ends well), and when it begins well, if so.
    """
    ends: list[tuple[float, Try, bool]] = []
    begins: list[tuple[float, Try]] = []
    closed = 0
    for tick in range(round(seconds * 5)):
        now = tick / 5
        for at, one in [due for due in begins if due[0] <= now]:
            begins.remove((at, one))
            watched.breaker.began_well(one)
        for end in sorted(due for due in ends if due[0] <= now):
            ends.remove(end)
            if end[2]:
                watched.breaker.succeeded(end[1])
            else:
                watched.breaker.failed(end[1], end[0])
        closed += watched.breaker.state(now) == "closed"
        if watched.breaker.admits(now):
            one = watched.breaker.begin()
            fails_after, began = outcomes()
            if began is not None:
                begins.append((now + began, one))
            ends.append((now + abs(fails_after), one, fails_after < 0))
    return closed / round(seconds * 5)


@pytest.mark.parametrize("seed", range(10))
def test_one_that_fails_now_and_then_is_seldom_left_alone(seed: int) -> None:
    """Two in ten, with the threshold that is set if nothing else is.

    Answers take ten seconds, so that after a rest no success comes for long, but failures do.
    """
    chance, watched = random.Random(seed), Watched(threshold=5)

    def outcome() -> tuple[float, float | None]:
        fate = chance.random()
        if fate < 0.1:
            return 0.1, None  # refused
        return (2.0, 0.5) if fate < 0.2 else (-10.0, 0.5)  # broken off, or well

    for _ in range(5):
        watched.fail(0.0)
    assert live(watched, outcome, 3600.0) > 0.75


@pytest.mark.parametrize("fate", [(0.1, None), (8.0, None), (5.0, 0.5)])
def test_one_that_always_fails_is_left_alone(watched: Watched, fate: tuple[float, float | None]) -> None:
    """Refused, silent, or broken off in the middle of each answer."""
    assert live(watched, lambda: fate, 3600.0) < 0.2


def test_a_probe_that_begins_well_may_itself_be_the_next_failure(opened: Watched) -> None:
    probe = opened.breaker.begin()
    opened.breaker.began_well(probe)
    opened.breaker.failed(probe, 61.0)
    assert opened.breaker.state(61.0) == "open"


def test_who_only_turns_requests_away_ends_a_probe_and_no_probation(opened: Watched) -> None:
    for _ in range(PROBATION_TRIES):
        opened.breaker.answered(opened.breaker.begin())
    assert opened.breaker.state(60.0) == "closed"
    opened.fail(61.0)
    assert opened.breaker.state(61.0) == "open"


def test_requests_that_are_turned_away_do_not_hide_an_outage(watched: Watched) -> None:
    for _ in range(40):
        watched.breaker.answered(watched.breaker.begin())
    for _ in range(THRESHOLD):
        watched.fail(0.0)
    assert watched.breaker.state(0.0) == "open"


def test_a_probe_that_is_abandoned_lets_another_probe(opened: Watched) -> None:
    opened.breaker.abandoned(opened.breaker.begin())
    assert opened.breaker.state(60.0) == "half-open"
    assert opened.breaker.admits(60.0)
    opened.breaker.succeeded(opened.breaker.begin())
    assert opened.breaker.state(60.0) == "closed"


def test_who_is_asked_for_a_pause_gets_it_at_the_first_failure(watched: Watched) -> None:
    watched.fail(10.0, rest_seconds=7.0)
    assert watched.breaker.rests_for(10.0) == 7.0
    assert watched.breaker.state(17.0) == "half-open"
    assert watched.changes == ["open"]


def test_the_longest_pause_that_was_asked_for_counts(watched: Watched) -> None:
    tries = [watched.breaker.begin() for _ in range(3)]
    for one, seconds in zip(tries, (20.0, 100.0, 5.0), strict=True):
        watched.breaker.failed(one, 0.0, seconds)
    assert watched.breaker.rests_for(0.0) == 100.0
    assert watched.changes == ["open"]


def test_a_pause_that_is_asked_for_late_is_kept_too(opened: Watched, watched: Watched) -> None:
    opened.breaker.failed(Try(0), 30.0, 90.0)
    assert opened.breaker.rests_for(30.0) == 90.0
    assert opened.changes == ["open"]


def test_a_pause_that_is_asked_for_while_one_probes_ends_the_probing(opened: Watched) -> None:
    probe = opened.breaker.begin()
    opened.breaker.failed(Try(0), 61.0, 9.0)
    opened.breaker.succeeded(probe)
    assert opened.breaker.rests_for(61.0) == 9.0
    assert opened.breaker.admits(70.0)
    assert opened.changes == ["open", "half-open", "open"]


@pytest.mark.parametrize(
    "tell",
    [
        lambda breaker, old: breaker.began_well(old),
        lambda breaker, old: breaker.succeeded(old),
        lambda breaker, old: breaker.failed(old, 50.0),
    ],
)
def test_who_began_before_it_opened_tells_old_news(
    tell: Callable[[Breaker, Try], None], watched: Watched
) -> None:
    old = watched.breaker.begin()
    for _ in range(THRESHOLD):
        watched.fail(0.0)
    tell(watched.breaker, old)
    assert watched.breaker.rests_for(50.0) == 10.0
    assert watched.changes == ["open"]


def test_who_began_before_it_opened_gives_no_probes_place_away(watched: Watched) -> None:
    old = watched.breaker.begin()
    for _ in range(THRESHOLD):
        watched.fail(0.0)
    watched.breaker.begin()
    watched.breaker.abandoned(old)
    assert not watched.breaker.admits(60.0)


def test_old_failures_do_not_open_it_again_after_a_probe_went_well(watched: Watched) -> None:
    old = [watched.breaker.begin() for _ in range(2 * THRESHOLD)]
    for one in old[:THRESHOLD]:
        watched.breaker.failed(one, 0.0)
    watched.breaker.succeeded(watched.breaker.begin())
    for one in old[THRESHOLD:]:
        watched.breaker.failed(one, 61.0)
    assert watched.breaker.state(61.0) == "closed"


def test_an_old_success_forgives_no_newer_failure(watched: Watched) -> None:
    old = watched.breaker.begin()
    for _ in range(THRESHOLD):
        watched.fail(0.0)
    watched.breaker.succeeded(watched.breaker.begin())
    watched.fail(61.0)
    watched.fail(61.0)
    watched.breaker.succeeded(old)
    watched.fail(61.0)
    assert watched.breaker.state(61.0) == "open"


def test_its_repr_shows_how_it_is_doing(opened: Watched) -> None:
    assert repr(Breaker(THRESHOLD, REST)) == "<Breaker closed failures=0>"
    assert repr(opened.breaker) == "<Breaker open failures=3>"


class AnyHistory(RuleBasedStateMachine):
    """Tries that begin when they may and end in any order and way."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.changes: list[State] = []
        self.breaker = Breaker(THRESHOLD, REST, self.changes.append)
        self.tries: list[Try] = []
        self.left_alone_until = 0.0  # what somebody has asked for

    def take(self, data: st.DataObject) -> Try:
        return self.tries.pop(data.draw(st.integers(0, len(self.tries) - 1)))

    @rule(seconds=st.sampled_from([0.5, 7.0, REST, 2 * REST]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.breaker.admits(self.now))
    @rule()
    def begin(self) -> None:
        assert self.now >= self.left_alone_until
        probe = self.breaker.state(self.now) == "half-open"
        self.tries.append(self.breaker.begin())
        assert self.breaker.admits(self.now) is not probe

    @precondition(lambda self: self.tries)
    @rule(data=st.data())
    def begin_well(self, data: st.DataObject) -> None:
        one = self.take(data)
        self.breaker.began_well(one)
        self.tries.append(one)

    @precondition(lambda self: self.tries)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        self.breaker.succeeded(self.take(data))

    @precondition(lambda self: self.tries)
    @rule(data=st.data(), asked=st.sampled_from([None, 0.0, 9.0, 5 * REST]))
    def fail(self, data: st.DataObject, asked: float | None) -> None:
        before = self.breaker.rests_for(self.now)
        self.breaker.failed(self.take(data), self.now, asked)
        assert self.breaker.rests_for(self.now) >= max(before, asked or 0.0)
        self.left_alone_until = max(self.left_alone_until, self.now + (asked or 0.0))

    @precondition(lambda self: self.tries)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        was = self.breaker.state(self.now)
        self.breaker.abandoned(self.take(data))
        assert self.breaker.state(self.now) == was

    @invariant()
    def it_never_stays_shut(self) -> None:
        """When all who tried have ended and it has rested, somebody may try again."""
        if not self.tries:
            assert self.breaker.admits(self.now + self.breaker.rests_for(self.now))

    @invariant()
    def it_is_open_exactly_while_it_rests(self) -> None:
        rests = self.breaker.rests_for(self.now)
        assert (self.breaker.state(self.now) == "open") is (rests > 0)
        assert not (rests and self.breaker.admits(self.now))

    @invariant()
    def its_changes_follow_from_one_another(self) -> None:
        """Told is every opening and closing, and each probe; a closing only follows a probe."""
        known: State = "closed"
        for change in self.changes:
            assert change in AFTER[known]
            known = change
        assert (known == "closed") is (self.breaker.state(self.now) == "closed")


AFTER: dict[State, set[State]] = {
    "closed": {"open"},
    "open": {"half-open", "open"},  # again, when somebody asks late for a pause
    "half-open": {"half-open", "closed", "open"},
}

TestAnyHistory = AnyHistory.TestCase
TestAnyHistory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_a_provider_that_is_switched_off_is_not_tried_until_it_is_on_again(watched: Watched) -> None:
    breaker = watched.breaker
    breaker.switch(on=False)
    assert (breaker.state(0.0), breaker.admits(0.0), breaker.rests_for(0.0)) == ("off", False, math.inf)
    assert not breaker.admits(1e9)
    breaker.switch(on=True)
    assert (breaker.state(0.0), breaker.admits(0.0)) == ("closed", True)
    assert watched.changes == ["off", "closed"]


def test_switching_twice_changes_nothing(watched: Watched) -> None:
    watched.breaker.switch(on=True)
    watched.breaker.switch(on=False)
    watched.breaker.switch(on=False)
    assert watched.changes == ["off"]


def test_who_switches_it_on_has_seen_to_what_was_wrong(opened: Watched) -> None:
    opened.breaker.switch(on=False)
    opened.breaker.switch(on=True)
    assert opened.breaker.admits(1.0)
    opened.fail(1.0)
    assert opened.breaker.state(1.0) == "closed"  # one failure is one again


def test_what_ran_when_it_was_switched_off_says_nothing_of_it_any_more(watched: Watched) -> None:
    tries = [watched.breaker.begin() for _ in range(2 * THRESHOLD)]
    watched.breaker.switch(on=False)
    watched.breaker.succeeded(tries[0])
    watched.breaker.failed(tries[1], 0.0, 30.0)
    watched.breaker.switch(on=True)
    for one in tries[2:]:
        watched.breaker.failed(one, 0.0)
    assert watched.breaker.state(0.0) == "closed"
