"""What a session keeps between its turns."""

from dataclasses import dataclass, field

import trio

from nexy.modules.session_management.draft import Draft
from nexy.modules.session_management.history import History
from nexy.nursery.session import Work

DRAFT_SECONDS = 120.0  # what is never committed is forgotten so long after its last part


@dataclass(slots=True)
class Notes:
    """What was said in a session, and what is still being said."""

    history: History = field(default_factory=History)
    draft: Draft | None = None
    resumed: bool = False  # what was said in it before, also elsewhere, is in the history
    _keeping: trio.CancelScope = field(default_factory=trio.CancelScope, repr=False)

    def begin_draft(self) -> Work:
        """Begin a draft; the work that is returned forgets it, DRAFT_SECONDS after its last part."""
        draft, keeping = Draft(), trio.CancelScope(deadline=trio.current_time() + DRAFT_SECONDS)
        self.draft, self._keeping = draft, keeping

        async def keep() -> None:
            with keeping:
                await trio.sleep_forever()
            if self.draft is draft:
                self.draft = None

        return keep

    def prolong_draft(self) -> None:
        """A part has come."""
        self._keeping.deadline = trio.current_time() + DRAFT_SECONDS

    def drop_draft(self) -> None:
        """It was committed, or its session ends."""
        self.draft = None
        self._keeping.cancel()
