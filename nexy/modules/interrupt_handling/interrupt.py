"""What an interrupt does: ask everyone who may be answering, and join what they have stopped."""

from collections.abc import Awaitable
from typing import Protocol

from nexy.types import HardwareId, SessionId


class Here(Protocol):
    """What this process has of a device."""

    def stop(self, who: HardwareId, played_seconds: float | None) -> Awaitable[list[SessionId]]:
        """Stop all answers of the device here; returns their sessions once they are stopped."""
        ...

    def forget(self, who: HardwareId) -> Awaitable[int]:
        """End the device's sessions here, with what was said in them; how much was forgotten."""
        ...

    def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> Awaitable[int]:
        """Forget what was said here, or only what was said last; how many turns will never be stored."""
        ...


class Bus(Protocol):
    """Reaches every process that may be answering a device."""

    @property
    def name(self) -> str:
        """What it is: "local", or "nats"."""
        ...

    @property
    def trouble(self) -> str:
        """Why other processes cannot be reached just now; empty when they can, or when there are none."""
        ...

    async def attend(self, who: HardwareId, *, answer: bool) -> None:
        """A request of this device begins here: what others ask of the device reaches this process.

        With `answer` it is one that is answered, and so newer than what other processes are answering.
        """
        ...

    def leave(self, who: HardwareId) -> None:
        """Nothing of this device is here any more."""
        ...

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        """Stop all answers of this device; returns the sessions that were stopped, once they are."""
        ...

    async def forget(self, who: HardwareId) -> int:
        """End all sessions of this device; returns how much was forgotten."""
        ...

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        """Forget what was said in its sessions, which go on, or only what was said last in each of them.

        Returns how many turns will never be stored. What is stored is the database's to forget.
        """
        ...


async def interrupt(
    hardware_id: HardwareId, bus: Bus, played_seconds: float | None = None
) -> list[SessionId]:
    """Stop every running answer of `hardware_id`. When it returns, nothing more of them is sent.

    It starts nothing, refuses nothing afterwards, and touches no other device. Empty when nothing
    was running. `played_seconds` of the newest answer's sound were heard, where the client knows.
    """
    return sorted(set(await bus.stop(hardware_id, played_seconds)))
