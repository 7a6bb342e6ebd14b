"""Options that several commands have: how a client comes to a server that speaks TLS."""

from typing import Annotated

import typer

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
