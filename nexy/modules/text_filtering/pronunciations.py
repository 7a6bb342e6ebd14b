"""How a user wants words to be said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_POSSESSIVE = re.compile(r"(.+)(['’]s)")


@dataclass(frozen=True)
class Pronunciations:
    """Language ("" for all) → word → how it is said. A word without capitals stands for all its writings."""

    table: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.table)

    def of(self, word: str, language: str) -> str | None:
        """How a word is said, single spaces between its parts; None for one that has no entry."""
        said = self._entry(word, language)
        if said is None and (owner := _POSSESSIVE.fullmatch(word)):
            said = self._entry(owner[1], language)
            said = said and said + owner[2]
        return said and " ".join(said.split())

    def _entry(self, word: str, language: str) -> str | None:
        for words in (self.table.get(language, {}), self.table.get("", {})):
            said = words.get(word) or words.get(word.lower())
            if said:
                return said
        return None


NO_PRONUNCIATIONS = Pronunciations()
