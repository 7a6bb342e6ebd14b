"""What a user is still saying, handed in piece by piece and joined when it is whole."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from nexy.errors import BadRequest

CLINGING = ".,;:!?%)]}»”’…"  # no space is put before these


@dataclass(slots=True)
class Draft:
    """The parts of one prompt that have come.

    Clients send either what is new since their last part, or all of it again, grown: a part that
    begins with everything before it takes its place, any other is put behind it.
    """

    most_chars: int
    image: bytes = field(default=b"", repr=False)  # the newest screenshot, as a file
    _parts: dict[int, str] = field(default_factory=dict, repr=False)
    _seen: set[int] = field(default_factory=set, repr=False)

    def add(self, seq: int, text: str) -> None:
        """Take the part with this number, once. Raises BadRequest when the whole grows too long."""
        if seq in self._seen:
            return
        parts = self._parts | {seq: text}
        newest = max(parts)
        before = _join(parts[number] for number in sorted(parts) if number != newest)
        if parts[newest].startswith(before):
            parts = {newest: parts[newest]}
        if sum(map(len, parts.values())) > self.most_chars or len(self._seen) >= self.most_chars:
            raise BadRequest(f"the collected prompt is longer than {self.most_chars} characters")
        self._parts = parts
        self._seen.add(seq)

    def text(self, rest: str = "") -> str:
        """All parts in the order of their numbers, and then `rest`."""
        return _join([*(self._parts[number] for number in sorted(self._parts)), rest])


def _join(parts: Iterable[str]) -> str:
    whole = ""
    for part in parts:
        if part.startswith(whole):
            whole = part
        elif part:
            apart = whole[-1].isspace() or part[0].isspace() or part[0] in CLINGING
            whole += part if apart else f" {part}"
    return whole
