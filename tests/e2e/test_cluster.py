"""Two nodes of two workers each: an interrupt finds its answer wherever it runs, and limits hold for all."""

import asyncio
import random
import time
from types import SimpleNamespace

import grpc

from nexy.modules.interrupt_handling.providers.nats import ANSWER_SECONDS
from tests.e2e.cluster import (
    Answer,
    Cluster,
    User,
    all_of,
    cluster,
    named,
    needs_nats,
    needs_postgres,
    run,
    until,
    users,
)

__all__ = ["cluster"]
pytestmark = [needs_nats, needs_postgres]
CROWD, ROUNDS = 200, 5
LISTEN_SECONDS = 8.0  # at most, before an interrupt: so that turns begin no faster than two cores can do it
AT_ONCE = 16  # interrupts: a busy machine must name within a deadline what it stopped
MOST_LATE = CROWD * ROUNDS // 5  # that were stopped and not named, by a machine that has other work
OWN_SECONDS = 0.5  # that these users, all in one thread, may need to see what has come


def test_each_interrupt_stops_its_own_answer_and_no_other(cluster: Cluster, pb: SimpleNamespace) -> None:
    nodes, chance, turns = cluster.start(), random.Random(9), asyncio.Semaphore(AT_ONCE)
    unnamed: list[str] = []

    async def talk(user: User, doors: list[User]) -> list[str]:
        """What went wrong."""
        wrong = []
        for _ in range(ROUNDS):
            answer = await user.ask().begun()
            await asyncio.sleep(chance.uniform(0, LISTEN_SECONDS))
            if answer.over:
                wrong.append(f"{user.name} was not interrupted: {answer.ends} {answer.errors}")
            async with turns:
                asked_at = time.monotonic()
                stopped = await chance.choice(doors).stop(user)
                told_at = time.monotonic()
            if not stopped and told_at - asked_at >= ANSWER_SECONDS:
                unnamed.append(user.name)  # late, it is stopped all the same
            elif stopped != [user.session]:
                wrong.append(f"{user.name}: stopped were {stopped}")
            await answer.ended()
            if stopped and answer.heard_at > told_at + OWN_SECONDS:
                wrong.append(f"{user.name} heard more {answer.heard_at - told_at} s after it was stopped")
            if (answer.ends, answer.kinds[-1]) != (["interrupted"], "end_message"):
                wrong.append(f"{user.name}: {answer.ends} {answer.errors} {answer.kinds[-3:]}")
        return wrong

    async def day() -> list[list[str]]:
        async with users(pb, named(CROWD), nodes) as crowd, users(pb, named(16, "door"), nodes) as doors:
            return await all_of([talk(user, doors) for user in crowd])

    assert [one for wrong in run(day()) for one in wrong] == []
    assert len(unnamed) <= MOST_LATE


def test_limits_hold_over_both_nodes(cluster: Cluster, pb: SimpleNamespace) -> None:
    nodes = cluster.start(MAX_ACTIVE_SESSIONS=5, MAX_REQUESTS_PER_USER=2)

    async def only(number: int, asking: list[User]) -> list[User]:
        """All ask at once and so many are let in, the rest is told when to come again; who was let in."""
        answers = [user.ask() for user in asking]
        await until(lambda: sum(answer.over for answer in answers) == len(asking) - number)
        await asyncio.sleep(1)
        inside = [user for user, answer in zip(asking, answers, strict=True) if not answer.over]
        assert len(inside) == number
        assert all(_told_to_come_again(answer) for answer in answers if answer.over)
        return inside

    async def day() -> None:
        async with users(pb, named(20), nodes) as crowd, users(pb, ["device"] * 6, nodes) as one:
            for number, user in enumerate(one):
                user.session = f"talk-{number}"  # in the same one, the newer would end the older
            inside = await only(5, crowd)
            await only(0, [user for user in crowd if user not in inside])
            await all_of([user.stop() for user in inside])
            await asyncio.sleep(1)  # a place is given back when the answer has ended
            await only(2, one)
            await one[0].stop()
            await asyncio.sleep(1)
            await only(5, crowd)

    run(day())


def _told_to_come_again(answer: Answer) -> bool:
    refused = answer.status is grpc.StatusCode.RESOURCE_EXHAUSTED
    return refused and int(answer.trailers["retry-after"]) >= 1
