"""Text on its way to the voice: cut into sentences, and made speakable."""

from nexy.modules.text_filtering.sentences import SentenceSplitter

__all__ = ["SentenceSplitter"]
