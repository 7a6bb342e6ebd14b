"""Users who behave like people: they listen, they wait a while before they speak again, some interrupt."""

import asyncio
import random
import time

import grpc

from benchmarks.client import END_TAG, SOUND_TAG, TEXT_TAG, Client
from benchmarks.day import ANSWERED, APOLOGISED, INTERRUPTED, Turn
from benchmarks.stubs import StreamResponse

ERROR_TAG = 0x22  # StreamResponse.error_message
LONGEST_TURN_SECONDS = 60.0
IMPATIENT = 0.2  # the share of turns in which the user does not want to hear the end
STOP_SECONDS = (0.2, 12.0)  # after so long: before the first word, or anywhere in the answer
PAUSES = {
    # The last three seconds of an answer are on their way when the call ends, and then one thinks.
    ANSWERED: (4.0, 9.0),
    APOLOGISED: (6.0, 15.0),  # "please try again in a moment"
    INTERRUPTED: (0.5, 2.0),  # somebody who interrupts has something to say
}
"""Seconds from the end of a turn until the same user speaks again."""


async def user(address: str, name: str, until: float, seed: int, turns: list[Turn]) -> None:
    """One user, who speaks until `until` (time.monotonic()); each turn goes into `turns`."""
    chance = random.Random(f"{seed} {name}")
    client = Client(address)
    await client.warm_up()
    await asyncio.sleep(chance.uniform(*PAUSES[ANSWERED]))
    while time.monotonic() < until:
        stop_after = chance.uniform(*STOP_SECONDS) if chance.random() < IMPATIENT else None
        turn = await speak(client, name, stop_after)
        turns.append(turn)
        await asyncio.sleep(chance.uniform(*PAUSES.get(turn.how, PAUSES[ANSWERED])))
    await client.close()


async def speak(client: Client, name: str, stop_after: float | None = None) -> Turn:
    """One turn, until its end; with its interrupt after so many seconds, if it is not over before."""
    turn = Turn()
    stopping = asyncio.create_task(_stop(client, name, stop_after, turn))
    try:
        async with asyncio.timeout(LONGEST_TURN_SECONDS):
            await _listen(client, name, turn)
    except TimeoutError:
        turn.status = "without an end"
    if not turn.asked_to_stop:
        stopping.cancel()  # it would interrupt the next turn
    await asyncio.wait([stopping])
    return turn


async def _listen(client: Client, name: str, turn: Turn) -> None:
    began = time.perf_counter()
    try:
        async for data in client.answer(name, name):
            if data[0] == SOUND_TAG:
                turn.last_words_heard = True
                if turn.wait_seconds is None:
                    turn.wait_seconds = time.perf_counter() - began
            elif data[0] == TEXT_TAG:
                turn.last_words_heard = False
            elif data[0] == END_TAG:
                turn.end_message = StreamResponse().parse(data).end_message
            elif data[0] == ERROR_TAG:
                turn.error_message = StreamResponse().parse(data).error_message
    except grpc.aio.AioRpcError as failure:
        turn.status = failure.code().name


async def _stop(client: Client, name: str, after: float | None, turn: Turn) -> None:
    if after is None:
        return
    await asyncio.sleep(after)
    turn.asked_to_stop = True
    try:
        await client.interrupt(name)
    except grpc.aio.AioRpcError as failure:
        turn.stop_status = failure.code().name
