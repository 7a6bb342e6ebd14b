"""What the doctor looks at: each model and voice by itself, a second key too, and the ports."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import trio
from pydantic import SecretStr

from nexy.cli.findings import Finding, bad, ok, warn
from nexy.cli.locks import check_locks
from nexy.cli.ports import check_ports
from nexy.cli.shelf import check_updates
from nexy.config import BusConfig, Config
from nexy.errors import BusError, Fault, NexyError, ProviderError, ProviderTimeout, StorageError
from nexy.modules.audio_generation import Voice, open_voice
from nexy.modules.database import is_new, open_store
from nexy.modules.text_processing import LanguageModel, Prompt, open_model
from nexy.nursery.border import open_asyncio
from nexy.nursery.nats import NOBODY_LISTENS, Nats, open_nats
from nexy.types import Sentence

PATIENCE_SECONDS = 20.0  # for one small real use of a provider: two tries fit in it

KEYS = {"gemini": "GEMINI_API_KEY", "openai": "OPENAI_API_KEY"}
SECOND_KEY = "GEMINI_FALLBACK_API_KEY"
ADDRESSES = {"gemini": "GEMINI_BASE_URL", "openai": "OPENAI_BASE_URL", "edge": "EDGE_TTS_URL"}
CHOICES = {"gemini": "GEMINI_MODEL", "openai": "OPENAI_MODEL", "edge": "EDGE_TTS_VOICE"}

BUS_SECONDS = 2.0  # for its answer


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
class Part:
    """What is looked at by itself: a provider, with one key if it has several."""

    name: str
    alone: Config  # the configuration with nothing else
    key: str  # the setting that the key is in
    shown: str
    instead: str  # the last resort, when it cannot be mended


@dataclass(frozen=True)
class Chain:
    """Providers of one thing, of which the first that works is used."""

    what: str
    parts: tuple[Part, ...]
    use: Callable[[Config], Awaitable[str]]  # a small real use, and what came of it
    open: Callable[[Config], AbstractAsyncContextManager[Any]]


async def examine(config: Config, openers: Openers = REAL) -> list[Finding]:
    """Look at everything that a server of `config` needs. Providers are really asked."""
    async with open_asyncio():
        models = await _check_chain(_models(config, openers), config)
        voices = await _check_chain(_voices(config, openers), config)
        database = await _check_database(config)
        bus = await _check_bus(config.bus)
    return [
        *models,
        *voices,
        database,
        bus,
        *check_locks(config),
        *check_ports(config),
        *check_updates(config),
    ]


async def _check_database(config: Config) -> Finding:
    """Whether it can be written. Answers go on without it; nothing is remembered then."""
    if is_new(config.database):
        return ok("database", "will be made at the first start")
    try:
        async with open_store(config.database) as database:
            await database.check()
    except StorageError as error:
        return warn("database", f"{error}: nothing is remembered; see DATABASE_URL")
    except ModuleNotFoundError:
        return bad("database", "its driver is missing; install nexy[postgres]")
    return ok("database", "can be written")


async def _check_bus(config: BusConfig) -> Finding:
    """Whether NATS is there, with JetStream. Each process works on without it, and alone."""
    url = config.nats_url.get_secret_value()
    if not url:
        return ok("bus", "none: one process")
    try:
        async with open_nats(url, "nexy doctor") as nats:
            return await _look_at(nats)
    except BusError as error:
        return bad("bus", str(error))


async def _look_at(nats: Nats) -> Finding:
    try:
        told = json.loads(await nats.ask("$JS.API.INFO", b"", BUS_SECONDS))
    except BusError as error:
        why = "NATS has no JetStream: start it with -js" if str(error) == NOBODY_LISTENS else str(error)
        return warn("bus", f"{why}; see NATS_URL")
    if "error" in told:
        return warn("bus", "JetStream is not for this account: limits are those of each process alone")
    return ok("bus", f"NATS at {nats.address} answers, with JetStream")


def _models(config: Config, openers: Openers) -> Chain:
    async def ask(config: Config) -> str:
        words = ""
        async with openers.model(config) as model, model.stream(Prompt("What is 17 times 3?")) as pieces:
            async for piece in pieces:
                words += piece if isinstance(piece, str) else ""
        if not words.strip():
            raise ProviderError("answers with nothing", Fault.EMPTY)
        return f"answers with {len(words)} characters"

    names = dict.fromkeys(config.models.llm_providers)
    parts = tuple(part for name in names for part in _keys_of(name, config))
    return Chain("model", parts, ask, openers.model)


def _keys_of(name: str, config: Config) -> Iterator[Part]:
    """The model `name` with each of its keys alone: together, one would hide that the other fails."""

    def part(key: str, shown: str, instead: str, **settings: Any) -> Part:
        models = config.models.model_copy(update={"llm_providers": (name,), **settings})
        return Part(name, config.model_copy(update={"models": models}), key, shown, instead)

    without = f"take {name} out of LLM_PROVIDERS"
    first, second = config.models.gemini_api_key, config.models.gemini_fallback_api_key
    one, two = first.get_secret_value().strip(), second.get_secret_value().strip()
    if name != "gemini" or not two or one == two:
        yield part(KEYS.get(name, ""), name, without)
        return
    if one:
        yield part(KEYS[name], name, without, gemini_fallback_api_key=SecretStr(""))
    shown = f"{name}, second key" if one else name
    instead = f"leave {SECOND_KEY} empty" if one else without
    yield part(SECOND_KEY, shown, instead, gemini_api_key=second, gemini_fallback_api_key=SecretStr(""))


def _voices(config: Config, openers: Openers) -> Chain:
    def part(name: str) -> Part:
        voices = config.voices.model_copy(update={"tts_providers": (name,)})
        alone = config.model_copy(update={"voices": voices})
        return Part(name, alone, "", name, f"take {name} out of TTS_PROVIDERS")

    async def speak(config: Config) -> str:
        seconds = 0.0
        async with openers.voice(config) as voice, voice.speak(Sentence("Hello.", "Hello.")) as sounds:
            async for sound in sounds:
                seconds += sound.seconds
        if not seconds:
            raise ProviderError("says nothing", Fault.EMPTY)
        return f'says "Hello." in {seconds:.2f} s'

    parts = tuple(part(name) for name in dict.fromkeys(config.voices.tts_providers))
    return Chain("voice", parts, speak, openers.voice)


async def _check_chain(chain: Chain, config: Config) -> list[Finding]:
    results: dict[str, str | NexyError] = {}

    async def check(part: Part) -> None:
        results[part.shown] = await _result(partial(chain.use, part.alone))

    async with trio.open_nursery() as nursery:
        for part in chain.parts:
            nursery.start_soon(check, part)
    working = sum(isinstance(result, str) for result in results.values())
    answers = working == len(chain.parts) or (working > 0 and await _opens(chain, config))
    found = []
    for part in chain.parts:
        what = f"{chain.what} {part.shown}"
        match results[part.shown]:
            case NexyError() as error:
                words = f"{error}; {_advice(part, error)}{part.instead}"
                found.append((warn if answers else bad)(what, words))
            case words:
                found.append(ok(what, words))
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


def _advice(part: Part, error: NexyError) -> str:
    """How to mend it, "…, or " before the last resort."""
    name = part.name
    match error.fault if isinstance(error, ProviderError) else None:
        case Fault.KEY if part.key:
            return f"set {part.key} to a key that is valid, or "
        case Fault.QUOTA if part.key:
            return f"wait, or set {part.key} to another key, or "
        case Fault.UNREACHABLE | Fault.DROPPED | Fault.SILENT | Fault.MALFORMED if name in ADDRESSES:
            return f"look at the network and at {ADDRESSES[name]}, or "
        case Fault.REFUSED | Fault.BLOCKED if name in CHOICES:  # nobody blocks what is asked here
            return f"look at {CHOICES[name]}, or "
        case Fault.BUSY | Fault.EMPTY | Fault.QUOTA:
            return "try again later, or "
    return ""
