"""The generated messages alone: importing them through nexy would put Trio under the client's asyncio."""

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nexy.modules.grpc_service.streaming import (
        ClientMessage,
        Hello,
        InterruptRequest,
        InterruptResponse,
        RequestPhase,
        StreamRequest,
        StreamResponse,
    )
else:
    file = Path(__file__).parent.parent / "nexy/modules/grpc_service/streaming/__init__.py"
    spec = importlib.util.spec_from_file_location("benchmarks.generated", file)
    generated = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = generated
    spec.loader.exec_module(generated)
    ClientMessage, Hello = generated.ClientMessage, generated.Hello
    InterruptRequest, InterruptResponse = generated.InterruptRequest, generated.InterruptResponse
    RequestPhase = generated.RequestPhase
    StreamRequest, StreamResponse = generated.StreamRequest, generated.StreamResponse

__all__ = [
    "ClientMessage",
    "Hello",
    "InterruptRequest",
    "InterruptResponse",
    "RequestPhase",
    "StreamRequest",
    "StreamResponse",
]
