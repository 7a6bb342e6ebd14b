"""The language models that can be named in the configuration."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from nexy.config import ModelsConfig
from nexy.modules.text_processing.model import LanguageModel
from nexy.modules.text_processing.providers.gemini import open_gemini
from nexy.modules.text_processing.providers.offline import open_offline
from nexy.modules.text_processing.providers.openai import open_openai
from nexy.modules.text_processing.providers.scripted import open_scripted

__all__ = ["PROVIDERS", "open_gemini", "open_offline", "open_openai", "open_scripted"]

PROVIDERS: dict[str, Callable[[ModelsConfig], AbstractAsyncContextManager[LanguageModel]]] = {
    "gemini": open_gemini,
    "offline": open_offline,
    "openai": open_openai,
    "scripted": open_scripted,
}
