"""What two nodes learn of the same user at the same time: nothing is lost, and it keeps its order."""

import sys
from pathlib import Path

import pytest
import trio

from nexy.integrations.memories import StoredMemories
from nexy.modules.database import Database, Figures, Record, Usage
from nexy.modules.database.database import open_database
from nexy.modules.database.identity import Keys
from nexy.modules.memory_management import Remembering, Sizes
from nexy.types import Exchange, HardwareId
from tests.e2e.cluster import needs_postgres
from tests.e2e.test_process import ROOT
from tests.modules.database.conftest import own_postgres

ANNA = HardwareId("anna")
TIMES = 12
ROOM = Sizes(100_000, 100_000)  # so that nothing has to go
NAMES = {"a": "Anna", "b": "Bella"}
LIKES = ("apples", "pears")


def turn(node: str, number: int) -> Record:
    return Record(
        id=f"{node}{number:031}",
        session="talk",
        asked_at=float(number),
        prompt="Hello",
        generated="Hello.",
        heard="Hello.",
        why="done",
        model="scripted",
        voice="tone",
        figures=Figures(1.0),
    )


async def learn(database: Database, node: str) -> None:
    """What one node has to store and to learn, one after the other."""
    memory = Remembering(StoredMemories(database), sizes=ROOM)
    for number in range(TIMES):
        await database.record(ANNA, turn(node, number))
        await database.add_tokens(ANNA, Usage("answer", "scripted", 1, 2))
        said = f"I like {LIKES[number % 2]}-{node}{number}."
        await memory.remember(ANNA, Exchange(said, "Good."), f"{node}{number:031}")
        await memory.remember(ANNA, Exchange(f"My name is {NAMES[node]}.", "Hello."), f"{node}{number:031}")


async def check(database: Database) -> None:
    facts, gist = await database.recollect(ANNA)
    assert [fact.subject for fact in facts].count("name") == 1  # the one takes the other's place
    liked = [fact.text for fact in facts if fact.subject.startswith("likes")]
    assert len(liked) == 2 * TIMES
    assert gist is not None
    for node in "ab":
        lines = [f"-{node}{number}." for number in reversed(range(TIMES))]  # newest first
        places = [gist[0].find(line) for line in lines]
        assert -1 not in places
        assert places == sorted(places)
    assert await database.usage(ANNA) == [Usage("answer", "scripted", 2 * TIMES, 4 * TIMES)]
    assert len((await database.export(ANNA))["exchanges"]) == 2 * TIMES


@needs_postgres
async def test_two_nodes_at_one_postgresql() -> None:
    with own_postgres() as url:
        async with open_database(url, Keys(b"pepper")) as one, open_database(url, Keys(b"pepper")) as two:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(learn, one, "a")
                nursery.start_soon(learn, two, "b")
            await check(two)


@pytest.mark.parametrize("made_before", [True, False])
async def test_two_processes_at_one_sqlite_file(tmp_path: Path, *, made_before: bool) -> None:
    url = f"sqlite:///{tmp_path / 'nexy.db'}"
    async with open_database(url, Keys(b"pepper")) as database:
        if made_before:
            await database.prepare()
        code = "import sys; from tests.e2e.test_cluster_memory import learn_alone; learn_alone(*sys.argv[1:])"
        command = [sys.executable, "-c", code, url]
        async with trio.open_nursery() as nursery:
            for node in "ab":
                nursery.start_soon(one_process, [*command, node])
        await check(database)


async def one_process(command: list[str]) -> None:
    done = await trio.run_process(command, cwd=ROOT, capture_stderr=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def learn_alone(url: str, node: str) -> None:
    """In a process of its own."""

    async def run() -> None:
        async with open_database(url, Keys(b"pepper")) as database:
            await learn(database, node)

    trio.run(run)
