"""What Nexy knows of its user: recalled before an answer, remembered after it."""

from typing import Protocol

from nexy.types import Exchange, HardwareId


class Memory(Protocol):
    """Keeps what was said across sessions."""

    async def recall(self, who: HardwareId) -> str:
        """What is known of this user, as text for a prompt; "" when nothing is. Raises StorageError."""
        ...

    async def remember(self, who: HardwareId, exchange: Exchange) -> None:
        """Keep what is worth keeping of one exchange. Raises StorageError."""
        ...


class Forgetful:
    """A Memory that keeps nothing: each session begins anew."""

    async def recall(self, who: HardwareId) -> str:
        return ""

    async def remember(self, who: HardwareId, exchange: Exchange) -> None:
        return None


__all__ = ["Forgetful", "Memory"]
