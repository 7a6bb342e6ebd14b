"""Several processes as one server: the bus between them, and the limits that hold over all."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from nexy.config import BusConfig, LimitsConfig
from nexy.modules.interrupt_handling import Bus, Here, Local, NatsBus
from nexy.modules.session_management import JetStreamLimits, NotShared, Sessions, SharedLimits
from nexy.nursery.nats import Nats, open_nats
from nexy.types import HardwareId

NAME_BYTES = 16  # of a device's name on the bus


@dataclass(frozen=True)
class Together:
    """How this process works with the others."""

    reach: Bus
    limits: SharedLimits
    line: Nats | None = None  # None: there is no bus

    @property
    def bus(self) -> str:
        """What reaches the others: "local" where there are none, or "nats"."""
        return self.reach.name

    @property
    def bus_trouble(self) -> str:
        """Why they cannot be reached just now; empty when they can, or when there are none."""
        return self.reach.trouble

    @property
    def limits_trouble(self) -> str:
        """Why limits do not hold over all of them just now; empty when they do."""
        return self.limits.trouble

    @property
    def messages_sent(self) -> dict[str, int]:
        """Over the bus since the start, by what they were for."""
        return dict(self.line.sent) if self.line is not None else {}

    @property
    def messages_received(self) -> int:
        """Over the bus since the start."""
        return self.line.received if self.line is not None else 0

    @property
    def bus_lost(self) -> int:
        """How often the connection was, since the start."""
        return self.line.lost_times if self.line is not None else 0

    @property
    def unanswered(self) -> dict[str, int]:
        """Answers of others that did not come in time, since the start, by the question."""
        return dict(self.reach.unanswered) if isinstance(self.reach, NatsBus) else {}

    @property
    def in_last_minute(self) -> int | None:
        """Requests of all of them in the last minute; None where this process counts alone."""
        return self.limits.in_last_minute if isinstance(self.limits, JetStreamLimits) else None

    @property
    def limits_alone(self) -> int:
        """Requests since the start that were let in without being counted with those of others."""
        return self.limits.alone if isinstance(self.limits, JetStreamLimits) else 0


@asynccontextmanager
async def open_together(
    config: BusConfig,
    limits: LimitsConfig,
    sessions: Sessions,
    here: Here,
    key_of: Callable[[HardwareId], str],
) -> AsyncIterator[Together]:
    """Without NATS_URL this process is alone. `key_of` gives the key that a device is stored under."""
    url = config.nats_url.get_secret_value()
    if not url:
        yield Together(Local(here), NotShared())
        return
    node = secrets.token_hex(8)

    def name_of(who: HardwareId) -> str:
        return hashlib.blake2s(key_of(who).encode(), digest_size=NAME_BYTES, person=b"bus").hexdigest()

    def subject_of(who: HardwareId) -> str:
        return f"{config.nats_prefix}.device.{name_of(who)}"

    async with open_nats(url, f"nexy {node}") as line, trio.open_nursery() as nursery:
        newest = config.interrupt_older_elsewhere
        bus = NatsBus(line, node, here, subject_of, nursery, newest_only=newest)
        shared = JetStreamLimits(line, node, limits, sessions.admission, name_of, config.nats_prefix)
        sessions.gone = bus.leave
        try:
            await nursery.start(shared.run)
            yield Together(bus, shared, line)
            await shared.close()
        finally:
            sessions.gone = lambda _: None  # those that a drain did not wait for end after the bus
        nursery.cancel_scope.cancel()
