"""Which provider is tried when, and what is learnt from how it went. Time is simulated."""

from collections.abc import Sequence

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from nexy.errors import Fault, ProviderError, ProviderTimeout
from nexy.modules.text_processing import Piece
from nexy.utils.breaker import State
from nexy.utils.guarded import Guarded, Trials, Waits, guard, states
from tests.utils.tries import Tried

FIRST, IDLE, THRESHOLD, REST = 8.0, 10.0, 3, 60.0
WAITS = Waits(FIRST, IDLE)
NOBODY: frozenset[str] = frozenset()
OF_THE_MOMENT = [Fault.UNREACHABLE, Fault.DROPPED, Fault.BUSY, Fault.MALFORMED, Fault.EMPTY]
LASTING = [fault for fault in Fault if fault not in OF_THE_MOMENT]

Providers = tuple[Guarded[Tried], ...]


def fault(kind: Fault, retry_after_seconds: float | None = None) -> ProviderError:
    return ProviderError("the text of an error", kind, retry_after_seconds=retry_after_seconds)


KEY, BUSY = fault(Fault.KEY), fault(Fault.BUSY)


def guarded(*providers: Tried, threshold: int = THRESHOLD) -> Providers:
    return guard(providers, threshold, REST)


def doing(providers: Sequence[Guarded[Tried]]) -> list[State]:
    return list(states(providers, trio.current_time()).values())


async def first_of(providers: Providers, reissued: frozenset[str] = NOBODY) -> Piece:
    """The first value that any of them gives, and the rest of that stream is waited for."""
    trials = Trials(providers, WAITS, reissued)
    for one, waits in trials:
        try:
            async with one.begin(one.provider.stream(), waits) as values:
                first = await values.receive()
                async for _ in values:
                    pass
                return first
        except ProviderError as error:
            trials.failures.append(error)
    raise trials.none_works()


async def fails(providers: Providers, reissued: frozenset[str] = NOBODY) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await first_of(providers, reissued)
    return caught.value


def is_pause(seconds: float) -> bool:
    return 0.05 <= seconds <= 0.25


async def test_who_works_is_the_only_one_asked(autojump_clock: MockClock) -> None:
    one, two = Tried("one", ["1"]), Tried("two", ["2"])
    assert await first_of(guarded(one, two)) == "1"
    assert two.asked == []


@pytest.mark.parametrize("kind", LASTING)
async def test_after_a_lasting_fault_the_next_is_asked_at_once(
    kind: Fault, autojump_clock: MockClock
) -> None:
    one, two = Tried("one", [fault(kind)]), Tried("two", ["2"])
    assert await first_of(guarded(one, two)) == "2"
    assert (one.asked, two.asked) == ([0.0], [0.0])


@pytest.mark.parametrize("kind", OF_THE_MOMENT)
async def test_after_a_fault_of_the_moment_it_is_asked_once_more(
    kind: Fault, autojump_clock: MockClock
) -> None:
    one, two = Tried("one", [fault(kind)], ["again"]), Tried("two", ["2"])
    assert await first_of(guarded(one, two)) == "again"
    assert one.asked[0] == 0.0
    assert is_pause(one.asked[1])
    assert two.asked == []


async def test_it_is_never_asked_a_third_time(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [BUSY]), Tried("two", ["2"])
    assert await first_of(guarded(one, two)) == "2"
    assert len(one.asked) == 2
    assert two.asked == [one.asked[1]]


async def test_the_pauses_differ_so_that_not_all_come_at_once(autojump_clock: MockClock) -> None:
    pauses = set()
    for _ in range(20):
        one, began = Tried("one", [BUSY], ["again"]), trio.current_time()
        await first_of(guarded(one))
        assert is_pause(round(one.asked[1] - began, 9))
        pauses.add(one.asked[1] - began)
    assert len(pauses) > 10


