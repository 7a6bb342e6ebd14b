"""The gRPC gateway: RPCs in, the words of Nexy behind."""

from nexy.modules.grpc_service.back import Back, Greeting, Read
from nexy.modules.grpc_service.operator import OperatorService
from nexy.modules.grpc_service.service import Sizes, StreamingService, descriptors

__all__ = ["Back", "Greeting", "OperatorService", "Read", "Sizes", "StreamingService", "descriptors"]
