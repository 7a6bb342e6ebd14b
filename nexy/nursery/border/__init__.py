"""Where asyncio ends. The only package that imports asyncio, trio_asyncio or grpclib's server.

On the far side grpclib serves HTTP/2 on trio-asyncio's loop; on the near side every coroutine is
Trio's. Both sides share one thread, so what does not wait is called across without a bridge.
"""

from nexy.nursery.border.call import Call
from nexy.nursery.border.curt import Curt, framed
from nexy.nursery.border.services import Rpc, TrioService
from nexy.nursery.border.serving import GrpcListener, serve_grpc
from nexy.nursery.border.streams import call, open_asyncio, open_grpc_channel, open_stream

__all__ = [
    "Call",
    "Curt",
    "GrpcListener",
    "Rpc",
    "TrioService",
    "call",
    "framed",
    "open_asyncio",
    "open_grpc_channel",
    "open_stream",
    "serve_grpc",
]
