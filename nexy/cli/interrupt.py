"""nexy interrupt."""

from functools import partial

from nexy.cli.client import open_stub, run_client, sendable
from nexy.cli.failing import fail
from nexy.cli.link import Link
from nexy.modules.grpc_service.streaming import InterruptRequest, InterruptResponse
from nexy.nursery.border import call


def run(hardware_id: str, played_ms: int | None, link: Link) -> None:
    request = sendable(InterruptRequest(hardware_id, played_ms))

    async def ask() -> InterruptResponse:
        async with open_stub(link) as stub:
            return await call(partial(stub.interrupt_session, request, timeout=10))

    response = run_client(ask, link)
    if not response.success:
        fail(response.message)
    print(*response.interrupted_sessions, sep="\n")
