"""What operators are told of the server: what there is, how it is doing, and why it cannot answer."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import trio

from nexy import __version__
from nexy.modules.session_management import Sessions
from nexy.utils.breaker import State

OFF = {"state": "off"}
RESTING = ("open", "off")  # states in which a provider is not asked


@runtime_checkable
class Guarded(Protocol):
    """Several providers as one."""

    @property
    def states(self) -> Mapping[str, State]: ...


class Troubled(Protocol):
    """The database."""

    @property
    def trouble(self) -> str:
        """Why it cannot be used just now; empty when it can."""
        ...


class Missing(Protocol):
    """Memory."""

    @property
    def misses(self) -> int:
        """Recalls that came too late, or to nothing because the database failed."""
        ...


@dataclass(frozen=True)
class Status:
    """Looks at the parts when it is asked; nothing is kept."""

    sessions: Sessions
    models: Guarded
    voices: Guarded
    database: Troubled
    memory: Missing
    endpoints: dict[str, str] = field(default_factory=dict)  # "host:port" by name, filled as they open
    began: float = field(default_factory=time.monotonic)

    def reasons(self) -> list[str]:
        """Why no answer can be given just now; empty when one can."""
        reasons = ["the server is closing"] if self.sessions.closing else []
        for what, several in (("model", self.models), ("voice", self.voices)):
            if all(state in RESTING for state in several.states.values()):
                reasons.append(f"no {what} works: {', '.join(several.states)}")
        if self.database.trouble:
            reasons.append(f"the database {self.database.trouble}")
        return reasons

    def whole(self) -> dict[str, Any]:
        """All of it, as /status shows it."""
        open_or_not = "closing" if self.sessions.closing else "open"
        return {
            "service": "nexy",
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - self.began, 1),
            "ready": not self.reasons(),
            "modules": {
                "grpc_service": {"state": open_or_not},
                "text_processing": _providers(self.models),
                "audio_generation": _providers(self.voices),
                "text_filtering": {"state": "works"},
                "session_management": {"state": open_or_not, "sessions": len(self.sessions)},
                "interrupt_handling": {"state": "works", "bus": "local"},
                "memory_management": {"state": "works", "misses": self.memory.misses},
                "database": {"state": self.database.trouble or "works"},
                "update": OFF,
            },
            "sessions": len(self.sessions),
            "active_sessions": self.sessions.active,
            "tasks": trio.lowlevel.current_statistics().tasks_living,
            "update_server": OFF,
            "endpoints": self.endpoints,
        }


def _providers(several: Guarded) -> dict[str, Any]:
    works = any(state not in RESTING for state in several.states.values())
    return {"state": "works" if works else "failing", "providers": dict(several.states)}
