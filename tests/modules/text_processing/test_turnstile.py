"""No more calls to the model at once than are wanted, and the users take turns."""

import random
from contextlib import AsyncExitStack

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.turnstile import RETRY_AFTER_SECONDS, Turnstile


class Callers:
    """Those who call, each for a second, and the order in which they were let in."""

    def __init__(self, turnstile: Turnstile, nursery: trio.Nursery) -> None:
        self.turnstile = turnstile
        self.nursery = nursery
        self.order: list[tuple[str, float]] = []
        self.errors: list[ProviderError] = []

    async def come(self, *names: str) -> None:
        for name in names:
            self.nursery.start_soon(self._call, name)
            await wait_all_tasks_blocked()  # in this order

    async def _call(self, name: str) -> None:
        try:
            async with self.turnstile.turn(name[0]):
                self.order.append((name, trio.current_time()))
                await trio.sleep(1)
        except ProviderError as error:
            self.errors.append(error)


async def test_one_user_with_many_requests_does_not_keep_the_others_waiting(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    callers = Callers(Turnstile(1, 60), nursery)
    await callers.come("a1", "a2", "a3", "a4", "b1", "c1", "b2")
    await trio.sleep(10)
    assert [name for name, _ in callers.order] == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]
    assert [at for _, at in callers.order] == [0, 1, 2, 3, 4, 5, 6]
    assert (callers.turnstile.inside, callers.turnstile.waiting) == (0, 0)


async def test_as_many_as_may_be_are_inside_at_once(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    callers = Callers(Turnstile(3, 60), nursery)
    await callers.come("a1", "b1", "c1", "d1", "e1")
    assert (callers.turnstile.inside, callers.turnstile.waiting) == (3, 2)
    await trio.sleep(10)
    assert [at for _, at in callers.order] == [0, 0, 0, 1, 1]


async def test_a_wait_has_an_end_and_says_when_to_come_again(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    callers = Callers(Turnstile(1, 1.5), nursery)
    await callers.come("a1", "b1", "c1", "d1")
    await trio.sleep(10)
    assert [name for name, _ in callers.order] == ["a1", "b1"]
    assert [(one.fault, one.retry_after_seconds) for one in callers.errors] == [
        (Fault.CROWDED, RETRY_AFTER_SECONDS)
    ] * 2
    assert callers.turnstile.refused == 2
    assert (callers.turnstile.inside, callers.turnstile.waiting) == (0, 0)


async def test_who_is_let_in_and_stopped_in_the_same_moment_hands_the_place_on(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    turnstile = Turnstile(1, 60)
    callers = Callers(turnstile, nursery)
    scope = trio.CancelScope()

    async def wait_in_vain() -> None:
        with scope:
            async with turnstile.turn("b"):
                pytest.fail("it was stopped")

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(turnstile.turn("a"))
        nursery.start_soon(wait_in_vain)
        await callers.come("c1")
        scope.cancel()  # and in the same step the place becomes free
    await trio.sleep(2)
    assert [name for name, _ in callers.order] == ["c1"]
    assert (turnstile.inside, turnstile.waiting) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_callers_do_no_place_is_lost(
    seed: int, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    chance = random.Random(seed)
    turnstile = Turnstile(3, 2)

    async def call(who: str) -> None:
        await trio.sleep(chance.uniform(0, 10))
        with trio.move_on_after(chance.uniform(0, 3)):
            try:
                async with turnstile.turn(who):
                    assert turnstile.inside <= 3
                    await trio.sleep(chance.uniform(0, 2))
            except ProviderError:
                pass

    async with trio.open_nursery() as callers:
        for _ in range(60):
            callers.start_soon(call, chance.choice("abcd"))
    assert (turnstile.inside, turnstile.waiting) == (0, 0)
