"""A memory that recalls quickly before an answer, learns after it, and forgets on demand."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import trio

from nexy.errors import ProviderError, StorageError
from nexy.modules.memory_management import gist as gists
from nexy.modules.memory_management.choose import BUDGET_CHARS, Known, chosen
from nexy.modules.memory_management.extract import (
    INSTRUCTIONS,
    Ask,
    as_facts,
    material,
    may_tell,
    read,
    together,
)
from nexy.modules.memory_management.facts import Changes, Fact
from nexy.modules.memory_management.merge import merged
from nexy.modules.memory_management.promise import MemoryStore, Recollected
from nexy.modules.memory_management.rules import facts_said
from nexy.modules.memory_management.wishes import wish_of
from nexy.types import Exchange, HardwareId

RECALL_SECONDS = 0.3  # that an answer waits at most for what is known
EXTRACT_SECONDS = 30.0  # that a model may take to extract; nobody waits for it, but it must end


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is kept, and of that how much goes into a prompt."""

    long_term_chars: int = 10_000  # of all facts of one user
    short_term_chars: int = 2_000  # of the gist of recent talk
    short_term_hours: float = 24.0  # after which talk is no longer recent
    recall_chars: int = BUDGET_CHARS


@dataclass(eq=False, slots=True)
class _Pending:
    """An exchange that is being remembered."""

    exchange: Exchange
    source: str
    at: float  # Unix seconds
    extracting: trio.CancelScope = field(default_factory=trio.CancelScope)
    forgotten: bool = False
    stored: bool = False

    def forget(self) -> None:
        self.forgotten = True
        self.extracting.cancel()


@dataclass(slots=True)
class _Busy:
    """One user about whom something is being done."""

    lock: trio.Lock = field(default_factory=trio.Lock)
    pending: list[_Pending] = field(default_factory=list)
    uses: int = 0


class Remembering:
    """A Memory over a MemoryStore. `ask` reaches a language model, None leaves it to the rules.

    What a user wants forgotten is forgotten also while it is still being remembered.
    """

    def __init__(
        self,
        store: MemoryStore,
        ask: Ask | None = None,
        sizes: Sizes | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.misses = 0  # recalls that came to nothing because the store was slow or failed
        self._store = store
        self._ask = ask
        self._sizes = sizes or Sizes()
        self._clock = clock  # Unix seconds
        self._busy: dict[HardwareId, _Busy] = {}

    def __repr__(self) -> str:
        return f"<Remembering: {len(self._busy)} users busy, {self.misses} misses>"

    async def recall(self, who: HardwareId, said: str = "", history: Sequence[Exchange] = ()) -> str:
        found = None
        with trio.move_on_after(RECALL_SECONDS):
            found = await self._recollected(who)
        if found is None:
            self.misses += 1
            return ""
        facts, gist = found
        now = self._clock()
        talk = gists.fresh(gist[0], now, self._sizes.short_term_hours) if gist else []
        known = Known(facts, gists.apart_from(talk, history))
        return chosen(known, said, now, self._sizes.recall_chars)

    async def remember(self, who: HardwareId, exchange: Exchange, source: str = "") -> None:
        if wish_of(exchange.prompt):
            return  # it was about the memory itself
        pending = _Pending(exchange, source, self._clock())
        with self._using(who) as busy:
            busy.pending.append(pending)
            try:
                told, line = await self._learnt(who, pending)
                async with busy.lock:
                    if not pending.forgotten:
                        await self._store_all(who, pending, told, line)
            finally:
                busy.pending.remove(pending)

    async def known(self, who: HardwareId) -> Sequence[Fact]:
        facts, _ = await self._store.recollect(who)
        return facts

    async def forget_that(self, who: HardwareId) -> int:
        with self._using(who) as busy:
            newest = busy.pending[-1] if busy.pending else None
            if newest:
                newest.forget()
            async with busy.lock:
                if newest and not newest.stored:  # now the store takes it for the newest, with nothing learnt
                    nothing = Changes(source=newest.source, at=newest.at)
                    await self._store.change(who, lambda _: nothing)
                    return await self._store.forget_last(who) or 1
                forgotten = await self._store.forget_last(who)
                if forgotten:
                    await self._forget_newest_line(who)
                return forgotten

    def learn_no_more(self, who: HardwareId) -> None:
        """Nothing comes of what is being remembered: elsewhere all is forgotten."""
        for pending in self._busy.get(who, _Busy()).pending:
            pending.forget()

    async def forget(self, who: HardwareId) -> int:
        with self._using(who) as busy:
            self.learn_no_more(who)
            async with busy.lock:
                return await self._store.forget(who)

    async def _recollected(self, who: HardwareId) -> Recollected | None:
        try:
            return await self._store.recollect(who)
        except StorageError:
            return None

    async def _learnt(self, who: HardwareId, pending: _Pending) -> tuple[list[Fact], str]:
        """The facts that an exchange tells, and its line in the gist: by the model, else by the rules."""
        exchange = pending.exchange
        told, line = facts_said(exchange.prompt, pending.at, pending.source), gists.line_of(exchange)
        if self._ask is None or not may_tell(exchange.prompt):
            return told, line
        with pending.extracting, trio.move_on_after(EXTRACT_SECONDS):
            known = await self.known(who)
            try:
                reply = await self._ask(who, INSTRUCTIONS, material(exchange, known))
            except ProviderError:
                return told, line
            if found := read(reply, exchange.prompt):
                more = as_facts(found, pending.at, pending.source)
                return together(more, told), found.gist or line
        return told, line

    async def _store_all(self, who: HardwareId, pending: _Pending, told: list[Fact], line: str) -> None:
        """Merge it with what is known by now, and store both in one change."""
        new = [replace(fact, id=uuid4().hex) for fact in told]

        def decide(stored: Recollected) -> Changes:
            known, gist = stored
            changes = merged(known, new, self._sizes.long_term_chars)
            recent = gists.fresh_text(gist[0], pending.at, self._sizes.short_term_hours) if gist else ""
            recent = gists.longer(recent, line, pending.at, self._sizes.short_term_chars)
            return replace(changes, gist=recent if line else None, source=pending.source, at=pending.at)

        pending.stored = True
        await self._store.change(who, decide)

    async def _forget_newest_line(self, who: HardwareId) -> None:
        made: list[str] = []

        def decide(stored: Recollected) -> Changes:
            _, gist = stored
            if gist is None or gist[0] in made:  # it is asked once more, and it was done
                return Changes()
            made.append(gists.without_newest(gist[0]))
            return Changes(gist=made[-1], at=gist[1])

        await self._store.change(who, decide)

    @contextmanager
    def _using(self, who: HardwareId) -> Iterator[_Busy]:
        """What is being done about one user; it is kept only while something is."""
        busy = self._busy.setdefault(who, _Busy())
        busy.uses += 1
        try:
            yield busy
        finally:
            busy.uses -= 1
            if not busy.uses:
                del self._busy[who]
