"""One HTTP exchange, such that every way out of it closes the socket at once and leaves nothing behind."""

import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import trio

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.providers.openai.faults import failure
from nexy.modules.text_processing.providers.opened import Opened

if TYPE_CHECKING:
    import httpx2

MOST_WHOLE_BYTES = 1_048_576  # of an answer in one piece
MOST_WHOLE_SECONDS = 1.0  # for the text of an error whose status is known already
CLOSING_SECONDS = 1.0  # for the goodbye of TLS, which does not wait for the other side's
LAST_BYTES_SECONDS = 0.02  # after the end, for what is left: only then the connection can be used again


def fault_of(error: "httpx2.HTTPError") -> Fault:
    """What an error of the HTTP library is."""
    import httpx2

    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return Fault.UNREACHABLE
    if isinstance(error, httpx2.DecodingError):
        return Fault.MALFORMED
    return Fault.DROPPED if isinstance(error, httpx2.TransportError) else Fault.BROKEN


async def post(client: "httpx2.AsyncClient", url: str, content: bytes) -> "httpx2.Response":
    """Send a request; the head of its answer. Raises ProviderError."""
    import httpx2

    opened, answered = Opened(), False
    request = client.build_request("POST", url, content=content, extensions={"trace": opened})
    try:
        response = await client.send(request, stream=True)
        answered = True
    except httpx2.HTTPError as error:
        raise failure(fault_of(error)) from error
    else:
        return response
    finally:
        if not answered:
            with trio.move_on_after(CLOSING_SECONDS, shield=True):
                await opened.close()


class Body:
    """The body of an answer as it comes. It must be finished, on every way out."""

    def __init__(self, response: "httpx2.Response") -> None:
        import httpx2

        self._http_error = httpx2.HTTPError
        self._parts: AsyncGenerator[bytes, None] = response.aiter_bytes()

    async def part(self) -> bytes:
        """The next bytes; empty at the end. Raises ProviderError."""
        try:
            return await anext(self._parts, b"")
        except self._http_error as error:
            raise failure(fault_of(error)) from error

    async def whole(self) -> bytes:
        """All of it. Raises ProviderError."""
        body = b""
        while part := await self.part():
            body += part
            if len(body) > MOST_WHOLE_BYTES:
                raise failure(Fault.MALFORMED)
        return body

    async def finish(self) -> None:
        """Read to the end, so that the connection can be used again; cancelled, it closes the connection.

        A cancelled read ends the library's nested generators from the inside, and the connection with
        them. Closing the outermost would leave the inner ones to the garbage collector.
        """
        with suppress(ProviderError):
            while await self.part():
                pass


async def read_error(response: "httpx2.Response") -> tuple[str, Any]:
    """The body of an answer that says no: as text, and the error that it describes. Closes the answer."""
    body = Body(response)
    text = ""  # the status says enough when there is none
    try:
        with trio.move_on_after(MOST_WHOLE_SECONDS), suppress(ProviderError):
            text = (await body.whole()).decode(errors="replace")
    finally:
        with trio.move_on_after(0, shield=True):
            await body.finish()
    try:
        described = json.loads(text)
    except (ValueError, RecursionError):
        return text, None
    return text, described.get("error", described) if isinstance(described, dict) else None
