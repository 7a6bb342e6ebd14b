"""What can go wrong between edge-tts and the service, as Nexy's errors."""

from datetime import UTC, datetime

import aiohttp
from edge_tts.exceptions import EdgeTTSException, NoAudioReceived, SkewAdjustmentError

from nexy.errors import Fault, ProviderError
from nexy.utils.retry_after import retry_after

FOREIGN = (
    aiohttp.ClientError,
    EdgeTTSException,
    OSError,  # TimeoutError is one
    ValueError,  # what does not parse, from here on
    LookupError,
    TypeError,
    AttributeError,
)
"""All that the library is known to raise. It checks little of what the service sends, so that a
strange message surfaces as an error of Python's own."""

TOO_MANY_REQUESTS = 429
SERVER_FAULTS = 500


def translated(error: Exception, *, sound_came: bool, complete: bool) -> ProviderError:
    """What `error` of the library's means.

    `sound_came`: some of the sentence was received. `complete`: the service has said that it is
    through.
    """
    match error:
        case aiohttp.ClientHttpProxyError():
            return ProviderError(f"edge: the proxy answered {error.status}", Fault.UNREACHABLE)
        case aiohttp.ClientResponseError():
            return _refused(error)
        case SkewAdjustmentError():
            return ProviderError("edge: the handshake was refused with 403", Fault.REFUSED)
        case NoAudioReceived() if complete and not sound_came:
            return ProviderError("edge: the service sent no sound", Fault.EMPTY)
        case NoAudioReceived():
            return ProviderError("edge: the connection was dropped before the end", Fault.DROPPED)
        case aiohttp.InvalidURL():
            return ProviderError("edge: EDGE_TTS_URL is not an address", Fault.UNREACHABLE)
        case aiohttp.ServerTimeoutError() | aiohttp.ClientConnectorError():
            return ProviderError("edge: no connection", Fault.UNREACHABLE)
        case aiohttp.ClientError() | OSError():
            return ProviderError("edge: the connection broke", Fault.DROPPED)
        case _:
            return ProviderError("edge: what the service sent is not understood", Fault.MALFORMED)


def _refused(error: aiohttp.ClientResponseError) -> ProviderError:
    busy = error.status == TOO_MANY_REQUESTS or error.status >= SERVER_FAULTS
    said = error.headers.get("Retry-After") if error.headers else None
    return ProviderError(
        f"edge: the handshake was refused with {error.status}",
        Fault.BUSY if busy else Fault.REFUSED,
        retry_after_seconds=retry_after(said, datetime.now(UTC)),
    )
