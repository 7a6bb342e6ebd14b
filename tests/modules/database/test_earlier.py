"""An installation of the server before this one is taken over, as often as one likes."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import trio

from nexy.modules.database.database import open_database
from nexy.modules.database.earlier import Tidying, take_over
from nexy.modules.database.engine import open_engine
from nexy.modules.database.migrate import upgrade
from nexy.modules.database.rows import Usage
from nexy.types import HardwareId
from tests.modules.database.conftest import KEYS, own_postgres

ANNA = HardwareId("anna's device")
TABLES = """
CREATE TABLE users (id UUID PRIMARY KEY, hardware_id_hash TEXT, metadata JSONB DEFAULT '{}',
  short_term_memory TEXT, long_term_memory TEXT, memory_updated_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ DEFAULT now());
CREATE TABLE sessions (id UUID PRIMARY KEY, user_id UUID, status TEXT, start_time TIMESTAMPTZ DEFAULT now());
CREATE TABLE commands (id UUID PRIMARY KEY, session_id UUID, prompt TEXT, created_at TIMESTAMPTZ);
CREATE TABLE llm_answers (id UUID PRIMARY KEY, command_id UUID, response TEXT, model_info JSONB);
CREATE TABLE token_usage (id UUID PRIMARY KEY, hardware_id VARCHAR(255), source VARCHAR(50),
  input_tokens INT, output_tokens INT, model_name VARCHAR(100), created_at TIMESTAMPTZ);
"""
ROWS = """
INSERT INTO users VALUES (:one, :anna, '{}', 'We spoke of tea.', :facts, :march, :march);
INSERT INTO users VALUES (:nine, ' ');
INSERT INTO sessions VALUES (:two, :one, 'active');
INSERT INTO commands VALUES (:three, :two, 'How far? My PIN is 1234.', :march);
INSERT INTO commands VALUES (:four, :two, ' ', :march);
INSERT INTO llm_answers VALUES (:five, :three, 'Very far, 1234.', :model);
INSERT INTO token_usage VALUES (:six, :anna, 'main_llm', 10, 20, 'gemini-x', :march);
INSERT INTO token_usage VALUES (:seven, :anna, 'main_llm', 1, 2, 'gemini-x', :march);
"""
IDS = {
    name: uuid.UUID(int=n)
    for n, name in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
}
MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
GIVEN = IDS | {
    "anna": ANNA,
    "facts": "- Her name is Anna.\n- She likes tea.\n- Her PIN is 1234.\n\n",
    "march": MARCH,
    "model": '{"model": "gemini-x"}',
}

TIDY = Tidying(lambda text: text.replace("1234", "****"), lambda text, at: f"{at}: {text}")


@pytest.fixture
def earlier() -> Iterator[sa.Engine]:
    """A database as that server leaves one: two users, one of whom cannot be read."""
    with own_postgres() as url:
        engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            for statement in TABLES.split(";\n")[:-1]:
                connection.exec_driver_sql(statement)
            for statement in ROWS.split(";\n")[:-1]:
                names = re.findall(r":(\w+)", statement)
                connection.execute(sa.text(statement), {name: GIVEN[name] for name in names})
        yield engine
        engine.dispose()


def test_everything_is_taken_over_and_nothing_doubles(earlier: sa.Engine, url: str) -> None:
    target = open_engine(url)
    upgrade(target)
    first, second = (take_over(earlier, target, KEYS, TIDY, lambda _: None) for _ in range(2))
    target.dispose()
    assert dict(first.read) == {"users": 2, "sessions": 1, "commands": 2, "llm_answers": 1, "token_usage": 2}
    assert dict(first.unreadable) == {"users": 1, "commands": 1}
    assert (first.stored["commands"], second.stored["commands"], second.there["commands"]) == (1, 0, 1)

    async def look() -> None:
        async with open_database(url, KEYS) as database:
            facts, gist = await database.recollect(ANNA)
            assert [fact.text for fact in facts] == [
                "Her name is Anna.",
                "She likes tea.",
                "Her PIN is ****.",
            ]
            assert gist is not None
            assert gist[0] == f"{MARCH.timestamp()}: We spoke of tea."
            (exchange,) = (await database.export(ANNA))["exchanges"]
            assert (exchange["prompt"], exchange["heard"], exchange["model"]) == (
                "How far? My PIN is ****.", "Very far, ****.", "gemini-x",
            )  # fmt: skip
            assert await database.usage(ANNA) == [Usage("earlier main_llm", "gemini-x", 11, 22)]

    trio.run(look)


def test_a_database_of_something_else(postgres: str, url: str) -> None:
    empty, target = (
        sa.create_engine(sa.make_url(postgres).set(drivername="postgresql+psycopg")),
        open_engine(url),
    )
    upgrade(target)
    done = take_over(empty, target, KEYS, TIDY, lambda _: None)
    assert done.missing == ["users", "sessions", "commands", "llm_answers", "token_usage"]
    assert not done.read
    for engine in (empty, target):
        engine.dispose()