async def test_who_asks_for_a_pause_is_not_asked_again(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [fault(Fault.BUSY, 5.0)]), Tried("two", ["2"])
    providers = guarded(one, two)
    assert await first_of(providers) == "2"
    assert one.asked == [0.0]
    await trio.sleep(4.9)
    assert doing(providers) == ["open", "closed"]
    await trio.sleep(0.1)
    assert doing(providers) == ["half-open", "closed"]


async def test_who_will_be_back_at_once_is_not_asked_again_by_the_same(autojump_clock: MockClock) -> None:
    """It has said when: others may come at once, as its first probe."""
    one, two = Tried("one", [fault(Fault.BUSY, 0.0)]), Tried("two", ["2"])
    providers = guarded(one, two)
    assert await first_of(providers) == "2"
    assert one.asked == [0.0]
    assert doing(providers) == ["half-open", "closed"]


async def test_whose_failure_opens_its_breaker_is_not_asked_again(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [BUSY]), Tried("two", ["2"])
    providers = guarded(one, two, threshold=1)
    assert await first_of(providers) == "2"
    assert one.asked == [0.0]
    assert doing(providers) == ["open", "closed"]


async def test_the_last_failure_is_told_when_all_fail(autojump_clock: MockClock) -> None:
    assert await fails(guarded(Tried("one", [BUSY]), Tried("two", [KEY]))) is KEY


async def test_a_silent_one_costs_the_whole_wait_once(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [3600.0, "late"]), Tried("two", ["2"])
    assert await first_of(guarded(one, two)) == "2"
    assert (one.asked, one.left, two.asked) == ([0.0], [FIRST], [FIRST])


async def test_a_reissued_one_is_asked_twice_in_half_the_wait_each(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [3600.0, "late"]), Tried("two", [FIRST - 1, "2"])
    assert await first_of(guarded(one, two), frozenset({"one"})) == "2"
    assert one.asked[0] == 0.0
    assert one.left[0] == FIRST / 2
    assert is_pause(one.asked[1] - one.left[0])
    assert one.left[1] - one.asked[1] == pytest.approx(FIRST / 2)
    assert two.asked == [one.left[1]]  # and has the whole wait for itself


async def test_the_second_request_of_a_reissued_one_may_answer(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [3600.0, "late"], [3.5, "again"]), Tried("two", ["2"])
    providers = guarded(one, two)
    assert await first_of(providers, frozenset({"one"})) == "again"
    assert two.asked == []
    assert doing(providers) == ["closed", "closed"]


async def test_agents_2774_failures_in_a_row_open_the_breaker_and_a_probe_closes_it(
    autojump_clock: MockClock,
) -> None:
    one, two = Tried("one", [KEY], [KEY], [KEY], ["well"]), Tried("two", ["2"])
    providers = guarded(one, two)
    for _ in range(THRESHOLD):
        assert await first_of(providers) == "2"
    assert doing(providers) == ["open", "closed"]
    assert await first_of(providers) == "2"
    assert len(one.asked) == THRESHOLD  # it was left alone
    await trio.sleep(REST)
    assert await first_of(providers) == "well"
    assert doing(providers) == ["closed", "closed"]


async def test_a_probe_that_fails_is_not_asked_again(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [BUSY]), Tried("two", ["2"])
    providers = guarded(one, two, threshold=1)
    await first_of(providers)
    await trio.sleep(REST)
    assert await first_of(providers) == "2"
    assert one.asked == [0.0, REST]
    assert doing(providers) == ["open", "closed"]


async def test_what_is_unfit_opens_nothing_and_forgives_nothing(autojump_clock: MockClock) -> None:
    unfit = [fault(Fault.UNFIT)]
    one = Tried("one", unfit, unfit, [KEY], unfit, [KEY], ["well"])
    providers = guarded(one, threshold=2)
    for _ in range(4):
        assert (await fails(providers)).fault in (Fault.UNFIT, Fault.KEY)
        assert doing(providers) == ["closed"]
    await fails(providers)
    assert doing(providers) == ["open"]  # what lay between the two failures did not part them


