"""espeak-ng: voices in a hundred languages that need no network. GPL, and so an optional extra.

The library is one for the whole process and not thread-safe (two threads at once end in a double
free), so one worker thread at a time is in it. A thread and not a process: synthesis takes about a
thousandth of the sound's length, and ctypes lets go of the interpreter meanwhile. It does crash on
characters that no text has (found by fuzzing): they are taken out before it sees them.
"""

import ctypes
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import soxr
import trio

from nexy.config import VoicesConfig
from nexy.errors import BadRequest, ProviderError
from nexy.modules.audio_generation.names import language_of_voice, short
from nexy.modules.audio_generation.pcm import SAMPLE_BYTES
from nexy.types import Sentence, Sound, Stream, Word

# Of espeak-ng's speak_lib.h.
SYNCHRONOUS, DONT_EXIT, UTF8, AT_CHARACTER = 2, 0x8000, 1, 1
LIST_TERMINATED, WORD = 0, 1
OK = 0

DEFAULT = "en-us"
MOST_PIECE_BYTES = 32_000
FIRST_PIECE_SECONDS = 0.06  # espeak's own step: the first sound is handed on as soon as there is any
LONGEST_WORD = 60  # characters; a longer one is said in parts
PUNCTUATION = frozenset(" .,;:!?'\"()-–—…%$€£₽@#*/\\+=&_«»“”‘’„¿¡°§©№")

SCRIPTS = (
    ("\u00c0", "\u024f"),  # Latin
    ("\u0300", "\u036f"),  # accents
    ("\u0370", "\u06ff"),  # Greek, Cyrillic, Armenian, Hebrew, Arabic
    ("\u0900", "\u0e5b"),  # the scripts of India, Thai
    ("\u10a0", "\u11ff"),  # Georgian, Korean
    ("\u1e00", "\u1fff"),  # more Latin and Greek
    ("\u3040", "\u30ff"),  # Japanese
    ("\u3400", "\u9fff"),  # Chinese
    ("\uac00", "\ud7a3"),  # Korean
)

_worker = trio.CapacityLimiter(1)


class _Event(ctypes.Structure):
    """espeak_EVENT."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in characters, from 1
        ("length", ctypes.c_int),  # in characters
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class _VoiceInfo(ctypes.Structure):
    """espeak_VOICE."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),  # a priority byte, a tag, NUL, and so on; the first one counts
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


Take: TypeAlias = Callable[[bytes, list[tuple[int, int]]], bool]


def _nobody(_pcm: bytes, _words: list[tuple[int, int]]) -> bool:
    return False


class _Library:
    """The C library, initialised once in a process. Only the worker thread may call `say`."""

    def __init__(self) -> None:
        import espeakng_loader

        self._c = ctypes.CDLL(espeakng_loader.get_library_path())
        self._c.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        self._c.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceInfo))
        data = espeakng_loader.get_data_path().encode()
        self.rate: int = self._c.espeak_Initialize(SYNCHRONOUS, 0, data, DONT_EXIT)  # Hz
        if self.rate <= 0:
            raise ProviderError("espeak: the library does not start")
        self.languages = self._list_languages()
        self._take: Take = _nobody
        self._callback = _Callback(self._on_sound)  # referenced here as long as the library may call it
        self._c.espeak_SetSynthCallback(self._callback)

    def _list_languages(self) -> dict[str, str]:
        """The voice of each language, by the identifier that the library surely finds it by.

        It does not find three of them by their language: fr-fr, en-gb, and one of Cherokee.
        """
        listed = self._c.espeak_ListVoices(None)
        found: dict[str, str] = {}
        at = 0
        while listed[at]:
            voice = listed[at].contents
            found.setdefault(voice.languages[1:].decode(), voice.identifier.decode())
            at += 1
        return found

    def _on_sound(self, samples: Any, count: int, events: Any) -> int:
        """Called by the library with each stretch of sound; 1 stops it."""
        words = []
        at = 0
        while events[at].type != LIST_TERMINATED:
            if events[at].type == WORD:
                words.append((events[at].text_position - 1, events[at].audio_position))
            at += 1
        pcm = ctypes.string_at(samples, count * SAMPLE_BYTES) if samples else b""
        return int(not self._take(pcm, words))

    def say(self, text: str, voice: str, take: Take) -> None:
        """Synthesise `text`; `take` gets sound and (character, millisecond) of words, and False stops it."""
        identifier = self.languages.get(voice)
        if identifier is None or self._c.espeak_SetVoiceByName(identifier.encode()) != OK:
            raise ProviderError(f"espeak: no voice {voice}")
        self._take = take
        data = text.encode() + b"\0"
        try:
            if self._c.espeak_Synth(data, len(data), 0, AT_CHARACTER, 0, UTF8, None, None) != OK:
                raise ProviderError("espeak: the synthesis failed")
        finally:
            self._take = _nobody  # the library outlives every utterance: it must not keep the last one


@cache
def _library() -> _Library:
    return _Library()


def espeak_languages() -> list[str]:
    """The names that its voices have; none when it is not installed. Takes a few milliseconds."""
    try:
        return sorted(_library().languages)
    except ImportError:
        return []


