"""Text on its way to the voice: cut into sentences, and made speakable."""

from nexy.modules.text_filtering.language import language_of
from nexy.modules.text_filtering.pronunciations import NO_PRONUNCIATIONS, Pronunciations
from nexy.modules.text_filtering.reader import Reader, load
from nexy.modules.text_filtering.sentences import SentenceSplitter
from nexy.modules.text_filtering.speakable import speakable
from nexy.modules.text_filtering.speech import Spoken

__all__ = [
    "NO_PRONUNCIATIONS",
    "Pronunciations",
    "Reader",
    "SentenceSplitter",
    "Spoken",
    "language_of",
    "load",
    "speakable",
]
