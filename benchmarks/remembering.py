"""What memory costs: reading what is known before an answer, and writing what was said after it."""

import asyncio
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
import trio

from benchmarks.client import Client
from benchmarks.measures import Crowd, Figure, first_sound, percentile
from benchmarks.server import server
from nexy.modules.database import Figures, Record
from nexy.modules.database.database import open_database
from nexy.modules.database.engine import open_engine
from nexy.modules.database.identity import Keys
from nexy.modules.database.migrate import upgrade
from nexy.modules.database.schema import memories, performance, users
from nexy.types import HardwareId

POSTGRES = os.environ.get("NEXY_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
OTHERS = 100_000  # users that are stored already, each with a fact
WRITERS, WRITES = 16, 4_000


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'nexy.db'}"


@contextmanager
def _postgres() -> Iterator[str]:
    """A database of its own."""
    server_url = sa.make_url(POSTGRES).set(drivername="postgresql+psycopg")
    engine, name = (
        sa.create_engine(server_url, isolation_level="AUTOCOMMIT"),
        f"nexy_bench_{uuid.uuid4().hex[:8]}",
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield sa.make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


async def remembering(rounds: int) -> list[Figure]:
    """On SQLite, and on PostgreSQL where one answers."""
    with _sqlite() as url:
        figures = await _measure("SQLite", url, rounds, 10)
    with _sqlite() as url:
        took = await asyncio.to_thread(trio.run, _write, url)
    figures.append(Figure(f"SQLite: a turn written, {WRITERS} at once", took / WRITES * 1000, "ms", 1))
    try:
        with _postgres() as url:
            figures += await _measure("PostgreSQL", url, rounds, 15)
    except sa.exc.OperationalError:
        print("no PostgreSQL answers: it is not measured", file=sys.stderr)
    return figures


async def _measure(name: str, url: str, rounds: int, most_ms: float) -> list[Figure]:
    """With 100 speaking sessions: how long recall takes, and what the first sound waits for."""
    engine = open_engine(url)
    await asyncio.to_thread(_fill, engine)
    with server(DATABASE_URL=url, HARDWARE_ID_PEPPER="pepper") as running:
        probe, crowd = Client(running.address), Crowd(running.address, 100)
        await probe.warm_up()
        await crowd.start(over_seconds=3)
        await asyncio.sleep(2)
        times = [await first_sound(probe, number) * 1000 for number in range(rounds)]
        await asyncio.sleep(1)
        await crowd.stop()
        await probe.close()
        await asyncio.sleep(1)
    with engine.connect() as connection:
        recalls = [
            seconds * 1000 for (seconds,) in connection.execute(sa.select(performance.c.recall_seconds))
        ]
    engine.dispose()
    return [
        Figure(
            f"{name}: recall, {OTHERS:,} users, 100 speaking, p99", percentile(recalls, 99), "ms", most_ms
        ),
        Figure(f"{name}: sentence → first sound, 100 sessions, p99", percentile(times, 99), "ms", 17),
    ]


def _fill(engine: sa.Engine) -> None:
    """Others who are known."""
    upgrade(engine)
    now = time.time()
    keys = [uuid.uuid4().hex * 2 for _ in range(OTHERS)]
    with engine.begin() as connection:
        connection.execute(
            sa.insert(users), [{"key": key, "first_seen": now, "last_seen": now} for key in keys]
        )
        fact: dict[str, object] = {
            "subject": "name",
            "text": "The user's name is Ada.",
            "language": "en",
            "source": "",
        }
        fact |= {"superseded_by": None}
        rows = [
            {"id": uuid.uuid4().hex, "user": key, "said_at": now, "confirmed_at": now, **fact} for key in keys
        ]
        connection.execute(sa.insert(memories), rows)


async def _write(url: str) -> float:
    """Seconds for so many turns, by writers that do nothing else."""
    async with open_database(url, Keys(b"pepper")) as database:
        await database.prepare()
        began = time.perf_counter()

        async def write(number: int) -> None:
            for _ in range(WRITES // WRITERS):
                await database.record(HardwareId(f"device-{number}"), _turn())

        async with trio.open_nursery() as nursery:
            for number in range(WRITERS):
                nursery.start_soon(write, number)
        return time.perf_counter() - began


def _turn() -> Record:
    answer = "It is far away, and nobody has been there for a long time. " * 5
    figures = Figures(5.0, 0.001, 0.3, 0.31, 12.0, 5)
    return Record(
        uuid.uuid4().hex,
        "one",
        time.time(),
        "How far is the moon?",
        answer,
        answer,
        "done",
        "m",
        "v",
        figures,
        9,
        99,
    )
