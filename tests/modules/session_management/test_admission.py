"""Each limit fires, says when to come again, is counted, and clears."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import trio
from trio.testing import MockClock

from nexy.config import LimitsConfig
from nexy.errors import Limit, Refused
from nexy.modules.session_management import NOBODY, Admission
from nexy.modules.session_management.admission import EXPECTED_SECONDS, LATEST_SECONDS, RETURNS_PER_SECOND
from nexy.types import HardwareId

ANNA, BEN = HardwareId("anna"), HardwareId("ben")


@dataclass
class Pulse:
    """How the process is doing, as a test says."""

    loop_lag_seconds: float = 0.0
    memory_percent: float = 0.0


def admission(pulse: Pulse | None = None, **limits: float) -> Admission:
    return Admission(LimitsConfig.model_validate(limits), pulse or Pulse())


def refused(one: Admission, who: HardwareId = BEN) -> Refused:
    """What `who` is told, who should not be let in."""
    with pytest.raises(Refused) as error, one.counted(who):
        pytest.fail("let in")
    return error.value


async def test_answers_at_once_of_all_and_of_one_user(autojump_clock: MockClock) -> None:
    one = admission(max_active_sessions=3, max_requests_per_user=2)
    with one.counted(ANNA):
        with one.counted(ANNA):
            assert refused(one, ANNA).limit is Limit.USER
            with one.counted(BEN):
                assert refused(one, HardwareId("cleo")).limit is Limit.ACTIVE
            assert one.running == 2
        with one.counted(ANNA):
            pass
    assert one.running == 0
    assert one.refused == {Limit.USER: 1, Limit.ACTIVE: 1}


@pytest.mark.parametrize(
    ("ail", "recover", "limit"),
    [
        (Pulse(memory_percent=80.1), Pulse(memory_percent=80.0), Limit.MEMORY),
        (Pulse(loop_lag_seconds=0.26), Pulse(loop_lag_seconds=0.25), Limit.LOOP_LAG),
    ],
)
async def test_nothing_new_is_begun_while_the_process_is_unwell(
    ail: Pulse, recover: Pulse, limit: Limit, autojump_clock: MockClock
) -> None:
    pulse = Pulse()
    one = admission(pulse)
    with one.counted(ANNA):  # runs on
        pulse.memory_percent, pulse.loop_lag_seconds = ail.memory_percent, ail.loop_lag_seconds
        told = refused(one)
        assert told.limit is limit
        assert told.retry_after_seconds >= 1
        assert one.running == 1
        pulse.memory_percent, pulse.loop_lag_seconds = recover.memory_percent, recover.loop_lag_seconds
        with one.counted(BEN):
            assert one.running == 2
    assert one.refused == {limit: 1}


async def test_a_user_who_asks_all_the_time_leaves_room_in_the_minute(autojump_clock: MockClock) -> None:
    one = admission(max_requests_per_minute=5, max_requests_per_minute_per_user=3)
    for _ in range(3):
        one.count_in_minute(ANNA)
        await trio.sleep(1)
    with pytest.raises(Refused) as error:
        one.count_in_minute(ANNA)
    assert (error.value.limit, error.value.retry_after_seconds) == (Limit.USER_RATE, 57)
    one.count_in_minute(BEN)
    one.count_in_minute(BEN)
    with pytest.raises(Refused) as error:
        one.count_in_minute(BEN)
    assert error.value.limit is Limit.RATE
    assert one.in_last_minute == 5
    await trio.sleep(57)
    one.count_in_minute(ANNA)
    await trio.sleep(60)
    assert one.in_last_minute == 0


async def test_greetings_are_nobodys_and_have_only_the_servers_limits(autojump_clock: MockClock) -> None:
    one = admission(max_active_sessions=3, max_requests_per_user=1, max_requests_per_minute_per_user=1)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(one.counted(NOBODY))
            one.count_in_minute(NOBODY)
        assert refused(one, NOBODY).limit is Limit.ACTIVE


async def test_those_who_are_sent_away_come_again_one_by_one(autojump_clock: MockClock) -> None:
    one = admission(max_active_sessions=1)
    with one.counted(ANNA):
        told = [refused(one).retry_after_seconds for _ in range(400)]
    assert told[0] == 1
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1 + 399 / RETURNS_PER_SECOND)


async def test_nobody_is_sent_away_for_long(autojump_clock: MockClock) -> None:
    one = admission(max_active_sessions=1)
    with one.counted(ANNA):
        told = [refused(one).retry_after_seconds for _ in range(10_000)]
        assert max(told) == LATEST_SECONDS
        await trio.sleep(LATEST_SECONDS)
        assert refused(one).retry_after_seconds == 1  # the rush is over


@pytest.mark.parametrize("leave", [lambda: None, lambda: 1 / 0])
async def test_who_leaves_in_whatever_way_makes_room(
    leave: Callable[[], object], autojump_clock: MockClock
) -> None:
    one = admission(max_active_sessions=1)
    try:
        with one.counted(ANNA):
            leave()
    except ZeroDivisionError:
        pass
    with one.counted(BEN):
        assert one.running == 1


async def test_one_free_place_is_kept_for_the_first_who_comes(autojump_clock: MockClock) -> None:
    one = admission(max_active_sessions=2)
    with one.counted(ANNA):
        assert [one.expect() for _ in range(3)] == [True, False, False]
        with one.counted(BEN):  # who was expected has come
            assert not one.expect()
        assert one.expect()
        assert not one.expect()
        await trio.sleep(EXPECTED_SECONDS + 0.1)  # and never came
        assert one.expect()
