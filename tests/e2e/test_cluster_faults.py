"""What goes wrong with two nodes of two workers each: the bus is away, a node dies, a node is drained."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import sqlalchemy as sa
import trio

from tests.e2e.cluster import (
    Answer,
    Cluster,
    Node,
    User,
    all_of,
    cluster,
    named,
    needs_nats,
    needs_postgres,
    run,
    speaking,
    until,
    users,
)
from tests.fakes.openai import MODEL, Chat, OpenAIFake, open_fake_openai, says

__all__ = ["cluster"]
pytestmark = [needs_nats, needs_postgres]
CROWD = 40
AWAY_SECONDS = 10
STORY = [f" Word{number}." if number % 10 == 9 else f" word{number}" for number in range(110)]


async def goes_on(answers: list[Answer]) -> None:
    """All of them are spoken further."""
    before = [answer.sound_bytes for answer in answers]
    await asyncio.sleep(3)  # a sentence is one piece of sound, of two seconds
    assert all(answer.sound_bytes > had for answer, had in zip(answers, before, strict=True))
    assert not any(answer.over for answer in answers)


async def end_well(answers: list[Answer]) -> None:
    """With all their sound, which is the same for all of them."""
    await all_of([answer.ended_by("completed") for answer in answers])
    assert len({answer.sound_bytes for answer in answers}) == 1


def test_the_bus_is_away_under_load(cluster: Cluster, pb: SimpleNamespace) -> None:
    nodes = cluster.start(SCRIPTED_SENTENCES=9)

    async def without_the_bus(impatient: list[User], answers: list[Answer], steady: list[Answer]) -> None:
        await until(lambda: all(node.is_alone() for node in nodes))
        await all_of([stopped_at_once(user, answer) for user, answer in zip(impatient, answers, strict=True)])
        again = await speaking(impatient)
        await goes_on(steady)
        await all_of([stopped_at_once(user, answer) for user, answer in zip(impatient, again, strict=True)])

    async def stopped_at_once(user: User, answer: Answer) -> None:
        async with asyncio.timeout(1):
            assert await user.stop() == [user.session]
        await answer.ended_by("interrupted")

    async def day() -> None:
        async with (
            users(pb, named(CROWD, "steady"), nodes) as crowd,
            users(pb, named(20, "impatient"), nodes) as impatient,
            users(pb, named(16, "door"), nodes) as doors,
        ):
            steady, others = await speaking(crowd), await speaking(impatient)
            loop = asyncio.get_running_loop()
            back_at = loop.time() + AWAY_SECONDS
            cluster.nats.kill()
            await without_the_bus(impatient, others, steady)
            assert loop.time() < back_at
            await asyncio.sleep(back_at - loop.time())
            await asyncio.to_thread(cluster.nats.start)
            await until(lambda: all(node.is_in_company() for node in nodes))
            again = await speaking(impatient)
            for number, user in enumerate(impatient):
                assert await doors[number % len(doors)].stop(user) == [user.session]
            await all_of([answer.ended_by("interrupted") for answer in again])
            await end_well(steady)

    run(day())


@contextmanager
def stand_in() -> Iterator[OpenAIFake]:
    """A model that tells a story where one is asked for, and else says a few words."""
    story, words = says(*STORY), says("I", " will", " keep", " that", " in", " mind", ".")
    ready, found = threading.Event(), []

    async def answer(chat: Chat) -> None:
        await (story if said_last(chat.body).startswith("Tell") else words)(chat)

    async def run() -> None:
        async with open_fake_openai(answer) as fake:
            over = trio.Event()
            found.append((fake, over, trio.lowlevel.current_trio_token()))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=trio.run, args=(run,))
    thread.start()
    assert ready.wait(10)
    fake, over, token = found[0]
    try:
        yield fake
    finally:
        trio.from_thread.run_sync(over.set, trio_token=token)
        thread.join()


def said_last(body: dict[str, object]) -> str:
    messages = body["messages"]
    assert isinstance(messages, list)
    return str(messages[-1]["content"])


def test_a_node_dies_under_load(cluster: Cluster, pb: SimpleNamespace) -> None:
    with stand_in() as model:
        one, two = cluster.start(
            LLM_PROVIDERS="openai",
            OPENAI_BASE_URL=model.url,
            OPENAI_MODEL=MODEL,
            MAX_ACTIVE_SESSIONS=CROWD,
        )

        async def day() -> None:
            async with (
                users(pb, named(CROWD // 2, "lost"), [one]) as lost,
                users(pb, named(CROWD // 2, "lucky"), [two]) as lucky,
                users(pb, named(CROWD // 2, "lost"), [two]) as moved,
            ):
                told = [user.ask(f"I call my garden Eden-{user.name}.") for user in lost]
                await all_of([answer.ended_by("completed") for answer in told])
                await until(lambda: remembered(cluster.database) == len(lost))
                await asyncio.sleep(2)  # it is heard to its end
                stories = await speaking(lost + lucky, "Tell me a story")
                unlucky, unharmed = stories[: len(lost)], stories[len(lost) :]
                one.kill()
                for answer in unlucky:
                    await answer.ended()
                    assert answer.ends == []
                await asyncio.gather(goes_on(unharmed), all_of([go_on(user) for user in moved]))
                assert not any(answer.over for answer in unharmed)  # who moved has the places of the dead
                for user in moved:
                    assert asked_of(model, f"What did I say, I am {user.name}?") == [
                        ("user", f"I call my garden Eden-{user.name}."),
                        ("assistant", "I will keep that in mind."),
                    ]
                await end_well(unharmed)

        run(day())


async def go_on(user: User) -> None:
    """At the other node, as soon as one is let in there."""
    async with asyncio.timeout(30):
        while True:
            answer = await user.ask(f"What did I say, I am {user.name}?").ended()
            if answer.ends:
                break
            await asyncio.sleep(int(answer.trailers.get("retry-after", 1)))
    await answer.ended_by("completed")


def remembered(database: str) -> int:
    """Users of whom something is."""
    engine = sa.create_engine(sa.make_url(database).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        number = connection.execute(sa.text("SELECT count(*) FROM nexy.gists")).scalar_one()
    engine.dispose()
    return int(number)


def asked_of(model: OpenAIFake, prompt: str) -> list[tuple[str, str]]:
    """What was said before this prompt, as the model is told, and by whom."""
    (body,) = [body for body in model.bodies if said_last(body) == prompt]
    return [(message["role"], message["content"]) for message in body["messages"][1:-1]]


def test_a_node_is_drained_under_load(cluster: Cluster, pb: SimpleNamespace) -> None:
    going, staying = cluster.start(SCRIPTED_SENTENCES=4)

    async def day() -> None:
        async with (
            users(pb, named(CROWD // 2, "guest"), [going]) as guests,
            users(pb, named(CROWD // 2, "other"), [staying]) as others,
            users(pb, named(CROWD // 2, "guest"), [staying]) as moved,
        ):
            for user in moved:
                user.session = f"next-{user.name}"  # in the same one, it would end the older answer
            answers = await speaking(guests + others)
            going.signal()
            await until(lambda: is_closing(going))
            new = await speaking(moved)  # the same devices
            assert not any(answer.over for answer in answers)
            await end_well(answers + new)
            assert await asyncio.to_thread(going.wait, 20) == 0

    run(day())


def is_closing(node: Node) -> bool:
    return {worker["state"] for worker in node.status()["workers"]} == {"closing"}
