"""What is counted where it happens."""

import trio
from prometheus_client import CollectorRegistry
from trio.testing import MockClock

from nexy.monitoring.events import MOST_NAMES, Events, TurnFigures

DONE = TurnFigures("done", "m", "v", 3.0, 0.2, 0.3, 2.5, 30, 10)


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    return registry.get_sample_value(name, labels) or 0.0


async def test_a_turn_moves_all_that_is_told_of_turns() -> None:
    events = Events()
    events.turn_over(DONE)
    found = events.registry
    assert value(found, "nexy_turns_total", why="done", model="m", voice="v") == 1
    assert value(found, "nexy_tokens_total", direction="input", model="m", source="answer") == 30
    assert value(found, "nexy_tokens_total", direction="output", model="m", source="answer") == 10
    assert value(found, "nexy_sound_seconds_total") == 2.5
    assert value(found, "nexy_first_word_seconds_bucket", le="0.2") == 1
    assert value(found, "nexy_first_word_seconds_bucket", le="0.1") == 0
    assert value(found, "nexy_first_sound_seconds_bucket", le="0.35") == 1
    assert value(found, "nexy_turn_seconds_sum") == 3.0
    assert value(found, "nexy_turn_errors_total", error="silent") == 0


async def test_a_turn_that_failed_without_a_word_has_no_first_word() -> None:
    events = Events()
    events.turn_over(TurnFigures("failed", "m", "v", 8.0, error="silent", ours=True))
    assert value(events.registry, "nexy_turn_errors_total", error="silent") == 1
    assert value(events.registry, "nexy_first_word_seconds_count") == 0
    assert events.last_minute()["failed"] == 1
    assert events.last_minute()["first_sound_seconds"] == {"count": 0, "p50": None, "p95": None, "p99": None}


async def test_an_interrupt_that_stopped_nothing_says_nothing_of_their_speed() -> None:
    events = Events()
    events.interrupted(0.004, stopped=True)
    events.interrupted(0.0001, stopped=False)
    assert value(events.registry, "nexy_interrupts_total", stopped="yes") == 1
    assert value(events.registry, "nexy_interrupts_total", stopped="no") == 1
    assert value(events.registry, "nexy_interrupt_seconds_count") == 1
    assert value(events.registry, "nexy_interrupt_seconds_bucket", le="0.005") == 1
    assert events.last_minute()["interrupt_seconds"]["p99"] == 0.004


async def test_the_last_minute_is_forgotten(autojump_clock: MockClock) -> None:
    events = Events()
    events.turn_over(DONE)
    assert events.last_minute()["first_sound_seconds"]["p50"] == 0.3
    await trio.sleep(61)
    assert events.last_minute()["turns"] == 0
    assert events.last_minute()["first_sound_seconds"]["count"] == 0


async def test_an_endpoint_that_makes_up_names_fills_no_memory() -> None:
    events = Events()
    for number in range(1000):
        events.turn_over(TurnFigures("done", f"model-{number}", "v", 1.0))
    models = {
        sample.labels["model"]
        for family in events.registry.collect()
        for sample in family.samples
        if "model" in sample.labels
    }
    assert len(models) == MOST_NAMES + 1
    assert (
        value(events.registry, "nexy_turns_total", why="done", model="other", voice="v") == 1000 - MOST_NAMES
    )


async def test_two_servers_in_one_process_count_for_themselves() -> None:
    one, other = Events(), Events()
    one.turn_over(DONE)
    assert value(other.registry, "nexy_turn_seconds_count") == 0
