"""What this process has of a device, for the bus."""

from dataclasses import dataclass

from nexy.integrations.keeping import Keeper
from nexy.modules.interrupt_handling import Claim, Handed
from nexy.modules.memory_management import Remembering
from nexy.modules.session_management import Sessions
from nexy.types import HardwareId, SessionId


@dataclass(frozen=True)
class Here:
    """Its sessions, what is on its way into the database, and what is being learnt from it."""

    sessions: Sessions
    keeper: Keeper
    memory: Remembering

    async def stop(self, who: HardwareId, played_seconds: float | None) -> list[SessionId]:
        return await self.sessions.stop(who, played_seconds)

    async def hand_over(self, who: HardwareId, claim: Claim) -> Handed:
        name = claim.session or self.sessions.unnamed(who)
        session = self.sessions.find(who, name) if name else None
        draft = session.notes.draft if session else None
        if claim.draft_only and draft is None:
            return Handed()
        if claim.newest_only or name:
            older = None if claim.newest_only else name
            if await self.sessions.give_way(who, older, always=claim.wins):
                return Handed(newer=True)
        if session is None:
            return Handed()
        session.notes.drop_draft()
        session.retire()
        await self.keeper.settle(who)
        return Handed(name, draft.parts if draft else (), talked=session.notes.resumed)

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
