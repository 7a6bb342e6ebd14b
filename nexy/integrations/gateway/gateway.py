"""How a WebSocket begins: who comes, from which page, speaking what."""

import trio
from trio_websocket import ConnectionClosed, WebSocketRequest

from nexy.errors import leaves
from nexy.integrations.gateway.connection import Connection
from nexy.integrations.gateway.house import House
from nexy.integrations.gateway.line import Line
from nexy.integrations.gateway.socket import Socket
from nexy.modules.grpc_service.envelope import SUBPROTOCOLS
from nexy.monitoring import logger, where

log = logger("nexy.websocket")

PLAIN = [(b"content-type", b"text/plain; charset=utf-8")]
FORBIDDEN = 403


async def serve_client(house: House, stream: trio.abc.Stream, address: str, network: str) -> None:
    """Serve one client, who calls from `address` ("host:port"), until it goes; closes the stream.

    Raises no Exception.
    """
    line = Line(stream, house.limits.stalled_seconds, house.turned_away)
    socket = Socket(line, network, house.most_message_bytes, house.receiving)
    try:
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                await socket.read()
                nursery.cancel_scope.cancel()  # nobody is there any more

            nursery.start_soon(read)
            if await _shakes_hands(house, socket):
                await _talk(house, socket, address)
            nursery.cancel_scope.cancel()
    except Exception as error:  # noqa: BLE001 - whatever its client sent, the others go on
        _tell(house, socket, error)
    finally:
        await line.aclose()


def _tell(house: House, socket: Socket, error: Exception) -> None:
    if socket.subprotocol is None:  # bytes of a handshake that wsproto stumbles over
        house.turned_away["handshake"] += 1
    else:
        log.error("a connection failed", error=where(leaves(error)[0]))


async def _talk(house: House, socket: Socket, address: str) -> None:
    connection = Connection(house, socket, address)
    house.connections.add(connection)
    try:
        await connection.run()
    finally:
        house.connections.discard(connection)


async def _shakes_hands(house: House, socket: Socket) -> bool:
    """Accept the connection, or say why not."""
    accepted = False
    with trio.move_on_after(house.limits.handshake_seconds) as patience:
        accepted = await _accept(house, await socket._get_request())
    if patience.cancelled_caught:
        house.turned_away["handshake"] += 1
    return accepted


async def _accept(house: House, request: WebSocketRequest) -> bool:
    refusal = _refusal(house, request)
    try:
        if refusal is None:
            await request.accept(subprotocol=_chosen(request))
            return True
        status, why = refusal
        house.turned_away["origin" if status == FORBIDDEN else "handshake"] += 1
        await request.reject(status, extra_headers=[*PLAIN], body=f"{why}\n".encode())
    except ConnectionClosed:
        pass  # the client is gone
    return False


def _refusal(house: House, request: WebSocketRequest) -> tuple[int, str] | None:
    """The HTTP status and the reason for which it is not accepted; None when it is."""
    if request.path.partition("?")[0] != "/":
        return 404, "WebSockets are at /"
    if _chosen(request) is None:
        return 400, f"the sub-protocol must be {' or '.join(SUBPROTOCOLS)}"
    pages = [value.decode("latin-1") for name, value in request.headers if name == b"origin"]
    if not all(house.origins.let_in(page, request._event.host) for page in pages):
        return FORBIDDEN, "pages from this origin may not connect; WEBSOCKET_ORIGINS says which may"
    return None


def _chosen(request: WebSocketRequest) -> str | None:
    """The first sub-protocol that both sides know."""
    return next((one for one in request.proposed_subprotocols if one in SUBPROTOCOLS), None)
