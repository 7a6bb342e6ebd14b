"""What the simulation takes for granted: what each piece of work costs, and how users behave.

Every figure has its source beside it. When one is measured anew, it is exchanged here and nowhere else.
"""

import math
import random
from dataclasses import dataclass, fields
from functools import cached_property
from statistics import NormalDist

from nexy.modules.audio_generation.pcm import SAMPLE_BYTES
from nexy.modules.grpc_service.codec import sound_message

SCALING = "docs/scaling.md"
LIBRARY = "nats-py 2.16 on trio-asyncio, two clients on loopback; to be measured in a whole server"
RATE = 48_000
CHUNK_BYTES = 32 * 1024  # the most sound in one message
CHUNK_SECONDS = CHUNK_BYTES / (SAMPLE_BYTES * RATE)
FRAME_BYTES = 5 + 3 * 9  # gRPC's prefix; HTTP/2's header on each of three frames of at most 16 KiB
NORMAL, QUANTILES = NormalDist(), 4096
TCP_SHARE = 1500 / 1448  # of an Ethernet packet 1448 bytes are TCP's load


@dataclass(frozen=True)
class Time:
    """Processor time of one piece of work.

    It is drawn from a log-normal distribution: never below nothing, most of it near the middle, and now and
    then far above, as a piece of Python on a shared machine takes. `spread` is its standard deviation over
    its mean; nobody has measured that, only means and whole percentiles.
    """

    ms: float
    source: str
    spread: float = 0.5

    @cached_property
    def _quantiles(self) -> list[float]:
        """Of that distribution, in seconds: as good as it, and drawn in a fifth of the time."""
        sigma2 = math.log(1 + self.spread**2)
        middle = self.ms / 1000 * math.exp(-sigma2 / 2)
        places = ((number + 0.5) / QUANTILES for number in range(QUANTILES))
        return [middle * math.exp(NORMAL.inv_cdf(place) * math.sqrt(sigma2)) for place in places]

    def draw(self, chance: random.Random) -> float:
        """Seconds."""
        return self._quantiles[int(chance.random() * QUANTILES)] if self.ms else 0.0


@dataclass(frozen=True)
class Costs:
    """Of one worker, on one core."""

    turn_begins: Time = Time(6.0, f"{SCALING}: 11 ms for a turn begun and stopped; how it divides is assumed")
    first_sentence: Time = Time(1.5, "the same 11 ms")
    turn_ends: Time = Time(3.5, "the same 11 ms")
    sound_second: Time = Time(0.93, "just bench crowd: benchmarks/results/2026-11-26-1415.md", 0.3)
    sentence: Time = Time(
        7.3,
        f"not measured but left over: {SCALING}, 100 users take 44 % of a core, and all else here makes up "
        "17 of them; laid to the sentences until it is found",
    )
    interrupt: Time = Time(1.0, f"assumed to be a refusal's, {SCALING}")
    refusal: Time = Time(1.0, "just bench knocking: 1.25 ms with 0.75 ms for its connection, less without")
    bus_message: Time = Time(1.3 / 3, f"a gather of 1.3 ms in three steps, wall time as CPU: {LIBRARY}")
    publish: Time = Time(1.0, f"JetStream, wall time as CPU: {LIBRARY}")
    delete: Time = Time(1.0, f"assumed to be a publish's: {LIBRARY}")
    session_read: Time = Time(0.7, "a read of the database, 0.4 ms, and the way to its thread: assumed")
    publishes: int = 2  # a place among the running, and one in this minute: docs/decisions/021
    pause: Time = Time(70.0, f"{SCALING}: the collector, 60 to 80 ms", 0.08)
    pause_every_seconds: float = 30.0  # nexy/cli/collecting.py
    hop_seconds: float = 0.000_25  # one way between machines of one place: assumed
    process_mb: float = 125.0  # a server at rest, measured
    speaking_mb: float = 0.11  # just bench crowd: benchmarks/results/2026-11-26-1415.md
    connection_mb: float = 0.1  # docs/scaling.md
    row_bytes: float = 1740.0
    """Of a turn in PostgreSQL, with indexes: 1,000 turns of 429 characters, exchanges and performance."""
    wal_bytes: float = 3840.0
    """Of a turn: 2,700 for its rows, 1,140 for the gist, which is written anew each time (20 lines there)."""
    rows: int = 2  # that are new with each turn
    transactions: int = 2  # the turn, and what is remembered of it
    statements: int = 7  # five and two

    @cached_property
    def sentence_piece(self) -> Time:
        """The work of a sentence as it is done: word by word, here in as many pieces as `PIECES`."""
        return Time(self.sentence.ms / PIECES, self.sentence.source, self.sentence.spread)

    @cached_property
    def chunk(self) -> Time:
        return Time(self.sound_second.ms * CHUNK_SECONDS, self.sound_second.source, self.sound_second.spread)

    def sources(self) -> dict[str, str]:
        times = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: f"{time.ms:.2f} ms; {time.source}" for name, time in times.items() if isinstance(time, Time)
        }


PIECES = 4
WORDS_IN_SENTENCE = 12


@dataclass(frozen=True)
class Habits:
    """How a user in conversation behaves. Assumed, except where a load test is repeated."""

    ask_seconds: float = 4.0  # to say a question of ten words
    think_seconds: float = 6.0  # before it, on the average; exponential, as nobody waits for anybody
    model_seconds: float = 0.6  # to its first word, on the average; log-normal, as waits on a network are
    model_spread: float = 0.5
    model_word_seconds: float = 0.02  # from word to word
    words: float = 36.0  # of an answer: three sentences, as the system prompt asks for; log-normal
    words_spread: float = 0.6
    word_seconds: float = 0.37  # of sound: 160 words a minute
    interrupt: float = 0.2  # the share of answers whose user may not want to hear the end
    lead_seconds: float = 3.0  # LEAD_SECONDS
    retry_seconds: float = 5.0  # after a refusal, on the average

    @cached_property
    def answer(self) -> Time:
        """How long its sound is."""
        return Time(self.words * self.word_seconds * 1000, "assumed", self.words_spread)

    @cached_property
    def first_word(self) -> Time:
        return Time(self.model_seconds * 1000, "assumed", self.model_spread)


REPEATED = Habits(
    ask_seconds=0.0, think_seconds=2.0, model_seconds=0.0, words=60.0, words_spread=0.0, word_seconds=0.2
)
"""`nexy loadtest --users 100 --think 2 --interrupt 0.2`, with the model `scripted` and the voice `tone`."""


def wire_bytes_a_second() -> float:
    """Bytes that leave for a second of sound: int16, in messages as the codec writes them, over TCP."""
    message = sum(len(part) for part in sound_message(2, bytes(CHUNK_BYTES), RATE))
    return (message + FRAME_BYTES) / CHUNK_SECONDS * TCP_SHARE
