"""Options that several commands have: which server, with which token, and how it is reached by TLS."""

from typing import Annotated, Any

import typer

from nexy.cli.address import Address, read_address


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
