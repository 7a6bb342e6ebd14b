"""The voices that can be asked for by name."""

from typing import NamedTuple

from nexy.modules.audio_generation.names import short
from nexy.modules.audio_generation.providers.edge import VOICES
from nexy.modules.audio_generation.providers.espeak import espeak_languages


class KnownVoice(NamedTuple):
    """One of them. Edge has more than are known here, and takes their names too."""

    name: str
    language: str  # BCP 47
    gender: str  # empty when it has none
    provider: str


def known_voices(language: str = "") -> list[KnownVoice]:
    """All of them, or those of a language ("pt") or region ("pt-BR"); espeak's if it is installed."""
    edge = [KnownVoice(person.name, person.tag, person.gender, "edge") for person in VOICES]
    espeak = [KnownVoice(name, name, "", "espeak") for name in espeak_languages()]
    return [voice for voice in edge + espeak if _speaks(voice.language, language)]


def _speaks(tag: str, wanted: str) -> bool:
    """Whether a voice for `tag` is one for `wanted`; without a region all regions are wanted."""
    tag, wanted = tag.lower(), wanted.replace("_", "-").lower()
    return not wanted or tag == wanted or ("-" not in wanted and short(tag) == wanted)
