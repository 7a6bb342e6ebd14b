"""What the headers of a request say, before grpclib reads them."""

from contextlib import suppress
from typing import cast

from grpclib.metadata import decode_timeout, encode_timeout
from h2.events import RequestReceived

SHORTEST_SECONDS = 0.02  # of a deadline: for a pause of the collector


def header(event: RequestReceived, wanted: str) -> str | None:
    headers = cast("list[tuple[str, str]]", event.headers)
    return next((value for name, value in headers if name == wanted), None)


def path_of(event: RequestReceived) -> str:
    return header(event, ":path") or ""


def at_least_a_moment(field: tuple[str, str]) -> tuple[str, str]:
    """A deadline that has passed when grpclib looks at it is a bug to grpclib, not a deadline."""
    name, value = field
    if name == "grpc-timeout":
        with suppress(ValueError):  # grpclib tells the client
            if decode_timeout(value) < SHORTEST_SECONDS:
                return name, encode_timeout(SHORTEST_SECONDS)
    return field
