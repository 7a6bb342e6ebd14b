"""From what was simulated to what so many users need: only values, nothing runs here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.costs import Costs, Habits, wire_bytes_a_second
from benchmarks.measures import percentile
from benchmarks.simulated import Seen

FIRST_SOUND_MS = 20.0  # p99, since the sentence was complete: docs/scaling.md
LATENESS_MS = 100.0  # p99 of a chunk
ACROSS_MS = 25.0  # p99 of an interrupt whose answer runs on another worker
MOST_CORE = (
    0.6  # of a worker's core at the busiest hour: what is left is for a node that is gone, and for noise
)
WORKERS_OF_NODE = 8  # of a machine with as many cores and some more for the system
BUSY_HOURS = 8.0  # a day has as many turns as so many hours like the busiest
DAYS = 30  # of a month
TOKEN_CHARS = 4
WORD_CHARS = 7.15  # with its space: the 429 characters of sixty words of the scripted model
OUTSIDE_CHARS = {
    "system prompt": 2616,
    "facts and recent talk": 1000,
    "earlier exchanges": 1500,
    "question": 40,
}
EXTRACT_SHARE = 1 / 3  # of the turns tell of oneself, and the model is asked what is worth remembering
EXTRACT_CHARS = (3000, 200)  # its instructions with the exchange, and its answer


@dataclass(frozen=True)
class Prices:
    """What the model and the voice cost, in any currency. None is known here; 0 costs nothing."""

    input: float = field(default=0.0, metadata={"of": "a million tokens that the model reads"})
    output: float = field(default=0.0, metadata={"of": "a million tokens that it writes"})
    characters: float = field(default=0.0, metadata={"of": "a million characters that the voice says"})
    sound: float = field(default=0.0, metadata={"of": "an hour of sound"})


@dataclass(frozen=True)
class Rates:
    """Of one user in conversation, each second."""

    core: float  # seconds of processor time
    turns: float
    interrupts: float
    speaking: float  # the share of the time in which sound comes
    bus_messages: float
    stream_operations: float


def rates(seen: Seen) -> Rates:
    each = 1 / seen.seconds / seen.users
    return Rates(
        seen.busy_seconds * each, seen.turns * each, seen.interrupts * each, seen.sound_seconds * each,
        seen.bus_messages * each, seen.stream_operations * each,
    )  # fmt: skip


def p99_ms(times: Sequence[float]) -> float:
    return percentile(list(times), 99) * 1000 if times else 0.0


def holds(seen: Seen) -> bool:
    """Whether the sound comes in time.

    An interrupt across workers is looked at and not planned for: it is rare, and its goal is one for 200
    speaking sessions on four workers.
    """
    return p99_ms(seen.first_sounds) <= FIRST_SOUND_MS and p99_ms(seen.lateness) <= LATENESS_MS


@dataclass(frozen=True)
class Need:
    """What so many users in conversation need."""

    users: int
    workers: int
    nodes: int
    cores: float  # in use
    memory_gb: float
    out_gbit: float  # a second
    turns: float  # a second
    interrupts: float  # a second
    bus_messages: float  # a second, taken and given
    stream_operations: float  # a second
    transactions: float  # a second
    rows_a_day: float
    gb_a_day: float
    wal_gb_a_day: float
    input_tokens: float  # a month, millions
    output_tokens: float  # a month, millions
    characters: float  # a month, millions, said by the voice
    sound_hours: float  # a month
    cost: float | None  # a month; None without prices

    def of_node(self, amount: float) -> float:
        return amount / self.nodes


def need(
    users: int, workers: int, rate: Rates, costs: Costs, prices: Prices = Prices(), busy: float = BUSY_HOURS
) -> Need:
    """`busy`: a day is as long as so many of its busiest hours."""
    turns = users * rate.turns
    a_day, a_month = turns * busy * 3600, turns * busy * 3600 * DAYS
    memory = workers * costs.process_mb + users * (rate.speaking * costs.speaking_mb + costs.connection_mb)
    said = rate.speaking / rate.turns if rate.turns else 0.0  # seconds of sound for each turn
    written = WORD_CHARS * said / Habits().word_seconds
    tokens_in = (sum(OUTSIDE_CHARS.values()) + EXTRACT_SHARE * EXTRACT_CHARS[0]) / TOKEN_CHARS
    tokens_out = (written + EXTRACT_SHARE * EXTRACT_CHARS[1]) / TOKEN_CHARS
    millions = a_month / 1e6
    hours = a_month * said / 3600
    cost = millions * (
        tokens_in * prices.input + tokens_out * prices.output + written * prices.characters
    ) + (hours * prices.sound)
    return Need(
        users=users,
        workers=workers,
        nodes=math.ceil(workers / WORKERS_OF_NODE),
        cores=users * rate.core,
        memory_gb=memory / 1000,
        out_gbit=users * rate.speaking * wire_bytes_a_second() * 8 / 1e9,
        turns=turns,
        interrupts=users * rate.interrupts,
        bus_messages=users * rate.bus_messages,
        stream_operations=users * rate.stream_operations,
        transactions=turns * costs.transactions,
        rows_a_day=a_day * costs.rows,
        gb_a_day=a_day * costs.row_bytes / 1e9,
        wal_gb_a_day=a_day * costs.wal_bytes / 1e9,
        input_tokens=millions * tokens_in,
        output_tokens=millions * tokens_out,
        characters=millions * written,
        sound_hours=hours,
        cost=cost if prices != Prices() else None,
    )


@dataclass(frozen=True)
class Ceiling:
    """Something that ends, how much of it there is, and what to do before it is used up."""

    what: str
    most: float
    source: str
    then: str


def ceilings(core: float) -> dict[str, Ceiling]:
    """By the name of what uses it up, `used`, when a worker may use that share of its core."""
    return {
        "core": Ceiling(
            "one process", core, "of a core", "`--workers`, with NATS and PostgreSQL"
        ),
        "node": Ceiling(
            "one machine", WORKERS_OF_NODE, f"{WORKERS_OF_NODE} workers", "several, with Envoy before them"
        ),
        "connections": Ceiling(
            "PostgreSQL's connections",
            97,
            "`max_connections` 100 less 3 for its owner; 8 for each worker",
            "raise it to some hundreds; from there PgBouncer, a pool for all",
        ),
        "transactions": Ceiling(
            "PostgreSQL's transactions",
            2500,
            "a turn in 0.4 ms, measured on two shared cores; a large machine has some times that",
            "a larger machine and fast disks; then one database for each cell, users divided by their hash",
        ),
        "stream": Ceiling(
            "the stream of the shared limits",
            20_000,
            "operations a second, assumed: one stream has one leader",
            "a stream for each cell, or several by the hash of the user, each with its share of the limit",
        ),
        "bus": Ceiling(
            "one NATS server",
            160_000,
            "messages a second that one nats-py client sent through it; not known how many it takes",
            "a cluster of three; then one for each cell",
        ),
        "out": Ceiling(
            "one load balancer", 7.0, "70 % of 10 Gbit/s",
            "several, by DNS; Opus at the edge takes a sixteenth (6 kB/s of sound)",
        ),
        "rows": Ceiling(
            "one database's growth", 50.0, "GB a day, assumed: of a week a copy can still be made in a night",
            "partitions of `exchanges` and `performance` by month, dropped after RETENTION_DAYS",
        ),
    }  # fmt: skip


def used(need: Need) -> dict[str, float]:
    """How much of each ceiling so many users take."""
    return {
        "core": need.cores,
        "node": need.workers,
        "connections": need.workers * 8,
        "transactions": need.transactions,
        "stream": need.stream_operations,
        "bus": need.bus_messages,
        "out": need.out_gbit,
        "rows": need.gb_a_day,
    }


def breaks(need: Need, core: float) -> list[tuple[int, Ceiling]]:
    """Each ceiling and the number of users at which it is reached, first the one that is reached first."""
    found = [
        (math.floor(need.users * ceiling.most / used(need)[name]), ceiling)
        for name, ceiling in ceilings(core).items()
        if used(need)[name]
    ]
    return sorted(found, key=lambda one: one[0])
