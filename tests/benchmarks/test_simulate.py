"""The simulation: its queue is as theory has it, nobody is lost in it, and its chance is its seed's."""

import math
import random
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.capacity import Prices, breaks, need, p99_ms, rates, used
from benchmarks.costs import REPEATED, Costs, Habits, Time, wire_bytes_a_second
from benchmarks.curves import curves
from benchmarks.simulated import Loop, Process, Seen, Simulation, Worker, World
from benchmarks.study import LOADS, Study, most_core, studied
from benchmarks.written import MEASURED_OF_100, as_data, of_100, tables

STEADY = Costs(
    pause=Time(0.0, "")
)  # without the collector's pauses, which are rarer than a short run is long


def ran(users: int, workers: int, seconds: float = 30.0, **changes: Any) -> Simulation:
    simulation = Simulation(replace(World(users, workers, seconds), **changes))
    simulation.seen = simulation.run()
    return simulation


def sojourns(load: float, service: Any, customers: int = 60_000) -> list[float]:
    """Of those who come at random to one worker, who takes one second each on the average."""
    chance, loop, took = random.Random(1), Loop(), list[float]()
    worker = Worker(loop)

    def come() -> Process:
        for _ in range(customers):
            took.append(worker.done(service(chance)) - loop.now)
            yield loop.now + chance.expovariate(load)

    loop.start(come())
    loop.run()
    return took


@pytest.mark.parametrize("load", [0.3, 0.6])
def test_one_worker_with_exponential_work_is_m_m_1(load: float) -> None:
    took = sojourns(load, lambda chance: chance.expovariate(1.0))
    assert sum(took) / len(took) == pytest.approx(1 / (1 - load), rel=0.05)
    assert p99_ms(took) / 1000 == pytest.approx(math.log(100) / (1 - load), rel=0.1)


def test_one_worker_with_drawn_work_waits_as_pollaczek_and_khinchine_say() -> None:
    load, time = 0.6, Time(1000.0, "", spread=0.5)
    took = sojourns(load, time.draw)
    wait = load * (1 + time.spread**2) / (2 * (1 - load))
    assert sum(took) / len(took) == pytest.approx(1 + wait, rel=0.05)


def test_a_time_has_its_mean_and_its_spread() -> None:
    chance, time = random.Random(1), Time(10.0, "", spread=0.5)
    drawn = [time.draw(chance) * 1000 for _ in range(50_000)]
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(10.0, rel=0.02)
    assert math.sqrt(sum((one - mean) ** 2 for one in drawn) / len(drawn)) == pytest.approx(5.0, rel=0.05)


def test_what_is_due_at_one_time_goes_on_in_its_order() -> None:
    loop, said = Loop(), list[str]()

    def say(word: str) -> Process:
        yield 1.0
        said.append(word)

    for word in ("one", "two", "three"):
        loop.start(say(word))
    loop.run(0.5)
    assert (loop.now, said) == (0.5, [])
    loop.run()
    assert (loop.now, said) == (1.0, ["one", "two", "three"])


@pytest.mark.parametrize(
    ("workers", "changes"),
    [(1, {}), (3, {}), (3, {"balancer": "least"}), (3, {"balancer": "random"}), (1, {"places": 20})],
)
def test_everybody_who_asks_is_answered_or_refused(workers: int, changes: dict[str, Any]) -> None:
    done = ran(60, workers, **changes)
    assert done.asked == done.ended + done.turned_away > 100
    assert done.active == 0
    assert not any(worker.active for worker in done.workers)
    assert bool(done.turned_away) is ("places" in changes)


def test_no_more_answers_run_than_there_are_places() -> None:
    assert ran(60, 1, places=20).seen.most_active == 20


def test_the_same_seed_is_the_same_run() -> None:
    one, same, other = (ran(50, 2, seed=seed).seen for seed in (7, 7, 8))
    assert one == same
    assert one != other


