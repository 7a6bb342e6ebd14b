"""Checks the body of a response before the SDK reads it.

The SDK reads through a dozen async generators, one inside the other. An error that one in the middle
raises leaves those inside it to the collector, which ends them late and with warnings; one that comes
from the innermost place ends them all in order. So the SDK gets only whole events that are chunks, no
event and no error's text without end, and everything else is an error here. Imported when Gemini is
opened: httpx2 is slow to import.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import httpx2

from nexy.errors import ProviderError
from nexy.modules.text_processing.providers.gemini.events import Chunks, ErrorText


class CheckedBody(httpx2.AsyncByteStream):
    """A body of which only what is good is given on; the first bad thing raises ProviderError."""

    def __init__(self, response: httpx2.Response) -> None:
        self._body = cast("httpx2.AsyncByteStream", response.stream)
        self._parts = aiter(self._body)
        answers = response.status_code == 200
        self._content = (
            Chunks(response.headers) if answers else ErrorText(response.status_code, response.headers)
        )
        self._end: Exception | None = None  # raised by the next call

    def __aiter__(self) -> "CheckedBody":
        return self

    async def __anext__(self) -> bytes:
        while self._end is None:
            if good := b"".join(self._good(await self._read())):
                return good
        raise self._end

    async def _read(self) -> Iterator[bytes]:
        try:
            return self._content.feed(await anext(self._parts))
        except StopAsyncIteration:
            self._end = StopAsyncIteration()
            return self._content.rest()

    def _good(self, content: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from content
        except ProviderError as error:
            self._end = error

    async def aclose(self) -> None:
        """Close the socket, unless the body was read to its end. Whoever still reads finds it over."""
        self._end = StopAsyncIteration()
        await self._body.aclose()
        with suppress(httpx2.HTTPError, httpx2.StreamError):
            async for _ in self._parts:  # fails or ends at once, and so ends what httpx2 had in it
                pass
