"""Several processes as one server: the bus between them, and the limits that hold over all."""

import hashlib
import json
import math
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import trio

from nexy.config import BusConfig, LimitsConfig
from nexy.errors import BadRequest, BusError
from nexy.integrations.providers import Providers, ProviderState
from nexy.modules.interrupt_handling import Bus, Here, Local, NatsBus
from nexy.modules.session_management import JetStreamLimits, NotShared, Sessions, SharedLimits
from nexy.monitoring import logger
from nexy.nursery.nats import Message, Nats, open_nats
from nexy.types import HardwareId

log = logger("nexy.operator")

NAME_BYTES = 16  # of a device's name on the bus


@dataclass(frozen=True)
class Together:
    """How this process works with the others."""

    reach: Bus
    limits: SharedLimits
    switches: "Switches"
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


class Switches:
    """What operators take out and put back, in all processes; one that starts later has all that there is."""

    def __init__(
        self, line: Nats | None = None, subject: str = "", nursery: trio.Nursery | None = None
    ) -> None:
        """Without a `line`, this process is alone."""
        self.providers: list[Providers] = []  # those of this process
        self._line = line
        self._subject = subject
        self._nursery = nursery

    def tell(self, name: str, *, on: bool) -> None:
        """Tell all others."""
        if self._nursery is not None:
            self._nursery.start_soon(self._tell, json.dumps({"name": name, "on": on}).encode())

    async def _tell(self, message: bytes) -> None:
        if self._line is None:
            return
        try:
            await self._line.publish(self._subject, message, kind="switch")
        except BusError:
            log.warning("a provider was switched in this process alone: the bus is away")

    async def listen(self) -> None:
        """Do what others were told; begins when the bus is there."""
        if self._line is not None and await self._line.wait_connected(math.inf):
            with suppress(BusError):
                await self._line.subscribe(self._subject, self._hear)

    def _hear(self, message: Message) -> None:
        try:
            told = json.loads(message.data)
            name, on = str(told["name"]), bool(told["on"])
        except (ValueError, TypeError, KeyError):
            return  # none of ours
        for one in self.providers:
            with suppress(BadRequest):  # one that this process does not have
                one.switch(name, on=on)
                log.warning("a provider was switched elsewhere", provider=name, on=on)


@dataclass(frozen=True)
class Everywhere:
    """The providers of this process, for an operator who means those of all processes."""

    here: Providers
    switches: Switches

    @property
    def states(self) -> list[ProviderState]:
        return self.here.states

    def switch(self, name: str, *, on: bool) -> None:
        """Raises BadRequest for an unknown name."""
        self.here.switch(name, on=on)
        self.switches.tell(name, on=on)


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
        yield Together(Local(here), NotShared(), Switches())
        return
    node = secrets.token_hex(8)

    def name_of(who: HardwareId) -> str:
        return hashlib.blake2s(key_of(who).encode(), digest_size=NAME_BYTES, person=b"bus").hexdigest()

    def subject_of(who: HardwareId) -> str:
        return f"{config.nats_prefix}.device.{name_of(who)}"

    async with open_nats(url, f"nexy {node}") as line, trio.open_nursery() as nursery:
        switches = Switches(line, f"{config.nats_prefix}.operator", nursery)
        nursery.start_soon(switches.listen)
        newest = config.interrupt_older_elsewhere
        bus = NatsBus(line, node, here, subject_of, nursery, newest_only=newest)
        shared = JetStreamLimits(line, node, limits, sessions.admission, name_of, config.nats_prefix)
        sessions.gone = bus.leave
        try:
            await nursery.start(shared.run)
            yield Together(bus, shared, switches, line)
            await shared.close()
        finally:
            sessions.gone = lambda _: None  # those that a drain did not wait for end after the bus
        nursery.cancel_scope.cancel()
