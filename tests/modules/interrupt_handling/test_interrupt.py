"""An interrupt asks everyone who may be answering, and joins what they have stopped."""

from nexy.modules.interrupt_handling import Local, interrupt
from nexy.types import HardwareId, SessionId


async def test_what_was_stopped_is_named_once_and_in_order() -> None:
    asked: list[HardwareId] = []

    async def stop(who: HardwareId) -> list[SessionId]:
        asked.append(who)
        return [SessionId(name) for name in ("b", "a", "b")]

    assert await interrupt(HardwareId("anna"), Local(stop)) == ["a", "b"]
    assert asked == ["anna"]


async def test_nothing_was_running() -> None:
    async def stop(who: HardwareId) -> list[SessionId]:
        return []

    assert await interrupt(HardwareId("anna"), Local(stop)) == []
