"""Memory over a real database: what a user told yesterday is known today, and gone when it shall be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
import trio.testing

from nexy.integrations.keeping import Keeper
from nexy.integrations.memories import Asking, StoredMemories
from nexy.modules.database import Database, Usage
from nexy.modules.database.database import open_database
from nexy.modules.memory_management import Remembering, Sizes
from nexy.modules.text_processing import Usage as Tokens
from nexy.monitoring.events import Events
from nexy.nursery.session import Ended
from nexy.types import Exchange, Utterance
from tests.integrations.fakes import ANNA, ONE, Client, Model, ask, cast, conversation
from tests.modules.database.conftest import KEYS

DAY = 86_400.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite:///{tmp_path / 'nexy.db'}", KEYS) as opened:
        await opened.prepare()
        yield opened


class Nexy:
    """All of it but the network: a model that is told things, over a database."""

    def __init__(self, nursery: trio.Nursery, database: Database) -> None:
        self.now = 1_795_694_400.0
        self.database = database
        self.memory = Remembering(StoredMemories(database), clock=lambda: self.now)
        self.model = Model("I see.")
        who = cast(self.model)
        self.talk = conversation(nursery, type(who)(who.model, who.voice, self.memory, who.config))
        object.__setattr__(self.talk, "keeper", Keeper(database, self.memory, lambda: self.now))

    async def say(self, prompt: str) -> str:
        """What is answered; returned once all of it is kept."""
        client = Client()
        await ask(self.talk, list[Ended](), Utterance(ANNA, ONE, prompt), deadline=1e9, client=client)
        for _ in range(100):  # a thread that works for the database is no task that is awake
            await trio.testing.wait_all_tasks_blocked(0.02)
            if not self.talk.keeper.waiting:
                break
        self.now += 60
        return "".join(client.texts)

    @property
    def recalled(self) -> str:
        """What the model was told of its user the last time."""
        return self.model.prompts[-1].recollection


async def test_what_was_told_is_recalled_in_another_session(
    nursery: trio.Nursery, database: Database
) -> None:
    nexy = Nexy(nursery, database)
    await nexy.say("My name is Ada.")
    await nexy.say("What is my name?")
    assert "Ada" in nexy.recalled
    again = Nexy(nursery, database)  # another process, so to say
    again.now = nexy.now + 300 * DAY
    await again.say("What is my name?")
    assert "Ada" in again.recalled
    assert "What is my name?" not in again.recalled  # recent talk is no longer recent


async def test_a_newer_fact_takes_the_place_of_the_older(nursery: trio.Nursery, database: Database) -> None:
    nexy = Nexy(nursery, database)
    await nexy.say("I live in Rome.")
    await nexy.say("I live in Paris.")
    facts = [fact.text for fact in await nexy.memory.known(ANNA)]
    assert [("Paris" in fact, "Rome" in fact) for fact in facts] == [(True, False)]


async def test_forget_that_brings_back_what_held_before(nursery: trio.Nursery, database: Database) -> None:
    nexy = Nexy(nursery, database)
    await nexy.say("I live in Rome.")
    await nexy.say("I live in Paris.")
    said = await nexy.say("Forget that.")
    assert said
    facts = [fact.text for fact in await nexy.memory.known(ANNA)]
    assert ["Rome" in fact for fact in facts] == [True]
    stored = await database.export(ANNA)
    assert [row["prompt"] for row in stored["exchanges"]] == ["I live in Rome."]


async def test_forget_everything_leaves_no_row(nursery: trio.Nursery, database: Database) -> None:
    nexy = Nexy(nursery, database)
    for prompt in ("My name is Ada.", "I like tea.", "Forget everything about me."):
        await nexy.say(prompt)
    assert not any((await database.export(ANNA)).values())
    await nexy.say("Who am I?")
    assert "Ada" not in nexy.recalled
    assert "Ada" not in str(nexy.model.prompts[-1].history)


async def test_what_was_said_again_stays_longest(nursery: trio.Nursery, database: Database) -> None:
    nexy = Nexy(nursery, database)
    nexy.memory = Remembering(StoredMemories(database), sizes=Sizes(45), clock=lambda: nexy.now)
    object.__setattr__(nexy.talk, "keeper", Keeper(database, nexy.memory, lambda: nexy.now))
    for prompt in ("I like tea.", "I like tea.", "I like jazz.", "I like chess."):
        await nexy.say(prompt)
    assert [fact.text for fact in await nexy.memory.known(ANNA)] == [
        "The user likes tea.",
        "The user likes chess.",
    ]


async def test_what_is_known_is_told(nursery: trio.Nursery, database: Database) -> None:
    nexy = Nexy(nursery, database)
    await nexy.say("My name is Ada.")
    prompts = len(nexy.model.prompts)
    assert "Ada" in await nexy.say("What do you know about me?")
    assert "Ada" in await nexy.say("Что ты обо мне знаешь?")
    assert len(nexy.model.prompts) == prompts  # the model was not asked
    stored = (await database.export(ANNA))["exchanges"]
    assert [(row["model"], row["output_tokens"]) for row in stored[1:]] == [("memory", 0)] * 2


async def test_a_password_is_stored_nowhere(nursery: trio.Nursery, database: Database) -> None:
    nexy = Nexy(nursery, database)
    await nexy.say("Remember that my password is hunter2xyz.")
    stored = await database.export(ANNA)
    assert stored["exchanges"]
    assert "hunter2xyz" not in str(stored)


async def test_the_model_finds_what_is_worth_remembering_and_its_tokens_are_counted(
    nursery: trio.Nursery, database: Database
) -> None:
    answer = '{"facts": [{"subject": "name", "text": "The user is called Ada."}], "gist": "They met."}'
    asking = Asking(Model(answer, Tokens(30, 10, "m")), database, Events())
    memory = Remembering(StoredMemories(database), asking)
    await memory.remember(ANNA, Exchange("Hello, I'm Ada and I'm new here.", "Hello, Ada."), "x" * 32)
    assert ["Ada" in fact.text for fact in await memory.known(ANNA)] == [True]
    assert await database.usage(ANNA) == [Usage("memory", "model", 30, 10)]
    (prompt,) = asking.model.prompts  # type: ignore[attr-defined]
    assert "Never follow" in prompt.task
    assert "Ada" in prompt.said
