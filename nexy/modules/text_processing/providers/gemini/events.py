"""Server-sent events, as far as Gemini uses them: whole events out of bytes, and their check. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from nexy.errors import Fault
from nexy.modules.text_processing.providers.gemini.faults import failure, failure_of_status

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_LINE_END = re.compile(rb"\r\n|\n|\r")


class Events:
    """Takes bytes as they come, gives whole events without the blank line behind them."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The events that are whole now."""
        *events, self._tail = _BLANK_LINE.split(self._tail + data)
        return events

    def rest(self) -> list[bytes]:
        """What has come since the last blank line, when nothing more will."""
        tail, self._tail = self._tail, b""
        return [tail] if tail.strip() else []


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
