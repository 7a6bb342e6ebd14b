"""A provider that goes differently from try to try."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import trio

from nexy.modules.text_processing import Piece, Prompt
from tests.integrations.fakes import Script, Step

NOTHING = Prompt("")


class Tried:
    """Follows one script in each try, and the last one in all further ones."""

    def __init__(self, name: str, *scripts: Sequence[Step[Piece]]) -> None:
        self.name = name
        self._scripts = scripts
        self.asked: list[float] = []  # when
        self.left: list[float] = []

    def __repr__(self) -> str:
        return f"<Tried {self.name} asked={self.asked} left={self.left}>"

    @asynccontextmanager
    async def stream(self, prompt: Prompt = NOTHING) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        script = self._scripts[min(len(self.asked), len(self._scripts) - 1)]
        self.asked.append(trio.current_time())
        try:
            yield Script(script)
        finally:
            self.left.append(trio.current_time())
