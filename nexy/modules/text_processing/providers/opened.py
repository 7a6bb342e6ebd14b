"""The connection that a request opens, so that it can be closed when the HTTP library has forgotten it.

httpcore2 2.16 does so with a connection whose TLS handshake is cancelled: its socket stays open until
the garbage collector finds it.
"""

from collections.abc import Mapping
from typing import Any


class Opened:
    """Goes into a request as its extension "trace", and learns from that what is opened for it."""

    def __init__(self) -> None:
        self._stream: Any = None

    def __repr__(self) -> str:
        return f"<Opened {'nothing' if self._stream is None else 'a connection'}>"

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._stream = info["return_value"]

    async def close(self) -> None:
        """Close it, if there is one. It is for a request that had no answer: else its response closes it."""
        if self._stream is not None:
            await self._stream.aclose()
