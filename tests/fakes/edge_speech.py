"""What the fake Edge says: a sine for each word, as real MP3, and when each word sounds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import av
import numpy as np

RATE = 24_000  # Hz, of audio-24khz-48kbitrate-mono-mp3
BITS_PER_SECOND = 48_000
STEP_SECONDS = 0.24  # how much is encoded at once: ten frames
LEAD_SECONDS, GAP_SECONDS, TAIL_SECONDS = 0.1, 0.06, 0.3
FADE_SECONDS = 0.01
LOUDNESS = 0.3
TICKS_PER_SECOND = 10_000_000

_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True)
class Spoken:
    """One word of the fake's: as the service would name it, without punctuation."""

    text: str
    at: float  # seconds
    seconds: float


def words_of(text: str) -> list[Spoken]:
    """When each word of `text` sounds."""
    at = LEAD_SECONDS
    words = []
    for token in _WORD.findall(text):
        word = _EDGES.sub("", token)
        if word:
            words.append(Spoken(word, at, min(0.6, 0.12 + 0.04 * len(word))))
            at += words[-1].seconds + GAP_SECONDS
    return words


def sound_of(words: list[Spoken]) -> np.ndarray:
    """All of it as samples of 24 kHz: word n is a sine of 300 + 50 * (n % 10) Hz."""
    end = words[-1].at + words[-1].seconds + TAIL_SECONDS if words else TAIL_SECONDS
    samples = np.zeros(round(end * RATE), dtype=np.float32)
    fade = np.linspace(0, 1, round(FADE_SECONDS * RATE), dtype=np.float32)
    for number, word in enumerate(words):
        length = round(word.seconds * RATE)
        tone = np.sin(np.arange(length, dtype=np.float32) * (2 * np.pi * (300 + 50 * (number % 10)) / RATE))
        tone[: len(fade)] *= fade
        tone[-len(fade) :] *= fade[::-1]
        start = round(word.at * RATE)
        samples[start : start + length] = tone
    return (samples * (LOUDNESS * 32767)).astype(np.int16)


class Speech:
    """One text, encoded as far as somebody has asked for it."""

    def __init__(self, text: str) -> None:
        self.words = words_of(text)
        self._steps: list[bytes] = []
        self._encoder = _encode(sound_of(self.words))

    def steps(self) -> Iterator[bytes]:
        """The MP3, in order, a step at a time."""
        number = 0
        while True:
            if number == len(self._steps):
                step = next(self._encoder, None)
                if step is None:
                    return
                self._steps.append(step)
            yield self._steps[number]
            number += 1

    def messages(self, size: int) -> Iterator[bytes]:
        """The MP3 in messages of `size` bytes, the last one shorter."""
        rest = b""
        for step in self.steps():
            rest += step
            while len(rest) >= size:
                yield rest[:size]
                rest = rest[size:]
        if rest:
            yield rest


@lru_cache(maxsize=256)
def speech(text: str) -> Speech:
    """The fake's way to say `text`; the same text is encoded once."""
    return Speech(text)


def _encode(samples: np.ndarray) -> Iterator[bytes]:
    encoder = av.CodecContext.create("libmp3lame", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate = RATE
    encoder.bit_rate = BITS_PER_SECOND
    encoder.format = av.AudioFormat("s16p")
    encoder.layout = av.AudioLayout("mono")
    encoder.options = {"compression_level": "9"}  # the fastest: it is a sine
    step = round(STEP_SECONDS * RATE)
    frame_samples = 576
    for start in range(0, len(samples), step):
        mp3 = b""
        for first in range(start, min(start + step, len(samples)), frame_samples):
            piece = samples[first : min(first + frame_samples, start + step)]
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16p", layout="mono")
            frame.sample_rate = RATE
            mp3 += b"".join(map(bytes, encoder.encode(frame)))
        yield mp3
    yield b"".join(map(bytes, encoder.encode(None)))
