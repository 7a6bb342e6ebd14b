"""What was said in one session, as far as the model is told of it."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol, TypeAlias

from nexy.types import Exchange

Shortened: TypeAlias = Callable[[str], None]

MOST_EXCHANGES = 20
MOST_CHARS = 20_000  # of prompts and answers together: about 5,000 tokens, and bounded memory
LATE_SECONDS = 10.0  # how long after its time a player may still be playing: it began late, or had to wait


class Playing(Protocol):
    """The sound of an answer, sent or still being sent. Times are trio.current_time() seconds."""

    @property
    def began(self) -> float:
        """When its first sound was sent; -inf while there was none."""
        ...

    @property
    def ends(self) -> float:
        """When what was sent will have been played."""
        ...

    def stop(self, now: float, told_seconds: float | None = None) -> None:
        """Nothing more is heard; `told_seconds` were, where the client knows."""
        ...

    def left(self, now: float) -> bool:
        """Whether some of what was sent is not played by `now`."""
        ...

    def heard(self, now: float) -> str:
        """The text that can have been heard by `now`."""
        ...


class History:
    """The newest exchanges of a session, oldest first."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque()
        self._chars = 0
        self._playing: Playing | None = None  # the answer that is given, or else the newest exchange's
        self._given = False  # that answer is in the history
        self._shortened: Shortened | None = None  # is told when less of it was heard

    def __repr__(self) -> str:
        return f"<History {len(self._exchanges)} exchanges>"

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges)

    @property
    def began(self) -> float:
        """When the sound began that can still be playing; -inf when there is none."""
        return self._playing.began if self._playing else -math.inf

    def clear(self) -> None:
        """Nothing was ever said."""
        self._exchanges.clear()
        self._chars = 0
        self._playing, self._given, self._shortened = None, False, None

    def drop_newest(self) -> None:
        """The newest exchange was never said."""
        if self._exchanges:
            self._chars -= _size(self._exchanges.pop())
        self._playing, self._given, self._shortened = None, False, None

    def begin(self, playing: Playing, now: float) -> None:
        """An answer begins, whose sound is `playing`: the one before is not heard any further."""
        self.cut_off(now)
        self._playing, self._given = playing, False

    def add(
        self, exchange: Exchange, playing: Playing | None = None, shortened: Shortened | None = None
    ) -> None:
        """Take one more, and let the oldest go that do not fit beside it.

        `playing` is the sound of a complete one: until it ends, `cut_off` may still shorten it,
        and `shortened` is told what was heard.
        """
        self._playing, self._given = playing, True
        self._shortened = shortened if playing else None
        self._exchanges.append(exchange)
        self._chars += _size(exchange)
        while len(self._exchanges) > 1 and (
            len(self._exchanges) > MOST_EXCHANGES or self._chars > MOST_CHARS
        ):
            self._chars -= _size(self._exchanges.popleft())

    def become(self, said: Iterable[Exchange]) -> None:
        """Just this was said, oldest first."""
        self.clear()
        for exchange in said:
            self.add(exchange)

    def cut_off(self, now: float, told_seconds: float | None = None) -> None:
        """The user has spoken, or pressed the key: what is not played by now will not be heard.

        `told_seconds` of the newest answer's sound were played, where the client knows. That counts for
        LATE_SECONDS after the sound should have ended: then it cannot be meant any more.
        """
        playing = self._playing
        if playing is None or (self._given and now >= playing.ends + LATE_SECONDS):
            return
        playing.stop(now, told_seconds)
        if self._given:
            self._playing = None
            if playing.left(now):
                self._shorten(playing.heard(now))
            self._shortened = None

    def _shorten(self, text: str) -> None:
        """Only `text` was heard of the newest answer."""
        whole = self._exchanges.pop()
        heard = replace(whole, heard=text, complete=False)
        self._exchanges.append(heard)
        self._chars += _size(heard) - _size(whole)
        if self._shortened is not None:
            self._shortened(text)


def _size(exchange: Exchange) -> int:
    return len(exchange.prompt) + len(exchange.heard)
