"""The Gemini model and its stand-in, opened together; and a whole answer in one call."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio
from pydantic import SecretStr

from nexy.config import ModelsConfig
from nexy.errors import ProviderError
from nexy.modules.text_processing import LanguageModel, Piece, Prompt
from nexy.modules.text_processing.providers import open_gemini
from tests.fakes.gemini import Asked, FakeGemini, Script, echo, open_fake_gemini

HELLO = Prompt("Hello")
TRUST = ssl.create_default_context()  # read once for all tests


def config_for(url: str, *, key: str = "first-key", second: str = "", **settings: Any) -> ModelsConfig:
    return ModelsConfig(
        gemini_api_key=SecretStr(key),
        gemini_fallback_api_key=SecretStr(second),
        gemini_base_url=url,
        **settings,
    )


@asynccontextmanager
async def talking(
    *scripts: Script,
    default: Callable[[Asked], Script] = echo,
    by_key: dict[str, Script] | None = None,
    **settings: Any,
) -> AsyncIterator[tuple[FakeGemini, LanguageModel]]:
    """A stand-in that follows `scripts`, and a model with `settings` that talks to it."""
    async with (
        open_fake_gemini(*scripts, default=default, by_key=by_key) as fake,
        open_gemini(config_for(fake.url, **settings), tls=TRUST) as model,
    ):
        yield fake, model


async def hear(model: LanguageModel, prompt: Prompt = HELLO) -> tuple[list[Piece], ProviderError | None]:
    """All pieces of an answer, and the error that ended it. A hanging answer ends the test."""
    pieces: list[Piece] = []
    try:
        with trio.fail_after(20):
            async with model.stream(prompt) as stream:
                async for piece in stream:
                    pieces.append(piece)  # noqa: PERF401 - what came before an error counts
    except ProviderError as error:
        return pieces, error
    return pieces, None


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))
