"""What the doctor looks at: each model and voice by itself, and the ports."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import trio

from nexy.cli.findings import Finding, bad, ok, warn
from nexy.cli.ports import check_ports
from nexy.config import Config
from nexy.errors import Fault, NexyError, ProviderError, ProviderTimeout
from nexy.modules.audio_generation import Voice, open_voice
from nexy.modules.text_processing import LanguageModel, Prompt, open_model
from nexy.nursery.border import open_asyncio
from nexy.types import Sentence

PATIENCE_SECONDS = 20.0  # for one small real use of a provider: two tries fit in it

KEYS = {"gemini": "GEMINI_API_KEY", "openai": "OPENAI_API_KEY"}
ADDRESSES = {"gemini": "GEMINI_BASE_URL", "openai": "OPENAI_BASE_URL", "edge": "EDGE_TTS_URL"}
CHOICES = {"gemini": "GEMINI_MODEL", "openai": "OPENAI_MODEL", "edge": "EDGE_TTS_VOICE"}


@dataclass(frozen=True)
class Openers:
    """How the providers of a configuration are opened, as one."""

    model: Callable[[Config], AbstractAsyncContextManager[LanguageModel]]
    voice: Callable[[Config], AbstractAsyncContextManager[Voice]]


REAL = Openers(
    lambda config: open_model(config.models, config.patience),
    lambda config: open_voice(config.voices, config.patience),
)


@dataclass(frozen=True)
class Chain:
    """Providers of one thing, of which the first that works is used."""

    what: str
    setting: str
    names: tuple[str, ...]
    only: Callable[[str], Config]  # the configuration with one of them alone
    use: Callable[[Config], Awaitable[str]]  # a small real use, and what came of it
    open: Callable[[Config], AbstractAsyncContextManager[Any]]


async def examine(config: Config, openers: Openers = REAL) -> list[Finding]:
    """Look at everything that a server of `config` needs. Providers are really asked."""
    async with open_asyncio():
        models = await _check_chain(_models(config, openers), config)
        voices = await _check_chain(_voices(config, openers), config)
    return [*models, *voices, *check_ports(config)]


def _models(config: Config, openers: Openers) -> Chain:
    def only(name: str) -> Config:
        models = config.models.model_copy(update={"llm_providers": (name,)})
        return config.model_copy(update={"models": models})

    async def ask(config: Config) -> str:
        words = ""
        async with openers.model(config) as model, model.stream(Prompt("What is 17 times 3?")) as pieces:
            async for piece in pieces:
                words += piece if isinstance(piece, str) else ""
        if not words.strip():
            raise ProviderError("answers with nothing", Fault.EMPTY)
        return f"answers with {len(words)} characters"

    return Chain("model", "LLM_PROVIDERS", config.models.llm_providers, only, ask, openers.model)


def _voices(config: Config, openers: Openers) -> Chain:
    def only(name: str) -> Config:
        voices = config.voices.model_copy(update={"tts_providers": (name,)})
        return config.model_copy(update={"voices": voices})

    async def speak(config: Config) -> str:
        seconds = 0.0
        async with openers.voice(config) as voice, voice.speak(Sentence("Hello.", "Hello.")) as sounds:
            async for sound in sounds:
                seconds += sound.seconds
        if not seconds:
            raise ProviderError("says nothing", Fault.EMPTY)
        return f'says "Hello." in {seconds:.2f} s'

    return Chain("voice", "TTS_PROVIDERS", config.voices.tts_providers, only, speak, openers.voice)


async def _check_chain(chain: Chain, config: Config) -> list[Finding]:
    names = tuple(dict.fromkeys(chain.names))
    results: dict[str, str | NexyError] = {}

    async def check(name: str) -> None:
        results[name] = await _result(partial(chain.use, chain.only(name)))

    async with trio.open_nursery() as nursery:
        for name in names:
            nursery.start_soon(check, name)
    working = sum(isinstance(result, str) for result in results.values())
    answers = working == len(names) or (working > 0 and await _opens(chain, config))
    found = []
    for name in names:
        match results[name]:
            case NexyError() as error:
                words = f"{error}; {_advice(name, error)}take {name} out of {chain.setting}"
                found.append((warn if answers else bad)(f"{chain.what} {name}", words))
            case words:
                found.append(ok(f"{chain.what} {name}", words))
    return found


async def _result(use: Callable[[], Awaitable[str]]) -> str | NexyError:
    try:
        with trio.fail_after(PATIENCE_SECONDS):
            return await use()
    except NexyError as error:
        return error
    except trio.TooSlowError:
        return ProviderTimeout(f"silent for {PATIENCE_SECONDS:.0f} s")


async def _opens(chain: Chain, config: Config) -> bool:
    """Whether the server starts with all of them: one that is not even there may keep it from that."""
    try:
        async with chain.open(config):
            return True
    except ProviderError:
        return False


def _advice(name: str, error: NexyError) -> str:
    """How to mend it, "…, or " before the last resort."""
    match error.fault if isinstance(error, ProviderError) else None:
        case Fault.KEY if name in KEYS:
            return f"set {KEYS[name]} to a key that is valid, or "
        case Fault.QUOTA if name in KEYS:
            return f"wait, or set {KEYS[name]} to another key, or "
        case Fault.UNREACHABLE | Fault.DROPPED | Fault.SILENT | Fault.MALFORMED if name in ADDRESSES:
            return f"look at the network and at {ADDRESSES[name]}, or "
        case Fault.REFUSED | Fault.BLOCKED if name in CHOICES:  # nobody blocks what is asked here
            return f"look at {CHOICES[name]}, or "
        case Fault.BUSY | Fault.EMPTY | Fault.QUOTA:
            return "try again later, or "
    return ""
