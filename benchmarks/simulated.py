"""Users, workers and the bus between them, as events in simulated time. Nothing here waits or sends.

A process is a generator that yields the moment at which it goes on. A worker is one core that does one piece
of work after another, in the order in which they came: whoever comes is told when its piece is done.
"""

import heapq
import math
import random
from array import array
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from benchmarks.costs import CHUNK_SECONDS, PIECES, WORDS_IN_SENTENCE, Costs, Habits, Time

Process: TypeAlias = Generator[float, None, None]
Balancer: TypeAlias = Literal["connection", "random", "least"]


class Loop:
    """What is to be done, in the order of its time; what has the same time in the order it was said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events = 0
        self._waiting: list[tuple[float, int, Process]] = []

    def start(self, process: Process, at: float = 0.0) -> None:
        """Let it go on at that moment, or now if that is over."""
        self.events += 1
        heapq.heappush(self._waiting, (max(at, self.now), self.events, process))

    def run(self, until: float = math.inf) -> None:
        """Until that moment, or until nothing is to be done any more."""
        while self._waiting and self._waiting[0][0] <= until:
            self.now, _, process = heapq.heappop(self._waiting)
            at = next(process, None)
            if at is not None:
                self.start(process, at)
        if until < math.inf:
            self.now = until


class Worker:
    """One process on one core."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._free_at = 0.0
        self.busy_seconds = 0.0  # of all work that came
        self.active = 0  # answers

    def done(self, seconds: float) -> float:
        """When a piece of work that comes now and takes so long will be done."""
        self._free_at = max(self._loop.now, self._free_at) + seconds
        self.busy_seconds += seconds
        return self._free_at


def _times() -> "array[float]":
    return array("d")


@dataclass
class Seen:
    """What happened in the time that counts. Times are seconds."""

    seconds: float = 0.0
    workers: int = 0
    users: int = 0
    turns: int = 0  # that ended
    refused: int = 0
    interrupts: int = 0
    across: int = 0  # interrupts whose answer ran on another worker
    bus_messages: int = 0  # that the bus took or gave, JetStream's among them
    claims: int = 0  # of sessions that were in another worker
    stream_operations: int = 0  # publishes and deletes
    sound_seconds: float = 0.0  # that were sent
    busy_seconds: float = 0.0
    most_active: int = 0  # answers at once
    first_sounds: "array[float]" = field(default_factory=_times)  # since the sentence was complete
    lateness: "array[float]" = field(default_factory=_times)  # of each chunk of sound
    stops: "array[float]" = field(default_factory=_times)  # interrupt → response
    bus_stops: "array[float]" = field(default_factory=_times)  # of these, those across workers

    @property
    def core(self) -> float:
        """The share of its core that a worker used."""
        return self.busy_seconds / self.seconds / self.workers


@dataclass(frozen=True)
class World:
    """What is simulated."""

    users: int
    workers: int
    seconds: float
    costs: Costs = field(default_factory=Costs)
    habits: Habits = field(default_factory=Habits)
    balancer: Balancer = "connection"
    places: int = 10_000  # MAX_ACTIVE_SESSIONS of each worker
    seed: int = 1


WARM_UP_SECONDS = 40.0  # until users are at different places of their conversations


