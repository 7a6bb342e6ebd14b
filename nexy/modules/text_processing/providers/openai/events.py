"""Server-sent events, without any I/O: bytes in, the data of whole events out."""

MOST_EVENT_BYTES = 1_048_576  # a piece of text has a hundred; an endless line must not fill the memory


class TooLong(ValueError):
    """An event has no end."""


class Events:
    """Takes bytes as they come. Of the fields of an event only `data` counts here."""

    def __init__(self) -> None:
        self._rest = b""  # of a line that is not whole
        self._data: list[bytes] = []

    def __repr__(self) -> str:
        return f"<Events waiting={len(self._rest)} bytes>"

    def feed(self, received: bytes) -> list[bytes]:
        """The data of the events that are whole by now. Raises TooLong."""
        received = self._rest + received
        held = received.endswith(b"\r")  # a "\n" that belongs to it may follow
        whole = (received[:-1] if held else received).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._rest = whole.split(b"\n")
        self._rest += b"\r" if held else b""
        if len(self._rest) + sum(map(len, self._data)) > MOST_EVENT_BYTES:
            raise TooLong
        return [event for line in lines if (event := self._take(line))]

    def end(self) -> list[bytes]:
        """The data of the last event, when the empty line behind it is missing."""
        return self.feed(b"\n\n")

    def _take(self, line: bytes) -> bytes:
        """The data of the event that `line` ends; empty when it ends none."""
        if not line:
            data, self._data = self._data, []
            return b"\n".join(data)
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        return b""
