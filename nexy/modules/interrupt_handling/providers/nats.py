"""The bus between processes and machines: one subject for each device, and whoever has it listens there.

A question about a device so goes only where the device is. Those who have the same device know of one
another: each that begins to listen says so on the subject, and the others say that they are there too. Every
answer names all of them, so whoever asks knows for whom to wait, and no longer. Where nobody listens, NATS
says so at once.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import trio

from nexy.errors import BusError, NexyError
from nexy.modules.interrupt_handling.interrupt import Claim, Claimed, Here
from nexy.modules.interrupt_handling.providers.line import Line, Message
from nexy.modules.interrupt_handling.providers.messages import (
    claim_in,
    handed_in,
    names,
    number,
    of_claim,
    of_handed,
    packed,
    seconds,
    unpacked,
)
from nexy.monitoring import logger
from nexy.types import Forgotten, HardwareId, SessionId, Stopped

ANSWER_SECONDS = 1.0  # for all who have the device; who is later has stopped all the same, unmentioned
CLAIM_SECONDS = 1.5  # the same for a claim: a client that does not read keeps its last word waiting for one
MOST_HOLDERS = 64  # of one device, that are believed in

log = logger("nexy.bus")


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the others answered."""

    answers: list[dict[str, Any]]
    complete: bool  # of all who have the device


@dataclass(eq=False)
class _Device:
    """A device that this process has."""

    subject: str
    others: set[str] = field(default_factory=set)  # nodes that have it too
    new: bool = True  # no process was asked yet what it had of it
    unsubscribe: Callable[[], Awaitable[None]] | None = None
    changing: trio.Lock = field(default_factory=trio.Lock)


