"""MP3 as it comes → PCM at the rate that is sent, decoded on the thread that asks for it.

On the Trio thread, because it takes less than a thousandth of the sound's length; spread over
threads the same work took nearly three times as long.
"""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from nexy.modules.audio_generation.pcm import SAMPLE_BYTES

CODEC = "mp3float"  # takes half the time of FFmpeg's "mp3", which counts in whole numbers
DELAY_SECONDS = 1105 / 24_000
"""What encoder and decoder put before the sound, measured with LAME: 576 samples and 529."""
QUIET = 4  # of 32768: what the decoder makes of silence stays below


class Decoder:
    """One MP3 stream. What cannot be decoded is passed over."""

    def __init__(self, rate: int) -> None:
        import av

        self._codec = cast("av.AudioCodecContext", av.CodecContext.create(CODEC, "r"))
        self._resampler = av.AudioResampler("s16", "mono", rate)
        self._invalid = av.error.InvalidDataError
        self._rate = rate
        self._samples = 0
        self._delay_samples = round(DELAY_SECONDS * rate)  # still to be taken off the start

    @property
    def seconds(self) -> float:
        """How much sound has come out."""
        return self._samples / self._rate

    def feed(self, mp3: bytes) -> bytes:
        """The PCM of the frames that `mp3` completes; it may be empty."""
        if not mp3:  # for the parser that would be the end
            return b""
        return self._count(b"".join(self._decoded(self._codec.parse(mp3))))

    def flush(self) -> bytes:
        """The PCM of what is left; nothing can be fed after it."""
        packets = [*self._codec.parse(b""), None]
        pcm = b"".join(self._decoded(packets))
        return self._count(pcm + b"".join(map(_pcm, self._resampler.resample(None))))

    def _decoded(self, packets: list[Any]) -> Iterator[bytes]:
        for packet in packets:
            try:
                frames = self._codec.decode(packet)
            except self._invalid:
                continue
            for frame in frames:
                yield from map(_pcm, self._resampler.resample(frame))

    def _count(self, pcm: bytes) -> bytes:
        if self._delay_samples:
            pcm = self._without_delay(pcm)
        self._samples += len(pcm) // SAMPLE_BYTES
        return pcm

    def _without_delay(self, pcm: bytes) -> bytes:
        """`pcm` without the silence that the coding put at the start: never anything that sounds."""
        start = np.frombuffer(pcm, dtype="<i2")[: self._delay_samples]
        loud = np.flatnonzero(np.abs(start) > QUIET)
        if len(loud):
            self._delay_samples = 0
            return pcm[int(loud[0]) * SAMPLE_BYTES :]
        self._delay_samples -= len(start)
        return pcm[len(start) * SAMPLE_BYTES :]


def _pcm(frame: Any) -> bytes:
    """The samples of a frame, without the padding behind them."""
    return bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES]
