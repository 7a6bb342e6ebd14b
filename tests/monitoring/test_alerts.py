"""When an alert fires and when it clears, second by second."""

from collections.abc import Callable

import pytest

from nexy.monitoring.alerts import Alert, Alerts, Change

SECONDS = 30


def history(figure: Callable[[int], float], until: int, alert: Alert) -> list[tuple[int, bool]]:
    """When it changed, and to what, with that figure in each second."""
    return [(now, alert.fires) for now in range(until) if alert.look(figure(now), now)]


def test_it_fires_after_its_seconds_over_the_limit_and_clears_after_them_below() -> None:
    alert = Alert(80, SECONDS)
    assert history(lambda now: 90 if 10 <= now < 100 else 50, 200, alert) == [(40, True), (130, False)]


def test_a_peak_is_no_alert_and_a_dip_does_not_clear_it() -> None:
    assert history(lambda now: 90 if now % 30 else 50, 200, Alert(80, SECONDS)) == []
    assert history(lambda now: 50 if now and now % 32 == 0 else 90, 300, Alert(80, SECONDS)) == [(30, True)]


def test_a_figure_close_to_its_limit_neither_fires_nor_clears() -> None:
    alert = Alert(80, SECONDS)
    assert history(lambda now: 80, 100, alert) == []
    assert history(lambda now: 81 if now < 60 else 73, 500, alert) == [(30, True)]
    assert alert.since == 30
    assert history(lambda now: 72, 500, alert) == [(30, False)]


def test_one_without_hysteresis_goes_with_its_figure() -> None:
    assert history(lambda now: now in (3, 4), 10, Alert(0, 0)) == [(3, True), (5, False)]


def test_all_of_them_are_looked_at_together() -> None:
    alerts = Alerts({"slow": Alert(5, 0), "broken": Alert(0, 0)})
    assert alerts.look({"slow": 6.5, "broken": 0}, 1) == [Change("slow", True, 6.5, 5)]
    assert [name for name, _ in alerts.firing()] == ["slow"]
    assert alerts.look({"slow": 1, "broken": 1}, 2) == [
        Change("slow", False, 1, 5),
        Change("broken", True, 1, 0),
    ]


@pytest.mark.parametrize("limit", [0.5, 5, 800])
def test_exactly_at_the_limit_is_not_over_it(limit: float) -> None:
    assert not Alert(limit, 0).look(limit, 1)
    assert Alert(limit, 0).look(limit * 1.01, 1)
