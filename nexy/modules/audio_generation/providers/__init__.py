"""The voices that can be named in the configuration."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from nexy.config import VoicesConfig
from nexy.modules.audio_generation.providers.edge import open_edge
from nexy.modules.audio_generation.providers.espeak import open_espeak
from nexy.modules.audio_generation.providers.tone import open_tone
from nexy.modules.audio_generation.voice import Voice

PROVIDERS: dict[str, Callable[[VoicesConfig], AbstractAsyncContextManager[Voice]]] = {
    "edge": open_edge,
    "espeak": open_espeak,
    "tone": open_tone,
}
