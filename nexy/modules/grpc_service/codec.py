"""The bytes of the messages that an answer is made of, written by hand.

betterproto's encoder copies the sound three times and costs as much as all the rest of sending it;
written as header, sound and constant tail it is copied once, into the frame (measured: the CPU of
a second of sound halves, docs/decisions/003-codec.md).
"""

from collections.abc import Sequence
from functools import cache

from nexy.modules.grpc_service.streaming import AudioChunk, SpokenWord

SAMPLE_BYTES = 2
SOUND_PARTS = 3  # only messages with sound come in parts
_LENGTH_DELIMITED = 2  # wire type: a length, and then so many bytes


def _tag(number: int) -> bytes:
    return bytes((number << 3 | _LENGTH_DELIMITED,))


def varint(value: int) -> bytes:
    """`value` in base 128, least significant group first, as protobuf writes lengths."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def text_message(field: int, text: str) -> bytes:
    """A message whose field number `field` is `text`."""
    data = text.encode(errors="replace")  # half a surrogate pair, as broken JSON has them, is no letter
    return _tag(field) + varint(len(data)) + data


@cache
def _tail(rate: int) -> bytes:
    """All of an AudioChunk but its sound."""
    return bytes(AudioChunk(dtype="int16", sample_rate=rate, channels=1))


def sound_message(
    field: int, pcm: bytes | memoryview, rate: int, words: Sequence[SpokenWord] = ()
) -> tuple[bytes, bytes | memoryview, bytes]:
    """A message whose field number `field` is an AudioChunk of `pcm`: three parts, to be joined."""
    tail = _tail(rate)
    if words:
        tail += bytes(AudioChunk(words=list(words)))
    head = _tag(1) + varint(len(pcm))
    return _tag(field) + varint(len(head) + len(pcm) + len(tail)) + head, pcm, tail


def sound_in(parts: Sequence[bytes | memoryview]) -> tuple[bytes | memoryview, bytes] | None:
    """Of what `sound_message` made: the sound, and all else of its AudioChunk, encoded. None for others."""
    if len(parts) != SOUND_PARTS:
        return None
    _, pcm, tail = parts
    return pcm, bytes(tail)