async def test_a_probe_that_is_unfit_lets_others_try_but_the_next_failure_opens_it(
    autojump_clock: MockClock,
) -> None:
    one = Tried("one", [KEY], [KEY], [fault(Fault.UNFIT)], [KEY])
    providers = guarded(one, threshold=2)
    for _ in range(2):
        await fails(providers)
    await trio.sleep(REST)
    assert (await fails(providers)).fault is Fault.UNFIT
    assert doing(providers) == ["closed"]
    await fails(providers)
    assert doing(providers) == ["open"]


async def test_when_to_come_again_is_not_believed_of_what_is_unfit(autojump_clock: MockClock) -> None:
    """With 413 it is for who sent too much; the others need not wait."""
    providers = guarded(Tried("one", [fault(Fault.UNFIT, 60.0)]))
    await fails(providers)
    assert doing(providers) == ["closed"]


async def test_what_is_unfit_is_logged(autojump_clock: MockClock, caplog: pytest.LogCaptureFixture) -> None:
    await fails(guarded(Tried("one", [fault(Fault.UNFIT)])))
    assert [record.getMessage() for record in caplog.records] == ["one calls a request unfit"]


@pytest.mark.parametrize("kind", [Fault.BLOCKED, Fault.CUT])
async def test_what_lies_in_the_request_opens_nothing(kind: Fault, autojump_clock: MockClock) -> None:
    one = Tried("one", [KEY], [fault(kind)], [KEY], [fault(kind)])
    providers = guarded(one, threshold=2)
    for _ in range(4):
        await fails(providers)
        assert doing(providers) == ["closed"]


async def test_what_lies_in_the_request_lets_a_probe_close_it(autojump_clock: MockClock) -> None:
    providers = guarded(Tried("one", [KEY], [fault(Fault.BLOCKED)]), threshold=1)
    await fails(providers)
    await trio.sleep(REST)
    await fails(providers)
    assert doing(providers) == ["closed"]


async def test_while_one_probes_the_others_go_on_to_the_next(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [KEY], [2.0, "well"]), Tried("two", ["2"])
    providers = guarded(one, two, threshold=1)
    await first_of(providers)
    await trio.sleep(REST)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(first_of, providers)
        await wait_all_tasks_blocked()
        assert await first_of(providers) == "2"
        assert one.asked == [0.0, REST]
    assert await first_of(providers) == "well"


@pytest.mark.parametrize("steps", [[3600.0, "late"], [], ["well"]])
async def test_a_probe_that_is_cancelled_frees_the_place(
    steps: list[float | str], autojump_clock: MockClock
) -> None:
    one = Tried("one", [KEY], steps, ["well"])
    providers = guarded(one, threshold=1)
    await fails(providers)
    await trio.sleep(REST)
    with trio.move_on_after(0) as caller:
        await first_of(providers)
    assert caller.cancelled_caught
    assert doing(providers) == ["half-open"]
    assert await first_of(providers) == "well"
    assert doing(providers) == ["closed"]


async def test_who_is_cancelled_in_the_pause_asks_nobody(autojump_clock: MockClock) -> None:
    one = Tried("one", [BUSY])
    providers = guarded(one, threshold=2)
    with trio.move_on_after(0.04) as caller:
        await first_of(providers)
    assert caller.cancelled_caught
    assert one.asked == [0.0]
    assert doing(providers) == ["closed"]


async def test_who_is_cancelled_after_the_first_value_has_seen_it_work(autojump_clock: MockClock) -> None:
    providers = guarded(Tried("one", [KEY], ["well", 3600.0]), threshold=1)
    await fails(providers)
    await trio.sleep(REST)
    with trio.move_on_after(1):
        await first_of(providers)
    assert doing(providers) == ["closed"]


