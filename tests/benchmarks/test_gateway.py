"""What the benchmark of WebSockets takes for sound is sound: bytes too many would hide lateness."""

import pytest

from benchmarks.gateway import AROUND_BYTES
from nexy.modules.grpc_service import translate
from nexy.modules.grpc_service.envelope import PROTO, frames
from nexy.types import AudioChunk


@pytest.mark.parametrize("size", [19_200, 32_768])
def test_what_is_around_the_sound(size: int) -> None:
    (frame,) = frames(PROTO, "1", "stream", *translate.reply_parts(AudioChunk(bytes(size), 48_000, ())))
    assert len(frame) == size + AROUND_BYTES
