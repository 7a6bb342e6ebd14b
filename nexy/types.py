"""The words that every part of Nexy uses: who speaks, what was said, what goes back."""

import math
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, NewType, TypeAlias, TypeVar

import trio

HardwareId = NewType("HardwareId", str)
"""Names one device, and so one user. Never written to a log."""

SessionId = NewType("SessionId", str)
"""Names one conversation of a device."""

MOST_SOUND_BYTES = 32_000
"""Of one chunk of sound. The contract allows 32,768; so that a whole message is less than half of HTTP/2's
usual window, and never has to be sent in parts, it is a little less: a third of a second at 48 kHz."""

T = TypeVar("T")

Stream: TypeAlias = AbstractAsyncContextManager[trio.abc.ReceiveChannel[T]]
"""Values as they come. Leaving the block stops the work behind it and closes the socket behind
that; the end of the channel is the end of the stream."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as it is known; without anything else, one who may do nothing."""

    device: HardwareId | None = field(default=None, repr=False)  # that it may act for
    any_device: bool = False  # it may act for every one
    operator: bool = False  # it may do what only operators may

    def may_be(self, who: HardwareId) -> bool:
        """Whether it may act for the device `who`."""
        return self.any_device or self.device == who


@dataclass(frozen=True, slots=True)
class Timing:
    """When a request came, and when its client gives up: trio.current_time() seconds."""

    asked_at: float
    deadline: float = math.inf


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A picture of the user's screen, in the file format that it came in."""

    image: bytes = field(repr=False)
    kind: Literal["png", "jpeg", "webp"]
    width: int  # pixels
    height: int  # pixels


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a user said, and what was on the screen when it was said."""

    hardware_id: HardwareId = field(repr=False)
    session_id: SessionId | None  # None when the client has not named one
    prompt: str = field(repr=False)
    screenshot: Screenshot | None = None
    screen: tuple[int, int] | None = None  # width and height of the whole screen, pixels
    word_times: bool = False  # the client wants to know when each word is said
    traceparent: str = field(default="", repr=False)  # the client's own span, which the turn is part of


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an utterance that is still being said."""

    number: int  # its place among the parts, and its name: a number is taken once
    text: str = field(repr=False)
    screenshot: Screenshot | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """What an interrupt has stopped."""

    sessions: Sequence[SessionId] = ()
    complete: bool = True  # False: a process could not be asked, and may be answering still


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten."""

    rows: int = 0
    complete: bool = True  # False: a process could not be asked, and may know of it still


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of a conversation as the user lived it."""

    prompt: str = field(repr=False)
    heard: str = field(repr=False)  # the words of the answer that were heard, not all that were written
    complete: bool = True  # False when the answer was cut off


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of an answer: as the model wrote it, and as a voice says it."""

    text: str  # exactly as written, white space included: the pieces of an answer join to the answer
    spoken: str  # what the voice says; empty when there is nothing to say
    marks: tuple[tuple[int, int], ...] = ()
    """For each spoken word, ascending: (its end in `spoken`, where `text` has got to by then)."""
    language: str = "en"  # ISO 639-1
    voice: str = ""  # the provider's own name of a voice; empty for its default in that language
    aside: bool = False  # Nexy's own words beside the answer: heard, and no part of what the model said

    def text_said(self, spoken_chars: int) -> str:
        """The part of `text` that is said when the first `spoken_chars` characters of `spoken` are."""
        if spoken_chars >= len(self.spoken):
            return self.text
        said = bisect_right(self.marks, spoken_chars, key=lambda mark: mark[0])
        return self.text[: self.marks[said - 1][1]] if said else ""

    def place(self, word: "Word") -> tuple[int, int]:
        """Where in `text` stands what `word` is said for: its first character, one past its last."""
        first = len(self.text_said(word.start))
        reached = bisect_right(self.marks, first, key=lambda mark: mark[1])
        past = self.marks[reached][1] if reached < len(self.marks) else len(self.text)
        said = self.text[first:past]
        return past - len(said.lstrip()), past - len(said) + len(said.rstrip())


@dataclass(frozen=True, slots=True)
class Word:
    """When one word of a sentence sounds."""

    start: int  # its first character in Sentence.spoken
    end: int  # one past its last character there
    at: float  # seconds from the start of the sentence's sound
    until: float  # seconds from the start of the sentence's sound


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of a sentence's sound: signed 16-bit little-endian PCM, one channel."""

    pcm: bytes | memoryview = field(repr=False)
    rate: int  # samples a second, Hz
    words: tuple[Word, ...] = ()  # words whose time became known with this stretch
    provider: str = ""  # the name of the voice provider that made it; empty from the provider itself

    @property
    def seconds(self) -> float:
        return len(self.pcm) / (2 * self.rate)


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A sentence, sent before its sound."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """When a word is said, and for what: several words may be said for one that is written."""

    at: float  # seconds from the start of the sentence's sound
    until: float  # seconds from the start of the sentence's sound
    first: int  # in the sentence's text
    past: int  # one past the last character there


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A slice of speech: signed 16-bit little-endian PCM, one channel."""

    pcm: bytes | memoryview = field(repr=False)
    rate: int  # samples a second, Hz
    words: tuple[SpokenWord, ...] = field(default=(), repr=False)  # only for clients that ask

    @property
    def seconds(self) -> float:
        return len(self.pcm) / (2 * self.rate)


@dataclass(frozen=True, slots=True)
class Action:
    """Something for the client to do, sent only after the last sound."""

    action_json: str = field(repr=False)
    session_id: SessionId
    feature_id: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete; nothing follows."""


Reply: TypeAlias = TextChunk | AudioChunk | Action | Done

SendReply: TypeAlias = Callable[[Reply], Awaitable[None]]
"""Delivers one reply, whole or (when cancelled) not at all; waits while the client is slow."""
