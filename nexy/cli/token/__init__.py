"""nexy token: who may come in."""

from typing import Annotated

import typer

token = typer.Typer(help="Tokens: who may come in, with AUTH=tokens.")

DAYS = 365.0


@token.command("issue")
def issue(
    device: Annotated[
        str | None, typer.Option(metavar="HARDWARE_ID", help="For this device, and for no other.")
    ] = None,
    operator: Annotated[
        bool, typer.Option("--operator", help="For an operator: every device, /status and /metrics.")
    ] = False,
    days: Annotated[
        float, typer.Option(min=0.001, max=36_500, metavar="N", help="It ends after so many days.")
    ] = DAYS,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What the list calls it; no one's secret.")] = "",
) -> None:
    """Make a token. It is printed, alone, on stdout, and kept nowhere."""
    from nexy.cli.failing import WRONG_USE, fail
    from nexy.cli.token.work import issue_one

    if (device is None) != operator:
        fail("it is for --device HARDWARE_ID or for an --operator", status=WRONG_USE)
    issue_one(device, days, label)


@token.command("list")
def list_() -> None:
    """List the tokens that were issued: id, kind, label, when issued, when it ends, when revoked."""
    from nexy.cli.token.work import show_all

    show_all()


@token.command("revoke")
def revoke(id_: Annotated[str, typer.Argument(metavar="ID", help="As the list has it.")]) -> None:
    """Let a token hold no longer. A server that runs knows it within 5 seconds."""
    from nexy.cli.token.work import revoke_one

    revoke_one(id_)
