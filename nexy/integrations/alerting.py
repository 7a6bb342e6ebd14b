"""Looks every second whether an operator must be told, and tells them: in the log, /status and /metrics."""

from collections.abc import Callable

import trio

from nexy.config import AlertsConfig
from nexy.integrations.status import Status
from nexy.monitoring import logger
from nexy.monitoring.alerts import Alert, Alerts, Change
from nexy.monitoring.recent import Count, percentile

LOOK_SECONDS = 1.0
SLOW_PERCENT = 95  # the response time that 5 % of the turns exceed
FEWEST_TURNS = 20  # of which errors are a share: where few speak, a single failed turn is no alert

log = logger("nexy.alerts")


def alerts_of(config: AlertsConfig) -> Alerts:
    """Those with hysteresis; and those that fire when there is one, and clear when there is none."""
    seconds = config.alert_seconds
    limits = {
        "memory_percent": config.alert_memory_percent,
        "cpu_percent": config.alert_cpu_percent,
        "error_percent": config.alert_error_percent,
        "response_seconds": config.alert_response_seconds,
        "requests_per_minute": config.alert_requests_per_minute,
    }
    at_once = (
        "models_unavailable",
        "voices_unavailable",
        "breakers_open",
        "database_trouble",
        "refusals",
        "turns_lost",
        "update_files_damaged",
        "bus_away",
        "limits_not_shared",
    )
    return Alerts(
        {name: Alert(limit, seconds) for name, limit in limits.items()}
        | {name: Alert(0.0, 0.0) for name in at_once}
    )


class _Rise:
    """How much a counter has risen in the last minute."""

    def __init__(self, counter: Callable[[], int]) -> None:
        self._counter = counter
        self._before = counter()
        self._risen = Count()

    def in_minute(self, now: float) -> float:
        value = self._counter()
        self._risen.add(now, value - self._before)
        self._before = value
        return self._risen.total(now)


class Watch:
    """The figures that the alerts are about."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._refused = _Rise(lambda: sum(status.refused().values()))
        self._lost = _Rise(lambda: status.keeper.lost)

    def figures(self, now: float) -> dict[str, float]:
        """As they are now, by the alerts' names."""
        status, events = self._status, self._status.events
        turns = max(events.turns.total(now), FEWEST_TURNS)
        kinds = (status.models, status.voices)
        return {
            "memory_percent": status.vitals.memory_percent,
            "cpu_percent": status.vitals.cpu_percent,
            "error_percent": 100 * events.failures.total(now) / turns,
            "response_seconds": percentile(events.first_sounds.figures(now), SLOW_PERCENT) or 0.0,
            "requests_per_minute": status.in_last_minute,
            "models_unavailable": status.unavailable(status.models),
            "voices_unavailable": status.unavailable(status.voices),
            "breakers_open": sum(state == "open" for kind in kinds for state in kind.states.values()),
            "database_trouble": bool(status.database.trouble),
            "refusals": self._refused.in_minute(now),
            "turns_lost": self._lost.in_minute(now),
            "update_files_damaged": len(status.updates.damaged),
            "bus_away": bool(status.together.bus_trouble),
            "limits_not_shared": bool(status.together.limits_trouble),
        }


async def watch(status: Status) -> None:
    """Look until cancelled."""
    watched = Watch(status)
    while True:
        now = trio.current_time()
        for change in status.alerts.look(watched.figures(now), now):
            _tell(change)
        await trio.sleep(LOOK_SECONDS)


def _tell(change: Change) -> None:
    facts = {"alert": change.name, "figure": round(change.figure, 4), "limit": change.limit}
    if change.fires:
        log.warning("alert", **facts)
    else:
        log.info("alert over", **facts)
