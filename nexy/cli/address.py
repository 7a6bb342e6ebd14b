"""Where a server is."""

from typing import NamedTuple

from nexy.utils.addresses import spelt


class Address(NamedTuple):
    """A host and a port that can be called."""

    host: str
    port: int

    def __str__(self) -> str:
        return spelt(self.host, self.port)


def read_address(text: str) -> Address:
    """ "localhost:50051" or "[::1]:50051". Raises ValueError, which says what is wrong with it."""
    host, colon, port = text.strip().rpartition(":")
    bracketed = host[:1] == "[" and host[-1:] == "]"
    if not colon or (":" in host and not bracketed):
        raise ValueError(f"{text!r} is not HOST:PORT, nor [IPv6]:PORT")
    host = host[1:-1] if bracketed else host
    if not host or set(host) & set("[]/@ "):
        raise ValueError(f"{text!r} has no host before its port")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise ValueError(f"{text!r} has no port from 1 to 65535 at its end")
    return Address(host, int(port))
