"""One utterance on its way: what ending it does at each moment, and its last words. Time is simulated."""

import math
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Fault, ProviderError
from nexy.nursery.session import LAST_WORDS_SECONDS, Ended, Session, Turn, Why, Work, host
from nexy.types import Timing

DOWN = ProviderError("down", Fault.BUSY)


class Story:
    """What happened, and when."""

    def __init__(self) -> None:
        self.events: list[tuple[str, float]] = []

    def write(self, what: str) -> None:
        self.events.append((what, trio.current_time()))

    async def do(self, what: str, seconds: float = 0, error: Exception | None = None) -> None:
        """Takes `seconds`, and then fails perhaps."""
        self.write(what)
        await trio.sleep(seconds)
        if error is not None:
            raise error
        self.write(f"{what} done")

    async def go_slowly(self, seconds: float) -> None:
        """Works until it is cancelled, and takes `seconds` to go then."""
        self.write("work")
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(seconds)
            self.write("gone")

    def last_words(
        self, seconds: float = 0, error: Exception | None = None
    ) -> Callable[[Ended], Awaitable[None]]:
        async def say(ended: Ended) -> None:
            await self.do(f"last words: {ended.why.value}", seconds, error)

        return say


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def turn() -> Turn:
    return Turn(Timing(0.0))


async def test_a_turn_that_was_ended_before_never_works_but_has_last_words(
    turn: Turn, story: Story, autojump_clock: MockClock
) -> None:
    assert turn.end(Why.INTERRUPTED)
    await turn.run(partial(story.do, "work"), story.last_words())
    assert [what for what, _ in story.events] == [
        "last words: interrupted",
        "last words: interrupted done",
    ]
    assert turn.ended == Ended(Why.INTERRUPTED)
    assert turn.worked.is_set()


