"""The scripted model: its words, and that each comes exactly when it is due. Time is simulated."""

from contextlib import AbstractAsyncContextManager

import pytest
import trio
from trio.testing import MockClock

from nexy.config import ModelsConfig
from nexy.modules.text_processing import LanguageModel, Piece, Prompt, Usage
from nexy.modules.text_processing.providers import open_scripted

HELLO = Prompt("say something to me")


def opened(sentences: int, word_seconds: float) -> AbstractAsyncContextManager[LanguageModel]:
    return open_scripted(ModelsConfig(scripted_sentences=sentences, scripted_word_seconds=word_seconds))


async def heard(sentences: int, word_seconds: float = 0.0) -> list[tuple[float, Piece]]:
    """Every piece, with the time it came at."""
    began = trio.current_time()
    async with opened(sentences, word_seconds) as model, model.stream(HELLO) as pieces:
        return [(trio.current_time() - began, piece) async for piece in pieces]


def words_of(pieces: list[tuple[float, Piece]]) -> list[str]:
    return [piece for _, piece in pieces if isinstance(piece, str)]


async def test_sentences_have_twelve_words_a_capital_and_a_full_stop() -> None:
    words = words_of(await heard(200))
    text = "".join(words)
    sentences = text.split(". ")
    assert len(sentences) == 200
    assert text.endswith(".")
    for sentence in sentences:
        said = sentence.rstrip(".").split(" ")
        assert len(said) == 12
        assert said[0].istitle()
        assert all(word.isalpha() and word.islower() and len(word) > 3 for word in said[1:])


async def test_pieces_are_words_with_one_space_before_all_but_the_first() -> None:
    words = words_of(await heard(1))
    assert words[0] == "River"
    assert all(word[0] == " " and word[1:].strip() == word[1:] for word in words[1:])
    assert [word.endswith(".") for word in words] == [False] * 11 + [True]


async def test_sentences_can_be_told_apart() -> None:
    sentences = "".join(words_of(await heard(97))).split(". ")
    assert len({sentence.rstrip(".") for sentence in sentences}) == 97


async def test_a_word_comes_when_it_is_due(autojump_clock: MockClock) -> None:
    times = [time for time, piece in await heard(5, 0.02) if isinstance(piece, str)]
    assert times == pytest.approx([n * 0.02 for n in range(60)], abs=1e-9)


async def test_a_late_reader_gets_the_overdue_words_at_once_and_nothing_drifts(
    autojump_clock: MockClock,
) -> None:
    async with opened(1, 1.0) as model, model.stream(HELLO) as pieces:
        began = trio.current_time()
        await trio.sleep(4.5)
        times = [trio.current_time() - began async for _ in pieces]
    assert times == pytest.approx([4.5] * 5 + [5, 6, 7, 8, 9, 10, 11, 11], abs=1e-9)


async def test_the_request_is_the_moment_the_block_is_entered(autojump_clock: MockClock) -> None:
    async with opened(1, 1.0) as model:
        stream = model.stream(HELLO)
        await trio.sleep(100)
        began = trio.current_time()
        async with stream as pieces:
            await pieces.receive()
            assert trio.current_time() == began
            await pieces.receive()
        assert trio.current_time() == pytest.approx(began + 1)


async def test_a_wait_is_cut_short_and_its_word_is_not_lost(autojump_clock: MockClock) -> None:
    async with opened(1, 10.0) as model, model.stream(HELLO) as pieces:
        began = trio.current_time()
        await pieces.receive()
        with trio.move_on_after(4) as scope:
            await pieces.receive()
        assert scope.cancelled_caught
        assert trio.current_time() - began == pytest.approx(4)
        assert await pieces.receive() == " bridge"
        assert trio.current_time() - began == pytest.approx(10)


async def test_the_usage_counts_words() -> None:
    assert (await heard(3))[-1][1] == Usage(4, 36, "scripted")


async def test_it_says_how_far_it_is() -> None:
    async with opened(2, 0.0) as model, model.stream(HELLO) as pieces:
        await pieces.receive()
        assert repr(pieces) == "<Script: 1 of 24 words said>"
        async for _ in pieces:
            pass
        assert repr(pieces) == "<Script: 24 of 24 words said>"


async def test_a_hundred_thousand_sentences_cost_nothing_until_they_are_read() -> None:
    async with opened(100_000, 0.0) as model, model.stream(HELLO) as pieces:
        first = [await pieces.receive() for _ in range(1300)]
    assert first[0] == "River"
    assert first[1164] == " River"  # all over again, after 97 sentences
