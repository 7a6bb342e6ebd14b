"""What a failure of Gemini is: its errors and those of the wire, as ours. Pure.

The service's own words are never passed on: they can hold the key, the address and the prompt.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from nexy.errors import Fault, ProviderError
from nexy.modules.text_processing.providers.unfit import names_a_key, unfit
from nexy.utils.retry_after import retry_after

_WORDS = {
    Fault.UNREACHABLE: "no connection could be made",
    Fault.DROPPED: "the connection broke before the answer was complete",
    Fault.KEY: "the key is missing or is not accepted",
    Fault.QUOTA: "the key's quota is reached",
    Fault.BUSY: "the service has a fault or too much to do",
    Fault.REFUSED: "the service does not take the request",
    Fault.UNFIT: "the service does not take the picture or the words that were sent",
    Fault.BLOCKED: "the service will not answer this",
    Fault.EMPTY: "the answer is empty",
    Fault.CUT: "the answer reached the most tokens that it may have",
    Fault.MALFORMED: "the answer cannot be understood",
    Fault.BROKEN: "the answer ended for an unknown reason",
}
_KEY_REASONS = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED"})


def failure(fault: Fault, retry_after_seconds: float | None = None) -> ProviderError:
    """The error for `fault`, in words that anyone may read."""
    return ProviderError(f"gemini: {_WORDS[fault]}", fault, retry_after_seconds=retry_after_seconds)


def failure_of_status(
    code: int, body: Any, headers: Mapping[str, str], now: datetime, *, proven: bool = False
) -> ProviderError:
    """The error for an HTTP status that is not 200, or for an error object among the chunks.

    `proven`: another request of the same setup was answered. Often all that the service says of a
    picture is that the request contains an invalid argument.
    """
    inner = body.get("error", body) if isinstance(body, Mapping) else None
    error: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    details = list(_details(error))
    fault = _fault(code, str(error.get("message", "")), details)
    if proven and fault is Fault.REFUSED and error.get("status") == "INVALID_ARGUMENT":
        fault = Fault.UNFIT
    return failure(fault, _wait(headers, details, now))


def failure_of_wire(error: Exception) -> ProviderError:
    """The error for what httpx2 or the SDK raise when no good answer came."""
    import httpx2

    unreachable = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.ProxyError,
        httpx2.UnsupportedProtocol,
        httpx2.InvalidURL,
    )
    if isinstance(error, unreachable):
        return failure(Fault.UNREACHABLE)
    if isinstance(error, httpx2.TransportError | httpx2.StreamError):
        return failure(Fault.DROPPED)
    return failure(Fault.MALFORMED)


def _fault(code: int, message: str, details: list[Mapping[str, Any]]) -> Fault:
    if code == 429:
        return Fault.QUOTA
    if code in (401, 403) or any(detail.get("reason") in _KEY_REASONS for detail in details):
        return Fault.KEY
    if code == 400 and names_a_key(message):
        return Fault.KEY
    if unfit(code, message):
        return Fault.UNFIT
    if code == 408 or code >= 500:
        return Fault.BUSY
    return Fault.REFUSED


def _details(error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The details of an error, whatever it has there."""
    details = error.get("details")
    if isinstance(details, list):
        yield from (detail for detail in details if isinstance(detail, Mapping))


def _wait(headers: Mapping[str, str], details: list[Mapping[str, Any]], now: datetime) -> float | None:
    """Seconds until it may be tried again: as the header has it, else as the body has it."""
    said = [headers.get("Retry-After"), *(detail.get("retryDelay") for detail in details)]
    waits = (retry_after(value, now) for value in said if isinstance(value, str))
    return next((wait for wait in waits if wait is not None), None)
