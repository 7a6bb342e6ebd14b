"""Voices: a sentence in, its sound out; and the clock that tells what of it was heard."""

from nexy.modules.audio_generation.listing import KnownVoice, known_voices
from nexy.modules.audio_generation.opening import FirstThatWorks, open_voice
from nexy.modules.audio_generation.pcm import cut, falling_tones, waiting_tones
from nexy.modules.audio_generation.playback import Playback
from nexy.modules.audio_generation.voice import Voice

__all__ = [
    "FirstThatWorks",
    "KnownVoice",
    "Playback",
    "Voice",
    "cut",
    "falling_tones",
    "known_voices",
    "open_voice",
    "waiting_tones",
]
