"""Where memory meets the database, and where it meets the language model."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass

import trio

from nexy.errors import StorageError
from nexy.modules.database import Change, Database, StoredFact
from nexy.modules.database import Usage as Tokens
from nexy.modules.memory_management import Changes, Fact, Memory, Recollected, Wish, grant
from nexy.modules.text_filtering import language_of
from nexy.modules.text_processing import LanguageModel, Piece, Prompt, Usage
from nexy.monitoring.events import Events
from nexy.types import HardwareId
from nexy.utils.streams import stream_of


@dataclass(frozen=True)
class StoredMemories:
    """A MemoryStore over the database."""

    database: Database

    async def recollect(self, who: HardwareId) -> Recollected:
        return _known(*await self.database.recollect(who))

    async def change(self, who: HardwareId, decide: Callable[[Recollected], Changes]) -> None:
        await self.database.change(who, lambda stored: _stored(decide(_known(*stored))))

    async def forget(self, who: HardwareId) -> int:
        return await self.database.forget(who)

    async def forget_last(self, who: HardwareId) -> int:
        return await self.database.forget_last(who)


def _known(stored: Sequence[StoredFact], gist: tuple[str, float] | None) -> Recollected:
    return [Fact(**asdict(one)) for one in stored], gist


def _stored(changes: Changes) -> Change:
    added = (*changes.add, *(new for _, new in changes.supersede))
    return Change(
        add=tuple(StoredFact(**asdict(fact)) for fact in added),
        supersede=tuple((old, new.id) for old, new in changes.supersede),
        confirm=changes.confirm,
        drop=changes.drop,
        gist=changes.gist,
        at=changes.at,
    )


@dataclass(frozen=True)
class Asking:
    """Asks the language model for what is not said to the user; what it costs is counted."""

    model: LanguageModel
    database: Database
    events: Events

    async def __call__(self, who: HardwareId, instructions: str, material: str) -> str:
        """What the model writes. Raises ProviderError."""
        written, usage = [], None
        prompt = Prompt(said=material, task=instructions, asker=who, asked_at=trio.current_time())
        async with self.model.stream(prompt) as pieces:
            async for piece in pieces:
                if isinstance(piece, Usage):
                    usage = piece
                else:
                    written.append(piece)
        if usage is not None:
            self.events.tokens_used("memory", usage.model, usage.input_tokens, usage.output_tokens)
            tokens = Tokens("memory", self.model.name, usage.input_tokens, usage.output_tokens)
            with suppress(StorageError):  # what was found is worth more than its price
                await self.database.add_tokens(who, tokens)
        return "".join(written)


@dataclass(frozen=True)
class Granting:
    """Stands in for the model when what is wanted is about the memory itself: grants it, and says so."""

    memory: Memory
    who: HardwareId
    wish: Wish
    dropped: int = 0  # exchanges that are forgotten already
    name: str = "memory"

    @asynccontextmanager
    async def stream(self, prompt: Prompt) -> AsyncIterator[trio.abc.ReceiveChannel[Piece]]:
        said = await grant(self.memory, self.who, self.wish, language_of(prompt.said), self.dropped)
        answer: list[Piece] = [said, Usage(0, 0, self.name)]  # it costs nothing
        async with stream_of(answer) as pieces:
            yield pieces
