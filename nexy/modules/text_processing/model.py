"""What a language model promises."""

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from nexy.types import Exchange, Screenshot, Stream


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a model is told for one answer."""

    said: str = field(repr=False)
    history: tuple[Exchange, ...] = field(default=(), repr=False)  # oldest first
    screenshot: Screenshot | None = None
    recollection: str = field(default="", repr=False)  # what memory holds of this user: data, never orders
    task: str = field(
        default="", repr=False
    )  # instructions in place of Nexy's own, for work behind the scenes
    asker: str = field(default="", repr=False)  # whose request it is: users take turns at a model
    asked_at: float | None = None  # when the request came, trio.current_time(); None for just now


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, in the model's own tokens."""

    input_tokens: int
    output_tokens: int
    model: str


Piece: TypeAlias = str | Usage
"""A piece of the answer's text, never empty; or, at most once and last, what it cost."""


class LanguageModel(Protocol):
    """Finds answers. Safe to use from many sessions at once."""

    @property
    def name(self) -> str: ...

    def stream(self, prompt: Prompt) -> Stream[Piece]:
        """The answer to `prompt`, piece by piece. Raises ProviderError."""
        ...
