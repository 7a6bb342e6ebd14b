"""The body of a response, as far as Gemini uses it: server-sent events, or an error's text. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from nexy.errors import Fault
from nexy.modules.text_processing.providers.gemini.faults import failure, failure_of_status

MOST_EVENT_BYTES = 1_048_576  # a piece of text has some hundreds; one without end must not fill the memory
MOST_ERROR_BYTES = (
    65_536  # of an error's text, which has a thousand; when there is more, the status says enough
)

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_SPLIT_BYTES = 3  # of a blank line that may be there already, when the rest of it comes


class Events:
    """Takes bytes as they come, gives whole events without the blank line behind them."""

    def __init__(self) -> None:
        self._tail = bytearray()

    def __repr__(self) -> str:
        return f"<Events: {len(self._tail)} bytes wait>"

    def feed(self, data: bytes) -> list[bytes]:
        """The events that are whole now. Raises ProviderError when one has no end."""
        seen = max(0, len(self._tail) - _SPLIT_BYTES)
        self._tail += data
        if not _BLANK_LINE.search(self._tail, seen):
            if len(self._tail) > MOST_EVENT_BYTES:
                raise failure(Fault.MALFORMED)
            return []
        *events, tail = _BLANK_LINE.split(bytes(self._tail))
        self._tail = bytearray(tail)
        return events

    def rest(self) -> list[bytes]:
        """What has come since the last blank line, when nothing more will."""
        tail, self._tail = bytes(self._tail), bytearray()
        return [tail] if tail.strip() else []


class Chunks:
    """The body of an answer: takes bytes as they come, gives events as the SDK reads them."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._events = Events()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The events that are whole now. Raises ProviderError, after those that are good."""
        for event in self._events.feed(data):
            yield checked(event, self._headers)

    def rest(self) -> Iterator[bytes]:
        """The last event, when nothing more comes. Raises ProviderError."""
        for event in self._events.rest():
            yield checked(event, self._headers)


class ErrorText:
    """The body that comes with a status that is not 200."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self._headers = headers
        self._left = MOST_ERROR_BYTES

    def feed(self, data: bytes) -> Iterator[bytes]:
        """`data` as it is. Raises ProviderError, for the status, when there is too much of it."""
        self._left -= len(data)
        if self._left < 0:
            raise failure_of_status(self._status, None, self._headers, datetime.now(UTC))
        yield data

    def rest(self) -> Iterator[bytes]:
        """Nothing: there is no end to look for."""
        return iter(())


def checked(event: bytes, headers: Mapping[str, str]) -> bytes:
    """The event as the SDK reads it; nothing for a comment. Raises ProviderError if it is no chunk."""
    lines = [line for line in _LINE_END.split(event) if line and not line.startswith(b":")]
    data = b"\n".join(line.removeprefix(b"data:").strip() for line in lines if line.startswith(b"data:"))
    if not lines:
        return b""
    try:
        said = json.loads(data or event)
    except (ValueError, RecursionError):
        raise failure(Fault.MALFORMED) from None
    if isinstance(said, list) and len(said) == 1:
        said = said[0]  # how errors look where event streams are not asked for
    if not isinstance(said, dict):
        raise failure(Fault.MALFORMED)
    if "error" in said:
        error = said["error"]
        code = error.get("code") if isinstance(error, dict) else None
        if not isinstance(code, int):
            raise failure(Fault.MALFORMED)
        raise failure_of_status(code, said, headers, datetime.now(UTC))
    if not data:
        raise failure(Fault.MALFORMED)
    return b"data: " + json.dumps(said).encode() + b"\n\n"
