"""Google's Gemini, over its REST interface."""

from nexy.modules.text_processing.providers.gemini.client import open_gemini

__all__ = ["open_gemini"]
