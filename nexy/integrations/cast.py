"""Who takes part in an answer, and how it went."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec

import trio

from nexy.config import TurnConfig
from nexy.integrations.sayings import Sayings
from nexy.modules.memory_management import Memory
from nexy.modules.text_filtering import NO_PRONUNCIATIONS, Pronunciations
from nexy.modules.text_processing import LanguageModel, Usage
from nexy.monitoring.tracing import NO_SPAN, NO_TRACE, Span, Trace
from nexy.types import Sentence

P = ParamSpec("P")


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
    voice: str = ""  # the provider that made the first sound
    trace: Trace = field(default=NO_TRACE, repr=False)
    _asking: Span = field(default=NO_SPAN, repr=False)
    _sending: Span = field(default=NO_SPAN, repr=False)
    _filtered: int = 0  # sentences

    def so_far(self) -> float:
        return trio.current_time() - self.began

    def asking(self, model: str) -> Span:
        """The model is asked, until it has written all."""
        self._asking = self.trace.begin("model", providers=model)
        return self._asking

    def worded(self) -> None:
        """The model has said its first word."""
        self.first_word = self.so_far()
        self._asking.first("first_word")

    def told(self, usage: Usage) -> None:
        """The model has said what the answer cost."""
        self.usage = usage
        self._asking.note(
            model=usage.model, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens
        )

    def filtered(self, read: Callable[P, list[Sentence]], *args: P.args, **more: P.kwargs) -> list[Sentence]:
        """What the reader makes of what was written; noted only when it is a sentence."""
        if self.trace is NO_TRACE:
            return read(*args, **more)
        began = trio.current_time()
        sentences = read(*args, **more)
        for sentence in sentences:
            self._filtered += 1
            span = self.trace.begin("filter", sentence=self._filtered, chars=len(sentence.text))
            span.began = began
            span.end()
        return sentences

    def sends(self, sentence: Sentence) -> None:
        """A sentence's text is sent now, and then its sound."""
        self.sentences += 1
        self.chars += len(sentence.text)
        self._sending.end()
        self._sending = self.trace.begin("send", sentence=self.sentences, aside=sentence.aside)

    def sent(self) -> None:
        """The last sentence is sent."""
        self._sending.end()
