"""Reads a text aloud while it is being written: its sentences, each in its language and as it is said."""

from nexy.modules.text_filtering.language import language_of
from nexy.modules.text_filtering.sentences import SentenceSplitter
from nexy.modules.text_filtering.speakable import speakable
from nexy.types import Sentence


class Reader:
    """Takes a text in the pieces in which it is written, and gives it back in sentences. Sans-I/O.

    The texts of the sentences join to the text. `language` is that of a sentence which does not tell.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._splitter = SentenceSplitter()

    def feed(self, text: str) -> list[Sentence]:
        """The sentences that are complete now that `text` has been written."""
        return [self._read(piece) for piece in self._splitter.feed(text)]

    def flush(self) -> list[Sentence]:
        """What is left of the text, which has ended."""
        rest = self._splitter.flush()
        return [self._read(rest)] if rest.strip() else []

    def _read(self, text: str) -> Sentence:
        self._language = language_of(text, self._language)
        spoken = speakable(text, self._language)
        return Sentence(text, spoken.text, spoken.marks, self._language)