class _Utterance:
    """One sentence being said: the worker thread puts sound in, a Trio task takes it out."""

    def __init__(self, text: str, rates: tuple[int, int], put: Callable[[Sound], None]) -> None:
        self.stopped = False
        self._text = text
        self._rate = rates[1]
        self._put = put
        self._resampler = soxr.ResampleStream(*rates, 1, dtype="int16")
        self._pcm = bytearray()
        self._enough = int(FIRST_PIECE_SECONDS * self._rate) * SAMPLE_BYTES
        self._words: list[Word] = []
        self._open: tuple[int, float] | None = None  # the word that is sounding: its character, its second

    def take(self, pcm: bytes, words: list[tuple[int, int]]) -> bool:
        """Sound of the library's own rate; False when nobody wants more."""
        for start, millisecond in words:
            # "3.5" and "$3" are several words for the library, "for a" is one: white space decides.
            if self._open is None or self._text[start - 1 : start] == " ":
                self._end_word(start, millisecond / 1000)
                self._open = (start, millisecond / 1000)
        self._add(pcm, last=False)
        return not self.stopped

    def finish(self, seconds: float) -> None:
        """All of it, `seconds` long, was taken."""
        self._end_word(len(self._text), seconds)
        self._add(b"", last=True)

    def _end_word(self, next_start: int, at: float) -> None:
        if self._open is not None:
            start, began = self._open
            end = len(self._text[:next_start].rstrip())
            self._words.append(Word(start, end, began, max(began, at)))
            self._open = None

    def _add(self, pcm: bytes, *, last: bool) -> None:
        samples = self._resampler.resample_chunk(np.frombuffer(pcm, dtype="<i2"), last=last)
        self._pcm += samples.astype("<i2").tobytes()
        if self._pcm and (last or len(self._pcm) >= self._enough):
            self._hand_on()

    def _hand_on(self) -> None:
        words, self._words = tuple(self._words), []
        pcm, self._pcm = bytes(self._pcm), bytearray()
        self._enough = MOST_PIECE_BYTES
        self._put(Sound(pcm, self._rate, words))


class Espeak:
    """The voices of espeak-ng."""

    name = "espeak"

    def __init__(self, library: _Library, rate: int) -> None:
        self._library = library
        self._rate = rate

    def choose(self, voice: str, language: str) -> str:
        if not voice:
            return self._voice_of(language) or DEFAULT
        of_edge = language_of_voice(voice)
        found = self._voice_of(of_edge or voice)
        if found is None and not of_edge:
            raise BadRequest("unknown voice")
        return found or DEFAULT

    def _voice_of(self, language: str) -> str | None:
        """The voice of a BCP 47 tag: of its region if there is one, else of its language."""
        tag, code = language.replace("_", "-").lower(), short(language)
        if tag in ("en", DEFAULT):
            return DEFAULT
        for name in (tag, code, f"{code}-{code}"):
            if name in self._library.languages:
                return name
        return min((name for name in self._library.languages if name.startswith(f"{code}-")), default=None)

    def speak(self, sentence: Sentence) -> Stream[Sound]:
        return _speak(
            self._library, sentence.spoken, sentence.voice or self.choose("", sentence.language), self._rate
        )


@trio.as_safe_channel
async def _speak(library: _Library, spoken: str, voice: str, rate: int) -> AsyncGenerator[Sound, None]:
    text = _sayable(spoken)
    if not text.strip():
        return
    trio_side = trio.lowlevel.current_trio_token()
    # Unbounded in count, but never more than this one sentence: the library cannot wait.
    put, sounds = trio.open_memory_channel[Sound](1_000_000)
    utterance = _Utterance(
        text, (library.rate, rate), lambda sound: trio_side.run_sync_soon(put.send_nowait, sound)
    )

    def work() -> None:
        taken = 0

        def take(pcm: bytes, words: list[tuple[int, int]]) -> bool:
            nonlocal taken
            taken += len(pcm)
            return utterance.take(pcm, words)

        library.say(text, voice, take)
        if not utterance.stopped:
            utterance.finish(taken / (SAMPLE_BYTES * library.rate))

    failures: list[ProviderError] = []

    async def run() -> None:
        try:
            await trio.to_thread.run_sync(work, limiter=_worker)
        except ProviderError as error:
            failures.append(error)
        trio_side.run_sync_soon(put.close)  # after the sounds, which went the same way

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        try:
            async for sound in sounds:
                yield sound  # noqa: ASYNC101, ASYNC119 - as_safe_channel runs and closes this in a task
        finally:
            utterance.stopped = True  # the callback sees it within a step of 60 ms of sound, 0.6 ms of work
    if failures:
        raise failures[0]


def _sayable(text: str) -> str:
    """`text`, character for character, without what crashes the library or commands it."""
    out = []
    run = 0
    for character in text:
        keep = character in PUNCTUATION or _is_of_a_living_script(character)
        run = 0 if character.isspace() or not keep else run + 1
        if run > LONGEST_WORD:
            keep, run = False, 0
        out.append(character if keep else " ")
    return "".join(out)


def _is_of_a_living_script(character: str) -> bool:
    """A letter, a mark or a digit of a script that people write, and none of the modifier letters."""
    if character.isascii():
        return character.isalnum()
    kind = unicodedata.category(character)
    written = any(first <= character <= last for first, last in SCRIPTS)
    return written and kind != "Lm" and (kind[0] in "LM" or kind == "Nd")


@asynccontextmanager
async def open_espeak(config: VoicesConfig) -> AsyncIterator[Espeak]:
    """espeak-ng, its sound at the configured rate. Raises ProviderError when it is not installed."""
    try:
        library = await trio.to_thread.run_sync(_library, limiter=_worker)
    except ImportError:
        raise ProviderError(
            "espeak is not installed; install it with: pip install 'nexy[offline]' (or set TTS_PROVIDERS)"
        ) from None
    yield Espeak(library, config.sample_rate)
