"""The same conversation for every client that has WebSockets and no gRPC."""

from nexy.integrations.gateway.gateway import serve_client
from nexy.integrations.gateway.house import House
from nexy.integrations.gateway.listener import WebSocketListener, serve_websockets
from nexy.integrations.gateway.origins import Origins

__all__ = ["House", "Origins", "WebSocketListener", "serve_client", "serve_websockets"]
