"""What the client commands send, seen by a server that answers nothing."""

from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from nexy.cli import app

COMMANDS = [["ask", "Hello"], ["interrupt", "device"], ["welcome"]]


class Refusing(grpc.GenericRpcHandler):  # type: ignore[misc] # grpcio has no types
    """Notes what is asked, and refuses it."""

    target: str

    def __init__(self) -> None:
        self.metadata: list[dict[str, Any]] = []
        self.requests: list[bytes] = []

    def service(self, details: Any) -> grpc.RpcMethodHandler:
        self.metadata.append(dict(details.invocation_metadata))
        return grpc.unary_unary_rpc_method_handler(self._refuse)

    def _refuse(self, request: bytes, context: Any) -> None:
        self.requests.append(request)
        context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are\nyou?")


@pytest.fixture(params=["127.0.0.1", "[::1]"])
def refusing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Refusing]:
    handler = Refusing()
    server = grpc.server(futures.ThreadPoolExecutor(1), handlers=[handler])
    try:
        port = server.add_insecure_port(f"{request.param}:0")
    except RuntimeError:
        pytest.skip(f"{request.param} is not on this machine")
    handler.target = f"{request.param}:{port}"
    server.start()
    yield handler
    server.stop(None).wait()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_sends_the_token_and_says_in_one_line_that_it_was_refused(
    command: list[str], refusing: Refusing
) -> None:
    given = [*command, "--server", refusing.target, "--token", "t0ken"]
    for args, env in ((given, {}), ([*command, "--server", refusing.target], {"NEXY_TOKEN": "t0ken\n"})):
        result = CliRunner().invoke(app, args, env=env)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr == "nexy: UNAUTHENTICATED: who are you?\n"
    assert [one["authorization"] for one in refusing.metadata] == ["Bearer t0ken"] * 2


def test_without_a_token_none_is_sent(refusing: Refusing) -> None:
    CliRunner().invoke(app, ["welcome"], env={"NEXY_SERVER": refusing.target})
    assert ["authorization" in one for one in refusing.metadata] == [False]


def test_the_device_is_named_by_the_environment_and_rather_by_the_option(refusing: Refusing) -> None:
    command = ["ask", "Hello", "--server", refusing.target]
    for more, name in (([], b"env-desk"), (["--hardware-id", "given-desk"], b"given-desk")):
        CliRunner().invoke(app, [*command, *more], env={"NEXY_HARDWARE_ID": "env-desk"})
        assert name in refusing.requests[-1]
