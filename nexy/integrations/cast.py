"""Who takes part in an answer, and how it went."""

from dataclasses import dataclass

import trio

from nexy.config import TurnConfig
from nexy.integrations.sayings import Sayings
from nexy.modules.memory_management import Memory
from nexy.modules.text_filtering import NO_PRONUNCIATIONS, Pronunciations
from nexy.modules.text_processing import LanguageModel, Usage


@dataclass(frozen=True)
class Cast:
    """Those who take part in an answer."""

    model: LanguageModel
    voice: Sayings
    memory: Memory
    config: TurnConfig
    pronunciations: Pronunciations = NO_PRONUNCIATIONS
    rate: int = 48_000  # of the sound that is sent, Hz


@dataclass(slots=True)
class Times:
    """When an answer got where (seconds from its request), and how large it became."""

    began: float
    recall: float | None = None  # how long it took
    first_word: float | None = None
    first_sound: float | None = None
    sentences: int = 0
    chars: int = 0
    sound_seconds: float = 0.0
    usage: Usage | None = None

    def so_far(self) -> float:
        return trio.current_time() - self.began
