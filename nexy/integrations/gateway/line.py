"""What a WebSocket is spoken over: a client's stream that is given up when the client takes nothing."""

from collections import Counter

import trio

from nexy.integrations.http_connections import PIECE_BYTES

RECEIVE_BYTES = 65_536
LINGER_SECONDS = 1.0


class Line(trio.abc.Stream):
    """A stream to a client.

    Closed while the client still sends, TCP would take back what it was told last; so then, when
    `lingers` is set, that is received for a moment and passed over.
    """

    def __init__(self, stream: trio.abc.Stream, stalled_seconds: float, turned_away: Counter[str]) -> None:
        self.lingers = False
        self._stream = stream
        self._stalled_seconds = stalled_seconds
        self._turned_away = turned_away

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Raises trio.BrokenResourceError for a client that is gone, or takes nothing any more."""
        for start in range(0, len(data), PIECE_BYTES):
            with trio.move_on_after(self._stalled_seconds) as patience:
                await self._stream.send_all(data[start : start + PIECE_BYTES])
            if patience.cancelled_caught:
                self._turned_away["stalled"] += 1
                raise trio.BrokenResourceError("the client takes nothing")

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        try:
            if self.lingers:
                await self._linger()
        finally:
            await self._stream.aclose()

    async def _linger(self) -> None:
        self.lingers = False
        try:
            with trio.move_on_after(LINGER_SECONDS, shield=True):
                if isinstance(self._stream, trio.abc.HalfCloseableStream):
                    await self._stream.send_eof()
                while await self._stream.receive_some(RECEIVE_BYTES):
                    pass
        except (trio.BrokenResourceError, trio.ClosedResourceError, trio.BusyResourceError):
            return  # it is gone, or somebody receives still
