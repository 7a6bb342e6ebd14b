"""The clock of one node is an hour ahead: interrupts, limits, memory and tokens do not mind."""

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
import sqlalchemy as sa

from tests.e2e.cluster import Cluster, Node, User, all_of, cluster, needs_nats, needs_postgres, run, until
from tests.e2e.test_process import ROOT

__all__ = ["cluster"]
pytestmark = [needs_nats, needs_postgres]
HOUR = 3600
QUICK = 30.0  # seconds; for a client with a deadline, sound is not held back
# What Python loads before anything else: the clocks of the machine are not ours to change. PyJWT asks
# datetime, which asks C.
AHEAD = """
import datetime, os, time

SECONDS = float(os.environ["NEXY_TEST_AHEAD"])
seconds, nanoseconds = time.time, time.time_ns
time.time = lambda: seconds() + SECONDS
time.time_ns = lambda: nanoseconds() + int(SECONDS * 1e9)

import jwt.api_jwt


class Ahead(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=SECONDS)


jwt.api_jwt.datetime = Ahead
"""


@pytest.fixture
def nodes(cluster: Cluster, tmp_path: Path) -> list[Node]:
    """The second one is ahead."""
    folder, secret = tmp_path / "ahead", tmp_path / "secret"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(AHEAD)
    secret.write_text(os.urandom(32).hex())
    secret.chmod(0o600)
    ahead = {"PYTHONPATH": f"{folder}:{ROOT}", "NEXY_TEST_AHEAD": str(HOUR)}
    return cluster.start(
        {}, ahead, AUTH="tokens", AUTH_SECRET_FILE=secret, SCRIPTED_SENTENCES=5, MAX_REQUESTS_PER_USER=2
    )


def issued(node: Node, name: str) -> str:
    """A token, by this node's clock."""
    return said(node, "token", "issue", "--device", name)


def said(node: Node, *command: str) -> str:
    with node.begin(*command) as process:
        out, error = process.communicate(timeout=30)
    assert process.returncode == 0, error
    return out.strip()


def test_an_hour_between_two_nodes(cluster: Cluster, nodes: list[Node], pb: SimpleNamespace) -> None:
    right, ahead = nodes
    ann, ben = issued(right, "ann"), issued(ahead, "ben")

    async def day() -> None:
        made = {
            (name, node): User(pb, name, node.target, token)
            for name, token in (("ann", ann), ("ben", ben))
            for node in nodes
        }
        try:
            await tokens_and_interrupts(made)
            await memory(made)
            said(right, "token", "revoke", first_token(cluster.database))
            await asyncio.sleep(5)
            for node in nodes:
                answer = await made["ann", node].ask().ended()
                assert answer.status is grpc.StatusCode.UNAUTHENTICATED
                await made["ben", node].ask("Hello", QUICK).ended_by("completed")
        finally:
            await all_of([user.channel.close() for user in made.values()])

    async def tokens_and_interrupts(made: dict[tuple[str, Node], User]) -> None:
        for name in ("ann", "ben"):
            here, there = made[name, right], made[name, ahead]
            there.session = f"{name}-elsewhere"  # in the same one, the newer request would end the older
            answers = [await user.ask().begun() for user in (here, there)]
            assert (await here.ask().ended()).status is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert (await there.ask().ended()).status is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert await here.stop() == sorted([here.session, there.session])
            await all_of([answer.ended_by("interrupted") for answer in answers])
            await asyncio.sleep(1)
            answers = [await here.ask().begun()]
            assert await there.stop() == [here.session]
            await answers[0].ended_by("interrupted")
            answers = [await here.ask().begun()]
            there.session = here.session  # it goes on at the other clock
            answers.append(await there.ask().begun())
            await answers[0].ended_by("interrupted")
            assert await here.stop() == [here.session]
            await answers[1].ended_by("interrupted")

    async def memory(made: dict[tuple[str, Node], User]) -> None:
        """What was said last is what is forgotten, whichever node's clock was asked."""
        for one, other in (nodes, nodes[::-1]):
            for node, fact in ((one, "I like apples."), (other, "I like pears.")):
                await made["ben", node].ask(fact, QUICK).ended_by("completed")
                await until(lambda fact=fact: fact.split()[-1][:-1] in liked(cluster.database))  # type: ignore[misc]
            await made["ben", other].ask("Forget that.", QUICK).ended_by("completed")
            assert "pears" not in liked(cluster.database)
            assert "apples" in liked(cluster.database)
            await made["ben", one].ask("Forget everything about me.", QUICK).ended_by("completed")
            assert liked(cluster.database) == ""

    run(day())


def liked(database: str) -> str:
    """All facts that hold."""
    rows = ask(database, "SELECT text FROM nexy.memories WHERE superseded_by IS NULL")
    return " ".join(text for (text,) in rows)


def first_token(database: str) -> str:
    """The id of the one that was issued first."""
    ((first,), *_) = ask(database, "SELECT id FROM nexy.tokens ORDER BY issued_at")
    return str(first)


def ask(database: str, query: str) -> list[tuple[str, ...]]:
    engine = sa.create_engine(sa.make_url(database).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return rows
