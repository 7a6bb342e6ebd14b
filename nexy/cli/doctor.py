"""nexy doctor: what is wrong, and how to mend it."""

import os
import socket
from collections.abc import Awaitable, Callable

import trio
import typer

from nexy.config import Config, load
from nexy.errors import ConfigError, NexyError
from nexy.modules.audio_generation import open_voice
from nexy.modules.text_processing import Prompt, open_model
from nexy.nursery.border import open_asyncio
from nexy.types import Sentence

PATIENCE_SECONDS = 10.0  # for one small real use of a provider


def run() -> None:
    try:
        config, warnings = load(os.environ)
    except ConfigError as error:
        for problem in error.problems:
            _show("configuration", False, problem)
        raise typer.Exit(1) from None
    _show("configuration", True, "; ".join(warnings) or "as it should be")
    sound = [
        trio.run(_check, "model " + ",".join(config.models.llm_providers), _ask, config),
        trio.run(_check, "voice " + ",".join(config.voices.tts_providers), _speak, config),
        _check_port("gRPC", config.server.grpc_host, config.server.grpc_port),
        _check_port("HTTP", config.server.grpc_host, config.server.http_port),
    ]
    if not all(sound):
        raise typer.Exit(1)


def _show(what: str, sound: bool, words: str) -> bool:
    print(f"{'ok ' if sound else 'BAD'}  {what}: {words}")
    return sound


async def _check(what: str, use: Callable[[Config], Awaitable[str]], config: Config) -> bool:
    try:
        with trio.fail_after(PATIENCE_SECONDS):
            return _show(what, True, await use(config))
    except NexyError as error:
        return _show(what, False, str(error))
    except trio.TooSlowError:
        return _show(what, False, f"silent for {PATIENCE_SECONDS:.0f} s; is it reachable?")


async def _ask(config: Config) -> str:
    words = ""
    async with open_model(config.models) as model, model.stream(Prompt("What is 17 times 3?")) as pieces:
        async for piece in pieces:
            words += piece if isinstance(piece, str) else ""
    return f"answers with {len(words)} characters"


async def _speak(config: Config) -> str:
    seconds = 0.0
    async with (
        open_asyncio(),
        open_voice(config.voices) as voice,
        voice.speak(Sentence("Hello.", "Hello.")) as sounds,
    ):
        async for sound in sounds:
            seconds += sound.seconds
    return f'says "Hello." in {seconds:.2f} s'


def _check_port(what: str, host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            name = f"{what.upper()}_PORT"
            return _show(f"{what} port", False, f"{host}:{port}: {error.strerror}; set {name} to another")
    return _show(f"{what} port", True, f"{host}:{port} is free")
