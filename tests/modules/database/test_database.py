"""What is stored, found again and deleted, on SQLite and on PostgreSQL."""

import os
import random
import sqlite3
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import trio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from nexy.errors import StorageError
from nexy.modules.database.database import Database, open_database
from nexy.modules.database.engine import open_engine
from nexy.modules.database.identity import Keys, pepper_beside
from nexy.modules.database.migrate import upgrade
from nexy.modules.database.rows import Change, Figures, Record, StoredFact, Usage
from nexy.modules.database.schema import metadata
from nexy.types import Exchange, HardwareId, SessionId
from tests.modules.database.conftest import KEYS

ANNA, BEN = HardwareId("anna's device"), HardwareId("ben's device")
NOON = 1_795_694_400.0  # 2026-11-26 12:00 UTC


def record(name: str = "", **fields: object) -> Record:
    usual = Record(
        id=(name or uuid.uuid4().hex).ljust(32, "0"),
        session="one",
        asked_at=NOON,
        prompt="How far is the moon?",
        generated="It is far. Very far.",
        heard="It is far.",
        why="interrupted",
        model="scripted",
        voice="tone",
        figures=Figures(2.5, 0.01, 0.1, 0.2, 1.5, 2),
        input_tokens=10,
        output_tokens=20,
        image_kind="png",
        image_bytes=1234,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


def fact(name: str, **fields: object) -> StoredFact:
    usual = StoredFact(name.ljust(32, "0"), name, f"The {name}.", "en", "x", NOON, NOON)
    return replace(usual, **fields)  # type: ignore[arg-type]


async def test_a_turn_is_stored_as_it_was_and_nothing_names_the_device(database: Database) -> None:
    assert await database.record(ANNA, record("a"))
    stored = await database.export(ANNA)
    key = KEYS.of(ANNA)
    assert stored["users"] == [{"key": key, "first_seen": NOON, "last_seen": NOON}]
    assert stored["sessions"] == [{"user": key, "name": "one", "began_at": NOON, "last_at": NOON}]
    (exchange,) = stored["exchanges"]
    assert exchange == {
        "id": "a" + "0" * 31, "user": key, "session": "one", "asked_at": NOON,
        "prompt": "How far is the moon?", "generated": "It is far. Very far.", "heard": "It is far.",
        "why": "interrupted", "model": "scripted", "voice": "tone", "input_tokens": 10, "output_tokens": 20,
        "image_kind": "png", "image_bytes": 1234,
    }  # fmt: skip
    (figures,) = stored["performance"]
    assert (figures["seconds"], figures["recall_seconds"], figures["sentences"]) == (2.5, 0.01, 2)
    assert ANNA not in repr(stored)


async def test_a_turn_that_is_stored_twice_is_stored_once(database: Database) -> None:
    assert await database.record(ANNA, record("a"))
    assert not await database.record(ANNA, record("a", heard="something else"))
    stored = await database.export(ANNA)
    assert [row["heard"] for row in stored["exchanges"]] == ["It is far."]
    assert await database.usage(ANNA) == [Usage("answer", "scripted", 10, 20)]


async def test_tokens_add_up_by_source_and_model(database: Database) -> None:
    for _ in range(2):
        await database.record(ANNA, record())
    await database.record(BEN, record(model="other"))
    await database.record(BEN, record(input_tokens=0, output_tokens=0))
    await database.record(BEN, record(estimated=True))
    await database.add_tokens(ANNA, Usage("client", "theirs", 2**40, 1))
    await database.add_tokens(ANNA, Usage("client", "theirs", 1, 1))
    assert await database.usage(ANNA) == [
        Usage("answer", "scripted", 20, 40),
        Usage("client", "theirs", 2**40 + 1, 2),
    ]
    assert {Usage("answer", "other", 10, 20), Usage("answer, estimated", "scripted", 10, 20)} <= set(
        await database.usage()
    )


async def test_what_is_known_changes_all_at_once(database: Database) -> None:
    assert await database.recollect(ANNA) == ([], None)
    await database.change(
        ANNA, lambda _: Change(add=(fact("name"), fact("home")), gist="We spoke of tea.", at=NOON)
    )
    newer = fact("home2", subject="home", text="The new home.", said_at=NOON + 5)
    change = Change((newer,), ((fact("home").id, newer.id),), (fact("name").id,), at=NOON + 9)
    for _ in range(2):  # what is done twice is as if it was done once
        await database.change(ANNA, lambda _: change)
    known, gist = await database.recollect(ANNA)
    assert known == [replace(fact("name"), confirmed_at=NOON + 9), newer]
    assert gist == ("We spoke of tea.", NOON)
    await database.change(ANNA, lambda _: Change(drop=(newer.id,), gist="Later.", at=NOON + 10))
    assert [one.subject for one in await database.facts(ANNA)] == ["name"]
    assert (await database.recollect(ANNA))[1] == ("Later.", NOON + 10)


async def test_nobody_changes_what_is_known_of_another(database: Database) -> None:
    await database.change(ANNA, lambda _: Change(add=(fact("name"),), at=NOON))
    mine = fact("name").id
    await database.change(BEN, lambda _: Change((), ((mine, "x"),), (mine,), (mine,), at=NOON + 1))
    assert await database.facts(ANNA) == [fact("name")]
    assert await database.facts(BEN) == []


async def test_forgetting_leaves_no_row_of_one_and_all_of_the_other(database: Database) -> None:
    for who in (ANNA, BEN):
        await database.record(who, record())
        await database.add_tokens(who, Usage("client", "m", 1, 1))
        await database.change(
            who, lambda _: Change(add=(fact("name", id=uuid.uuid4().hex),), gist="tea", at=NOON)
        )
    assert (
        await database.forget(ANNA) == 8
    )  # a user, a session, a turn, its figures, two accounts, a fact, a gist
    assert not any((await database.export(ANNA)).values())
    assert await database.forget(ANNA) == 0
    assert sum(map(len, (await database.export(BEN)).values())) == 8


async def test_the_last_turn_is_forgotten_with_what_was_learnt_from_it(database: Database) -> None:
    assert await database.forget_last(ANNA) == 0
    first, last = record("a"), record("b", asked_at=NOON + 60)
    for one in (first, last):
        await database.record(ANNA, one)
        change = Change(add=(fact(one.id[:1], source=one.id),), at=NOON)
        await database.change(ANNA, lambda _, change=change: change)  # type: ignore[misc]
    assert await database.forget_last(ANNA) == 2
    stored = await database.export(ANNA)
    assert [row["id"] for row in stored["exchanges"]] == [first.id]
    assert [row["source"] for row in stored["memories"]] == [first.id]


async def test_what_was_said_in_a_session_is_found_in_its_order(database: Database) -> None:
    now, session = database.now(), SessionId("s")
    for number in range(25):
        said = record(prompt=f"{number}", session="s", asked_at=now - 25 + number, why="done", heard="Yes.")
        await database.record(ANNA, said)
    await database.record(ANNA, record(prompt="old", session="s", asked_at=now - 1000))
    await database.record(ANNA, record(prompt="other", session="other", asked_at=now - 5))
    await database.record(BEN, record(prompt="Ben's", session="s", asked_at=now))
    cut = record(prompt="last", session="s", asked_at=now, heard="", why="interrupted")
    await database.record(ANNA, cut)
    said_then = await database.talk(ANNA, session, 900)
    assert said_then[-1] == Exchange("last", "", complete=False)
    assert said_then[:-1] == [Exchange(f"{number}", "Yes.") for number in range(6, 25)]
    await database.forget_last(ANNA)
    assert (await database.talk(ANNA, session, 900))[-1].prompt == "24"


async def test_what_is_old_goes_and_what_still_holds_stays(database: Database) -> None:
    old, new = record(asked_at=NOON - 100), record(asked_at=NOON)
    for one in (old, new):
        await database.record(ANNA, one)
    await database.record(BEN, record(asked_at=NOON - 100, input_tokens=0, output_tokens=0))
    await database.change(ANNA, lambda _: Change(add=(fact("name", said_at=1.0, confirmed_at=1.0),), at=NOON))
    assert await database.clean(NOON - 50) == 2
    assert [row["id"] for row in (await database.export(ANNA))["exchanges"]] == [new.id]
    assert [one.subject for one in await database.facts(ANNA)] == ["name"]
    assert not any((await database.export(BEN)).values())


async def test_the_time_is_that_of_the_databases_server(url: str) -> None:
    async with open_database(url, KEYS) as database:
        wrong = Database(database._engine, KEYS, lambda: time.time() + 3600)
        await wrong.check()
        is_file = url.startswith("sqlite")  # there is one machine, and one clock
        assert abs(wrong.now() - time.time() - 3600 * is_file) < 2


async def test_it_can_be_written(database: Database) -> None:
    await database.check()
    assert database.trouble == ""


def test_the_migrations_make_the_schema(url: str) -> None:
    engine = open_engine(url)
    first = upgrade(engine)
    assert upgrade(engine) == first
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_a_thousand_turns_that_are_cut_off_anywhere_leave_no_connection_and_no_half_row(
    database: Database,
) -> None:
    chance, told = random.Random(1), list[str]()
    asked = [record() for _ in range(1000)]

    async def one(what: Record) -> None:
        with trio.move_on_after(chance.expovariate(100)):
            await trio.sleep(chance.expovariate(200))
            await database.recollect(ANNA)
            await database.record(ANNA, what)
            told.append(what.id)

    for at in range(0, len(asked), 50):
        async with trio.open_nursery() as nursery:
            for what in asked[at : at + 50]:
                nursery.start_soon(one, what)
    await trio.sleep(0.05)
    stored = await database.export(ANNA)
    kept = [row["id"] for row in stored["exchanges"]]
    assert 0 < len(told) < 1000
    assert set(told) <= set(kept) <= {what.id for what in asked}
    assert len(kept) == len(set(kept)) == len(stored["performance"])
    assert await database.usage(ANNA) == [Usage("answer", "scripted", 10 * len(kept), 20 * len(kept))]
    assert database.connections_in_use == 0


async def test_a_database_that_can_only_be_read_says_so_and_is_read(tmp_path: Path) -> None:
    file = tmp_path / "nexy.db"
    async with open_database(f"sqlite:///{file}", KEYS) as database:
        await database.record(ANNA, record())
    async with open_database(f"sqlite:///file:{file}?mode=ro&uri=true", KEYS) as database:
        assert len((await database.export(ANNA))["exchanges"]) == 1
        with pytest.raises(StorageError, match="can only be read"):
            await database.record(ANNA, record())
        with pytest.raises(StorageError, match="can only be read"):
            await database.check()
        assert database.trouble == "can only be read"


def _small_disk(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA max_page_count=60")


async def test_a_full_disk_says_so_and_nothing_is_half_written(tmp_path: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'nexy.db'}", KEYS) as database:
        await database.record(ANNA, record("a"))
        sa.event.listen(database._engine, "connect", _small_disk)
        database._engine.dispose()
        with pytest.raises(StorageError, match="is full"):
            for _ in range(100):
                await database.record(ANNA, record(prompt="x" * 5000))
        stored = await database.export(ANNA)
        assert len(stored["exchanges"]) == len(stored["performance"]) >= 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), "cannot be opened"),
        (lambda path: path.write_bytes(b"this is no database" * 100), "is no database"),
    ],
)
async def test_what_is_no_database(make: object, words: str, tmp_path: Path) -> None:
    make(tmp_path / "nexy.db")  # type: ignore[operator]
    async with open_database(f"sqlite:///{tmp_path / 'nexy.db'}", KEYS) as database:
        with pytest.raises(StorageError, match=words):
            await database.facts(ANNA)


