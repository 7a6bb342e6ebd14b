"""Users as they are over half an hour: most listen, and the others do what no server likes."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import grpc

from benchmarks.client import END_TAG, Client
from benchmarks.day import ANSWERED, Turn
from benchmarks.people import IMPATIENT, PAUSES, STOP_SECONDS, speak
from benchmarks.raw import connect
from benchmarks.stubs import RequestPhase, StreamRequest, StreamResponse

ODD = 0.25  # the share of what they do that is not just talking
BEFORE_LEAVING = (0.1, 8.0)  # seconds: before the first word, or anywhere in the answer
ARRIVE_SECONDS = 20.0  # in which all of them come
SHORT_PAUSE = (0.5, 3.0)  # seconds, after something that was no talk
SLOW = 4.0  # so many times the usual pauses: 100 users ask for some two answers a second then, with Gemini's
# library and Edge's connections about half of a core. With one they ask for more than a core can do.
LONGEST_SECONDS = 20.0  # for an answer that is no more than yes or no
UNCLEAN = "unclean"
BAD_REQUESTS = (
    b"\xff\xff\xff",
    bytes(StreamRequest(prompt="Hello")),
    bytes(StreamRequest(prompt="Hello", hardware_id="unknown")),
    bytes(StreamRequest(hardware_id="somebody", session_id="somebody")),
    bytes(StreamRequest(prompt="Hello", hardware_id="somebody", screenshot="%%% no base64 %%%")),
    bytes(StreamRequest(prompt="x" * 20_000, hardware_id="somebody")),
)


@dataclass
class Deeds:
    """What they did: their turns, and how often each other thing ended how."""

    turns: list[Turn] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)

    @property
    def unclean(self) -> dict[str, int]:
        return {how: count for how, count in self.odd.items() if how.startswith(UNCLEAN)}


@dataclass
class Restless:
    """One user."""

    address: str
    name: str
    chance: random.Random
    client: Client
    deeds: Deeds
    collected: int = 0

    async def talk(self) -> float:
        """Ask and listen, or stop it after a while; how long to wait before the next time, in seconds."""
        stop_after = self.chance.uniform(*STOP_SECONDS) if self.chance.random() < IMPATIENT else None
        turn = await speak(self.client, self.name, stop_after)
        self.deeds.turns.append(turn)
        return SLOW * self.chance.uniform(*PAUSES.get(turn.how, PAUSES[ANSWERED]))

    async def hang_up(self) -> str:
        call = self.client.answer(self.name, self.name)
        listening = asyncio.create_task(_listen(call))
        await asyncio.wait([listening], timeout=self.chance.uniform(*BEFORE_LEAVING))
        call.cancel()
        await asyncio.wait([listening])
        return "hung up"

    async def vanish(self) -> str:
        """Lose the network in the middle of an answer."""
        raw = await connect(self.address)
        raw.ask(self.name)
        await asyncio.sleep(self.chance.uniform(*BEFORE_LEAVING))
        raw.vanish()
        return "vanished"

    async def reconnect(self) -> str:
        await self.client.close()
        self.client = Client(self.address)
        await self.client.warm_up()
        return "reconnected"

    async def begin_to_speak(self) -> str:
        """Send parts of an utterance, and never the end of it."""
        self.collected += 1
        session = f"{self.name}-never-{self.collected}"
        for number in range(3):
            part = StreamRequest(
                prompt=f"part {number} of what",
                hardware_id=self.name,
                session_id=session,
                phase=RequestPhase(RequestPhase.COLLECT),
                chunk_seq=number,
            )
            messages, status = await _answered(self.client.call(bytes(part)))
            if (messages, status) != (["COLLECT_ACCEPTED"], "OK"):
                return f"{UNCLEAN}: a part was answered {messages} {status}"
        return "never finished"

    async def be_wrong(self) -> str:
        wrong = self.chance.choice(BAD_REQUESTS)
        _, status = await _answered(self.client.call(wrong))
        if status != "INVALID_ARGUMENT":
            return f"{UNCLEAN}: {wrong[:40]!r} was answered {status}"
        return "refused as wrong"


Deed: TypeAlias = Callable[[Restless], Awaitable[str]]
DEEDS: dict[Deed, int] = {
    Restless.hang_up: 6,
    Restless.vanish: 6,
    Restless.reconnect: 3,
    Restless.begin_to_speak: 5,
    Restless.be_wrong: 5,
}
"""With how often each is done, one beside the other."""


async def restless(address: str, name: str, until: float, seed: int, deeds: Deeds) -> None:
    """One user, who does something until `until` (time.monotonic())."""
    chance = random.Random(f"{seed} {name}")
    user = Restless(address, name, chance, Client(address), deeds)
    await user.client.warm_up()
    await asyncio.sleep(chance.uniform(0, ARRIVE_SECONDS))
    while time.monotonic() < until:
        if chance.random() < ODD:
            (deed,) = chance.choices(list(DEEDS), list(DEEDS.values()))
            deeds.odd[await deed(user)] += 1
            await asyncio.sleep(SLOW * chance.uniform(*SHORT_PAUSE))
        else:
            await asyncio.sleep(await user.talk())
    await user.client.close()


async def _listen(call: grpc.aio.UnaryStreamCall) -> None:
    try:
        async for _ in call:
            pass
    except (grpc.aio.AioRpcError, asyncio.CancelledError):
        pass


async def _answered(call: grpc.aio.UnaryStreamCall) -> tuple[list[str], str]:
    """The end messages, and the status."""
    ends: list[str] = []
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            async for data in call:
                if data[0] == END_TAG:
                    ends += [StreamResponse().parse(data).end_message]
    except TimeoutError:
        return ends, "without an end"
    except grpc.aio.AioRpcError as failure:
        return ends, failure.code().name
    return ends, "OK"
