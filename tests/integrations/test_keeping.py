"""What was said is kept: once, as it was heard, whatever ended it and whatever the database does."""

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from nexy.errors import ProviderError, StorageError
from nexy.integrations.keeping import WAITS
from nexy.modules.text_processing import Usage
from nexy.nursery.session import Ended
from tests.integrations.fakes import ANNA, SAID, Client, Model, Shelf, ask, cast, conversation

STORY = "One two three. Four five six seven."


async def settled() -> None:
    """Whatever waits for the database has had its minute."""
    await trio.sleep(sum(WAITS) + 10)


async def test_a_whole_turn(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    shelf = Shelf()
    talk = conversation(nursery, cast(Model(STORY, Usage(5, 7, "m"))), shelf)
    await ask(talk, [])
    await settled()
    (kept,) = shelf.records.values()
    assert (kept.prompt, kept.generated, kept.heard) == ("Tell me a story.", STORY, STORY)
    assert (kept.why, kept.voice, kept.session) == ("done", "tone", "one")
    assert (kept.model, kept.input_tokens, kept.output_tokens, kept.estimated) == ("m", 5, 7, False)
    assert kept.figures.sound_seconds == pytest.approx(1.4)
    assert "One" not in repr(kept)


async def test_an_interrupted_turn_is_kept_as_it_was_heard(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf = Shelf()
    talk = conversation(nursery, cast(Model("One two three. ", 5.0, "Four five six.", 100.0)), shelf)
    nursery.start_soon(ask, talk, [])
    await trio.sleep(5.5)
    await talk.sessions.stop(ANNA)
    await settled()
    (kept,) = shelf.records.values()
    assert (kept.why, kept.generated, kept.heard) == (
        "interrupted", "One two three. Four five six.", "One two three. Four five",
    )  # fmt: skip
    assert (kept.input_tokens, kept.output_tokens, kept.estimated) == (4, 8, True)


async def test_what_is_cut_off_while_it_plays_is_amended(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf = Shelf()
    talk = conversation(nursery, cast(Model(STORY)), shelf)
    await ask(talk, [])
    await trio.sleep(0.5)
    await talk.sessions.stop(ANNA)
    await settled()
    (kept,) = shelf.records.values()
    assert (kept.why, kept.heard) == ("done", "One two")


async def test_a_database_that_fails_for_a_while_loses_nothing(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf = Shelf(failures=[StorageError("is gone")] * 5)
    talk, ended = conversation(nursery, cast(Model(STORY)), shelf), list[Ended]()
    await ask(talk, ended)
    assert trio.current_time() == 0  # the answer waited for nothing
    await trio.sleep(0.5)
    await talk.sessions.stop(ANNA)  # and is amended when it is there
    await settled()
    assert [kept.heard for kept in shelf.records.values()] == ["One two"]
    assert (talk.keeper.lost, talk.keeper.waiting) == (0, 0)


async def test_a_database_that_fails_for_good_costs_only_the_memory(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf = Shelf(failures=[StorageError("is full")] * 1000)
    talk, ended = conversation(nursery, cast(Model(STORY)), shelf), list[Ended]()
    for _ in range(3):
        await ask(talk, ended)
    await settled()
    assert [end.why.value for end in ended] == ["done"] * 3
    assert (talk.keeper.lost, talk.keeper.waiting, shelf.records) == (3, 0, {})


async def test_a_turn_whose_client_went_away_is_kept(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf = Shelf()
    talk = conversation(nursery, cast(Model(STORY, 100.0)), shelf)
    with trio.move_on_after(0.5):
        await ask(talk, [])
    await settled()
    assert [(kept.why, kept.heard) for kept in shelf.records.values()] == [("client gone", "One two")]


async def test_a_turn_that_failed_is_kept(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    shelf = Shelf()
    talk = conversation(nursery, cast(Model("One two. ", ProviderError("no"))), shelf)
    await ask(talk, [])
    await settled()
    assert [(kept.why, kept.heard) for kept in shelf.records.values()] == [("failed", "One two.")]


async def test_a_drain_waits_until_it_is_kept(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    shelf = Shelf(failures=[StorageError("is gone")] * 3)
    talk = conversation(nursery, cast(Model(STORY)), shelf)
    await ask(talk, [], client=Client())
    await talk.sessions.drain()
    assert len(shelf.records) == 1
    assert trio.current_time() == pytest.approx(sum(WAITS[:4]))


async def test_a_server_that_goes_tries_once_more(autojump_clock: MockClock) -> None:
    shelf = Shelf(failures=[StorageError("is gone")])
    async with trio.open_nursery() as nursery:
        talk = conversation(nursery, cast(Model(STORY)), shelf)
        await ask(talk, [])
        await trio.sleep(0.5)
        nursery.cancel_scope.cancel()
    assert len(shelf.records) == 1


@pytest.mark.parametrize(
    ("wish", "left"), [("Forget that.", ["Tell me a story."]), ("Forget everything about me.", [])]
)
async def test_what_waits_for_the_database_is_forgotten_too(
    nursery: trio.Nursery, autojump_clock: MockClock, wish: str, left: list[str]
) -> None:
    shelf = Shelf(failures=[StorageError("is gone")] * 6)
    talk = conversation(nursery, cast(Model(STORY)), shelf)
    for prompt in (SAID.prompt, "I am ill."):
        await ask(talk, [], replace(SAID, prompt=prompt), deadline=1e9)
        await trio.sleep(0.5)
    client = Client()
    await ask(talk, [], replace(SAID, prompt=wish), deadline=1e9, client=client)
    assert "".join(client.texts).startswith("Done.")  # and not that there was nothing to forget
    await settled()
    assert [kept.prompt for kept in shelf.records.values()] == left
    assert (talk.keeper.lost, talk.keeper.waiting) == (0, 0)


async def test_what_is_just_being_stored_is_not_said_to_be_forgotten(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    shelf = Shelf(seconds=5.0)
    talk = conversation(nursery, cast(Model(STORY)), shelf)
    await ask(talk, [], deadline=1e9)
    await trio.sleep(1)
    assert await talk.keeper.forget(ANNA, all_of_it=True) == 0  # the database has it, and is asked next
    assert trio.current_time() == pytest.approx(5)
    assert len(shelf.records) == 1
