"""What the load test makes of turns: figures, windows, the verdict. No server, no time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexy.cli.loadtest.plan import Thresholds, default_ramp
from nexy.cli.loadtest.player import Player
from nexy.cli.loadtest.tally import figures, percentile, window_seconds, windows
from nexy.cli.loadtest.turn import End, Stop, Turn
from nexy.cli.loadtest.verdict import judge
from nexy.cli.loadtest.watch import Seen, Watch, read_metrics, read_status
from nexy.cli.loadtest.words import seconds_as_words

ANSWERED = Turn(1.0, 5.0, End.ANSWERED, first_text_at=1.25, first_sound_at=1.5, sound_seconds=6.0)
INTERRUPTED = Turn(
    2.0, 4.0, End.INTERRUPTED, first_text_at=2.5, first_sound_at=3.0, stop=Stop(3.5, 0.25, stopped=True)
)
REFUSED = Turn(3.0, 3.25, End.REFUSED, "200 sessions are open", first_sound_at=3.125)
FAILED = Turn(4.0, 6.5, End.FAILED, "UNAVAILABLE", first_sound_at=4.5)
LEFT = Turn(7.0, 8.0, End.LEFT, first_sound_at=7.5)
ALL = [ANSWERED, INTERRUPTED, REFUSED, FAILED, LEFT]


@given(st.lists(st.floats(0, 100), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(sorted(values), percent)
    assert found in values
    assert 100 * sum(value <= found for value in values) >= percent * len(values)
    assert 100 * sum(value < found for value in values) < percent * len(values)


def test_the_99th_of_100_is_the_last_but_one() -> None:
    assert percentile([float(n) for n in range(1, 101)], 99) == 99


def test_turns_become_figures() -> None:
    met = figures(ALL, 10.0)
    assert met.ends == dict.fromkeys(End, 1)
    assert (met.turns, met.turns_per_second) == (4, 0.4)
    assert (met.requests, met.requests_per_second) == (6, 0.6)  # five for answers, one to interrupt
    assert met.first_sound is not None
    assert (met.first_sound.count, met.first_sound.p50, met.first_sound.most) == (3, 0.5, 1.0)
    assert met.sentence is not None
    assert (met.sentence.p50, met.sentence.most) == (0.25, 0.5)  # from the first text
    assert met.interrupt is not None
    assert met.interrupt.p99 == 0.25
    assert met.refusal is not None
    assert met.refusal.most == 0.25
    assert (met.errors, met.refusals) == ({"UNAVAILABLE": 1}, {"200 sessions are open": 1})
    assert (met.error_percent, met.success_percent) == (25.0, 50.0)


def test_a_sentence_of_the_scripted_model_is_complete_with_its_twelfth_word() -> None:
    met = figures([ANSWERED], 10.0, word_seconds=0.03)
    assert met.sentence is not None
    assert met.sentence.p99 == pytest.approx(0.5 - 11 * 0.03)


def test_an_interrupt_that_failed_is_an_error_though_its_turn_was_answered() -> None:
    met = figures([replace(ANSWERED, stop_error="UNAVAILABLE")], 10.0)
    assert met.errors == {"InterruptSession: UNAVAILABLE": 1}
    assert met.success_percent == 100


def test_an_interrupt_that_came_too_late_is_not_measured() -> None:
    met = figures([replace(ANSWERED, stop=Stop(4.9, 0.2, stopped=False))], 10.0)
    assert (met.interrupt, met.too_late, met.unclean) == (None, 1, 0)


def test_windows_hold_what_became_known_in_them() -> None:
    found = windows(ALL, 10.0)
    assert [one.at for one in found] == list(range(10))
    assert [one.at for one in found if one.first_sound] == [1, 3, 7]
    assert [one.at for one in found if one.interrupt] == [3]
    assert {one.at: one.ends for one in found if one.ends} == {
        3: {End.REFUSED: 1},
        4: {End.INTERRUPTED: 1},
        5: {End.ANSWERED: 1},
        6: {End.FAILED: 1},
    }
    assert [one.listening for one in found] == [0, 1, 2, 2, 2, 1, 0, 1, 0, 0]


def test_what_comes_after_the_last_window_belongs_to_it() -> None:
    assert windows([replace(ANSWERED, ended_at=12.5)], 10.0)[-1].ends == {End.ANSWERED: 1}


@pytest.mark.parametrize(("seconds", "length"), [(10, 1), (60, 2), (200, 5), (1800, 60), (1e6, 300)])
def test_windows_are_short_and_few(seconds: float, length: int) -> None:
    assert window_seconds(seconds) == length


def test_nothing_met_is_no_success() -> None:
    verdict = {one.what: one.holds for one in judge(figures([], 10.0), Thresholds())}
    assert verdict == {
        "errors": True,
        "success": False,
        "request → first sound, p99": False,
        "interrupt → response, p99": True,  # none was asked for
        "unclean interrupts": True,
    }


@pytest.mark.parametrize(
    ("thresholds", "missed"),
    [
        (Thresholds(), ["errors", "success"]),
        (Thresholds(max_errors=25, min_success=50), []),
        (Thresholds(max_errors=25, min_success=50, max_first_sound_p99=0.9), ["request → first sound, p99"]),
        (Thresholds(max_errors=25, min_success=50, max_sentence_p99=0.4), ["sentence → first sound, p99"]),
        (Thresholds(max_errors=25, min_success=50, max_interrupt_p99=0.2), ["interrupt → response, p99"]),
        (Thresholds(max_errors=25, min_success=50, min_requests_per_second=0.7), ["requests"]),
    ],
)
def test_each_threshold_is_judged_by_itself(thresholds: Thresholds, missed: list[str]) -> None:
    assert [one.what for one in judge(figures(ALL, 10.0), thresholds) if not one.holds] == missed


def test_an_unclean_interrupt_is_found() -> None:
    unclean = replace(INTERRUPTED, stop=Stop(3.5, 0.25, stopped=True, clean=False))
    (missed,) = [one for one in judge(figures([unclean], 10.0), Thresholds()) if not one.holds]
    assert (missed.what, missed.found, missed.wanted) == ("unclean interrupts", "1", "at most 0")


def test_a_player_that_gets_its_sound_in_time_has_no_gap() -> None:
    player = Player()
    for at in (1.0, 1.1, 3.0):
        player.add(at, 1.0)
    assert (player.gaps, player.plays_until, player.sound_seconds) == (0, 4.0, 3.0)


def test_a_player_that_runs_dry_has_a_gap_and_goes_on_when_sound_comes() -> None:
    player = Player()
    for at in (1.0, 2.5, 3.51):
        player.add(at, 1.0)
    assert (player.gaps, player.gap_seconds) == (1, 0.5)  # 10 ms are not heard
    assert player.plays_until == 4.51


def test_the_metrics_of_the_server_are_read() -> None:
    text = (
        "# HELP process_cpu_seconds_total Total\n# TYPE process_cpu_seconds_total counter\n"
        "process_cpu_seconds_total 12.5\nprocess_resident_memory_bytes 1.5e+08\n"
        'nexy_active_requests{kind="a b"} 3.0\nnexy_active_requests{kind="}"} 4.0\n'
        "nexy_sessions 9.0 1700000000\nnexy_sessions_refused_total 5.0\nnexy_loop_lag_seconds 0.25\n"
    )
    wanted = Seen(cpu_seconds=12.5, memory_bytes=1.5e8, active=7.0, sessions=9.0, loop_lag=0.25)
    assert read_metrics(text) == wanted
    assert read_metrics(text + "nexy_resident_memory_bytes 1.0\n") == wanted  # of two names, not their sum
    ours = "nexy_cpu_percent 12.5\nnexy_resident_memory_bytes 1.5e+08\n"
    assert read_metrics(ours) == Seen(cpu_percent=12.5, memory_bytes=1.5e8)
    of_two = "".join(
        f'nexy_cpu_percent{{worker="{at}"}} {at}0.0\nnexy_loop_lag_seconds{{worker="{at}"}} 0.0{at}\n'
        for at in (1, 3, 2)
    )
    assert read_metrics(of_two) == Seen(cpu_percent=60, loop_lag=0.03)  # the loops are late each by itself


def test_the_status_of_a_server_without_metrics_is_read() -> None:
    assert read_status('{"active_sessions": 2, "sessions": 5, "x": []}') == Seen(active=2, sessions=5)


def test_the_load_generator_says_when_it_was_late_itself() -> None:
    watch = Watch(0.0)
    watch.lags.extend([0.001] * 99 + [0.5])
    assert watch.bottleneck() == ""
    watch.lags.extend([0.5])
    assert "500 ms" in watch.bottleneck()


def test_figures_are_words() -> None:
    assert [seconds_as_words(one) for one in (0.0031, 0.25, 2)] == ["3.1 ms", "250 ms", "2.00 s"]


def test_the_ramp_is_a_tenth_but_not_long() -> None:
    assert (default_ramp(60), default_ramp(3600)) == (6, 10)
