"""All users at once, for as long as the test goes."""

import math
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import trio

from nexy.cli.loadtest.plan import Plan
from nexy.cli.loadtest.turn import Turn
from nexy.cli.loadtest.user import User
from nexy.cli.loadtest.watch import Watch
from nexy.nursery.border import open_asyncio

CONNECT_SECONDS = 10.0


@dataclass
class Test:
    """A test that runs, or has run."""

    plan: Plan
    began: float  # trio.current_time()
    watch: Watch
    turns: list[Turn] = field(default_factory=list)
    seconds: float = 0.0  # so far; at its end, until its users were told to leave
    stopped_early: bool = False  # by Ctrl-C


async def load(plan: Plan, tell: Callable[[Test], None]) -> Test:
    """Have the users talk for as long as the plan says, or until Ctrl-C. `tell` is called each second.

    Raises OSError when nobody listens at the server's address.
    """
    await _knock(plan)
    began = trio.current_time()
    test = Test(plan, began, Watch(began))
    async with open_asyncio(), trio.open_nursery() as whole:
        whole.start_soon(test.watch.feel)
        whole.start_soon(test.watch.look, plan.http, plan.link)
        await _talk(test, tell)
        whole.cancel_scope.cancel()
    return test


async def _knock(plan: Plan) -> None:
    with trio.move_on_after(CONNECT_SECONDS):
        await (await trio.open_tcp_stream(*plan.link.server)).aclose()
        return
    raise TimeoutError


async def _talk(test: Test, tell: Callable[[Test], None]) -> None:
    """Let the users come one after another, and leave together: those who hear an answer drop the call."""
    plan = test.plan

    def told() -> None:
        test.seconds = trio.current_time() - test.began
        tell(test)

    async with trio.open_nursery() as users:
        await users.start(_watch_ctrl_c, test, users.cancel_scope)
        users.start_soon(test.watch.sample, told)
        users.cancel_scope.deadline = test.began + plan.duration
        try:
            for number in range(plan.users):
                await trio.sleep_until(test.began + plan.ramp * number / plan.users)
                users.start_soon(User(plan, number + 1, random.Random(), test.turns.append, test.began).live)
            await trio.sleep_until(math.inf)
        finally:
            test.seconds = trio.current_time() - test.began


async def _watch_ctrl_c(
    test: Test, talking: trio.CancelScope, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """The first Ctrl-C ends the talking; the next one is for who runs all of this."""
    with trio.open_signal_receiver(signal.SIGINT) as signals:
        task_status.started()
        await anext(signals)
    test.stopped_early = True
    talking.cancel()
