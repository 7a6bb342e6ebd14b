"""What is known of a user, as values: single facts, and what is to become of them."""

import re
from dataclasses import dataclass, field

MOST_FACT = 300  # characters; what is longer is a story
MOST_SUBJECT = 80  # characters

_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a user told of themselves."""

    subject: str  # what it is about, "name" or "likes:tea": a newer fact about it takes the place of an older
    text: str = field(repr=False)  # one line, in the third person
    said_at: float  # Unix seconds
    source: str  # the id of the exchange in which it was said
    id: str = ""
    language: str = "en"  # ISO 639-1, of the text
    confirmed_at: float = 0.0  # Unix seconds: when it was last said again; 0 if never

    @property
    def held_at(self) -> float:
        """When it was last known to hold, Unix seconds."""
        return max(self.said_at, self.confirmed_at)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become of what is known of a user: all of it at once, or nothing."""

    add: tuple[Fact, ...] = ()
    supersede: tuple[tuple[str, Fact], ...] = ()  # (the id of the old fact, the one that takes its place)
    confirm: tuple[str, ...] = ()  # ids of facts that were said again
    drop: tuple[str, ...] = ()  # ids of facts for which there is no more room
    gist: str | None = None  # None leaves it as it is
    source: str = ""  # the id of the exchange that they come from
    at: float = 0.0  # Unix seconds


def one_line(text: str, most: int) -> str:
    """`text` without control characters, on one line of at most `most` characters."""
    line = " ".join(_NOT_TEXT.sub(" ", text).split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,.;:") + "…"
