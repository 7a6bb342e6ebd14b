"""The contract of every language model: what `LanguageModel` promises, asked of each provider.

A provider that is added gets a line in OPENERS. Time is simulated, except for those in OVER_SOCKETS: they
talk to a stand-in of their service on loopback, and a real socket knows nothing of simulated time.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import pytest
import trio
from pydantic import SecretStr
from trio.abc import Clock
from trio.testing import MockClock

from nexy.config import ModelsConfig
from nexy.modules.text_processing import LanguageModel, Piece, Prompt, Usage
from nexy.modules.text_processing.providers import PROVIDERS
from nexy.types import Exchange, Screenshot
from tests.fakes.gemini import echo, open_fake_gemini
from tests.fakes.openai import MODEL, echoes, open_fake_openai

AT_ONCE = 0.4  # seconds that may pass on a real clock where none passes on a simulated one


@asynccontextmanager
async def open_gemini() -> AsyncIterator[LanguageModel]:
    async with open_fake_gemini(default=partial(echo, pace=0.001)) as fake:
        config = ModelsConfig(gemini_api_key=SecretStr("key"), gemini_base_url=fake.url)
        async with PROVIDERS["gemini"](config) as model:
            yield model


@asynccontextmanager
async def open_openai() -> AsyncIterator[LanguageModel]:
    async with open_fake_openai(echoes()) as fake:
        config = ModelsConfig(openai_base_url=fake.url, openai_model=MODEL)
        async with PROVIDERS["openai"](config) as model:
            yield model


OPENERS: dict[str, Callable[[], AbstractAsyncContextManager[LanguageModel]]] = {
    "gemini": open_gemini,
    "openai": open_openai,
    "offline": partial(PROVIDERS["offline"], ModelsConfig()),
    "scripted": partial(PROVIDERS["scripted"], ModelsConfig(scripted_sentences=2, scripted_word_seconds=0.5)),
}
OVER_SOCKETS = frozenset({"gemini", "openai"})

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
    name: str = request.param
    return name


@pytest.fixture
def clock(provider: str) -> Clock | None:
    """The clock of the test, for which it must ask by name; None is the real one."""
    return None if provider in OVER_SOCKETS else MockClock(autojump_threshold=0)


@pytest.fixture
async def model(provider: str, clock: Clock | None) -> AsyncIterator[LanguageModel]:
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


def no_time_since(began: float, clock: Clock | None) -> bool:
    passed = trio.current_time() - began
    return passed < AT_ONCE if clock is None else passed == 0


async def test_a_model_says_its_name(model: LanguageModel, clock: Clock | None) -> None:
    assert model.name


async def test_pieces_are_text_and_then_at_most_one_usage(
    model: LanguageModel, prompt: Prompt, clock: Clock | None
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
    model: LanguageModel, prompt: Prompt, clock: Clock | None
) -> None:
    async with model.stream(prompt) as pieces:
        async for _ in pieces:
            pass
        for _ in range(2):
            with pytest.raises(trio.EndOfChannel):
                await pieces.receive()


async def test_leaving_early_is_clean_and_at_once(
    model: LanguageModel, prompt: Prompt, clock: Clock | None
) -> None:
    began = trio.current_time()
    async with model.stream(prompt) as pieces:
        assert await pieces.receive()
    assert no_time_since(began, clock)
    assert text_of(await whole(model, prompt))  # and the model goes on working


async def test_a_closed_stream_ends(model: LanguageModel, prompt: Prompt, clock: Clock | None) -> None:
    async with model.stream(prompt) as pieces:
        await pieces.receive()
        await pieces.aclose()
        with pytest.raises((trio.EndOfChannel, trio.ClosedResourceError)):
            await pieces.receive()


async def test_cancelling_is_prompt_and_loses_no_word(
    model: LanguageModel, prompt: Prompt, clock: Clock | None
) -> None:
    all_of_it = text_of(await whole(model, prompt))
    async with model.stream(prompt) as pieces:
        heard: list[Piece] = [await pieces.receive()]
        began = trio.current_time()
        with trio.CancelScope() as scope:
            scope.cancel()
            await pieces.receive()
        assert scope.cancelled_caught
        assert no_time_since(began, clock)
        heard += [piece async for piece in pieces]
    assert text_of(heard) == all_of_it


async def test_an_error_in_the_block_comes_out_as_it_is(
    model: LanguageModel, prompt: Prompt, clock: Clock | None
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with model.stream(prompt) as pieces:
            await pieces.receive()
            raise ZeroDivisionError


async def test_two_streams_at_once_do_not_mix(model: LanguageModel, clock: Clock | None) -> None:
    prompts = [Prompt("What is 17 times 3?"), Prompt("Сколько будет два плюс два?")]
    alone = [text_of(await whole(model, prompt)) for prompt in prompts]
    together = ["", ""]

    async def listen(index: int) -> None:
        together[index] = text_of(await whole(model, prompts[index]))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen, 0)
        nursery.start_soon(listen, 1)
    assert together == alone


async def test_a_stream_is_not_shown_what_was_said(model: LanguageModel, clock: Clock | None) -> None:
    async with model.stream(Prompt("my secret")) as pieces:
        assert "secret" not in repr(pieces) + repr(model) + str(model)
