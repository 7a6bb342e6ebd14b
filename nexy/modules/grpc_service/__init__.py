"""The gRPC gateway: RPCs in, the words of Nexy behind."""

from nexy.modules.grpc_service.service import Back, Greeting, Sizes, StreamingService, descriptors

__all__ = ["Back", "Greeting", "Sizes", "StreamingService", "descriptors"]