@pytest.mark.parametrize("at", [0.0, 4.0])
async def test_the_first_to_end_it_has_stopped_it_and_gives_the_reason(
    at: float, turn: Turn, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(turn.run, trio.sleep_forever)
    await trio.sleep(at)
    assert turn.end(Why.INTERRUPTED)
    assert not turn.end(Why.NEWER)
    await turn.worked.wait()
    assert not turn.end(Why.CLOSING)
    assert turn.ended == Ended(Why.INTERRUPTED)


async def test_while_its_tasks_go_there_is_nothing_left_to_stop(
    turn: Turn, story: Story, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(turn.run, partial(story.go_slowly, 2.0))
    await trio.sleep(1)
    assert turn.end(Why.INTERRUPTED)
    await trio.sleep(1)
    assert not turn.end(Why.NEWER)
    assert not turn.worked.is_set()
    await turn.worked.wait()
    assert story.events == [("work", 0.0), ("gone", 3.0)]


async def test_a_turn_that_is_done_cannot_be_ended(turn: Turn, autojump_clock: MockClock) -> None:
    await turn.run(partial(trio.sleep, 1))
    assert not turn.end(Why.INTERRUPTED)
    assert turn.ended == Ended(Why.DONE)


async def test_last_words_follow_a_failure_and_know_of_it(turn: Turn, autojump_clock: MockClock) -> None:
    known: list[Ended] = []

    async def fail() -> None:
        raise DOWN

    async def say(ended: Ended) -> None:
        assert not turn.worked.is_set()
        known.append(ended)

    await turn.run(fail, say)
    assert known == [Ended(Why.FAILED, DOWN)]
    assert turn.ended == Ended(Why.FAILED, DOWN)


async def test_last_words_are_cut_off_by_whoever_ends_the_turn(
    turn: Turn, story: Story, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(turn.run, partial(story.do, "work", 1, DOWN), story.last_words(2.5))
    await trio.sleep(2)
    assert turn.end(Why.INTERRUPTED)
    assert not turn.end(Why.INTERRUPTED)
    await turn.worked.wait()
    assert trio.current_time() == 2
    assert story.events == [("work", 0.0), ("last words: failed", 1.0)]
    assert turn.ended == Ended(Why.INTERRUPTED, DOWN)  # what its user did is what its client is told


@pytest.mark.parametrize(
    ("deadline", "until"), [(math.inf, 1 + LAST_WORDS_SECONDS), (100.0, 1 + LAST_WORDS_SECONDS), (2.0, 2.0)]
)
async def test_last_words_have_so_long_and_no_longer_than_the_client_waits(
    deadline: float, until: float, story: Story, autojump_clock: MockClock
) -> None:
    turn = Turn(Timing(0.0, deadline))
    await turn.run(partial(story.do, "work", 1, DOWN), story.last_words(60))
    assert trio.current_time() == until
    assert story.events == [("work", 0.0), ("last words: failed", 1.0)]
    assert turn.ended == Ended(Why.FAILED, DOWN)


async def test_last_words_that_are_short_enough_are_said_whole(
    turn: Turn, story: Story, autojump_clock: MockClock
) -> None:
    await turn.run(partial(story.do, "work", 1, DOWN), story.last_words(LAST_WORDS_SECONDS - 0.1))
    assert story.events[-1] == ("last words: failed done", 1 + LAST_WORDS_SECONDS - 0.1)


async def test_a_turn_that_was_too_long_still_has_last_words(story: Story, autojump_clock: MockClock) -> None:
    turn = Turn(Timing(0.0), longest_seconds=5)
    await turn.run(trio.sleep_forever, story.last_words(1))
    assert story.events == [("last words: turn too long", 5.0), ("last words: turn too long done", 6.0)]
    assert turn.ended == Ended(Why.TOO_LONG)


async def test_a_bug_in_last_words_is_kept(turn: Turn, story: Story, autojump_clock: MockClock) -> None:
    bug = ZeroDivisionError("a bug")
    await turn.run(partial(story.do, "work", 0, DOWN), story.last_words(0, ExceptionGroup("", [bug])))
    assert turn.ended == Ended(Why.FAILED, bug)
    assert turn.worked.is_set()


@pytest.mark.parametrize("error", [ProviderError("no voice either"), trio.BrokenResourceError()])
async def test_last_words_that_could_not_be_said_hide_nothing(
    error: Exception, turn: Turn, story: Story, autojump_clock: MockClock
) -> None:
    await turn.run(partial(story.do, "work", 0, DOWN), story.last_words(0, error))
    assert turn.ended == Ended(Why.FAILED, DOWN)


Open = Session[None]


class Asking:
    """A client of a session."""

    def __init__(self, session: Open, story: Story) -> None:
        self.session = session
        self.recorded: list[Ended] = []
        self._story = story

    async def ask(self, work: Work, last_words: Callable[[Ended], Awaitable[None]] | None = None) -> None:
        turn = Turn(Timing(trio.current_time()))
        last_words = last_words or Story().last_words()
        async with self.session.turn(turn, work, self.recorded.append, last_words) as ended:
            self._story.write(f"told: {ended.why.value}")


@pytest.fixture
async def asking(nursery: trio.Nursery, story: Story) -> Asking:
    session: Open = await nursery.start(host, 60, None)
    return Asking(session, story)


async def test_after_a_bug_in_last_words_the_session_goes_on(
    asking: Asking, story: Story, autojump_clock: MockClock
) -> None:
    bug = ZeroDivisionError("a bug")
    await asking.ask(partial(trio.sleep, 1), story.last_words(0, bug))
    assert asking.recorded == [Ended(Why.DONE, bug)]
    await asking.ask(partial(trio.sleep, 1))
    assert asking.recorded[1] == Ended(Why.DONE)


async def test_of_several_that_wait_only_the_newest_works(
    asking: Asking, story: Story, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(asking.ask, partial(story.go_slowly, 3.0))
    await trio.sleep(1)
    async with trio.open_nursery() as askers:
        for number in range(4):
            askers.start_soon(asking.ask, partial(story.do, f"work {number}", 1))
            await trio.sleep(0.5)
    assert [event for event in story.events if "told" not in event[0]] == [
        ("work", 0.0),
        ("gone", 4.0),
        ("work 3", 4.0),
        ("work 3 done", 5.0),
    ]
    assert [ended.why for ended in asking.recorded] == 4 * [Why.NEWER] + [Why.DONE]


async def test_one_that_is_stopped_while_it_waits_never_works(
    asking: Asking, story: Story, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(asking.ask, partial(story.go_slowly, 3.0))
    await trio.sleep(1)
    nursery.start_soon(asking.ask, partial(story.do, "never"))
    await wait_all_tasks_blocked()
    assert await asking.session.stop(Why.INTERRUPTED)
    assert trio.current_time() == 4
    assert ("gone", 4.0) in story.events
    assert "never" not in [what for what, _ in story.events]
    assert sorted(ended.why.name for ended in asking.recorded) == ["INTERRUPTED", "NEWER"]


async def test_a_newer_turn_cuts_last_words_off_and_works_after_them(
    asking: Asking, story: Story, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(asking.ask, partial(story.do, "work", 1, DOWN), story.last_words(2.5))
    await trio.sleep(2)
    await asking.ask(partial(story.do, "newer", 1))
    assert ("last words: failed done", 3.5) not in story.events
    assert ("newer", 2.0) in story.events
    assert asking.recorded == [Ended(Why.NEWER, DOWN), Ended(Why.DONE)]


async def test_an_interrupt_during_last_words_has_stopped_them(
    asking: Asking, story: Story, nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    nursery.start_soon(asking.ask, partial(story.do, "work", 1, DOWN), story.last_words(2.5))
    await trio.sleep(2)
    assert await asking.session.stop(Why.INTERRUPTED)
    assert story.events[-1] == ("told: interrupted", 2.0)


async def test_a_client_that_goes_during_last_words_is_let_go_at_once(
    asking: Asking, story: Story, autojump_clock: MockClock
) -> None:
    with trio.move_on_after(2) as caller:
        await asking.ask(partial(story.do, "work", 1, DOWN), story.last_words(2.5))
    assert caller.cancelled_caught
    assert trio.current_time() == 2
    assert asking.recorded == [Ended(Why.FAILED, DOWN)]


@pytest.mark.parametrize("error", [DOWN, trio.BrokenResourceError()])
async def test_work_that_fails_while_the_server_is_cancelled_ends_nothing_else(
    error: Exception, story: Story, autojump_clock: MockClock
) -> None:
    """A connection breaks, say, while its answer's other tasks are cancelled."""

    async def fail_at_the_end() -> None:
        try:
            await trio.sleep_forever()
        finally:
            raise error

    async def work() -> None:
        async with trio.open_nursery() as tasks:
            tasks.start_soon(trio.sleep_forever)
            tasks.start_soon(fail_at_the_end)

    async with trio.open_nursery() as server:
        session: Open = await server.start(host, 60, None)
        asking = Asking(session, story)
        server.start_soon(asking.ask, work)
        await wait_all_tasks_blocked()
        server.cancel_scope.cancel()
    assert [ended.why for ended in asking.recorded] == [Why.GONE]
