"""One client's nursery: it runs one turn at a time and ends each once, whatever ended it."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Generic, TypeAlias, TypeVar

import trio

from nexy.errors import Closing, NexyError, leaves
from nexy.types import Timing

N = TypeVar("N")

Work: TypeAlias = Callable[[], Awaitable[None]]

LAST_WORDS_SECONDS = 3.0  # for saying what went wrong; a client that takes longer does not hear it


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
    error: BaseException | None = None  # what failed: with FAILED, or in the last words


LastWords: TypeAlias = Callable[[Ended], Awaitable[None]]
"""Says what the user must hear of how it ended. An interrupt cuts it off like anything else."""


async def _silence(_: Ended) -> None:
    return None


class Turn:
    """One utterance on its way, from the moment it is let in until its client is told how it ended.

    It can be ended at any moment, also before its work begins: then the work never does.
    """

    def __init__(self, timing: Timing, longest_seconds: float = math.inf) -> None:
        self.timing = timing
        self.why: Why | None = None
        self.claiming = False  # other processes are asked for its session just now
        self.settled = False  # they have been: of those that claim it from now on each is newer
        self.error: BaseException | None = None
        self.worked = trio.Event()  # the work is over, its tasks are gone
        self.over = trio.Event()  # and the client is told
        self._scope = trio.CancelScope(deadline=min(timing.deadline, timing.asked_at + longest_seconds))

    def __repr__(self) -> str:
        return f"<Turn {self.why.value if self.why else 'running'}>"

    def end(self, why: Why, error: BaseException | None = None) -> bool:
        """Give the reason, if it is the first, and cancel what still runs.

        False when nothing was left to stop. A user who cuts off the last words has stopped the turn.
        """
        stopped = self.why is None or not (self.worked.is_set() or self._scope.cancel_called)
        if self.why is None:
            self.why, self.error = why, error
        elif stopped and why in (Why.INTERRUPTED, Why.NEWER):
            self.why = why
        self._scope.cancel()
        return stopped

    @property
    def ended(self) -> Ended:
        """How it ended; asked only once it has."""
        return Ended(self.why or Why.GONE, self.error)

    async def run(self, work: Work, last_words: LastWords = _silence) -> None:
        """Do `work`, unless it is ended already, and then say `last_words`. Raises no Exception."""
        try:
            if self.why is None:
                await self._attempt(work, self._fail)
                self.end(self._out_of_time if self._scope.cancelled_caught else Why.DONE)
            words_deadline = min(self.timing.deadline, trio.current_time() + LAST_WORDS_SECONDS)
            self._scope = trio.CancelScope(deadline=words_deadline)
            await self._attempt(partial(last_words, self.ended), self._fail_in_last_words)
        finally:
            self.worked.set()

    async def _attempt(self, work: Work, failed: Callable[[BaseException], None]) -> None:
        """Do it; `failed` is told what failed.

        When the session is cancelled meanwhile, that goes on, and never takes an error with it.
        """
        try:
            with self._scope:
                await work()
        except* Exception as errors:  # noqa: BLE001 - the one place where all may fail and the session goes on
            causes = leaves(errors)
            failed(next(filter(_is_bug, causes), causes[0]))

    def _fail(self, error: BaseException) -> None:
        """The work has failed: that is the reason, unless there was one before."""
        if isinstance(error, trio.BrokenResourceError):
            self.end(Why.GONE)
        else:
            self.end(Why.FAILED, error)

    def _fail_in_last_words(self, error: BaseException) -> None:
        if _is_bug(error):
            self.error = error  # nobody would know of it otherwise

    def leave(self) -> None:
        """The caller is cancelled: its deadline has passed, or else its client went away."""
        self.end(Why.DEADLINE if trio.current_time() >= self.timing.deadline else Why.GONE)

    @property
    def _out_of_time(self) -> Why:
        """Whose patience ended, when the scope's deadline did."""
        return Why.DEADLINE if trio.current_time() >= self.timing.deadline else Why.TOO_LONG


def _is_bug(error: BaseException) -> bool:
    """Neither what Nexy raises on purpose nor a client that went away."""
    return not isinstance(error, NexyError | trio.BrokenResourceError)


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
        self._stays_until = -math.inf
        self._retired = False
        self.ended = trio.Event()  # all its work is done
        self._turns: list[Turn] = []  # oldest first: at most one works, the others wait or say goodbye

    def __repr__(self) -> str:
        return f"<Session {'open' if self.open else 'closed'} turns={self._turns}>"

    @property
    def open(self) -> bool:
        """It takes turns."""
        return not self._life.cancel_called

    @property
    def silent_seconds(self) -> float:
        """How long there has been no turn; 0 while there is one."""
        return 0.0 if self._turns else trio.current_time() - self._silent_since

    @asynccontextmanager
    async def turn(
        self, turn: Turn, work: Work, record: Callable[[Ended], None], last_words: LastWords = _silence
    ) -> AsyncIterator[Ended]:
        """Stop the turns that came before, run `work` in this session's nursery, yield how it ended.

        The block is for telling the client; the turn is over when it is left, and then `record`
        is called, once, whatever ended it. Cancelling the caller means that the client is gone and
        stops the work; the caller is let go when its tasks are. Raises Closing when the session has
        ended meanwhile.
        """
        if not self.open:
            raise Closing("the session has ended")
        older = list(self._turns)
        for one in older:
            one.end(Why.NEWER)

        async def work_alone() -> None:
            for one in older:
                await one.worked.wait()
            await work()

        self._turns.append(turn)
        self._life.deadline = math.inf
        try:
            self._nursery.start_soon(turn.run, work_alone, last_words)
            try:
                await turn.worked.wait()
            finally:
                turn.leave()
                with trio.CancelScope(shield=True):
                    await turn.worked.wait()
            yield turn.ended
        finally:
            self._turns.remove(turn)
            self._silent_since = trio.current_time()
            self._set_deadline()
            turn.over.set()
            record(turn.ended)

    def _set_deadline(self) -> None:
        if not self._turns:
            self._life.deadline = max(self._silent_since + self._idle_seconds, self._stays_until)

    async def stop(self, why: Why) -> bool:
        """Stop every turn; when this returns their tasks are gone and their clients are told.

        False when nothing was running, or when something else had stopped it already.
        """
        turns = list(self._turns)
        stopped = [turn.end(why) for turn in turns]
        for turn in turns:
            await turn.over.wait()
        return any(stopped)

    def start_soon(self, work: Work) -> None:
        """Run `work` beside the turns; the session stays until it is done."""
        self._nursery.start_soon(work)

    def stay(self, seconds: float) -> None:
        """The client is here although nothing runs: stay as long as after a turn, and at least `seconds`."""
        self._silent_since = trio.current_time()
        self._stays_until = -math.inf if self._retired else self._silent_since + seconds
        self._set_deadline()

    def retire(self) -> None:
        """Let the turns end, and then the session."""
        self._retired = True
        self._idle_seconds = 0
        self._stays_until = -math.inf
        if not self._turns:
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
    session.ended.set()
