"""Microsoft Edge's online voices, through the library edge-tts."""

from nexy.modules.audio_generation.providers.edge.opening import open_edge
from nexy.modules.audio_generation.providers.edge.voices import VOICES, Person

__all__ = ["VOICES", "Person", "open_edge"]
