"""One sentence's sound, as its listener takes it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from nexy.errors import Fault, ProviderError, leaves
from nexy.modules.audio_generation.pcm import SAMPLE_BYTES
from nexy.modules.audio_generation.providers.edge.line import Line, Received
from nexy.modules.audio_generation.providers.edge.mp3 import Decoder
from nexy.modules.audio_generation.providers.edge.words import Words
from nexy.types import Sound, Word

ENOUGH_SECONDS = 0.24  # of sound that is at hand go into one piece, so that fewer pieces travel on
SHORT_SECONDS = 0.5
"""So much less sound than its word boundaries promise is not the whole sentence. Boundaries are not
exact; the service's sounds end with nearly a second of silence."""

_PLAIN = re.compile("[A-Za-z0-9]")
"""Every voice says these: no sound for them is a fault. For another script the voice may have none."""


class Sounds(trio.abc.ReceiveChannel[Sound]):
    """Decodes in the task that takes: nothing but this is between the connection and the listener."""

    def __init__(self, line: Line, spoken: str, rate: int) -> None:
        self._line = line
        self._spoken = spoken
        self._rate = rate
        self._words = Words(spoken)
        self._decoder = Decoder(rate)
        self._placed: list[Word] = []  # those that travel with the next sound
        self._enough = 1  # bytes of PCM: the first piece leaves with the first frame that decodes
        self._flushed = False

    def __repr__(self) -> str:
        return f"<Sounds {self._decoder.seconds:.2f}s of {self._line}>"

    async def receive(self) -> Sound:
        """The next stretch. Raises ProviderError behind the last one when it was not the end."""
        while not self._flushed:
            try:
                pcm = self._hear(await self._line.messages.receive())
                pcm += self._more(self._enough - len(pcm))
            except trio.EndOfChannel:
                self._flushed = True
                pcm = self._decoder.flush()
                if self._placed and self._decoder.seconds and not pcm:
                    pcm = bytes(SAMPLE_BYTES)  # words that came behind the last sound travel with silence
            if pcm:
                return self._sound(pcm)
        self._check()
        raise trio.EndOfChannel

    async def aclose(self) -> None:
        self._flushed = True
        self._line.hang_up()
        await trio.lowlevel.checkpoint()

    def _more(self, missing: int) -> bytes:
        """What is at hand already, `missing` bytes or a little more."""
        pcm = b""
        while len(pcm) < missing:
            try:
                pcm += self._hear(self._line.messages.receive_nowait())
            except (trio.WouldBlock, trio.EndOfChannel):
                break
        return pcm

    def _hear(self, received: Received) -> bytes:
        words = map(self._words.place, received.boundaries)
        self._placed.extend(word for word in words if word is not None)
        self._line.took(received.mp3)
        return self._decoder.feed(received.mp3)

    def _sound(self, pcm: bytes) -> Sound:
        placed, self._placed = tuple(self._placed), []
        self._enough = int(ENOUGH_SECONDS * self._rate) * SAMPLE_BYTES
        return Sound(pcm, self._rate, placed)

    def _check(self) -> None:
        seconds, failure = self._decoder.seconds, self._line.failure
        if failure is not None:
            all_heard = self._words.all_said and seconds >= self._words.until > 0
            unsayable = failure.fault is Fault.EMPTY and not _PLAIN.search(self._spoken)
            if not unsayable and (failure.fault is not Fault.DROPPED or not all_heard):
                raise failure
        elif not seconds:
            raise ProviderError("edge: the sound cannot be decoded", Fault.MALFORMED)
        elif self._words.until - seconds > SHORT_SECONDS:
            raise ProviderError("edge: the sound is shorter than its words", Fault.DROPPED)


@asynccontextmanager
async def open_sounds(
    line: Line, connections: trio.CapacityLimiter, spoken: str, rate: int
) -> AsyncIterator[Sounds]:
    """The sound of `spoken` as `line` receives it; the line is hung up when the block is left.

    Entering waits until one of `connections` is free. The next listener has it as soon as this line
    has received everything.
    """
    await connections.acquire_on_behalf_of(line)
    try:
        with line.messages:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(line.run, connections)
                try:
                    yield Sounds(line, spoken, rate)
                finally:
                    line.hang_up()
                    nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        # The nursery wraps what the block raised, which is to come out as it is.
        errors = [error for error in group.exceptions if not _is_cancellation(error)]
        if len(errors) != 1:
            raise
        raise errors[0] from errors[0].__cause__


def _is_cancellation(error: BaseException) -> bool:
    return all(isinstance(leaf, trio.Cancelled) for leaf in leaves(error))
