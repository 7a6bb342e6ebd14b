"""An operator takes models and voices out of a server that runs, and puts them back."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from nexy.cli import app
from nexy.modules.session_management import Seal, new_grant
from nexy.types import HardwareId
from tests.e2e.conftest import Client, Running

SECRET = "a secret of more than thirty-two bytes"
TWO = {"LLM_PROVIDERS": "scripted,offline"}


def provider(server: Running, *arguments: str) -> Any:
    """What `nexy provider …` does."""
    return CliRunner().invoke(app, ["provider", *arguments, "--server", server.target])


def switch(client: Client, name: str, token: str | None = None) -> Any:
    pb = client.pb
    call = client.channel.unary_unary(
        "/streaming.OperatorService/SwitchProvider",
        request_serializer=pb.SwitchProviderRequest.SerializeToString,
        response_deserializer=pb.SwitchProviderResponse.FromString,
    )
    shown = [("authorization", f"Bearer {token}")] if token else None
    return call(pb.SwitchProviderRequest(name=name, on=False), timeout=5, metadata=shown)


def states(server: Running) -> dict[str, str]:
    with urllib.request.urlopen(f"{server.http}/status", timeout=5) as answer:
        return dict(json.load(answer)["modules"]["text_processing"]["providers"])


def test_taken_out_and_put_back(serve: Callable[..., Running], connect: Callable[..., Client]) -> None:
    server = serve(**TWO)
    client = connect(server)
    scripted = client.say("Hello").wait().text
    told = provider(server, "off", "scripted")
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "scripted\tmodel\toff",
        "offline\tmodel\tclosed",
        "tone\tvoice\tclosed",
    ]
    assert told.stderr == "done by 1 process\n"
    assert states(server) == {"scripted": "off", "offline": "closed"}
    assert client.say("Hello").wait().text != scripted
    assert provider(server, "on", "scripted").stdout.splitlines()[0] == "scripted\tmodel\tclosed"
    assert client.say("Hello").wait().text == scripted
    listed = provider(server, "list")
    assert (listed.stdout.count("closed"), listed.stderr) == (3, "")


def test_without_any_voice_the_server_is_not_ready_and_says_so_to_those_who_ask(
    serve: Callable[..., Running], connect: Callable[..., Client]
) -> None:
    server = serve(**TWO)
    provider(server, "off", "tone")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{server.http}/ready", timeout=5)
    assert "tone" in json.load(error.value)["reasons"][0]
    heard = connect(server).say("Hello").wait()
    assert heard.status is grpc.StatusCode.UNAVAILABLE
    assert heard.sound  # two falling tones
    provider(server, "on", "tone")
    with urllib.request.urlopen(f"{server.http}/ready", timeout=5) as answer:
        assert answer.status == 200


def test_an_unknown_name_changes_nothing(serve: Callable[..., Running]) -> None:
    told = provider(serve(**TWO), "off", "gemini")
    assert told.exit_code == 1
    assert told.stderr.startswith("nexy: INVALID_ARGUMENT: there is no provider of that name")


def test_it_is_for_operators(
    serve: Callable[..., Running], connect: Callable[..., Client], tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    server = serve(**TWO, AUTH="tokens", AUTH_SECRET_FILE=secret)
    client, seal = connect(server), Seal(SECRET.encode())
    device, operator = (seal.sign(new_grant(who, 3600, time.time())) for who in (HardwareId("device"), None))
    for token, status in ((None, "UNAUTHENTICATED"), (device, "PERMISSION_DENIED")):
        with pytest.raises(grpc.RpcError) as error:
            switch(client, "scripted", token)
        assert error.value.code().name == status
    answer = switch(client, "scripted", operator)
    assert (answer.providers[0].name, answer.providers[0].state) == ("scripted", "off")
