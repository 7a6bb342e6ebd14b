"""What all WebSockets share."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from wsproto.frame_protocol import CloseReason as Code

from nexy.config import ConnectionsConfig
from nexy.integrations.gateway.origins import Origins
from nexy.integrations.gateway.resuming import Resuming
from nexy.modules.grpc_service import StreamingService
from nexy.nursery.border.receiving import Receiving


class Closable(Protocol):
    """A connection."""

    async def close(self, code: Code, reason: str) -> None:
        """Have it closed, after what is being written."""
        ...


@dataclass(frozen=True)
class House:
    """What all WebSockets share: the RPCs behind them, the limits, and the books."""

    service: StreamingService
    limits: ConnectionsConfig
    most_message_bytes: int
    origins: Origins
    receiving: Receiving = field(default_factory=Receiving)
    resuming: Resuming = field(default_factory=Resuming)
    turned_away: Counter[str] = field(default_factory=Counter)  # connections and requests, by the reason
    connections: set[Closable] = field(default_factory=set)  # that have shaken hands

    def __repr__(self) -> str:
        return f"<House connections={len(self.connections)} {self.receiving} {self.resuming}>"