def test_more_workers_are_less_late() -> None:
    few, many = (ran(900, workers, costs=STEADY).seen for workers in (2, 4))
    assert p99_ms(many.lateness) < p99_ms(few.lateness) / 2
    assert p99_ms(many.first_sounds) < p99_ms(few.first_sounds) / 2
    assert many.core == pytest.approx(few.core / 2, rel=0.1)


def test_the_core_is_what_the_parts_make_together() -> None:
    seen = ran(100, 1, 120.0, habits=REPEATED, costs=STEADY).seen
    costs, sentences = STEADY, seen.sound_seconds / 2.4
    ms = seen.turns * (costs.turn_begins.ms + costs.first_sentence.ms + costs.turn_ends.ms)
    ms += seen.sound_seconds * costs.sound_second.ms + sentences * costs.sentence.ms
    ms += seen.interrupts * costs.interrupt.ms
    assert seen.busy_seconds == pytest.approx(ms / 1000, rel=0.05)


def test_the_load_test_takes_what_was_measured() -> None:
    simulated = of_100(ran(100, 1, 200.0, habits=REPEATED).seen)
    for what in ("core, %", "turns/s"):  # the sentence's cost is what makes the first hold
        assert simulated[what] == pytest.approx(MEASURED_OF_100[what], rel=0.1)


def test_one_worker_needs_no_bus() -> None:
    seen = ran(60, 1).seen
    assert (seen.bus_messages, seen.stream_operations, seen.across) == (0, 0, 0)


def test_a_session_moves_where_its_next_request_comes() -> None:
    own, anybody = ran(60, 3).seen, ran(60, 3, balancer="random").seen
    assert own.claims == 0
    assert 0.5 < anybody.claims / anybody.turns < 0.8  # two of three workers are others
    for seen in (own, anybody):
        assert seen.interrupts > seen.across > 0
        most = 2 * seen.stream_operations + 4 * seen.interrupts + 5 * seen.claims
        assert 2 * seen.stream_operations < seen.bus_messages <= most


def test_nobody_interrupts_who_never_does() -> None:
    assert ran(60, 1, habits=Habits(interrupt=0.0)).seen.interrupts == 0


def test_sound_on_the_wire_is_a_little_more_than_its_samples() -> None:
    assert 96_000 < wire_bytes_a_second() < 96_000 * 1.05


def test_needs_grow_with_users_and_prices() -> None:
    rate = rates(ran(200, 2).seen)
    little, much = (need(users, workers, rate, Costs()) for users, workers in ((1_000, 5), (10_000, 50)))
    assert all(used(much)[what] == pytest.approx(10 * used(little)[what]) for what in used(little))
    assert little.cost is None
    dear = need(1_000, 5, rate, Costs(), Prices(input=2.0, output=3.0, characters=4.0, sound=5.0))
    assert dear.cost == pytest.approx(
        2 * dear.input_tokens + 3 * dear.output_tokens + 4 * dear.characters + 5 * dear.sound_hours
    )


def test_what_breaks_first_comes_first() -> None:
    found = breaks(need(1_000, 5, rates(ran(200, 2).seen), Costs()), 0.5)
    assert [users for users, _ in found] == sorted(users for users, _ in found)
    assert found[0][1].what == "one process"


@pytest.mark.parametrize(("late_from", "core"), [(2, LOADS[1]), (0, LOADS[0]), (len(LOADS), 0.6)])
def test_a_worker_may_be_as_busy_as_the_goals_allow(late_from: int, core: float) -> None:
    good, late = Seen(), Seen()
    late.first_sounds.extend([0.5] * 200)
    assert most_core([late if place >= late_from else good for place in range(len(LOADS))]) == core


def test_a_study_is_told_in_words_numbers_and_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.study.TURNS", 100)
    monkeypatch.setattr("benchmarks.study.LOADS", (0.2, 0.6))
    found = studied(Study(most_users=200), Prices(input=1.0), 8.0)
    text = tables(found)
    assert "a slice of 200" in text
    assert "10,000,000" in text
    assert "model and voice, a month" in text
    assert [size["users"] for size in as_data(found)["sizes"]] == [100, 1_000, 10_000, 100_000]
    assert curves(found).startswith("<svg")
