"""An interrupt asks everyone who may be answering, and joins what they have stopped."""

from nexy.modules.interrupt_handling import Local, interrupt
from nexy.types import HardwareId, SessionId


async def test_what_was_stopped_is_named_once_and_in_order() -> None:
    asked: list[tuple[HardwareId, float | None]] = []

    async def stop(who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        asked.append((who, played_seconds))
        return [SessionId(name) for name in ("b", "a", "b")]

    assert await interrupt(HardwareId("anna"), Local(stop)) == ["a", "b"]
    assert await interrupt(HardwareId("anna"), Local(stop), 1.5) == ["a", "b"]
    assert asked == [("anna", None), ("anna", 1.5)]


async def test_nothing_was_running() -> None:
    async def stop(who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        return []

    assert await interrupt(HardwareId("anna"), Local(stop)) == []
