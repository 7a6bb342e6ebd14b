"""Stories of users who are remembered, over days of simulated talk."""

import json

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import ProviderError, StorageError
from nexy.modules.memory_management import Ask, Remembering, Sizes
from nexy.types import Exchange, HardwareId
from tests.modules.memory_management.stores import MemoryInProcess, Store

ADA, GRACE = HardwareId("ada"), HardwareId("grace")
HOUR = 3600.0
BEGAN = 1_790_000_000.0


def wall() -> float:
    """Unix seconds that go with the simulated clock."""
    return BEGAN + trio.current_time()


def remembering(
    store: Store | MemoryInProcess, ask: Ask | None = None, sizes: Sizes | None = None
) -> Remembering:
    return Remembering(store, ask, sizes, wall)


async def say(memory: Remembering, *said: str, who: HardwareId = ADA) -> None:
    for utterance in said:
        await memory.remember(who, Exchange(utterance, "All right."), utterance)


async def known(memory: Remembering, who: HardwareId = ADA) -> list[str]:
    return [fact.text for fact in await memory.known(who)]


async def test_days_of_talk_facts_stay_and_the_gist_goes(autojump_clock: MockClock) -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "My name is Ada", "I like tea", "What is snow?")
    assert "Asked: What is snow?" in await memory.recall(ADA, "And ice?")
    for _ in range(10):
        await trio.sleep(24 * HOUR)
        await say(memory, "Good morning")
    await trio.sleep(25 * HOUR)
    assert await memory.recall(ADA, "Hello") == "The user's name is Ada.\nThe user likes tea."
    assert await memory.recall(GRACE, "Hello") == ""


async def test_what_is_contradicted_is_superseded(autojump_clock: MockClock) -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "I live in Riga", "I like tea")
    await trio.sleep(100 * 24 * HOUR)
    await say(memory, "I live in Rome", "I don't like tea")
    assert await known(memory) == ["The user lives in Rome.", "The user does not like tea."]
    [home, _] = await memory.known(ADA)
    assert (home.said_at, home.source, home.id != "") == (wall(), "I live in Rome", True)


async def test_what_is_said_again_is_confirmed(autojump_clock: MockClock) -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "I like tea")
    await trio.sleep(HOUR)
    await say(memory, "I like tea")
    [tea] = await memory.known(ADA)
    assert (tea.said_at, tea.held_at) == (BEGAN, BEGAN + HOUR)


async def test_only_so_much_is_kept(autojump_clock: MockClock) -> None:
    memory = remembering(MemoryInProcess(), sizes=Sizes(long_term_chars=100, short_term_chars=100))
    await say(memory, "My name is Ada")
    for at in range(20):
        await trio.sleep(1)
        await say(memory, f"I like number {at}")
    name, *likings = await known(memory)
    assert name == "The user's name is Ada."
    assert likings == [f"The user likes number {at}." for at in (17, 18, 19)]


async def test_nothing_secret_is_stored_anywhere() -> None:
    store = Store()
    await say(
        remembering(store),
        "Remember that my password is sunflower",
        "My card is 4111 1111 1111 1111 and my name is Ada",
        "Запомни, что мой пин-код 7391",
    )
    stored = repr([(change.gist, [fact.text for fact in change.add]) for change in store.changes])
    assert "Ada" in stored
    assert not any(secret in stored for secret in ("sunflower", "4111", "7391"))


async def test_what_the_prompt_holds_anyway_is_not_recalled() -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "What is snow?", "What is ice?")
    history = [Exchange("What is ice?", "All right.")]
    assert await memory.recall(ADA, "Hello", history) == "(just now) Asked: What is snow? Heard: All right."


# Recall is quick or comes to nothing


async def test_a_slow_store_is_a_miss_and_the_answer_goes_on(autojump_clock: MockClock) -> None:
    memory = remembering(Store(seconds=10))
    assert await memory.recall(ADA, "Hello") == ""
    assert (trio.current_time(), memory.misses) == (0.3, 1)


async def test_a_store_that_fails_is_a_miss_too() -> None:
    store = Store()
    memory = remembering(store)
    await say(memory, "My name is Ada")
    store.fails = True
    assert await memory.recall(ADA, "Hello") == ""
    assert memory.misses == 1
    store.fails = False
    assert "Ada" in await memory.recall(ADA, "Hello")
    assert memory.misses == 1


async def test_what_cannot_be_remembered_is_told() -> None:
    with pytest.raises(StorageError):
        await say(remembering(Store(fails=True)), "My name is Ada")


# Two things at once


async def test_two_exchanges_at_once_lose_nothing(autojump_clock: MockClock) -> None:
    memory = remembering(Store(seconds=1))
    async with trio.open_nursery() as nursery:
        for said in ("My name is Ada", "I live in Riga", "I like tea"):
            nursery.start_soon(say, memory, said)
    assert len(await known(memory)) == 3
    assert repr(memory) == "<Remembering: 0 users busy, 0 misses>"


