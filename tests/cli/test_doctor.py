"""The doctor: each thing by itself, what is wrong with it, and how to mend it."""

import io
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock
from typer.testing import CliRunner

from nexy.cli import app
from nexy.cli.checks import Openers, examine
from nexy.cli.findings import Finding, Level, bad, ok, show, warn
from nexy.config import Config, load
from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing import Prompt
from nexy.types import Sentence, Sound
from tests.modules.update.serving import BASE_URL, Workshop
from tests.nats import URL, needs_nats

NOWHERE = Path("/nonexistent")
FREE = {"GRPC_PORT": "0", "HTTP_PORT": "0", "WEBSOCKET_PORT": "0", "UPDATE_PORT": "0"}


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command, in a directory without a config.env."""
    monkeypatch.chdir(tmp_path)
    return lambda **env: CliRunner().invoke(app, ["doctor"], env={"TTS_PROVIDERS": "tone"} | FREE | env)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@dataclass
class Fake:
    """A model and a voice: says what it has, fails with it, or is silent for ever when it has None."""

    name: str
    has: Any

    async def give(self) -> Any:
        if isinstance(self.has, ProviderError):
            raise self.has
        if self.has is None:
            await trio.sleep_forever()
        return self.has

    @trio.as_safe_channel
    async def stream(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        yield await self.give()

    @trio.as_safe_channel
    async def speak(self, sentence: Sentence) -> AsyncGenerator[Sound, None]:
        yield Sound(bytes(9600 if await self.give() else 0), 48_000)

    def choose(self, voice: str, language: str) -> str:
        return voice


def openers(**providers: Any) -> Openers:
    """Of fakes that have what is given for their name; NotImplemented cannot even be opened."""

    @asynccontextmanager
    async def model(config: Config) -> AsyncIterator[Any]:
        yield first(config.models.llm_providers)

    @asynccontextmanager
    async def voice(config: Config) -> AsyncIterator[Any]:
        yield first(config.voices.tts_providers)

    def first(names: tuple[str, ...]) -> Fake:
        for name in names:
            if providers.get(name) is NotImplemented:
                raise ProviderError(f"{name} is not installed")
        return Fake(names[0], providers.get(names[0], "words"))

    return Openers(model, voice)


async def findings(fakes: Openers) -> dict[str, Finding]:
    given = {"LLM_PROVIDERS": "gemini,offline", "GEMINI_API_KEY": "k", "TTS_PROVIDERS": "edge,espeak"}
    config, _ = load(given | FREE, NOWHERE)
    return {one.what: one for one in await examine(config, fakes)}


def test_all_is_well(doctor: Callable[..., Any]) -> None:
    result = doctor()
    assert result.exit_code == 0
    assert [line[:5] for line in result.stdout.splitlines()] == ["ok   "] * 11
    assert result.stdout.splitlines()[-1] == "ok   summary: all is well"


def test_mistakes_and_odd_names_in_the_configuration(doctor: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("GRPC_PROT=hidden\nTURN_SECONDS=hidden\n")
    result = doctor(NATS_URL="hidden")
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "BAD  configuration",
        "BAD  configuration",
        "warn configuration",
        "BAD  summary",
    ]
    assert "TURN_SECONDS" in result.stdout
    assert "did you mean GRPC_PORT?" in result.stdout
    assert "hidden" not in result.stdout


def test_odd_names_alone_are_no_failure(doctor: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("COLOUR=1\n")
    result = doctor()
    assert result.exit_code == 0
    assert "warn configuration: config.env: COLOUR is not a setting" in result.stdout
    assert result.stdout.endswith("warn summary: the server can answer; 1 to look at\n")


@pytest.mark.parametrize("setting", ["GRPC_PORT", "HTTP_PORT", "WEBSOCKET_PORT", "UPDATE_PORT"])
def test_a_port_that_is_taken(setting: str, doctor: Callable[..., Any], taken: int) -> None:
    result = doctor(**{setting: str(taken)})
    assert result.exit_code == 1
    assert f"port: 127.0.0.1:{taken}: Address already in use; " in result.stdout
    assert f"set {setting} to another" in result.stdout
    assert result.stdout.endswith("BAD  summary: 1 to mend before the server can answer\n")


def test_a_port_that_is_taken_on_ipv6(doctor: Callable[..., Any]) -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with server:
        port = server.getsockname()[1]
        result = doctor(GRPC_HOST="::1", GRPC_PORT=str(port))
    assert result.exit_code == 1
    assert f"BAD  gRPC port: [::1]:{port}: Address already in use" in result.stdout
    assert "ok   HTTP port: [::1]:0 is free" in result.stdout
    assert doctor(GRPC_HOST="::1").exit_code == 0


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "192.0.2.1"])
def test_a_host_that_is_not_this_machine(host: str, doctor: Callable[..., Any]) -> None:
    result = doctor(GRPC_HOST=host, ALLOW_INSECURE="true")
    assert result.exit_code == 1
    assert f"BAD  gRPC port: {host}:" in result.stdout
    assert "set GRPC_HOST to an address of this machine" in result.stdout


def test_one_port_for_two_things(doctor: Callable[..., Any], taken: int) -> None:
    result = doctor(GRPC_PORT=str(taken), HTTP_PORT=str(taken))
    assert f"BAD  HTTP port: {taken} is the gRPC port too; set HTTP_PORT to another" in result.stdout
    result = doctor(HTTP_PORT=str(taken), UPDATE_PORT=str(taken))
    assert f"BAD  update port: {taken} is the HTTP port too; set UPDATE_PORT to another" in result.stdout


def test_the_folder_of_releases(doctor: Callable[..., Any], tmp_path: Path) -> None:
    def said(**settings: str) -> list[str]:
        lines = doctor(UPDATE_DIR=str(tmp_path / "updates"), **settings).stdout.splitlines()
        return [line.replace(" releases: ", " ") for line in lines if " releases: " in line]

    assert said() == ["ok   nothing has been released yet; nexy release add does it"]
    workshop = Workshop(tmp_path)
    file = workshop.file(workshop.add("1.0", b"one"))
    assert said(UPDATE_BASE_URL=f"{BASE_URL}/") == ["ok   1 releases, 1 files"]
    assert said()[0].startswith("warn published for another address than UPDATE_BASE_URL")
    file.write_bytes(b"shorter or longer")
    assert said(UPDATE_BASE_URL=BASE_URL)[0].startswith("warn Nexy-1.0.dmg is not there, or not what was")
    (tmp_path / "updates" / "published.json").write_text("{}")
    assert said()[0].startswith("warn published.json is not what nexy release writes; look at UPDATE_DIR")


def test_without_an_update_server_its_port_is_nothing_to_look_at(
    doctor: Callable[..., Any], taken: int
) -> None:
    result = doctor(UPDATE_DIR="none", UPDATE_PORT=str(taken))
    assert result.exit_code == 0
    assert "ok   update port: off" in result.stdout
    assert "ok   releases: no update server: UPDATE_DIR is none" in result.stdout


def test_no_port_for_websockets(doctor: Callable[..., Any]) -> None:
    assert "ok   WebSocket port: off" in doctor(WEBSOCKET_PORT="none").stdout


def test_real_providers_that_cannot_be_reached_are_warnings_of_one_line(doctor: Callable[..., Any]) -> None:
    with socket.socket() as closed:  # its port is taken, and nobody listens
        closed.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
        away = {
            "GEMINI_API_KEY": "s3cr3t",
            "GEMINI_BASE_URL": f"http://{nobody}",
            "OPENAI_BASE_URL": f"http://{nobody}",
            "OPENAI_MODEL": "m",
            "EDGE_TTS_URL": f"wss://{nobody}/edge",
        }
        fallback = {"LLM_PROVIDERS": "gemini,openai,offline", "TTS_PROVIDERS": "edge,tone"}
        result = doctor(**away, **fallback)
        alone = doctor(**away, LLM_PROVIDERS="gemini")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = dict(line.split(": ", 1) for line in result.stdout.splitlines())
    assert list(lines) == [
        "ok   configuration",
        "warn model gemini",
        "warn model openai",
        "ok   model offline",
        "warn voice edge",
        "ok   voice tone",
        "ok   database",
        "ok   bus",
        "ok   gRPC port",
        "ok   HTTP port",
        "ok   WebSocket port",
        "ok   update port",
        "ok   releases",
        "warn summary",
    ]
    setting = "look at the network and at GEMINI_BASE_URL, or take gemini out of LLM_PROVIDERS"
    assert lines["warn model gemini"] == f"gemini: no connection could be made; {setting}"
    assert "EDGE_TTS_URL, or take edge out of TTS_PROVIDERS" in lines["warn voice edge"]
    assert alone.exit_code == 1
    assert "BAD  model gemini: " in alone.stdout
    assert "s3cr3t" not in result.output + alone.output


async def test_a_broken_first_one_is_seen_though_the_second_works() -> None:
    refused = ProviderError("gemini: the key is not valid", Fault.KEY)
    broken = ProviderError("edge cannot be reached", Fault.UNREACHABLE)
    found = await findings(openers(gemini=refused, edge=broken))
    assert found["model gemini"] == warn(
        "model gemini",
        "gemini: the key is not valid; set GEMINI_API_KEY to a key that is valid, "
        "or take gemini out of LLM_PROVIDERS",
    )
    assert found["model offline"] == ok("model offline", "answers with 5 characters")
    assert found["voice edge"] == warn(
        "voice edge",
        "edge cannot be reached; look at the network and at EDGE_TTS_URL, or take edge out of TTS_PROVIDERS",
    )
    assert found["voice espeak"].level is Level.OK


async def test_when_none_works_the_server_cannot_answer() -> None:
    broken = ProviderError("it is broken")
    found = await findings(openers(gemini=broken, offline="", edge=broken, espeak=""))
    wrong = {one.what for one in found.values() if one.level is Level.BAD}
    assert wrong == {"model gemini", "model offline", "voice edge", "voice espeak"}


async def test_what_keeps_the_server_from_starting_is_bad_even_as_a_fallback() -> None:
    found = await findings(openers(espeak=NotImplemented))
    assert found["voice edge"].level is Level.OK
    words = "espeak is not installed; take espeak out of TTS_PROVIDERS"
    assert found["voice espeak"] == bad("voice espeak", words)


async def test_silent_ones_cost_their_patience_once(autojump_clock: MockClock) -> None:
    found = await findings(openers(gemini=None, offline=None))
    assert trio.current_time() == pytest.approx(20, abs=0.5)
    for name in ("gemini", "offline"):
        assert found[f"model {name}"].level is Level.BAD
        assert "silent for 20 s" in found[f"model {name}"].words


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_at_a_terminal_is_shown_marks() -> None:
    out = Terminal()
    show([ok("a", "well [bold]"), warn("b", "odd"), bad("c", "long " * 50)], out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert ["✓" in lines[0], "!" in lines[1], "✗" in lines[2]] == [True] * 3
    assert "well [bold]" in lines[0]


def test_a_pipe_is_given_plain_lines() -> None:
    out = io.StringIO()
    show([ok("a", "well"), warn("b", "of\ntwo lines"), bad("c", "wrong")], out)
    assert out.getvalue() == "ok   a: well\nwarn b: of two lines\nBAD  c: wrong\n"


@needs_nats
def test_a_bus_that_is_there(doctor: Callable[..., Any]) -> None:
    lines = doctor(NATS_URL=URL).stdout.splitlines()
    assert [line for line in lines if " bus: " in line] == [
        f"ok   bus: NATS at {URL.rpartition('/')[2]} answers, with JetStream"
    ]


def test_a_bus_that_is_not_there(doctor: Callable[..., Any]) -> None:
    result = doctor(NATS_URL="nats://127.0.0.1:1")
    assert result.exit_code == 0
    assert "warn bus: the bus is away; see NATS_URL" in result.stdout.splitlines()
