"""What goes into the database and comes out of it, as values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Figures:
    """How an answer went: seconds since its request, None for what did not happen."""

    seconds: float
    recall_seconds: float | None = None
    first_word_seconds: float | None = None
    first_sound_seconds: float | None = None
    sound_seconds: float = 0.0  # that were sent
    sentences: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One turn: what was said, what was written, and what was heard of it."""

    id: str  # hex of a uuid: storing it twice stores it once
    session: str
    asked_at: float  # Unix seconds
    prompt: str = field(repr=False)
    generated: str = field(repr=False)
    heard: str = field(repr=False)
    why: str  # it ended
    model: str
    voice: str
    figures: Figures
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False  # nobody told the tokens: the answer broke off
    image_kind: str = ""
    image_bytes: int = 0


@dataclass(frozen=True, slots=True)
class StoredFact:
    """One thing that is known of a user."""

    id: str
    subject: str  # what it is about: "name", "likes:tea"
    text: str = field(repr=False)
    language: str
    source: str  # the id of the exchange in which it was said
    said_at: float  # Unix seconds
    confirmed_at: float  # Unix seconds: when it was last said again; 0 if never


Recollected: TypeAlias = tuple[Sequence[StoredFact], tuple[str, float] | None]
"""Facts, oldest first; and the gist of recent talk with when it was written, Unix seconds."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of what is known of a user: all of it at once, or nothing."""

    add: tuple[StoredFact, ...] = ()
    supersede: tuple[tuple[str, str], ...] = ()  # (the id of the old fact, of the one that takes its place)
    confirm: tuple[str, ...] = ()  # ids
    drop: tuple[str, ...] = ()  # ids
    gist: str | None = None  # None leaves it as it is
    at: float = 0.0  # Unix seconds


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one user, source and model."""

    source: str
    model: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was issued; times are Unix seconds."""

    id: str
    kind: str  # "device" or "operator"
    label: str
    issued_at: float
    expires_at: float
    revoked_at: float | None = None