# Forgetting


async def test_forget_that_forgets_the_newest_exchange_only() -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "My name is Ada", "I live in Riga and I like tea", "forget that")
    assert await memory.forget_that(ADA) > 0
    assert await known(memory) == ["The user's name is Ada."]
    assert "Riga" not in await memory.recall(ADA, "Where do I live?")
    assert "Asked: My name is Ada" in await memory.recall(ADA, "Hello")
    assert await memory.forget_that(ADA) == 0


async def test_forget_that_does_not_reach_behind_an_exchange_that_told_nothing() -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "My name is Ada", "What time is it?")
    assert await memory.forget_that(ADA) == 1
    assert await known(memory) == ["The user's name is Ada."]


async def test_what_was_superseded_by_what_is_forgotten_holds_again() -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "I live in Riga", "I live in Rome")
    await memory.forget_that(ADA)
    assert await known(memory) == ["The user lives in Riga."]


async def test_forget_leaves_nothing_and_others_alone() -> None:
    memory = remembering(MemoryInProcess())
    await say(memory, "I live in Riga", "I live in Rome", "My name is Ada")
    await say(memory, "My name is Grace", who=GRACE)
    assert await memory.forget(ADA) == 4
    assert (await known(memory), await memory.recall(ADA, "Hello")) == ([], "")
    assert await known(memory, GRACE) == ["The user's name is Grace."]


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("moment", [0.5, 1.5, 2.5, 3.5])
async def test_what_is_still_being_remembered_is_forgotten_too(
    everything: bool,
    moment: float,
    autojump_clock: MockClock,
) -> None:
    async def ask(_who: HardwareId, _instructions: str, _material: str) -> str:
        await trio.sleep(1)
        return ""

    store = Store()
    memory = remembering(store, ask)
    await say(memory, "I like tea")
    store.seconds = 1
    async with trio.open_nursery() as nursery:
        nursery.start_soon(say, memory, "My name is Ada")
        await trio.sleep(moment)
        forgotten = await (memory.forget(ADA) if everything else memory.forget_that(ADA))
    assert forgotten > 0
    assert await known(memory) == ([] if everything else ["The user likes tea."])
    store.seconds = 0
    assert "Ada" not in await memory.recall(ADA, "What is my name?")


# With a model


def answering(*facts: tuple[str, str], gist: str = "") -> Ask:
    async def ask(_who: HardwareId, _instructions: str, _material: str) -> str:
        return json.dumps({"facts": [{"subject": name, "text": text} for name, text in facts], "gist": gist})

    return ask


async def test_a_model_finds_what_no_rule_does() -> None:
    ask = answering(("hobby", "The user builds ships in bottles."), gist="The user's ships.")
    memory = remembering(MemoryInProcess(), ask)
    await say(memory, "Most evenings you find me building small ships in bottles")
    assert await known(memory) == ["The user builds ships in bottles."]
    assert "(just now) The user's ships." in await memory.recall(ADA, "Hello")


@pytest.mark.parametrize("reply", ["", "Sorry, no.", '{"facts": []}', '{"facts": [{}]}'])
async def test_an_empty_or_broken_extraction_erases_nothing_and_the_rules_find_the_rest(reply: str) -> None:
    async def ask(_who: HardwareId, _instructions: str, _material: str) -> str:
        return reply

    memory = remembering(MemoryInProcess(), ask)
    await say(memory, "I like tea", "My name is Ada", "I am tired")
    assert await known(memory) == ["The user likes tea.", "The user's name is Ada."]


async def test_a_model_that_fails_or_never_ends_leaves_it_to_the_rules(autojump_clock: MockClock) -> None:
    async def fails(_who: HardwareId, _instructions: str, _material: str) -> str:
        raise ProviderError("quota")

    async def hangs(_who: HardwareId, _instructions: str, _material: str) -> str:
        await trio.sleep_forever()
        return ""

    for ask in (fails, hangs):
        memory = remembering(MemoryInProcess(), ask)
        await say(memory, "My name is Ada")
        assert await known(memory) == ["The user's name is Ada."]
    assert trio.current_time() == 30


async def test_a_model_is_not_asked_when_nothing_can_have_been_told() -> None:
    async def ask(_who: HardwareId, _instructions: str, _material: str) -> str:
        raise AssertionError("nobody should ask")

    await say(remembering(MemoryInProcess(), ask), "What time is it?", "Forget everything about me")


async def test_a_remembrance_that_is_cancelled_leaves_nothing_behind() -> None:
    async def hangs(_who: HardwareId, _instructions: str, _material: str) -> str:
        await trio.sleep_forever()
        return ""

    memory = remembering(MemoryInProcess(), hangs)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(say, memory, "My name is Ada")
        await wait_all_tasks_blocked()
        assert repr(memory) == "<Remembering: 1 users busy, 0 misses>"
        nursery.cancel_scope.cancel()
    assert repr(memory) == "<Remembering: 0 users busy, 0 misses>"
