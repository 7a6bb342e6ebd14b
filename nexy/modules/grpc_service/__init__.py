"""The gRPC gateway: RPCs in, the words of Nexy behind; and the same RPCs for WebSockets."""

from nexy.modules.grpc_service import envelope
from nexy.modules.grpc_service.back import Back, Greeting, Read
from nexy.modules.grpc_service.call import Call, Rpc
from nexy.modules.grpc_service.operator import OperatorService
from nexy.modules.grpc_service.service import Sizes, StreamingService, descriptors
from nexy.modules.grpc_service.translate import metadata_of, status_of

__all__ = [
    "Back",
    "Call",
    "Greeting",
    "OperatorService",
    "Read",
    "Rpc",
    "Sizes",
    "StreamingService",
    "descriptors",
    "envelope",
    "metadata_of",
    "status_of",
]
