"""The contract of every language model: what `LanguageModel` promises, asked of each provider.

A provider that is added gets a line in OPENERS. Time is simulated, but for those of ON_THE_NETWORK: each of
them talks to a fake of its service on this machine, and real sockets know no simulated time.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest
import trio
from trio.testing import MockClock

from nexy.config import ModelsConfig
from nexy.modules.text_processing import LanguageModel, Piece, Prompt, Usage
from nexy.modules.text_processing.providers import PROVIDERS
from nexy.types import Exchange, Screenshot
from tests.fakes.openai import MODEL, echoes, open_fake_openai


@asynccontextmanager
async def open_openai() -> AsyncIterator[LanguageModel]:
    async with open_fake_openai(echoes()) as fake:
        config = ModelsConfig(openai_base_url=fake.url, openai_model=MODEL)
        async with PROVIDERS["openai"](config) as model:
            yield model


OPENERS: dict[str, Callable[[], AbstractAsyncContextManager[LanguageModel]]] = {
    "offline": partial(PROVIDERS["offline"], ModelsConfig()),
    "scripted": partial(PROVIDERS["scripted"], ModelsConfig(scripted_sentences=2, scripted_word_seconds=0.5)),
    "openai": open_openai,
}
ON_THE_NETWORK = {"openai"}
AT_ONCE_SECONDS = 0.4  # less than the scripted model waits for a word, and enough for a busy machine

PICTURE = Screenshot(b"\x89PNG" + bytes(1000), "png", 1440, 900)
PROMPTS = {
    "a question": Prompt("What is 17 times 3?"),
    "a question with a past": Prompt("And now?", (Exchange("Hello", "Hello."), Exchange("Hm", "", False))),
    "a picture and no words": Prompt("", screenshot=PICTURE),
    "a picture and words": Prompt("What is on my screen?", screenshot=PICTURE),
    "something remembered": Prompt("Hello", recollection="Likes tea."),
}


@pytest.fixture(params=OPENERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def autojump_clock(provider: str) -> MockClock | None:
    """In place of pytest-trio's; without one, time is real."""
    return None if provider in ON_THE_NETWORK else MockClock(autojump_threshold=0)


@pytest.fixture
async def model(provider: str, autojump_clock: MockClock) -> AsyncIterator[LanguageModel]:
    async with OPENERS[provider]() as opened:
        yield opened


@pytest.fixture(params=PROMPTS)
def prompt(request: pytest.FixtureRequest) -> Prompt:
    return PROMPTS[request.param]


async def whole(model: LanguageModel, prompt: Prompt) -> list[Piece]:
    async with model.stream(prompt) as pieces:
        return [piece async for piece in pieces]


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


async def test_a_model_says_its_name(model: LanguageModel, autojump_clock: MockClock) -> None:
    assert model.name


async def test_pieces_are_text_and_then_at_most_one_usage(
    model: LanguageModel, prompt: Prompt, autojump_clock: MockClock
) -> None:
    pieces = await whole(model, prompt)
    last = pieces[-1]
    if isinstance(last, Usage):
        assert last.input_tokens >= 0
        assert last.output_tokens > 0
        assert last.model
        pieces = pieces[:-1]
    assert pieces
    assert all(isinstance(piece, str) and piece for piece in pieces)
    assert text_of(pieces).strip()


async def test_after_the_end_the_stream_stays_ended(
    model: LanguageModel, prompt: Prompt, autojump_clock: MockClock
) -> None:
    async with model.stream(prompt) as pieces:
        async for _ in pieces:
            pass
        for _ in range(2):
            with pytest.raises(trio.EndOfChannel):
                await pieces.receive()


async def test_leaving_early_is_clean_and_at_once(
    model: LanguageModel, prompt: Prompt, autojump_clock: MockClock
) -> None:
    began = trio.current_time()
    async with model.stream(prompt) as pieces:
        assert await pieces.receive()
    assert trio.current_time() - began < AT_ONCE_SECONDS
    assert text_of(await whole(model, prompt))  # and the model goes on working


async def test_a_closed_stream_ends(model: LanguageModel, prompt: Prompt, autojump_clock: MockClock) -> None:
    async with model.stream(prompt) as pieces:
        await pieces.receive()
        await pieces.aclose()
        with pytest.raises((trio.EndOfChannel, trio.ClosedResourceError)):
            await pieces.receive()


async def test_cancelling_is_prompt_and_loses_no_word(
    model: LanguageModel, prompt: Prompt, autojump_clock: MockClock
) -> None:
    all_of_it = text_of(await whole(model, prompt))
    async with model.stream(prompt) as pieces:
        heard: list[Piece] = [await pieces.receive()]
        began = trio.current_time()
        with trio.CancelScope() as scope:
            scope.cancel()
            await pieces.receive()
        assert scope.cancelled_caught
        assert trio.current_time() - began < AT_ONCE_SECONDS
        heard += [piece async for piece in pieces]
    assert text_of(heard) == all_of_it


async def test_an_error_in_the_block_comes_out_as_it_is(
    model: LanguageModel, prompt: Prompt, autojump_clock: MockClock
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with model.stream(prompt) as pieces:
            await pieces.receive()
            raise ZeroDivisionError


async def test_two_streams_at_once_do_not_mix(model: LanguageModel, autojump_clock: MockClock) -> None:
    prompts = [Prompt("What is 17 times 3?"), Prompt("Сколько будет два плюс два?")]
    alone = [text_of(await whole(model, prompt)) for prompt in prompts]
    together = ["", ""]

    async def listen(index: int) -> None:
        together[index] = text_of(await whole(model, prompts[index]))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen, 0)
        nursery.start_soon(listen, 1)
    assert together == alone


async def test_a_stream_is_not_shown_what_was_said(model: LanguageModel, autojump_clock: MockClock) -> None:
    async with model.stream(Prompt("my secret")) as pieces:
        assert "secret" not in repr(pieces) + repr(model) + str(model)
