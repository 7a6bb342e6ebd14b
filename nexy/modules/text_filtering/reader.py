"""Reads a text aloud while it is being written: its sentences, each in its language and as it is said."""

from nexy.modules.text_filtering.language import language_of, load_languages
from nexy.modules.text_filtering.pictographs import load_names
from nexy.modules.text_filtering.pronunciations import NO_PRONUNCIATIONS, Pronunciations
from nexy.modules.text_filtering.sentences import SentenceSplitter
from nexy.modules.text_filtering.speakable import speakable
from nexy.types import Sentence

FIRST_WORDS = 3  # a shorter clause is over before the voice has made the next piece


def load() -> None:
    """Load what is read from the disk, so that no answer waits for it. Blocks."""
    load_languages()
    load_names()


class Reader:
    """Takes a text in the pieces in which it is written, and gives it back in sentences. Sans-I/O.

    The texts of the sentences join to the text. `language` is that of a sentence which does not tell.
    """

    def __init__(self, language: str, pronunciations: Pronunciations = NO_PRONUNCIATIONS) -> None:
        self._language = language
        self._pronunciations = pronunciations
        self._headings: tuple[str, ...] = ()  # of the table that is being read
        self._holds = False
        self._splitter = SentenceSplitter(first=FIRST_WORDS)

    @property
    def holds(self) -> bool:
        """There is something that `let_go` was not asked for yet."""
        return self._holds

    def feed(self, text: str) -> list[Sentence]:
        """The sentences that are complete now that `text` has been written."""
        self._holds = True
        return [self._read(piece) for piece in self._splitter.feed(text)]

    def let_go(self) -> list[Sentence]:
        """What can be said already of a text whose writer pauses."""
        self._holds = False
        piece = self._splitter.let_go()
        return [self._read(piece)] if piece else []

    def flush(self) -> list[Sentence]:
        """What is left of the text, which has ended."""
        rest = self._splitter.flush()
        return [self._read(rest)] if rest.strip() else []

    def _read(self, text: str) -> Sentence:
        self._language = language_of(text, self._language)
        spoken = speakable(text, self._language, headings=self._headings, pronunciations=self._pronunciations)
        self._headings = spoken.headings
        return Sentence(text, spoken.text, spoken.marks, self._language)
