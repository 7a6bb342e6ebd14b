"""What an interrupt does: ask everyone who may be answering, and join what they have stopped."""

from typing import Protocol

from nexy.types import HardwareId, SessionId


class Bus(Protocol):
    """Reaches every process that may be answering a device."""

    async def stop(self, hardware_id: HardwareId, played_seconds: float | None) -> list[SessionId]:
        """Stop all answers of this device; returns the sessions that were stopped, once they are."""
        ...


async def interrupt(
    hardware_id: HardwareId, bus: Bus, played_seconds: float | None = None
) -> list[SessionId]:
    """Stop every running answer of `hardware_id`. When it returns, nothing more of them is sent.

    It starts nothing, refuses nothing afterwards, and touches no other device. Empty when nothing
    was running. `played_seconds` of the newest answer's sound were heard, where the client knows.
    """
    return sorted(set(await bus.stop(hardware_id, played_seconds)))
