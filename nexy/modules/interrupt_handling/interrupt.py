"""What an interrupt does: ask everyone who may be answering, and join what they have stopped."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from nexy.types import Forgotten, HardwareId, Part, SessionId, Stopped


@dataclass(frozen=True, slots=True)
class Claim:
    """A request begins: its session goes on in this process now, and nowhere else."""

    session: SessionId | None  # None: the one in which requests without a session_id go on
    draft_only: bool = False  # it says nothing by itself: it is a request only where something was collected
    newest_only: bool = False  # what the device is told in other sessions is over as well
    wins: bool = False  # over those that are making a claim of their own at the same time


@dataclass(frozen=True, slots=True)
class Handed:
    """What another process had of a session that is claimed."""

    session: SessionId | None = None  # None: it had nothing
    parts: tuple[Part, ...] = ()  # collected there and not committed
    talked: bool = False  # something was said in it there
    newer: bool = False  # there is a request that is to be taken for newer than the claim's, and goes on
    busy: bool = False  # it answers another request without a session_id


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of a claim."""

    handed: Sequence[Handed] = ()
    complete: bool = True  # False: a process could not be asked, or did not answer in time


class Here(Protocol):
    """What this process has of a device."""

    def stop(self, who: HardwareId, played_seconds: float | None) -> Awaitable[list[SessionId]]:
        """Stop all answers of the device here; returns their sessions once they are stopped."""
        ...

    def hand_over(self, who: HardwareId, claim: Claim) -> Awaitable[Handed]:
        """Let a session go that is claimed elsewhere.

        What runs in it is stopped, and all that was said is stored when it returns, unless that takes long.
        """
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

    async def attend(self, who: HardwareId) -> None:
        """A request of this device begins here: what others ask of the device reaches this process."""
        ...

    def leave(self, who: HardwareId) -> None:
        """Nothing of this device is here any more."""
        ...

    async def claim(self, who: HardwareId, claim: Claim) -> Claimed:
        """Have others let go of what is claimed; what they had of it, from those who answer in time."""
        ...

    async def stop(self, who: HardwareId, played_seconds: float | None) -> Stopped:
        """Stop all answers of this device; returns the sessions that were stopped, once they are."""
        ...

    async def forget(self, who: HardwareId) -> Forgotten:
        """End all sessions of this device; returns how much was forgotten."""
        ...

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        """Forget what was said in its sessions, which go on, or only what was said last in each of them.

        Returns how many turns will never be stored. What is stored is the database's to forget.
        """
        ...


async def interrupt(hardware_id: HardwareId, bus: Bus, played_seconds: float | None = None) -> Stopped:
    """Stop every running answer of `hardware_id`. When it returns, nothing more of them is sent.

    It starts nothing, refuses nothing afterwards, and touches no other device. No sessions when nothing
    was running. `played_seconds` of the newest answer's sound were heard, where the client knows.
    """
    stopped = await bus.stop(hardware_id, played_seconds)
    return replace(stopped, sessions=sorted(set(stopped.sessions)))