async def test_who_is_cancelled_after_the_first_value_leaves_no_failures(autojump_clock: MockClock) -> None:
    one = Tried("one", [KEY], ["well", 3600.0], [KEY])
    providers = guarded(one, threshold=2)
    await fails(providers)
    with trio.move_on_after(1):
        await first_of(providers)
    await fails(providers)
    assert doing(providers) == ["closed"]


async def test_once_a_probe_has_begun_well_others_need_not_wait_for_its_end(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    one = Tried("one", [KEY], [1.0, "well", IDLE - 1, "more"], ["well too"])
    providers = guarded(one, threshold=1)
    await fails(providers)
    await trio.sleep(REST)
    nursery.start_soon(first_of, providers)
    await trio.sleep(2)
    assert await first_of(providers) == "well too"
    assert one.left == [0.0, REST + 2]  # the probe goes on


async def test_who_has_not_failed_is_not_asked_again_when_the_next_is(autojump_clock: MockClock) -> None:
    providers = guarded(Tried("one", ["1"]), Tried("two", ["2"]))
    trials = Trials(providers, WAITS)
    trials.failures.append(BUSY)  # of somebody before
    assert [one.provider.name for one, _ in trials] == ["one", "two"]


async def test_a_silence_in_between_is_a_failure(autojump_clock: MockClock) -> None:
    providers = guarded(Tried("one", ["well", 3600.0, "late"]), threshold=1)
    error = await fails(providers)
    assert isinstance(error, ProviderTimeout)
    assert trio.current_time() == IDLE
    assert doing(providers) == ["open"]


async def test_who_had_no_turn_says_nothing_of_the_providers_health(autojump_clock: MockClock) -> None:
    crowded = fault(Fault.CROWDED)
    providers = guarded(Tried("one", [BUSY], [crowded], [BUSY], ["well"]), threshold=2)
    for _ in range(2):
        await fails(providers)
    assert doing(providers) == ["open"]


async def test_a_probe_without_a_turn_leaves_the_next_one_to_probe(autojump_clock: MockClock) -> None:
    providers = guarded(Tried("one", [KEY], [fault(Fault.CROWDED)], ["well"]), threshold=1)
    await fails(providers)
    await trio.sleep(REST)
    assert (await fails(providers)).fault is Fault.CROWDED
    assert doing(providers) == ["half-open"]
    assert await first_of(providers) == "well"
    assert doing(providers) == ["closed"]


async def test_an_error_of_the_reader_is_not_the_providers(autojump_clock: MockClock) -> None:
    (one,) = guarded(Tried("one", ["well"]), threshold=1)
    with pytest.raises(ZeroDivisionError):
        async with one.begin(one.provider.stream(), WAITS):
            raise ZeroDivisionError
    assert doing([one]) == ["closed"]


async def test_when_all_rest_it_is_told_how_long(autojump_clock: MockClock) -> None:
    one, two = Tried("one", [fault(Fault.BUSY, 100.0)]), Tried("two", [fault(Fault.QUOTA, 40.0)])
    providers = guarded(one, two)
    await fails(providers)
    await trio.sleep(15)
    error = await fails(providers)
    assert error.fault is Fault.BUSY
    assert error.retry_after_seconds == 25.0
    assert (one.asked, two.asked) == ([0.0], [0.0])


async def test_each_has_a_breaker_of_its_own_and_its_changes_are_logged(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    providers = guarded(Tried("one", [KEY], ["well"]), Tried("two", ["2"]), threshold=1)
    await first_of(providers)
    await trio.sleep(REST)
    await first_of(providers)
    changes = [line for line in caplog.text.splitlines() if "breaker" in line]
    assert len(changes) == 3
    for line, state in zip(changes, ("open", "half-open", "closed"), strict=True):
        assert "one" in line
        assert state in line
    assert "the text of an error" not in caplog.text
    assert capsys.readouterr().out == ""  # it belongs to who uses this
