"""What a memory promises to an answer, and what it asks of the place where facts are stored."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from nexy.modules.memory_management.facts import Changes, Fact
from nexy.types import Exchange, HardwareId

Recollected: TypeAlias = tuple[Sequence[Fact], tuple[str, float] | None]
"""Facts, oldest first; and the gist of recent talk with when it was written, Unix seconds."""


class Memory(Protocol):
    """Keeps what was said across sessions."""

    async def recall(self, who: HardwareId, said: str = "", history: Sequence[Exchange] = ()) -> str:
        """What is known of this user that fits `said`, as text for a prompt; "" when nothing is.

        Talk that is in `history`, which the prompt holds anyway, is left out. An answer waits for it: it is
        quick, or else "". Raises nothing.
        """
        ...

    async def remember(self, who: HardwareId, exchange: Exchange, source: str = "") -> None:
        """Keep what is worth keeping of one exchange, whose id is `source`. Raises StorageError."""
        ...

    async def known(self, who: HardwareId) -> Sequence[Fact]:
        """All facts that hold of this user, oldest first. Raises StorageError."""
        ...

    async def forget_that(self, who: HardwareId) -> int:
        """Forget the newest exchange and what was learnt from it; how much that was. Raises StorageError."""
        ...

    async def forget(self, who: HardwareId) -> int:
        """Forget everything about this user; how much that was. Raises StorageError."""
        ...


class MemoryStore(Protocol):
    """Where facts are stored. Raises StorageError from each of its methods."""

    async def recollect(self, who: HardwareId) -> Recollected:
        """The facts that hold, oldest first; and the gist of recent talk with when it was written."""
        ...

    async def change(self, who: HardwareId, decide: Callable[[Recollected], Changes]) -> None:
        """Make all changes that `decide` finds of what is stored by then, or none.

        Nobody else changes anything of `who` between the two, in this process or in another. A fact that is
        superseded is no longer among those that hold. `decide` may be asked twice, also of its own changes.
        """
        ...

    async def forget(self, who: HardwareId) -> int:
        """Delete all that is stored of `who`; how many things that were."""
        ...

    async def forget_last(self, who: HardwareId) -> int:
        """Delete the newest exchange and the facts that came from it; how many things that were.

        Facts that those had superseded hold again.
        """
        ...
