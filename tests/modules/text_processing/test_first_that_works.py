"""Several models as one: who is asked, who answers, and to which second one waits. Time is simulated."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from nexy.config import PatienceConfig
from nexy.errors import Fault, ProviderError, ProviderTimeout
from nexy.modules.text_processing import FirstThatWorks, Piece, Prompt, Usage
from nexy.utils.breaker import State
from tests.utils.tries import NOTHING, Tried

FIRST, IDLE, REST = 8.0, 10.0, 60.0
USAGE = Usage(10, 20, "small")


def fault(kind: Fault, retry_after_seconds: float | None = None) -> ProviderError:
    return ProviderError("the text of an error", kind, retry_after_seconds=retry_after_seconds)


KEY, BUSY, DROPPED, BLOCKED = fault(Fault.KEY), fault(Fault.BUSY), fault(Fault.DROPPED), fault(Fault.BLOCKED)


@trio.as_safe_channel
async def passed_on(pieces: trio.abc.ReceiveChannel[Piece]) -> AsyncGenerator[Piece, None]:
    async for piece in pieces:
        yield piece


class Busy(Tried):
    """The same with a task behind each stream."""

    @asynccontextmanager
    async def stream(self, prompt: Prompt = NOTHING) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        async with super().stream(prompt) as pieces, passed_on(pieces) as passed:
            yield passed


@pytest.fixture(params=[Tried, Busy])
def kind(request: pytest.FixtureRequest) -> type[Tried]:
    made: type[Tried] = request.param
    return made


def first_of(*models: Tried, threshold: int = 5) -> FirstThatWorks:
    patience = PatienceConfig(
        model_first_word_seconds=FIRST,
        model_idle_seconds=IDLE,
        circuit_breaker_threshold=threshold,
        circuit_breaker_seconds=REST,
    )
    return FirstThatWorks(models, patience)


def doing(model: FirstThatWorks) -> list[State]:
    return list(model.states.values())


async def read(model: FirstThatWorks, got: list[Piece] | None = None, each_seconds: float = 0) -> list[Piece]:
    """The whole answer; `got` has what came before an error."""
    got = [] if got is None else got
    async with model.stream(NOTHING) as pieces:
        async for piece in pieces:
            got.append(piece)
            await trio.sleep(each_seconds)
    return got


async def fails(model: FirstThatWorks) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await read(model)
    return caught.value


async def test_only_the_first_that_works_is_asked(kind: type[Tried], autojump_clock: MockClock) -> None:
    models = kind("one", [KEY]), kind("two", [1.0, "a ", 1.0, "b.", USAGE]), kind("three", ["c."])
    model = first_of(*models)
    assert await read(model) == ["a ", "b.", USAGE]
    assert [one.asked for one in models] == [[0.0], [0.0], []]
    assert [one.left for one in models] == [[0.0], [2.0], []]
    assert model.name == "one,two,three"
    assert model.states == {"one": "closed", "two": "closed", "three": "closed"}


async def test_who_answers_is_settled_when_the_block_begins(
    kind: type[Tried], autojump_clock: MockClock
) -> None:
    model = first_of(kind("one", [1.0, KEY]), kind("two", [1.5, "a ", 1.0, "b."]))
    async with model.stream(NOTHING) as pieces:
        assert trio.current_time() == 2.5
        assert [(piece, trio.current_time()) async for piece in pieces] == [("a ", 2.5), ("b.", 3.5)]


async def test_after_a_fault_of_the_moment_the_same_one_is_asked_once_more(
    kind: type[Tried], autojump_clock: MockClock
) -> None:
    one, two = kind("one", [BUSY], ["again."]), kind("two", ["b."])
    assert await read(first_of(one, two)) == ["again."]
    assert 0.05 <= one.asked[1] <= 0.25
    assert two.asked == []


async def test_half_an_answer_is_never_begun_again(kind: type[Tried], autojump_clock: MockClock) -> None:
    one, two = kind("one", ["Half ", 1.0, DROPPED], ["Whole."]), kind("two", ["Whole."])
    model, got = first_of(one, two, threshold=1), list[Piece]()
    with pytest.raises(ProviderError) as caught:
        await read(model, got)
    assert caught.value is DROPPED
    assert got == ["Half "]
    assert (one.asked, two.asked) == ([0.0], [])
    assert doing(model) == ["open", "closed"]


@pytest.mark.parametrize("steps", [[], [1.0], [USAGE]])
async def test_no_answer_is_a_failure_and_the_next_is_asked(
    steps: list[float | Piece], kind: type[Tried], autojump_clock: MockClock
) -> None:
    one, two = kind("one", steps), kind("two", ["b."])
    model = first_of(one, two, threshold=2)
    assert await read(model) == ["b."]
    assert len(one.asked) == 2  # a fault of the moment
    assert doing(model) == ["open", "closed"]


async def test_when_none_has_an_answer_that_is_what_is_told(
    kind: type[Tried], autojump_clock: MockClock
) -> None:
    error = await fails(first_of(kind("one", []), kind("two", [USAGE])))
    assert error.fault is Fault.EMPTY


async def test_who_will_not_answer_this_ends_the_search(kind: type[Tried], autojump_clock: MockClock) -> None:
    one, two, three = kind("one", [KEY]), kind("two", [BLOCKED]), kind("three", ["c."])
    model = first_of(one, two, three, threshold=1)
    assert await fails(model) is BLOCKED
    assert (two.asked, three.asked) == ([0.0], [])
    assert doing(model) == ["open", "closed", "closed"]


async def test_a_silent_first_word(kind: type[Tried], autojump_clock: MockClock) -> None:
    one = kind("one", [3600.0, "late"])
    assert isinstance(await fails(first_of(one)), ProviderTimeout)
    assert (one.asked, one.left) == ([0.0], [FIRST])


async def test_each_has_the_whole_wait_for_its_first_word(
    kind: type[Tried], autojump_clock: MockClock
) -> None:
    one, two = kind("one", [3600.0, "late"]), kind("two", [FIRST - 0.5, "b."])
    assert await read(first_of(one, two)) == ["b."]
    assert trio.current_time() == 2 * FIRST - 0.5


async def test_gemini_is_asked_twice_in_half_the_wait(kind: type[Tried], autojump_clock: MockClock) -> None:
    one = kind("gemini", [3600.0, "late"], [3.5, "again."])
    model = first_of(one)
    assert await read(model) == ["again."]
    assert one.left[0] == FIRST / 2
    assert 0.05 <= one.asked[1] - FIRST / 2 <= 0.25
    assert doing(model) == ["closed"]


async def test_a_silence_in_between(kind: type[Tried], autojump_clock: MockClock) -> None:
    one, two = kind("one", [1.0, "a ", 9.5, "b ", 3600.0, "late"]), kind("two", ["b."])
    model, got = first_of(one, two, threshold=1), list[Piece]()
    with pytest.raises(ProviderTimeout):
        await read(model, got)
    assert trio.current_time() == 1 + 9.5 + IDLE
    assert got == ["a ", "b "]
    assert (one.left, two.asked) == ([1 + 9.5 + IDLE], [])
    assert doing(model) == ["open", "closed"]


async def test_a_slow_reader_is_not_a_silent_model(kind: type[Tried], autojump_clock: MockClock) -> None:
    model = first_of(kind("one", ["a ", 9.0, "b ", 9.0, "c."]), threshold=1)
    assert await read(model, each_seconds=1000) == ["a ", "b ", "c."]
    assert doing(model) == ["closed"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), KEY, BLOCKED])
@pytest.mark.parametrize("after", [0, 1, 2])
async def test_an_error_of_the_reader_comes_out_as_it_is(
    error: Exception, after: int, kind: type[Tried], autojump_clock: MockClock
) -> None:
    one, two = kind("one", ["a ", "b."]), kind("two", ["c."])
    with pytest.raises(type(error)) as caught:
        async with first_of(one, two).stream(NOTHING) as pieces:
            for _ in range(after):
                await pieces.receive()
            raise error
    assert caught.value is error
    assert one.left == [0.0]
    assert two.asked == []


async def test_a_bug_of_the_reader_is_not_the_models(kind: type[Tried], autojump_clock: MockClock) -> None:
    model = first_of(kind("one", ["a ", 3600.0]), threshold=1)
    with pytest.raises(ZeroDivisionError):
        async with model.stream(NOTHING):
            raise ZeroDivisionError
    assert doing(model) == ["closed"]


async def test_a_reader_that_has_enough_ends_the_work_at_once(
    kind: type[Tried], autojump_clock: MockClock
) -> None:
    one = kind("one", ["a ", 3600.0, "b."])
    model = first_of(one, threshold=1)
    tasks = trio.lowlevel.current_statistics().tasks_living
    async with model.stream(NOTHING) as pieces:
        assert await pieces.receive() == "a "
    assert one.left == [0.0]
    assert trio.lowlevel.current_statistics().tasks_living == tasks
    assert doing(model) == ["closed"]


@pytest.mark.parametrize(
    ("seconds", "asked", "state"),
    [
        (0.0, 1, "half-open"),  # at once
        (0.5, 1, "half-open"),  # before the first one fails
        (1.02, 1, "half-open"),  # in the pause before it is asked again
        (1.5, 2, "half-open"),  # before it fails again
        (3.0, 2, "half-open"),  # before the second one's first word
        (5.0, 2, "closed"),  # in the reader, with the first word
        (6.0, 2, "closed"),  # between two words
        (8.0, 2, "closed"),  # in the reader, at the end of the answer
    ],
)
async def test_being_cancelled_leaves_nothing_behind_and_judges_nobody_wrongly(
    seconds: float, asked: int, state: State, kind: type[Tried], autojump_clock: MockClock
) -> None:
    one = kind("one", [KEY], [1.0, BUSY], [1.0, BUSY])
    two = kind("two", [fault(Fault.QUOTA, REST)], [2.0, "a ", 2.0, "b."])
    model = first_of(one, two)
    await fails(model)
    await trio.sleep(REST)  # the second one's next try is a probe
    tasks, began = trio.lowlevel.current_statistics().tasks_living, trio.current_time()
    with trio.move_on_after(seconds) as caller:
        await read(model, each_seconds=1.5)
        await trio.sleep(1000)
    assert caller.cancelled_caught
    assert trio.current_time() == began + seconds
    assert trio.lowlevel.current_statistics().tasks_living == tasks
    assert len(one.asked) == 1 + asked
    assert (len(one.left), len(two.left)) == (len(one.asked), len(two.asked))
    assert doing(model) == ["closed", state]


async def test_after_a_cancelled_probe_another_one_may_probe(
    kind: type[Tried], autojump_clock: MockClock
) -> None:
    model = first_of(kind("one", [KEY], [3600.0], ["well."]), threshold=1)
    await fails(model)
    await trio.sleep(REST)
    with trio.move_on_after(1):
        await read(model)
    assert await read(model) == ["well."]
    assert doing(model) == ["closed"]


async def test_of_many_readers_one_probes(kind: type[Tried], autojump_clock: MockClock) -> None:
    one = kind("one", [KEY], [1.0, "well."])
    model = first_of(one, threshold=1)
    await fails(model)
    await trio.sleep(REST)
    errors: list[ProviderError] = []

    async def ask() -> None:
        try:
            await read(model)
        except ProviderError as error:
            errors.append(error)

    async with trio.open_nursery() as readers:
        for _ in range(20):
            readers.start_soon(ask)
    assert len(one.asked) == 2
    assert [error.fault for error in errors] == 19 * [Fault.BUSY]


async def test_when_all_rest_it_is_told_how_long(kind: type[Tried], autojump_clock: MockClock) -> None:
    one, two = kind("one", [fault(Fault.BUSY, 30.0)]), kind("two", [fault(Fault.QUOTA, 50.0)])
    model = first_of(one, two)
    assert (await fails(model)).fault is Fault.QUOTA
    await trio.sleep(10)
    error = await fails(model)
    assert (error.fault, error.retry_after_seconds) == (Fault.BUSY, 20.0)
    assert (one.asked, two.asked) == ([0.0], [0.0])


async def test_a_model_can_be_taken_out_and_put_back_while_it_answers(autojump_clock: MockClock) -> None:
    one, two = Tried("one", ["a ", 2.0, "b."], ["c."]), Tried("two", ["d."])
    model = first_of(one, two)
    async with model.stream(NOTHING) as pieces:
        assert await pieces.receive() == "a "
        assert model.switch("one", on=False)
        assert model.states == {"one": "off", "two": "closed"}
        assert await read(model) == ["d."]
        assert [piece async for piece in pieces] == ["b."]  # what runs goes on
    assert model.states == {"one": "off", "two": "closed"}
    model.switch("one", on=True)
    assert await read(model) == ["c."]


async def test_when_every_model_is_taken_out_there_is_no_answer(autojump_clock: MockClock) -> None:
    model = first_of(Tried("one", ["a."]), Tried("two", ["b."]))
    assert model.switch("one", on=False)
    assert model.switch("two", on=False)
    assert (await fails(model)).fault is Fault.REFUSED


async def test_a_name_that_no_model_has_is_told(autojump_clock: MockClock) -> None:
    assert not first_of(Tried("one", ["a."])).switch("three", on=False)