async def test_a_server_that_is_not_there_is_not_asked_all_the_time(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_database("postgresql://nobody@127.0.0.1:1/none", KEYS) as database:
        for _ in range(2):
            with pytest.raises(StorageError, match="cannot be reached"):
                await database.facts(ANNA)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", ""])
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises((ValueError, sa.exc.ArgumentError)):
        open_engine(url)


def test_a_key_tells_nothing_without_the_pepper(tmp_path: Path) -> None:
    keys = [Keys(pepper) for pepper in (b"one", b"two")]
    assert len({key.of(who) for key in keys for who in (ANNA, BEN)}) == 4
    assert all(len(key.of(ANNA)) == 64 for key in keys)
    assert ANNA not in repr(keys)
    with pytest.raises(ValueError, match="no SHA-256"):
        keys[0].of_hash("anna")


def test_the_pepper_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "nexy.pepper"
    made = pepper_beside(file)
    assert len(made) == 32
    assert pepper_beside(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("spoilt")
    with pytest.raises(StorageError, match=r"nexy\.pepper"):
        pepper_beside(file)


def test_sqlite_forgets_on_the_disk_too(tmp_path: Path) -> None:
    file = tmp_path / "nexy.db"

    async def write_and_forget() -> None:
        async with open_database(f"sqlite:///{file}", KEYS) as database:
            await database.record(ANNA, record(prompt="a very secret wish"))
            await database.forget(ANNA)

    trio.run(write_and_forget)
    sqlite3.connect(file).close()
    assert not any(b"secret wish" in path.read_bytes() for path in tmp_path.iterdir())


def test_nobody_else_on_this_machine_reads_what_was_said(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        engine = open_engine(f"sqlite:///{tmp_path / 'nexy.db'}")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE said (what TEXT)")
            rights = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert set(rights) >= {"nexy.db", "nexy.db-wal"}
    assert set(rights.values()) == {0o600}
