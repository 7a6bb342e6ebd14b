"""The gRPC gateway: RPCs in, the words of Nexy behind."""

from nexy.modules.grpc_service.service import Back, Greeting, Read, Sizes, StreamingService, descriptors

__all__ = ["Back", "Greeting", "Read", "Sizes", "StreamingService", "descriptors"]
