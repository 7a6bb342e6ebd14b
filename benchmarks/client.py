"""The measuring client: the official gRPC implementation, many sessions on one asyncio loop."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import grpc
import grpc.aio

from benchmarks.stubs import InterruptRequest, InterruptResponse, StreamRequest, StreamResponse

PATH = "/streaming.StreamingService/"
BYTES_A_SECOND = 2 * 48_000
SOUND_TAG = 0x12  # StreamResponse.audio_chunk: told from the first byte, so that measuring costs little
TEXT_TAG, END_TAG = 0x0A, 0x1A


@dataclass(slots=True)
class Heard:
    """What came of one answer, and when: time.perf_counter() seconds."""

    sent: float
    first_text: float = 0.0
    first_sound: float = 0.0
    last_sound: float = 0.0
    ended: float = 0.0
    end_message: str = ""
    sound_bytes: int = 0
    late: list[float] = field(default_factory=list)  # seconds behind the pace, for each chunk of sound


def sound_bytes(message: bytes) -> int:
    """Roughly the PCM in an encoded sound message: all but some twenty bytes around it."""
    return max(0, len(message) - 23)


class Client:
    """One client's connection."""

    def __init__(self, address: str) -> None:
        # A connection of its own, as every installed client has.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.aio.insecure_channel(address, options=options)
        self._stream = self._channel.unary_stream(f"{PATH}StreamAudio")
        self._interrupt = self._channel.unary_unary(f"{PATH}InterruptSession")

    async def close(self) -> None:
        await self._channel.close()

    async def warm_up(self) -> None:
        """Have the connection made."""
        await self._channel.channel_ready()

    def answer(self, hardware_id: str, session_id: str, prompt: str = "go on") -> grpc.aio.UnaryStreamCall:
        return self.call(bytes(StreamRequest(prompt=prompt, hardware_id=hardware_id, session_id=session_id)))

    def call(self, request: bytes) -> grpc.aio.UnaryStreamCall:
        """StreamAudio with anything as its request."""
        return self._stream(request)

    async def listen(self, call: grpc.aio.UnaryStreamCall, heard: Heard, lead: float) -> AsyncIterator[bytes]:
        """Take an answer as it comes, and note how late each chunk is.

        A chunk is due when with it, played from the first chunk on, no more than `lead` seconds
        are left to play.
        """
        async for message in call:
            now = time.perf_counter()
            tag = message[0]
            if tag == SOUND_TAG:
                if not heard.first_sound:
                    heard.first_sound = now
                heard.sound_bytes += sound_bytes(message)
                due = heard.first_sound + max(0.0, heard.sound_bytes / BYTES_A_SECOND - lead)
                heard.late.append(max(0.0, now - due))
                heard.last_sound = now
            elif tag == TEXT_TAG and not heard.first_text:
                heard.first_text = now
            elif tag == END_TAG:
                heard.ended = now
                heard.end_message = StreamResponse().parse(message).end_message
            yield message

    async def interrupt(self, hardware_id: str) -> tuple[InterruptResponse, float, float]:
        """The response, and when the request was sent and the response received."""
        sent = time.perf_counter()
        data = await self._interrupt(bytes(InterruptRequest(hardware_id=hardware_id)))
        return InterruptResponse().parse(data), sent, time.perf_counter()
