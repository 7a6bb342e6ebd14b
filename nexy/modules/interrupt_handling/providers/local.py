"""The bus of one process: nobody else can be answering."""

from dataclasses import dataclass

from nexy.modules.interrupt_handling.interrupt import Claim, Claimed, Here
from nexy.types import Forgotten, HardwareId, Stopped


@dataclass(frozen=True)
class Local:
    """Asks the sessions of this process."""

    here: Here
    name: str = "local"
    trouble: str = ""

    async def attend(self, who: HardwareId) -> None:
        pass

    def leave(self, who: HardwareId) -> None:
        pass

    async def claim(self, who: HardwareId, claim: Claim) -> Claimed:
        return Claimed()

    async def stop(self, who: HardwareId, played_seconds: float | None) -> Stopped:
        return Stopped(await self.here.stop(who, played_seconds))

    async def forget(self, who: HardwareId) -> Forgotten:
        return Forgotten(await self.here.forget(who))

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        return await self.here.forget_talk(who, all_of_it=all_of_it)
