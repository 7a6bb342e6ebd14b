"""What a user is still saying, handed in part by part and joined when it is whole."""

from collections.abc import Iterable
from dataclasses import replace

from nexy.errors import BadRequest
from nexy.types import Part, Screenshot

MOST_PARTS = 10_000  # far more than an utterance has; bounds what a draft remembers of numbers
CLINGING = ".,;:!?%)]}»”’…"  # no space is put before these


class Draft:
    """The parts of one prompt that have come.

    Clients send either what is new since their last part, or all of it again, grown: a part that
    begins with everything before it takes its place, any other is put behind it.
    """

    def __init__(self) -> None:
        self.screenshot: Screenshot | None = None
        self._texts: dict[int, str] = {}
        self._seen: set[int] = set()

    def __repr__(self) -> str:
        return f"<Draft {len(self._seen)} parts>"

    def add(self, part: Part, most_chars: int) -> None:
        """Take one part, if its number is new. Raises BadRequest when the whole grows too long."""
        if part.number in self._seen:
            return
        texts = self._texts | {part.number: part.text}
        newest = max(texts)
        if texts[newest].startswith(_join(texts[number] for number in sorted(texts)[:-1])):
            texts = {newest: texts[newest]}
        if sum(map(len, texts.values())) > most_chars or len(self._seen) >= MOST_PARTS:
            raise BadRequest(f"the collected prompt has more than {most_chars} characters")
        self._texts = texts
        self._seen.add(part.number)
        self.screenshot = part.screenshot or self.screenshot

    @property
    def parts(self) -> tuple[Part, ...]:
        """What another draft takes to be as this one."""
        texts = tuple(Part(number, text) for number, text in sorted(self._texts.items()))
        return (*texts[:-1], replace(texts[-1], screenshot=self.screenshot)) if texts else ()

    def text(self, rest: str = "") -> str:
        """All parts in the order of their numbers, and then `rest`."""
        return _join([*(self._texts[number] for number in sorted(self._texts)), rest])


def _join(parts: Iterable[str]) -> str:
    whole = ""
    for part in parts:
        if part.startswith(whole):
            whole = part
        elif part:
            apart = whole[-1].isspace() or part[0].isspace() or part[0] in CLINGING
            whole += part if apart else f" {part}"
    return whole
