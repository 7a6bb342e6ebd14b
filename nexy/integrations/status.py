"""What operators are told of the server: what there is, how it is doing, and why it cannot answer."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import trio

from nexy import __version__
from nexy.errors import Limit
from nexy.integrations.parts import (
    AllKept,
    Alone,
    Guarded,
    InCompany,
    Keeping,
    Listener,
    Missing,
    Models,
    NoUpdates,
    Troubled,
    UpdateServer,
)
from nexy.modules.session_management import Doorkeeper, Sessions
from nexy.modules.text_filtering import Reader
from nexy.monitoring.alerts import Alerts
from nexy.monitoring.events import Events
from nexy.monitoring.vitals import Vitals

RESTING = ("open", "off")  # states in which a provider is not asked
SLOW_INTERRUPT_SECONDS = 1.0  # so long a user who says "stop" is talked over


@dataclass(frozen=True)
class Status:
    """Looks at the parts when it is asked; nothing is kept."""

    sessions: Sessions
    models: Models
    voices: Guarded
    database: Troubled
    memory: Missing
    doorkeeper: Doorkeeper = field(default_factory=lambda: Doorkeeper(None))
    events: Events = field(default_factory=Events)
    vitals: Vitals = field(default_factory=Vitals)
    alerts: Alerts = field(default_factory=lambda: Alerts({}))
    keeper: Keeping = field(default_factory=AllKept)
    updates: UpdateServer = field(default_factory=NoUpdates)
    together: InCompany = field(default_factory=Alone)
    listeners: list[Listener] = field(default_factory=list)  # filled as they open
    endpoints: dict[str, str] = field(default_factory=dict)  # "host:port" by name, filled as they open
    began: float = field(default_factory=time.monotonic)

    def unavailable(self, several: Guarded) -> bool:
        """None of them may be asked just now."""
        return all(state in RESTING for state in several.states.values())

    def reasons(self) -> list[str]:
        """Why no answer can be given just now; empty when one can."""
        reasons = ["the server is closing"] if self.sessions.closing else []
        for what, several in (("model", self.models), ("voice", self.voices)):
            if self.unavailable(several):
                reasons.append(f"no {what} works: {', '.join(several.states)}")
        if self.database.trouble:
            reasons.append(f"the database {self.database.trouble}")
        return reasons

    @property
    def in_last_minute(self) -> int:
        """Requests; of all processes, where they are counted together."""
        of_all = self.together.in_last_minute
        return self.sessions.admission.in_last_minute if of_all is None else of_all

    def refused(self) -> dict[str, int]:
        """Requests that were refused since the start, by the limit: all limits, also those never met."""
        refused = self.sessions.admission.refused
        without_turn = {Limit.MODEL_CALLS.value: self.models.turnstile.refused}
        return {limit.value: refused[limit] for limit in Limit} | without_turn

    def turned_away(self) -> Counter[str]:
        """Connections, calls and requests that no port took, by the reason."""
        together: Counter[str] = Counter()
        for listener in self.listeners:
            together.update(listener.turned_away)
        return together

    def whole(self) -> dict[str, Any]:
        """All of it, as /status shows it."""
        vitals = self.vitals
        return {
            "service": "nexy",
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - self.began, 1),
            "ready": not self.reasons(),
            "modules": self._modules(),
            "sessions": len(self.sessions),
            "active_sessions": self.sessions.active,
            "tasks": trio.lowlevel.current_statistics().tasks_living,
            "requests_in_last_minute": self.sessions.admission.in_last_minute,
            "last_minute": self.events.last_minute(),
            "refused": {limit: times for limit, times in self.refused().items() if times},
            "connections": {
                "open": sum(listener.connections for listener in self.listeners),
                "turned_away": dict(self.turned_away()),
            },
            "auth_failures": dict(self.doorkeeper.turned_away),
            "alerts": self._alerts(),
            "process": {
                "loop_lag_seconds": round(vitals.loop_lag_seconds, 4),
                "worst_loop_lag_seconds": round(vitals.worst_loop_lag_seconds, 4),
                "memory_percent": round(vitals.memory_percent, 1),
                "rss_bytes": vitals.rss_bytes,
                "cpu_percent": round(vitals.cpu_percent, 1),
            },
            "update_server": self._update_server(),
            "endpoints": self.endpoints,
        }

    def _modules(self) -> dict[str, Any]:
        open_or_not = "closing" if self.sessions.closing else "open"
        trouble = self.database.trouble
        return {
            "grpc_service": {"state": open_or_not if "grpc" in self.endpoints else "not listening"},
            "text_processing": _providers(self.models),
            "audio_generation": _providers(self.voices),
            "text_filtering": {"state": "works" if reads_aloud() else "failing"},
            "session_management": {"state": open_or_not, "sessions": len(self.sessions)},
            "interrupt_handling": self._interrupts()
            | {"bus": self._bus(), "limits": self.together.limits_trouble or "hold"},
            "memory_management": {
                "state": f"remembers nothing: the database {trouble}" if trouble else "works",
                "misses": self.memory.misses,
            },
            "database": {
                "state": trouble or "works",
                "turns_waiting": self.keeper.waiting,
                "turns_lost": self.keeper.lost,
            },
            "update": {"state": self.updates.told()["state"]},
        }

    def _update_server(self) -> dict[str, Any]:
        address = self.endpoints.get("updates")
        return self.updates.told() | ({"address": address} if address else {})

    def _interrupts(self) -> dict[str, Any]:
        """Whether those of the last minute were soon enough."""
        slowest = max(self.events.interrupts.figures(trio.current_time()), default=0.0)
        return {
            "state": "works" if slowest < SLOW_INTERRUPT_SECONDS else "slow",
            "slowest_seconds": round(slowest, 4),
        }

    def _bus(self) -> str:
        together = self.together
        return f"{together.bus}, {together.bus_trouble}" if together.bus_trouble else together.bus

    def _alerts(self) -> list[dict[str, Any]]:
        now = trio.current_time()
        return [
            {
                "name": name,
                "since_seconds": round(now - alert.since, 1),
                "figure": round(alert.figure, 4),
                "limit": alert.limit,
            }
            for name, alert in self.alerts
            if alert.since is not None
        ]


def reads_aloud() -> bool:
    """Whether a text still becomes sentences that can be said: tried, in a third of a millisecond."""
    reader = Reader("en")
    sentences = [*reader.feed("It costs **$5**. Really. "), *reader.flush()]
    return [sentence.spoken for sentence in sentences] == ["It costs five dollars.", "Really."]


def _providers(several: Guarded) -> dict[str, Any]:
    works = any(state not in RESTING for state in several.states.values())
    return {
        "state": "works" if works else "failing",
        "providers": dict(several.states),
        "tries": {one.provider.name: one.tries for one in several.providers},
        "faults": {
            one.provider.name: {fault.value: times for fault, times in one.faults.items()}
            for one in several.providers
            if one.faults
        },
    }
