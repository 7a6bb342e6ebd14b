"""Checks the body of a response before the SDK reads it.

The SDK reads through a dozen async generators, one inside the other. An error that one in the middle
raises leaves those inside it to the collector, which ends them late and with warnings; one that comes
from the innermost place ends them all in order. So the SDK gets only whole events that are chunks,
and everything else is an error here. Imported when Gemini is opened: httpx2 is slow to import.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import httpx2

from nexy.errors import ProviderError
from nexy.modules.text_processing.providers.gemini.events import Events, checked


class CheckedBody(httpx2.AsyncByteStream):
    """An event stream of which only good events are given on; the first bad one raises ProviderError."""

    def __init__(self, response: httpx2.Response) -> None:
        self._body = cast("httpx2.AsyncByteStream", response.stream)
        self._parts = aiter(self._body)
        self._headers = response.headers
        self._events = Events()
        self._end: Exception | None = None  # raised by the next call

    def __aiter__(self) -> "CheckedBody":
        return self

    async def __anext__(self) -> bytes:
        while self._end is None:
            if good := b"".join(self._good(await self._read())):
                return good
        raise self._end

    async def _read(self) -> list[bytes]:
        try:
            return self._events.feed(await anext(self._parts))
        except StopAsyncIteration:
            self._end = StopAsyncIteration()
            return self._events.rest()

    def _good(self, events: list[bytes]) -> Iterator[bytes]:
        for event in events:
            try:
                yield checked(event, self._headers)
            except ProviderError as error:
                self._end = error
                return

    async def aclose(self) -> None:
        """Close the socket, unless the body was read to its end. Whoever still reads finds it over."""
        self._end = StopAsyncIteration()
        await self._body.aclose()
        with suppress(httpx2.HTTPError, httpx2.StreamError):
            async for _ in self._parts:  # fails or ends at once, and so ends what httpx2 had in it
                pass
