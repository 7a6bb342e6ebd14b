"""What was said in one session, as far as the model is told of it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from nexy.types import Exchange

MOST_EXCHANGES = 20
MOST_CHARS = 20_000  # of prompts and answers together: about 5,000 tokens, and bounded memory


class Playing(Protocol):
    """The sound of an answer that is all sent, and perhaps not all played."""

    @property
    def ends(self) -> float:
        """When it will have been played, in trio.current_time()."""
        ...

    def heard(self, now: float) -> str:
        """The text that can have been heard by `now`."""
        ...


class History:
    """The newest exchanges of a session, oldest first."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._chars = 0
        self._playing: Playing | None = None  # the sound of the newest

    def __repr__(self) -> str:
        return f"<History {len(self._exchanges)} exchanges>"

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    def add(self, exchange: Exchange, playing: Playing | None = None) -> None:
        """Take one more, and let the oldest go that do not fit beside it.

        `playing` is the sound of a complete one: until it ends, `cut_off` may still shorten it.
        """
        self._playing = playing
        self._exchanges.append(exchange)
        self._chars += _size(exchange)
        while len(self._exchanges) > 1 and (
            len(self._exchanges) > MOST_EXCHANGES or self._chars > MOST_CHARS
        ):
            self._chars -= _size(self._exchanges.popleft())

    def cut_off(self, now: float) -> None:
        """The user has spoken, or pressed the key: what is not played by now will not be heard."""
        playing, self._playing = self._playing, None
        if playing is None or now >= playing.ends:
            return
        whole = self._exchanges.pop()
        heard = replace(whole, heard=playing.heard(now), complete=False)
        self._exchanges.append(heard)
        self._chars += _size(heard) - _size(whole)


def _size(exchange: Exchange) -> int:
    return len(exchange.prompt) + len(exchange.heard)
