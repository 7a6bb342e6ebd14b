"""What was said in one session, as far as the model is told of it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from nexy.modules.session_management.draft import Draft
from nexy.types import Exchange

MOST_EXCHANGES = 20
MOST_CHARS = 20_000  # of prompts and answers together: about 5,000 tokens, and bounded memory


class History:
    """The newest exchanges of a session, oldest first."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._chars = 0

    def __repr__(self) -> str:
        return f"<History {len(self._exchanges)} exchanges>"

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def add(self, exchange: Exchange) -> None:
        """Take one more, and let the oldest go that do not fit beside it."""
        self._exchanges.append(exchange)
        self._chars += _size(exchange)
        while len(self._exchanges) > 1 and (
            len(self._exchanges) > MOST_EXCHANGES or self._chars > MOST_CHARS
        ):
            self._chars -= _size(self._exchanges.popleft())


def _size(exchange: Exchange) -> int:
    return len(exchange.prompt) + len(exchange.heard)


@dataclass(slots=True)
class Notes:
    """What a session keeps between its turns."""

    history: History = field(default_factory=History)
    draft: Draft | None = None
