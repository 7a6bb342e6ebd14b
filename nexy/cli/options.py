"""Options that several commands have: which server, with which token, and how it is reached by TLS."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from nexy.cli.address import Address, read_address
from nexy.cli.link import Link


def address(text: str) -> Address:
    try:
        return read_address(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _token(text: str) -> str:
    token = text.strip()
    if not (token.isascii() and token.isprintable()):
        raise typer.BadParameter("only printable ASCII can be sent")  # the token itself is not shown
    return token


Server = Annotated[
    Address,
    typer.Option(
        parser=address, metavar="HOST:PORT", help="The server; [HOST]:PORT for IPv6.", envvar="NEXY_SERVER"
    ),
]
Token = Annotated[
    str | None,
    typer.Option(parser=_token, metavar="TOKEN", help="Sent as authorization.", envvar="NEXY_TOKEN"),
]
DEFAULT_SERVER: Any = "127.0.0.1:50051"  # read as if it was typed
Tls = Annotated[
    bool, typer.Option("--tls", help="Encrypt, and trust this machine's authorities.", envvar="NEXY_TLS")
]
CaFile = Annotated[
    str | None, typer.Option(metavar="FILE.pem", help="Trust this authority.", envvar="NEXY_CA_FILE")
]
ClientCert = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.pem", help="Shown to the server; its key may be in it.", envvar="NEXY_CLIENT_CERT"
    ),
]
ClientKey = Annotated[str | None, typer.Option(metavar="FILE.pem", help="Its key.", envvar="NEXY_CLIENT_KEY")]


def linked(command: Callable[..., None]) -> Callable[..., None]:
    """`command`, which takes a `link`, as one that takes the options that make a Link."""
    made = inspect.signature(_link)
    own = [one for one in inspect.signature(command).parameters.values() if one.name != "link"]

    @wraps(command)
    def run(**given: Any) -> None:
        link = _link(**{name: given.pop(name) for name in made.parameters})
        command(**given, link=link)

    parameters = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (*own, *made.parameters.values())
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


def _link(
    server: Server = DEFAULT_SERVER,
    token: Token = None,
    tls: Tls = False,
    ca_file: CaFile = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
) -> Link:
    return Link(server, token, tls, ca_file, client_cert, client_key)
