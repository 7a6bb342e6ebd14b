"""WebSockets beside gRPC: what they add to the first sound, and how late chunks are when 200 speak."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.client import BYTES_A_SECOND, Client, Heard
from benchmarks.measures import LEAD_SECONDS, Figure, first_sound, percentile, since_sentence
from benchmarks.server import server
from benchmarks.stubs import ClientMessage, Hello, StreamRequest

PROTO, JSON = "nexy.v1.proto", "nexy.v1.json"
WARM_UP = 3  # rounds, for what is made once
SOUND_BYTES = 1_000  # a frame that is longer is sound
AROUND_BYTES = 28  # beside the sound in a ServerMessage; taken for sound they hide 30 ms of lateness in 20 s
SPEAKERS = 200
COMING_SECONDS = 10.0  # in which they come
HEAD_START_SECONDS = 6.0  # of the model, which says 50 words a second until 200 of them wait


@dataclass
class Talker:
    """A client that has said hello."""

    socket: ClientConnection
    json: bool
    turns: int = 0

    async def ask(self) -> Heard:
        """Send a request; what comes of it is for `listen`."""
        self.turns += 1
        turn = str(self.turns)
        if self.json:
            request: str | bytes = json.dumps({"turn": turn, "stream": {"prompt": "go on"}})
        else:
            request = bytes(ClientMessage(turn=turn, stream=StreamRequest(prompt="go on")))
        heard = Heard(time.perf_counter())
        await self.socket.send(request)
        return heard

    async def listen(self, heard: Heard) -> AsyncIterator[None]:
        """Take sound as it comes, and note how late each chunk is, as benchmarks.client does for gRPC."""
        async for frame in self.socket:
            now = time.perf_counter()
            if len(frame) < SOUND_BYTES or isinstance(frame, str):
                continue
            heard.first_sound = heard.first_sound or now
            heard.sound_bytes += len(frame) if self.json else len(frame) - AROUND_BYTES
            due = heard.first_sound + max(0.0, heard.sound_bytes / BYTES_A_SECOND - LEAD_SECONDS)
            heard.late.append(max(0.0, now - due))
            yield

    async def first_sound(self) -> float:
        """Seconds from the first sentence's end to its sound; the answer runs to its end."""
        heard = await self.ask()
        async for _ in self.listen(heard):
            break
        while not self._is_over(await self.socket.recv()):
            pass
        return since_sentence(heard)

    def _is_over(self, frame: str | bytes) -> bool:
        return (
            '"over"' in frame
            if isinstance(frame, str)
            else not self.json and len(frame) < 20 and b"OK" in frame
        )


@asynccontextmanager
async def talker(address: str, name: str, subprotocol: str) -> AsyncIterator[Talker]:
    options = {"subprotocols": [subprotocol], "compression": None, "max_size": None, "proxy": None}
    async with connect(f"ws://{address}", **options) as socket:  # type: ignore[arg-type]
        is_json = subprotocol == JSON
        if is_json:
            await socket.send(json.dumps({"turn": "0", "hello": {"hardware_id": name}}))
        else:
            await socket.send(bytes(ClientMessage(hello=Hello(hardware_id=name))))
        await socket.recv()
        yield Talker(socket, is_json)


async def first_sounds(rounds: int) -> list[Figure]:
    """Sentence complete → first sound over gRPC and over WebSockets, in turns at one server."""
    times: dict[str, list[float]] = {"grpc": [], PROTO: [], JSON: []}
    with server(SCRIPTED_SENTENCES="1", LEAD_SECONDS="10") as running:
        client = Client(running.address)
        await client.warm_up()
        async with talker(running.ws, "proto", PROTO) as proto, talker(running.ws, "json", JSON) as plain:
            for number in range(rounds + WARM_UP):
                times["grpc"].append(await first_sound(client, number) * 1000)
                times[PROTO].append(await proto.first_sound() * 1000)
                times[JSON].append(await plain.first_sound() * 1000)
        await client.close()
    middle = {way: percentile(found[WARM_UP:], 50) for way, found in times.items()}
    return [
        Figure(f"first sound over {way} after that over gRPC, p50", middle[way] - middle["grpc"], "ms", 2)
        for way in (PROTO, JSON)
    ]


async def speakers(seconds: float) -> list[Figure]:
    """With 200 paced sessions over WebSockets, half of them in JSON: lateness, and CPU for sound."""
    heard: list[Heard] = []

    async def speak(address: str, number: int) -> None:
        async with talker(address, f"crowd-{number}", (PROTO, JSON)[number % 2]) as one:
            heard.append(await one.ask())
            async for _ in one.listen(heard[-1]):
                pass

    def sound() -> float:
        return sum(one.sound_bytes for one in heard) / BYTES_A_SECOND

    with server() as running:
        tasks = []
        for number in range(SPEAKERS):
            tasks.append(asyncio.create_task(speak(running.ws, number)))
            await asyncio.sleep(COMING_SECONDS / SPEAKERS)
        await asyncio.sleep(HEAD_START_SECONDS)
        for one in heard:
            one.late.clear()
        cpu, before = running.cpu_seconds(), sound()
        await asyncio.sleep(seconds)
        cost = (running.cpu_seconds() - cpu) / (sound() - before) * 1000
        late = [late for one in heard for late in one.late]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [
        Figure(
            f"chunk lateness, {SPEAKERS} sessions over WebSockets, p99", percentile(late, 99) * 1000, "ms", 50
        ),
        Figure(f"server CPU for 1 s of sound, {SPEAKERS} sessions over WebSockets", cost, "ms", 2),
    ]


async def gateway() -> list[Figure]:
    return [*await first_sounds(40), *await speakers(10)]
