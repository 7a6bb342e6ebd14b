"""What the commands of nexy provider do."""

from functools import partial

import typer

from nexy.cli.client import open_stub_of, run_client, sendable
from nexy.cli.link import Link
from nexy.modules.grpc_service.streaming import (
    OperatorServiceStub,
    SwitchProviderRequest,
    SwitchProviderResponse,
)
from nexy.nursery.border import call

ANSWER_SECONDS = 10.0


def switch(name: str, *, on: bool, link: Link) -> None:
    """Switch the provider of that name, if there is a name, and print how all of them are.

    Who did it is told on stderr: what is printed is a table, of the process that was asked.
    """
    request = sendable(SwitchProviderRequest(name, on))

    async def ask() -> SwitchProviderResponse:
        async with open_stub_of(OperatorServiceStub, link) as stub:
            return await call(partial(stub.switch_provider, request, timeout=ANSWER_SECONDS))

    told = run_client(ask, link)
    for one in told.providers:
        print(f"{one.name}\t{one.kind}\t{one.state}")
    if told.bus_away:
        typer.echo("the bus is away: only this process did it; the others do when it is back", err=True)
    elif told.processes:
        typer.echo(f"done by {told.processes} {'process' if told.processes == 1 else 'processes'}", err=True)
