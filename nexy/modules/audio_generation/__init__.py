"""Voices: a sentence in, its sound out; and the clock that tells what of it was heard."""

from nexy.modules.audio_generation.listing import KnownVoice, known_voices
from nexy.modules.audio_generation.opening import open_voice
from nexy.modules.audio_generation.pcm import cut
from nexy.modules.audio_generation.playback import Playback
from nexy.modules.audio_generation.voice import Voice

__all__ = ["KnownVoice", "Playback", "Voice", "cut", "known_voices", "open_voice"]
