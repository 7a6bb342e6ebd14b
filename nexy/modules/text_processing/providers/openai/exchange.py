"""One HTTP exchange, such that every way out of it closes the socket at once and leaves nothing behind."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Any

import trio

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.providers.openai.faults import failure

if TYPE_CHECKING:
    import httpx2

MOST_WHOLE_BYTES = 1_048_576  # of an answer in one piece
MOST_WHOLE_SECONDS = 1.0  # for the text of an error whose status is known already
LAST_BYTES_SECONDS = (
    0.02  # after the end, for the last bytes: without them the connection cannot be used again
)


@contextmanager
def translated() -> Iterator[None]:
    """The HTTP library's errors as ProviderError."""
    import httpx2

    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
        raise failure(Fault.UNREACHABLE) from error
    except httpx2.DecodingError as error:
        raise failure(Fault.MALFORMED) from error
    except httpx2.TransportError as error:
        raise failure(Fault.DROPPED) from error
    except httpx2.HTTPError as error:
        raise failure(Fault.BROKEN) from error


class _Opened:
    """The connection that one request opens, as the HTTP library's tracing tells of it."""

    def __init__(self) -> None:
        self._stream: Any = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._stream = info["return_value"]

    async def close(self) -> None:
        if self._stream is not None:
            with trio.CancelScope(shield=True):
                await self._stream.aclose()


async def post(client: "httpx2.AsyncClient", url: str, content: bytes) -> "httpx2.Response":
    """Send a request; the head of its answer. Raises ProviderError."""
    opened, answered = _Opened(), False
    request = client.build_request("POST", url, content=content, extensions={"trace": opened})
    try:
        with translated():
            response = await client.send(request, stream=True)
        answered = True
        return response
    finally:
        # The library forgets a connection whose TLS handshake is cancelled, with its socket open.
        if not answered:
            await opened.close()


class Body:
    """The body of an answer as it comes. It must be closed, on every way out."""

    def __init__(self, response: "httpx2.Response") -> None:
        self._response = response
        self._parts: AsyncGenerator[bytes, None] = response.aiter_bytes()

    async def part(self, *, within_seconds: float = inf) -> bytes:
        """The next bytes; empty at the end, or when none come in time. Raises ProviderError."""
        with trio.move_on_after(within_seconds), translated():
            return await anext(self._parts, b"")
        return b""

    async def whole(self, *, within_seconds: float = inf) -> bytes:
        """All of it, as far as it comes in time. Raises ProviderError."""
        body = b""
        deadline = trio.current_time() + within_seconds
        while part := await self.part(within_seconds=deadline - trio.current_time()):
            body += part
            if len(body) > MOST_WHOLE_BYTES:
                raise failure(Fault.MALFORMED)
        return body

    async def close(self, *, within_seconds: float = 0.0) -> None:
        """Close the connection, or within that time read to the end so that it can be used again."""
        with trio.CancelScope(shield=True, deadline=trio.current_time() + within_seconds):
            try:
                # A cancelled read ends the library's nested generators from the inside. Closing the outermost
                # would leave the inner ones to the garbage collector.
                while await self.part():
                    pass
            except ProviderError:
                return
        with trio.CancelScope(shield=True):
            await self._response.aclose()


async def read_error(response: "httpx2.Response") -> tuple[str, Any]:
    """The body of an answer that says no: as text, and the error that it describes. Closes the answer."""
    body = Body(response)
    try:
        text = (await body.whole(within_seconds=MOST_WHOLE_SECONDS)).decode(errors="replace")
    except ProviderError:
        text = ""  # the status says enough
    finally:
        await body.close()
    try:
        described = json.loads(text)
    except (ValueError, RecursionError):
        return text, None
    return text, described.get("error", described) if isinstance(described, dict) else None
