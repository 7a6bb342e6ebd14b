"""nexy provider: the models and voices of a server that runs."""

from typing import Annotated

import typer

from nexy.cli.link import Link
from nexy.cli.options import linked

provider = typer.Typer(
    help="The models and voices of a server that runs: see how they are, take one out, put it back.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As LLM_PROVIDERS or TTS_PROVIDERS has it.")]


@provider.command("off")
@linked
def off(
    name: Name,
    *,
    link: Link,
) -> None:
    """Take a model or a voice out, until it is put back or the server ends. What it is saying goes on."""
    from nexy.cli.provider.work import switch

    switch(name, on=False, link=link)


@provider.command("on")
@linked
def on(
    name: Name,
    *,
    link: Link,
) -> None:
    """Put it back. What was learnt of its failures is forgotten."""
    from nexy.cli.provider.work import switch

    switch(name, on=True, link=link)


@provider.command("list")
@linked
def list_(
    *,
    link: Link,
) -> None:
    """List them: name, kind and state, in the order in which they are asked."""
    from nexy.cli.provider.work import switch

    switch("", on=True, link=link)
