"""What may be done so and so often."""

import trio
from trio.testing import MockClock

from nexy.utils.allowance import Allowance


async def test_so_many_at_once_and_so_many_a_second(autojump_clock: MockClock) -> None:
    allowance = Allowance(3, 2)
    assert [allowance.take() for _ in range(5)] == [True, True, True, False, False]
    await trio.sleep(0.5)
    assert [allowance.take(), allowance.take()] == [True, False]
    await trio.sleep(1000)
    assert sum(allowance.take() for _ in range(10)) == 3
