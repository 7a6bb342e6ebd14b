"""nexy provider: the models and voices of a server that runs."""

from typing import Annotated

import typer

from nexy.cli.options import DEFAULT_SERVER, CaFile, ClientCert, ClientKey, Server, Tls, Token

provider = typer.Typer(
    help="The models and voices of a server that runs: see how they are, take one out, put it back.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As LLM_PROVIDERS or TTS_PROVIDERS has it.")]


@provider.command("off")
def off(
    name: Name,
    server: Server = DEFAULT_SERVER,
    token: Token = None,
    tls: Tls = False,
    ca_file: CaFile = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
) -> None:
    """Take a model or a voice out, until it is put back or the server ends. What it is saying goes on."""
    from nexy.cli.link import Link
    from nexy.cli.provider.work import switch

    switch(name, on=False, link=Link(server, token, tls, ca_file, client_cert, client_key))


@provider.command("on")
def on(
    name: Name,
    server: Server = DEFAULT_SERVER,
    token: Token = None,
    tls: Tls = False,
    ca_file: CaFile = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
) -> None:
    """Put it back. What was learnt of its failures is forgotten."""
    from nexy.cli.link import Link
    from nexy.cli.provider.work import switch

    switch(name, on=True, link=Link(server, token, tls, ca_file, client_cert, client_key))


@provider.command("list")
def list_(
    server: Server = DEFAULT_SERVER,
    token: Token = None,
    tls: Tls = False,
    ca_file: CaFile = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
) -> None:
    """List them: name, kind and state, in the order in which they are asked."""
    from nexy.cli.link import Link
    from nexy.cli.provider.work import switch

    switch("", on=True, link=Link(server, token, tls, ca_file, client_cert, client_key))
