"""One request for an answer on the wire, with messages that cost little to take.

betterproto's parser copies the sound three times; a load generator needs only its length.
"""

from collections.abc import AsyncIterator
from typing import Any, Self

import betterproto
import trio
from grpclib.const import Cardinality

from nexy.modules.grpc_service.streaming import StreamingServiceStub, StreamRequest, StreamResponse

PATH = "/streaming.StreamingService/StreamAudio"
PREFIX_BYTES = 5  # of a gRPC message
SOUND_TAG, TEXT_TAG = 0x12, 0x0A  # StreamResponse.audio_chunk and .text_chunk, told from the first byte
PCM_TAG = 0x0A  # AudioChunk.audio_data, which comes first


class Message:
    """A message as it came, and when (trio.current_time())."""

    __slots__ = ("at", "data", "late")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = trio.current_time()
        self.late = False  # it came after the response to an interrupt

    @classmethod
    def FromString(cls, data: bytes) -> Self:  # noqa: N802 - grpclib calls it so
        return cls(data)

    @property
    def is_sound(self) -> bool:
        return self.data[:1] == bytes((SOUND_TAG,))

    @property
    def is_text(self) -> bool:
        return self.data[:1] == bytes((TEXT_TAG,))

    def parsed(self) -> StreamResponse:
        return StreamResponse().parse(self.data)

    def pcm_bytes(self) -> int:
        """The length of the sound in a sound message."""
        _, at = betterproto.decode_varint(self.data, 1)
        if self.data[at] != PCM_TAG:
            return len(self.parsed().audio_chunk.audio_data)
        return int(betterproto.decode_varint(self.data, at + 1)[0])


class Call:
    """One request for an answer."""

    def __init__(self, stub: StreamingServiceStub, request: StreamRequest) -> None:
        self._stub = stub
        self._request = request
        self._stream: Any = None
        self._allowed_bytes: int | None = None  # that may still be read, once an interrupt was responded to
        self.sent_at: float | None = None  # trio.current_time()
        self.sent = trio.Event()  # an interrupt before this would be one of nothing

    async def messages(self) -> AsyncIterator[Message]:  # asyncio: for `open_stream`
        """The answer. There is no deadline, as real clients set none, so that the server paces it."""
        async with self._stub.channel.request(
            PATH, Cardinality.UNARY_STREAM, StreamRequest, Message, metadata=self._stub.metadata
        ) as self._stream:
            self.sent_at = trio.current_time()
            await self._stream.send_message(self._request, end=True)
            self.sent.set()
            async for message in self._stream:
                self._mark(message)
                yield message  # noqa: ASYNC119 - `open_stream` closes it on every way out

    def now_silent(self) -> None:
        """The response to an interrupt is here: what was not received by now should not have been sent."""
        self._allowed_bytes = 0
        if self._stream is not None and hasattr(self._stream, "_stream"):
            buffer = self._stream._stream.buffer
            waiting = sum(part.data_size for part in buffer._unacked._queue)
            self._allowed_bytes = waiting + buffer._acked_size

    def _mark(self, message: Message) -> None:
        if self._allowed_bytes is not None:
            self._allowed_bytes -= PREFIX_BYTES + len(message.data)
            message.late = self._allowed_bytes < 0

    def retry_after(self) -> float:
        """Seconds after which a refused client was told to come again; 1 when it was not told."""
        told = (self._stream.trailing_metadata or {}).get("retry-after", "") if self._stream else ""
        return float(told) if isinstance(told, str) and told.isdecimal() else 1.0
