"""An interrupt asks everyone who may be answering, and joins what they have stopped."""

from dataclasses import dataclass, field

from nexy.modules.interrupt_handling import Claim, Handed, Local, interrupt
from nexy.types import HardwareId, SessionId, Stopped

ANNA = HardwareId("anna")


@dataclass
class Here:
    """What this process has of a device."""

    running: tuple[str, ...] = ()
    asked: list[tuple[HardwareId, float | None]] = field(default_factory=list)

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        self.asked.append((who, played_seconds))
        return [SessionId(name) for name in self.running]

    async def hand_over(self, who: HardwareId, claim: Claim) -> Handed:
        raise NotImplementedError

    async def forget(self, who: HardwareId) -> int:
        return 1

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        return 2 if all_of_it else 1


async def test_what_was_stopped_is_named_once_and_in_order() -> None:
    here = Here(("b", "a", "b"))
    assert await interrupt(ANNA, Local(here)) == Stopped([SessionId("a"), SessionId("b")])
    assert await interrupt(ANNA, Local(here), 1.5) == Stopped([SessionId("a"), SessionId("b")])
    assert here.asked == [("anna", None), ("anna", 1.5)]


async def test_nothing_was_running() -> None:
    assert await interrupt(ANNA, Local(Here())) == Stopped([])
