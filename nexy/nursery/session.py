"""One client's nursery: it runs one turn at a time and ends it once, whatever ended it."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeAlias, TypeVar

import trio

from nexy.errors import Closing, leaves

N = TypeVar("N")

Work: TypeAlias = Callable[[], Awaitable[None]]


class Why(Enum):
    """Why a turn ended. The first reason counts."""

    DONE = "done"
    INTERRUPTED = "interrupted"
    NEWER = "newer utterance"
    GONE = "client gone"
    DEADLINE = "client's deadline"
    TOO_LONG = "turn too long"
    CLOSING = "server closing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a turn ended."""

    why: Why
    error: BaseException | None = None  # what failed, with FAILED


class Turn:
    """The work on one utterance: one cancel scope around all of it."""

    def __init__(self, client_deadline: float, longest_seconds: float) -> None:
        self._client_deadline = client_deadline
        own = trio.current_time() + longest_seconds
        self.scope = trio.CancelScope(deadline=min(client_deadline, own))
        self.why: Why | None = None
        self.error: BaseException | None = None
        self.worked = trio.Event()  # the work is over, its tasks are gone
        self.over = trio.Event()  # and the client is told

    def __repr__(self) -> str:
        return f"<Turn {self.why.value if self.why else 'running'}>"

    def end(self, why: Why, error: BaseException | None = None) -> None:
        """Give the reason, if it is the first, and cancel what still runs."""
        if self.why is None:
            self.why, self.error = why, error
        self.scope.cancel()

    @property
    def ended(self) -> Ended:
        """How it ended; asked only once it has."""
        return Ended(self.why or Why.GONE, self.error)

    @property
    def out_of_time(self) -> Why:
        """Whose patience ended, when the scope's deadline did."""
        return Why.DEADLINE if trio.current_time() >= self._client_deadline else Why.TOO_LONG

    @property
    def left(self) -> Why:
        """Why the caller of the turn was cancelled: its deadline, or else its client went away."""
        return Why.DEADLINE if trio.current_time() >= self._client_deadline else Why.GONE


class Session(Generic[N]):
    """One client's conversation, alive while its nursery is.

    `notes` belongs to those who run the turns, and goes when the session goes.
    """

    def __init__(self, nursery: trio.Nursery, idle_seconds: float, notes: N) -> None:
        self.notes = notes
        self._nursery = nursery
        self._idle_seconds = idle_seconds
        self._life = trio.CancelScope(deadline=trio.current_time() + idle_seconds)
        self._silent_since = trio.current_time()
        self._turn: Turn | None = None

    def __repr__(self) -> str:
        return f"<Session {'open' if self.open else 'closed'} turn={self._turn}>"

    @property
    def open(self) -> bool:
        """It takes turns."""
        return not self._life.cancel_called

    @property
    def speaking(self) -> bool:
        """A turn is running that nothing has stopped."""
        return self._turn is not None and self._turn.why is None

    @property
    def silent_seconds(self) -> float:
        """How long no turn has been running; 0 while one is."""
        return 0.0 if self._turn else trio.current_time() - self._silent_since

    @asynccontextmanager
    async def turn(
        self,
        work: Work,
        record: Callable[[Ended], None],
        *,
        deadline: float = math.inf,
        longest_seconds: float = math.inf,
    ) -> AsyncIterator[Ended]:
        """Stop the turn that is running, run `work` in this session's nursery, yield how it ended.

        The block is for telling the client; the turn is over when it is left, and then `record`
        is called, once, whatever ended it. `deadline` is when the client gives up, in
        trio.current_time(). Cancelling the caller means that the client is gone and stops the
        work; the caller is let go when its tasks are. Raises Closing when the session has ended
        meanwhile.
        """
        while self._turn is not None:  # several may wait here: the last to come is the newest
            await self.stop(Why.NEWER)
        if not self.open:
            raise Closing("the session has ended")
        turn = self._turn = Turn(deadline, longest_seconds)
        self._life.deadline = math.inf
        self._nursery.start_soon(self._run, turn, work)
        try:
            try:
                await turn.worked.wait()
            finally:
                turn.end(turn.left)
                with trio.CancelScope(shield=True):
                    await turn.worked.wait()
            yield turn.ended
        finally:
            self._turn = None
            self._silent_since = trio.current_time()
            self._life.deadline = self._silent_since + self._idle_seconds
            turn.over.set()
            record(turn.ended)

    async def _run(self, turn: Turn, work: Work) -> None:
        try:
            with turn.scope:
                await work()
                turn.end(Why.DONE)
            turn.end(turn.out_of_time)
        except Exception as error:  # noqa: BLE001 - the one place where all may fail and the session goes on
            cause = leaves(error)[0]
            if isinstance(cause, trio.BrokenResourceError):
                turn.end(Why.GONE)
            else:
                turn.end(Why.FAILED, cause)
        finally:
            turn.worked.set()

    async def stop(self, why: Why) -> bool:
        """Stop the running turn; when this returns its tasks are gone and its client is told.

        False when nothing was running, or when something else had stopped it already.
        """
        turn = self._turn
        if turn is None:
            return False
        first = turn.why is None
        turn.end(why)
        await turn.over.wait()
        return first

    def start_soon(self, work: Work) -> None:
        """Run `work` beside the turns; the session stays until it is done."""
        self._nursery.start_soon(work)

    def retire(self) -> None:
        """Let the running turn end, and then the session."""
        self._idle_seconds = 0
        if self._turn is None:
            self._life.cancel()

    async def live(self) -> None:
        """Wait for the client to be silent for `idle_seconds`, or for `retire`."""
        with self._life:
            await trio.sleep_forever()


async def host(
    idle_seconds: float, notes: N, *, task_status: trio.TaskStatus[Session[N]] = trio.TASK_STATUS_IGNORED
) -> None:
    """Keep one session open; returns when it has ended and all its work is done."""
    async with trio.open_nursery() as nursery:
        session = Session(nursery, idle_seconds, notes)
        task_status.started(session)
        await session.live()