class NatsBus:
    """Asks this process, and all others that have the device."""

    name = "nats"

    def __init__(
        self,
        line: Line,
        node: str,
        here: Here,
        subject_of: Callable[[HardwareId], str],
        nursery: trio.Nursery,
        *,
        newest_only: bool = False,
    ) -> None:
        """`node` names this process, and no other that ever was. `subject_of` hides who the device is.

        With `newest_only`, a claim stops all older answers of the device, in whatever session.
        """
        self.unanswered: Counter[str] = Counter()  # questions that a node did not answer in time
        self._line = line
        self._node = node
        self._here = here
        self._subject_of = subject_of
        self._nursery = nursery
        self._newest_only = newest_only
        self._devices: dict[HardwareId, _Device] = {}
        line.on_connected.append(self._reconnected)

    def __repr__(self) -> str:
        return f"<NatsBus {self._node} devices={len(self._devices)}>"

    @property
    def trouble(self) -> str:
        return "" if self._line.connected else "away"

    async def attend(self, who: HardwareId) -> None:
        device = self._devices.get(who)
        if device is None:
            device = self._devices[who] = _Device(self._subject_of(who))
        with suppress(BusError):  # when it is back, all are attended to
            if device.unsubscribe is None:
                await self._listen(who, device)

    def leave(self, who: HardwareId) -> None:
        device = self._devices.pop(who, None)
        if device is not None:
            self._nursery.start_soon(self._leave, who, device)

    async def claim(self, who: HardwareId, claim: Claim) -> Claimed:
        """Asks nobody where nobody else can have it: of two that have a device, each knows of the other."""
        device = self._devices.get(who)
        if device is None or not (device.new or device.others):
            return Claimed()
        claim = replace(claim, newest_only=self._newest_only)
        heard = await self._gather(who, "claim", CLAIM_SECONDS, **of_claim(claim))
        device.new = not heard.complete
        return Claimed([handed_in(answer) for answer in heard.answers], heard.complete)

    async def stop(self, who: HardwareId, played_seconds: float | None) -> Stopped:
        """Stop here at once, and elsewhere meanwhile: what is here never waits for the bus."""
        stopped: list[SessionId] = []

        async def stop_here() -> None:
            stopped.extend(await self._here.stop(who, played_seconds))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(stop_here)
            heard = await self._gather(who, "stop", played=played_seconds)
            for answer in heard.answers:
                stopped.extend(SessionId(name) for name in names(answer.get("stopped")))
        return Stopped(stopped, heard.complete)

    async def forget(self, who: HardwareId) -> Forgotten:
        heard = await self._gather(who, "forget")
        return Forgotten(await self._here.forget(who) + _rows(heard.answers), heard.complete)

    async def forget_talk(self, who: HardwareId, *, all_of_it: bool) -> int:
        forgotten = await self._here.forget_talk(who, all_of_it=all_of_it)
        heard = await self._gather(who, "forget talk", all=all_of_it)
        return forgotten + _rows(heard.answers)

    # What is asked.

    async def _gather(
        self, who: HardwareId, do: str, patience_seconds: float | None = None, **facts: Any
    ) -> _Heard:
        """What all others who have the device answer; nothing at once when none does, or the bus is away."""
        if not self._line.connected:
            return _Heard([], complete=False)
        device = self._devices.get(who)
        subject = device.subject if device else self._subject_of(who)
        heard: dict[str, dict[str, Any]] = {}
        known = frozenset(device.others) if device else frozenset()
        waited_for = set(known)
        question = packed({"do": do, "from": self._node, **facts})
        try:
            with trio.move_on_after(patience_seconds or ANSWER_SECONDS) as patience:
                async with self._line.asking(subject, question, kind=do) as answers:
                    async for message in answers:
                        if message is None:
                            if device:
                                device.others -= known
                            break  # nobody has it
                        answer = unpacked(message.data)
                        heard[str(answer.get("from"))] = answer
                        waited_for |= set(names(answer.get("holders"))[:MOST_HOLDERS])
                        if waited_for - {self._node} <= heard.keys():
                            break
        except BusError:
            return _Heard([], complete=False)
        if patience.cancelled_caught:
            silent = waited_for - {self._node} - heard.keys()
            if device is not None:
                device.others -= silent
            await self._strike_out(subject, do, silent)
        return _Heard(list(heard.values()), complete=not patience.cancelled_caught)

    async def _strike_out(self, subject: str, do: str, silent: set[str]) -> None:
        """Who did not answer is not waited for again; if it lives, it says so."""
        self.unanswered[do] += max(1, len(silent))
        log.warning("a process did not answer over the bus", question=do, silent=len(silent))
        for node in silent:
            await self._tell(subject, "gone", node)

    # What is answered.

    async def _listen(self, who: HardwareId, device: _Device) -> None:
        async with device.changing:
            if device.unsubscribe is None and self._devices.get(who) is device:
                device.unsubscribe = await self._line.subscribe(device.subject, partial(self._hear, who))
                await self._say(device.subject, "here")

    async def _leave(self, who: HardwareId, device: _Device) -> None:
        try:
            async with device.changing:
                if device.unsubscribe is not None:
                    await device.unsubscribe()
            if device.others and who not in self._devices:
                await self._say(device.subject, "gone")
        except BusError:
            pass  # without the connection there is no subscription either

    def _hear(self, who: HardwareId, message: Message) -> None:
        """Somebody says or asks something about the device."""
        device = self._devices.get(who)
        told = unpacked(message.data)
        other = str(told.get("from", ""))
        if device is None or not other:
            return
        match told.get("do"):
            case "here":
                self._know(device, other)
                self._nursery.start_soon(self._tell, device.subject, "also")
            case "also":
                self._know(device, other)
            case "gone" if other == self._node:  # said by somebody who waited too long
                self._nursery.start_soon(self._tell, device.subject, "here")
            case "gone":
                device.others.discard(other)
            case "stop":
                played = seconds(told.get("played"))
                self._nursery.start_soon(self._stop_here, who, played, message.reply)
            case "claim":
                claim = claim_in(told, self._node)
                self._nursery.start_soon(self._hand_over, who, claim, message.reply)
            case "forget":
                self._nursery.start_soon(self._forget_here, who, self._here.forget, message.reply)
            case "forget talk":
                forget = partial(self._here.forget_talk, all_of_it=told.get("all") is True)
                self._nursery.start_soon(self._forget_here, who, forget, message.reply)

    def _know(self, device: _Device, other: str) -> None:
        if len(device.others) < MOST_HOLDERS:
            device.others.add(other)

    async def _stop_here(self, who: HardwareId, played_seconds: float | None, reply: str) -> None:
        stopped = await self._here.stop(who, played_seconds)
        await self._answer(who, reply, stopped=stopped)

    async def _hand_over(self, who: HardwareId, claim: Claim, reply: str) -> None:
        handed = await self._here.hand_over(who, claim)
        await self._answer(who, reply, **of_handed(handed))

    async def _forget_here(
        self, who: HardwareId, forget: Callable[[HardwareId], Awaitable[int]], reply: str
    ) -> None:
        try:
            forgotten = await forget(who)
        except NexyError:
            forgotten = 0  # whoever asked has the same database, and the same trouble to tell of
        await self._answer(who, reply, forgotten=forgotten)

    async def _answer(self, who: HardwareId, reply: str, **facts: Any) -> None:
        device = self._devices.get(who)
        holders = [self._node, *(device.others if device else ())]
        answer = packed({"from": self._node, "holders": holders, **facts})
        with suppress(BusError):  # whoever asked is told by its own clock
            await self._line.publish(reply, answer, kind="answer")

    async def _tell(self, subject: str, do: str, node: str = "") -> None:
        with suppress(BusError):
            await self._say(subject, do, node)

    async def _say(self, subject: str, do: str, node: str = "") -> None:
        await self._line.publish(subject, packed({"do": do, "from": node or self._node}), kind=do)

    def _reconnected(self) -> None:
        """NATS has the subscriptions again, but who came or went meanwhile is not known."""
        for device in self._devices.values():
            device.new = True
        self._nursery.start_soon(self._attend_all)

    async def _attend_all(self) -> None:
        for who, device in list(self._devices.items()):
            device.others.clear()
            try:
                if device.unsubscribe is None:
                    await self._listen(who, device)
                else:
                    await self._say(device.subject, "here")
            except BusError:
                return  # once more when it is back


def _rows(answers: list[dict[str, Any]]) -> int:
    return sum(number(answer.get("forgotten")) for answer in answers)
