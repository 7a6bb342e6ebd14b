"""What this process has of a device, for the bus."""

from dataclasses import dataclass

import trio

from nexy.integrations.keeping import Keeper
from nexy.modules.interrupt_handling import Claim, Handed
from nexy.modules.memory_management import Remembering
from nexy.modules.session_management import Sessions
from nexy.types import HardwareId, SessionId

SETTLE_SECONDS = 0.2  # that who claims a session waits at most until all that was said in it is stored


@dataclass(frozen=True)
class Here:
    """Its sessions, what is on its way into the database, and what is being learnt from it."""

    sessions: Sessions
    keeper: Keeper
    memory: Remembering

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        return await self.sessions.stop(who, played_seconds)

    async def hand_over(self, who: HardwareId, claim: Claim) -> Handed:
        sessions, name = self.sessions, claim.session or self.sessions.unnamed(who)
        session = sessions.find(who, name) if name else None
        if claim.draft_only and (session is None or session.notes.draft is None):
            return Handed(busy=self._is_busy(who, claim))
        if claim.newest_only or name:
            older = None if claim.newest_only else name
            if await sessions.give_way(who, older, always=claim.wins):
                return Handed(newer=True)
            name = claim.session or sessions.unnamed(who)  # it may have been busy
        gone = sessions.let_go(who, name) if name else None
        busy = self._is_busy(who, claim)
        with trio.move_on_after(SETTLE_SECONDS):
            await self.keeper.settle(who)
        return Handed(name, *gone) if gone else Handed(busy=busy)

    def _is_busy(self, who: HardwareId, claim: Claim) -> bool:
        return claim.session is None and self.sessions.unnamed_runs(who)

    async def forget(self, who: HardwareId) -> int:
        """Also what is on its way into the memory, so that nothing more is learnt of what was said."""
        forgotten = await self.keeper.forget(who, all_of_it=True) + await self.memory.forget(who)
        await self.sessions.forget(who)
        return forgotten

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        self.sessions.forget_talk(who, all_of_it=all_of_it)
        forgotten = await self.keeper.forget(who, all_of_it=all_of_it)
        if all_of_it:
            self.memory.learn_no_more(who)
        return forgotten
