"""The budget of frames that do no work, without a socket."""

from nexy.nursery.border.budget import A_SECOND, BURST, Budget


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return self.now


def spent(budget: Budget, clock: Clock, most: int) -> int:
    """How many tokens it gives, one by one, until it says no."""
    return next((n for n in range(most) if not budget.spend(1, clock)), most)


def test_a_burst_is_taken_and_no_more() -> None:
    clock = Clock()
    assert spent(Budget(0), clock, 10_000) == BURST


def test_the_clock_is_not_asked_while_there_is_enough() -> None:
    clock = Clock()
    assert spent(Budget(0), clock, 1_000) == 1_000
    assert not clock.asked


def test_what_comes_at_the_rate_is_never_too_much() -> None:
    clock, budget = Clock(), Budget(0)
    for _ in range(100):
        clock.now += 1
        assert spent(budget, clock, int(A_SECOND)) == A_SECOND


def test_a_long_silence_saves_no_more_than_two_bursts() -> None:
    clock, budget = Clock(), Budget(0)
    clock.now = 86_400
    assert spent(budget, clock, 100_000) == 2 * BURST


def test_what_is_earned_is_spent_on_top() -> None:
    clock, budget = Clock(), Budget(0)
    for _ in range(500):
        budget.earn(4)
    assert spent(budget, clock, 100_000) == BURST + 2_000


def test_earning_has_an_end() -> None:
    clock, budget = Clock(), Budget(0)
    for _ in range(1_000_000):
        budget.earn(4)
    assert spent(budget, clock, 100_000) < 20_100
