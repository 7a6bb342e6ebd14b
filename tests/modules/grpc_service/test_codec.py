"""The bytes that are written by hand are those of the protobuf message."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nexy.modules.grpc_service.codec import sound_message, text_message, varint
from nexy.modules.grpc_service.streaming import AudioChunk, StreamResponse, WelcomeResponse
from nexy.modules.grpc_service.translate import END_FIELD, SOUND_FIELD, TEXT_FIELD, WELCOME_SOUND_FIELD

RATES = st.sampled_from([8000, 16000, 22050, 24000, 32000, 44100, 48000])


@given(st.binary(min_size=1, max_size=500), RATES)
@example(bytes(100), 48_000)
@example(bytes(127), 48_000)
@example(bytes(128), 48_000)
@example(bytes(16_384), 48_000)
@example(bytes(32_768), 8_000)
@example(bytes(3_000_000), 48_000)
def test_it_is_the_message(pcm: bytes, rate: int) -> None:
    chunk = AudioChunk(audio_data=pcm, dtype="int16", sample_rate=rate, channels=1)
    for field, kind in ((SOUND_FIELD, StreamResponse), (WELCOME_SOUND_FIELD, WelcomeResponse)):
        message = kind(audio_chunk=chunk)
        written = b"".join(sound_message(field, pcm, rate))
        assert kind().parse(written) == message
        assert written == bytes(message)
        assert b"".join(sound_message(field, memoryview(pcm), rate)) == written


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("x" * 127)
@example("ж" * 20_000)
def test_texts_are_the_message_too(text: str) -> None:
    assert text_message(TEXT_FIELD, text) == bytes(StreamResponse(text_chunk=text))
    assert text_message(END_FIELD, text) == bytes(StreamResponse(end_message=text))


def test_half_a_surrogate_pair_does_not_lose_the_rest() -> None:
    assert StreamResponse().parse(text_message(TEXT_FIELD, "a\ud83d b")).text_chunk == "a? b"


def test_the_sound_is_not_copied() -> None:
    pcm = memoryview(bytes(100))
    assert sound_message(SOUND_FIELD, pcm, 48_000)[1] is pcm


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, b"\0"), (1, b"\1"), (127, b"\x7f"), (128, b"\x80\1"), (300, b"\xac\2"), (16_384, b"\x80\x80\1")],
)
def test_numbers_in_base_128(value: int, written: bytes) -> None:
    assert varint(value) == written
