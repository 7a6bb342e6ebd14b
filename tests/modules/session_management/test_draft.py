"""What a user is still saying: parts that grow, come twice or out of order."""

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.config import LimitsConfig
from nexy.errors import BadRequest
from nexy.modules.session_management import Draft, Notes, Sessions
from nexy.types import HardwareId, Part, Screenshot, SessionId

ANNA, ONE = HardwareId("anna"), SessionId("one")
SHOT = Screenshot(b"image", "png", 1, 1)


def joined(*parts: tuple[int, str], rest: str = "", most: int = 1000) -> str:
    draft = Draft()
    for number, text in parts:
        draft.add(Part(number, text), most)
    return draft.text(rest)


@pytest.mark.parametrize(
    ("parts", "rest", "text"),
    [
        ([], "", ""),
        ([], "All at once", "All at once"),
        ([(1, "What is"), (2, "the time")], "", "What is the time"),
        ([(1, "What is the ti"), (2, "What is the time")], "", "What is the time"),
        ([(1, "What is"), (2, "the time")], "in Rome", "What is the time in Rome"),
        ([(1, "What is"), (2, ", then")], "?", "What is, then?"),
        ([(1, "What "), (2, "is"), (3, " it")], "", "What is it"),
        ([(1, "What"), (2, "What is"), (3, "What is it")], "", "What is it"),
        ([(1, "What"), (2, "What is")], "What is it", "What is it"),
        ([(1, "one"), (1, "one"), (2, "two"), (1, "other")], "", "one two"),
        ([(2, "two"), (3, "three"), (1, "one")], "", "one two three"),
        ([(1, ""), (2, "two")], "", "two"),
    ],
)
def test_parts_are_joined(parts: list[tuple[int, str]], rest: str, text: str) -> None:
    assert joined(*parts, rest=rest) == text


@given(st.permutations([(1, "alpha"), (2, "beta"), (3, "gamma"), (4, "delta")]))
def test_the_order_in_which_parts_come_does_not_matter(parts: list[tuple[int, str]]) -> None:
    assert joined(*parts) == "alpha beta gamma delta"


@given(st.text(min_size=1, max_size=40), st.data())
def test_growing_snapshots_join_to_the_last(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.sets(st.integers(1, len(text)))) | {len(text)})
    assert joined(*[(number, text[:end]) for number, end in enumerate(ends)]) == text


def test_a_part_that_makes_it_too_long_is_refused_and_not_kept() -> None:
    draft = Draft()
    draft.add(Part(1, "12345"), 8)
    with pytest.raises(BadRequest, match="8 characters"):
        draft.add(Part(2, "6789"), 8)
    draft.add(Part(2, "678"), 8)
    assert draft.text() == "12345 678"


def test_snapshots_do_not_add_up() -> None:
    assert joined((1, "1234"), (2, "123456"), (3, "12345678"), most=8) == "12345678"


def test_the_last_screenshot_is_kept() -> None:
    draft, newer = Draft(), Screenshot(b"newer", "png", 1, 1)
    draft.add(Part(1, "a", SHOT), 100)
    draft.add(Part(2, "b"), 100)
    assert draft.screenshot is SHOT
    draft.add(Part(3, "c", newer), 100)
    assert draft.screenshot is newer


def test_nothing_said_shows() -> None:
    draft, part = Draft(), Part(1, "secret", SHOT)
    draft.add(part, 100)
    assert "secret" not in repr(draft) + repr(part)


async def collected(sessions: Sessions, name: SessionId = ONE) -> Notes:
    return (await sessions.open(ANNA, name)).notes


async def test_each_session_has_its_own_draft(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, LimitsConfig(), 900)
    for number, text in enumerate(["What", "is"]):
        await sessions.collect(ANNA, None, Part(number, text), 100)
    await sessions.collect(ANNA, ONE, Part(0, "Other"), 100)
    drafts = [session.notes.draft for session in sessions]
    assert sorted(draft.text("it?") for draft in drafts if draft) == ["Other it?", "What is it?"]


async def test_what_is_never_committed_is_forgotten_after_its_last_part(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    sessions = Sessions(nursery, LimitsConfig(), 900)
    await sessions.collect(ANNA, ONE, Part(1, "one", SHOT), 100)
    await trio.sleep(119)
    await sessions.collect(ANNA, ONE, Part(2, "two"), 100)
    await trio.sleep(119)
    notes = await collected(sessions)
    assert notes.draft is not None
    assert notes.draft.text() == "one two"
    await trio.sleep(1.5)
    assert notes.draft is None


async def test_a_draft_keeps_its_session_open(nursery: trio.Nursery, autojump_clock: MockClock) -> None:
    sessions = Sessions(nursery, LimitsConfig(), 10)
    await sessions.collect(ANNA, ONE, Part(1, "one"), 100)
    await trio.sleep(119)
    assert len(sessions) == 1
    assert (await collected(sessions)).draft is not None
    await trio.sleep(2)
    assert len(sessions) == 0


async def test_a_draft_that_is_dropped_leaves_no_task(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        sessions = Sessions(nursery, LimitsConfig(), 900)
        await sessions.collect(ANNA, ONE, Part(1, "one", SHOT), 100)
        (await collected(sessions)).drop_draft()
        await sessions.collect(ANNA, ONE, Part(1, "new"), 100)
        await wait_all_tasks_blocked()
        assert len(nursery.child_tasks) == 2  # the session, and the new draft's
        await trio.sleep(100)
        notes = await collected(sessions)
        assert notes.draft is not None
        assert notes.draft.text() == "new"
        await sessions.drain()
    assert trio.current_time() == 100  # a draft does not hold up a server that goes
