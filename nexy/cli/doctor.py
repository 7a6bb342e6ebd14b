"""nexy doctor: what is wrong, and how to mend it. One small real use of each provider, by itself."""

import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial

import trio
import typer

from nexy.config import Config, load
from nexy.errors import ConfigError, Fault, NexyError, ProviderError
from nexy.modules.audio_generation import open_voice
from nexy.modules.text_processing import Prompt, open_model
from nexy.nursery.border import open_asyncio
from nexy.types import Sentence

PATIENCE_SECONDS = 20.0  # for one small real use of a provider
MARKS = {"ok": ("✓", typer.colors.GREEN), "warn": ("!", typer.colors.YELLOW), "BAD": ("✗", typer.colors.RED)}

MENDING = {
    Fault.KEY: "check its key",
    Fault.QUOTA: "the account's limit is reached: wait, or raise it",
    Fault.UNREACHABLE: "check its address, the network and any proxy",
    Fault.SILENT: "it is reachable and says nothing; try again",
    Fault.BUSY: "the other side has a fault of its own; try again later",
    Fault.REFUSED: "check the name of the model or voice, and the address",
    Fault.MALFORMED: "what answers there is not what was expected: check the address",
}


def run() -> None:
    logging.disable(logging.WARNING)  # what is printed here says the same, and more
    try:
        _examine()
    finally:
        logging.disable(logging.NOTSET)


def _examine() -> None:
    try:
        config, warnings = load(os.environ)
    except ConfigError as error:
        for problem in error.problems:
            _show("BAD", "configuration", problem)
        raise typer.Exit(1) from None
    _show("warn" if warnings else "ok", "configuration", "; ".join(warnings) or "as it should be")
    models = [
        trio.run(_check, f"model {name}", partial(_ask, config, name)) for name in config.models.llm_providers
    ]
    voices = [
        trio.run(_check, f"voice {name}", partial(_speak, config, name))
        for name in config.voices.tts_providers
    ]
    ports = [
        _check_port("gRPC", config.server.grpc_host, config.server.grpc_port),
        _check_port("HTTP", config.server.grpc_host, config.server.http_port),
    ]
    able = any(models) and any(voices) and all(ports)
    whole = able and all(models) and all(voices)
    words = "all is well" if whole else "it can answer, but not as configured" if able else "it cannot serve"
    _show("ok" if whole else "warn" if able else "BAD", "nexy", words)
    if not able:
        raise typer.Exit(1)


def _show(verdict: str, what: str, words: str) -> None:
    mark, colour = MARKS[verdict]
    head = typer.style(mark, fg=colour) if sys.stdout.isatty() else verdict.ljust(4)
    print(f"{head} {what}: {words}")


async def _check(what: str, use: Callable[[], Awaitable[str]]) -> bool:
    async with open_asyncio():
        try:
            with trio.fail_after(PATIENCE_SECONDS):
                words = await use()
        except ProviderError as error:
            _show("BAD", what, " — ".join(filter(None, (str(error), MENDING.get(error.fault)))))
        except NexyError as error:
            _show("BAD", what, str(error))
        except trio.TooSlowError:
            _show("BAD", what, f"silent for {PATIENCE_SECONDS:.0f} s — {MENDING[Fault.SILENT]}")
        else:
            _show("ok", what, words)
            return True
        return False


async def _ask(config: Config, name: str) -> str:
    alone = config.models.model_copy(update={"llm_providers": (name,)})
    words = ""
    async with (
        open_model(alone, config.patience) as model,
        model.stream(Prompt("What is 17 times 3?")) as pieces,
    ):
        async for piece in pieces:
            words += piece if isinstance(piece, str) else ""
    return f"answers with {len(words)} characters"


async def _speak(config: Config, name: str) -> str:
    alone = config.voices.model_copy(update={"tts_providers": (name,)})
    seconds = 0.0
    async with (
        open_voice(alone, config.patience) as voice,
        voice.speak(Sentence("Hello.", "Hello.")) as sounds,
    ):
        async for sound in sounds:
            seconds += sound.seconds
    return f'says "Hello." in {seconds:.2f} s'


def _check_port(what: str, host: str, port: int) -> bool:
    name = f"{what.upper()}_PORT"
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        _show("BAD", f"{what} port", f"{host}: {error.strerror or error}; set GRPC_HOST to an address")
        return False
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            _show("BAD", f"{what} port", f"{host}:{port}: {error.strerror}; set {name} to another")
            return False
    _show("ok", f"{what} port", f"{host}:{port} is free")
    return True
