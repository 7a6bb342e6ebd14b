"""One turn, from what the user said to the last word heard: recall → model → sentences → voice →
replies → remember. Think, speak and stream run side by side; the bounded channels between them are
the back-pressure."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

import trio

from nexy.config import TurnConfig
from nexy.errors import ProviderError, ProviderTimeout
from nexy.integrations.phrases import APOLOGIES, in_language
from nexy.modules.audio_generation import Playback, Voice, cut
from nexy.modules.memory_management import Memory
from nexy.modules.session_management import Notes
from nexy.modules.text_filtering import SentenceSplitter, language_of, speakable
from nexy.modules.text_processing import LanguageModel, Prompt, Usage
from nexy.nursery.session import Session
from nexy.types import AudioChunk, Done, Exchange, SendReply, Sentence, Sound, TextChunk, Utterance

SENTENCES_AHEAD = 2  # how many sentences the model may be ahead of the voice
SOUNDS_AHEAD = 4  # pieces of sound the voice may be ahead of the sending: with it, the next sentence is ready
FIRST_SOUND_SECONDS = 0.04  # of an answer's first chunk: the sooner it is whole, the sooner it is heard
MOST_SOUND_BYTES = 32_768  # of any chunk, as the contract says

ToVoice: TypeAlias = trio.MemorySendChannel[Sentence]
Source: TypeAlias = Callable[[ToVoice], "Awaitable[None]"]