class Simulation:
    """One run. After it, `seen` has what happened, and nobody is left in an answer."""

    def __init__(self, world: World) -> None:
        self.world, self.costs, self.habits = world, world.costs, world.habits
        self.chance = random.Random(world.seed)
        self.loop = Loop()
        self.workers = [Worker(self.loop) for _ in range(world.workers)]
        self.owner = [self._worker(user) for user in range(world.users)]  # who has the user's session
        self.over_at = WARM_UP_SECONDS + world.seconds
        self.asked = self.ended = self.turned_away = self.active = 0  # in the whole run
        self.seen = Seen()

    @property
    def bus(self) -> bool:
        """One worker alone needs none."""
        return len(self.workers) > 1

    def run(self) -> Seen:
        for number in range(self.world.users):
            self.loop.start(self._live(number), at=self.chance.uniform(0, WARM_UP_SECONDS / 2))
        for worker in self.workers:
            self.loop.start(self._pauses(worker), at=self.chance.uniform(0, self.costs.pause_every_seconds))
        self.loop.run(WARM_UP_SECONDS)
        before = sum(worker.busy_seconds for worker in self.workers)
        seen = self.seen = Seen(self.world.seconds, self.world.workers, self.world.users)
        self.loop.run(self.over_at)
        seen.busy_seconds = sum(worker.busy_seconds for worker in self.workers) - before
        self.seen = Seen()
        self.loop.run()  # nobody asks any more; what is said is said to its end
        return seen

    def _draw(self, time: Time) -> float:
        return time.draw(self.chance)

    def _pauses(self, worker: Worker) -> Process:
        """The garbage collector's."""
        while self.loop.now < self.over_at:
            worker.done(self._draw(self.costs.pause))
            yield self.loop.now + self.costs.pause_every_seconds

    def _worker(self, user: int) -> Worker:
        """Who gets a question. `connection`: a user's connection stays where it was made. `least`: of two
        drawn at random that with fewer answers, as Envoy's LEAST_REQUEST does."""
        if self.world.balancer == "connection":
            return self.workers[user % len(self.workers)]
        one = self.chance.choice(self.workers)
        if self.world.balancer == "random":
            return one
        other = self.chance.choice(self.workers)
        return one if one.active <= other.active else other

    def _live(self, user: int) -> Process:
        while self.loop.now < self.over_at:
            self.asked += 1
            worker = self._worker(user)
            if worker.active >= self.world.places:
                self.turned_away += 1
                self.seen.refused += 1
                refused = worker.done(self._draw(self.costs.refusal))
                yield refused + self.chance.expovariate(1 / self.habits.retry_seconds)
                continue
            self._count(worker, 1)
            yield from self._turn(user, worker)
            think = self.chance.expovariate(1 / self.habits.think_seconds)
            yield self.loop.now + think + self.habits.ask_seconds

    def _count(self, worker: Worker, more: int) -> None:
        worker.active += more
        self.active += more
        self.seen.most_active = max(self.seen.most_active, self.active)

    def _turn(self, user: int, worker: Worker) -> Process:
        """From the request to the moment from which the user thinks again."""
        asked, habits = self.loop.now, self.habits
        turn = _Turn(habits.lead_seconds, max(habits.word_seconds, self._draw(habits.answer)))
        for _ in range(self.costs.publishes if self.bus else 0):
            yield self._on_stream(worker, self.costs.publish)
        if worker is not self.owner[user]:
            yield from self._claim(user, worker)
        yield worker.done(self._draw(self.costs.turn_begins))
        first_word = asked + self._draw(habits.first_word)
        self.loop.start(self._write(worker, turn), at=first_word)
        complete = max(self.loop.now, first_word + (WORDS_IN_SENTENCE - 1) * habits.model_word_seconds)
        stops = self.chance.random() < habits.interrupt
        stop_at = asked + self.chance.uniform(0, complete - asked + turn.seconds) if stops else math.inf
        if complete < stop_at:
            yield complete
            yield from self._speak(worker, turn, stop_at)
        if turn.sent < turn.seconds:
            yield stop_at
            yield from self._interrupt(user, worker)
        turn.over = True
        self._count(worker, -1)
        yield worker.done(self._draw(self.costs.turn_ends))
        if self.bus:
            self._on_stream(worker, self.costs.delete)  # nobody waits for it
        self.ended += 1
        self.seen.turns += 1
        if turn.sent >= turn.seconds:
            yield min(stop_at, turn.began + turn.seconds)  # it is heard, or thought over, to its end

    def _write(self, worker: Worker, turn: "_Turn") -> Process:
        """The text, piece by piece, as the model writes it."""
        words = turn.seconds / self.habits.word_seconds
        for _ in range(max(1, round(words / WORDS_IN_SENTENCE * PIECES))):
            if turn.over:
                return
            worker.done(self._draw(self.costs.sentence_piece))
            yield self.loop.now + WORDS_IN_SENTENCE / PIECES * self.habits.model_word_seconds

    def _speak(self, worker: Worker, turn: "_Turn", stop_at: float) -> Process:
        """Send sound until it is all sent, or until the user has had enough."""
        complete = self.loop.now
        yield worker.done(self.costs.first_sentence.draw(self.chance))
        due = 0.0  # the first one at once
        while turn.sent < turn.seconds:
            done = worker.done(self.costs.chunk.draw(self.chance))
            if not turn.sent:
                due = turn.began = done
                self.seen.first_sounds.append(done - complete)
            self.seen.lateness.append(max(0.0, done - due))
            chunk = min(CHUNK_SECONDS, turn.seconds - turn.sent)
            self.seen.sound_seconds += chunk
            turn.sent += chunk
            due = turn.due(min(CHUNK_SECONDS, turn.seconds - turn.sent))
            next_at = max(done, due)
            if next_at >= stop_at and turn.sent < turn.seconds:
                return
            yield next_at

    def _claim(self, user: int, worker: Worker) -> Process:
        """The session goes on in another worker than before: it is asked for, and then read."""
        self.seen.bus_messages += 1  # "here"
        self.seen.claims += 1
        yield from self._gather(worker, [self.owner[user]])
        self.owner[user] = worker
        yield worker.done(self._draw(self.costs.session_read))

    def _interrupt(self, user: int, serving: Worker) -> Process:
        """Stop it here, and over the bus where the session is; it is over when that worker has answered.

        It may come to anybody: a client that has lost its connection makes another one.
        """
        asked, asking = self.loop.now, self.chance.choice(self.workers)
        yield asking.done(self.costs.interrupt.draw(self.chance))
        if self.bus:
            yield from self._gather(asking, [one for one in [self.owner[user]] if one is not asking])
        self.seen.interrupts += 1
        self.seen.across += asking is not serving
        (self.seen.stops if asking is serving else self.seen.bus_stops).append(self.loop.now - asked)

    def _gather(self, asking: Worker, others: list[Worker]) -> Process:
        """Ask over the bus, and wait for the answers, or for the word that nobody is there."""
        there = 2 * self.costs.hop_seconds  # by way of the bus
        self.seen.bus_messages += 1 + 3 * len(others) if others else 2
        yield asking.done(self._message()) + there
        if others:
            yield max(other.done(self._message()) for other in others) + there
        yield max(asking.done(self._message()) for _ in range(max(1, len(others))))

    def _message(self) -> float:
        return self.costs.bus_message.draw(self.chance)

    def _on_stream(self, worker: Worker, what: Time) -> float:
        """Work on the stream of the shared limits: when its acknowledgement is here."""
        self.seen.bus_messages += 2
        self.seen.stream_operations += 1
        return worker.done(self._draw(what)) + 2 * self.costs.hop_seconds


@dataclass
class _Turn:
    """An answer: how much of its sound was sent, and since when it is heard."""

    lead: float
    seconds: float
    sent: float = 0.0
    began: float = 0.0
    over: bool = False

    def due(self, more: float) -> float:
        """When so much more sound may be sent: with it, no more than the lead is left to play."""
        return self.began + max(0.0, self.sent + more - self.lead)
