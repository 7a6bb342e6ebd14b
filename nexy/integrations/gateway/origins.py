"""Which web pages may open a connection: browsers say where a page is from, and leave it to the server."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from nexy.config import is_loopback

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origins:
    """The console page that this server serves, and those that are configured."""

    allowed: frozenset[str]  # "scheme://host" or "scheme://host:port", as WEBSOCKET_ORIGINS has them
    page_port: int  # where the console page is served
    secure: bool  # it is served, as all else, by TLS

    def let_in(self, origin: str, host: str) -> bool:
        """Whether a page from `origin` may connect, which asked for the server by the header Host `host`."""
        page, asked = _split(origin), _split(f"//{host}")
        if page is None or asked is None:
            return False
        if _name_of(page) in {_name_of(one) for one in map(_split, self.allowed) if one}:
            return True
        its_port = page.port or DEFAULT_PORTS.get(page.scheme)
        scheme = "https" if self.secure else "http"
        same = page.hostname == asked.hostname and (page.scheme, its_port) == (scheme, self.page_port)
        return same and (self.secure or _cannot_be_rebound(asked.hostname or ""))


def _cannot_be_rebound(host: str) -> bool:
    """Nobody else can make this name lead here.

    The owner of any other name could let it lead to their page first and to this server then (DNS
    rebinding). With TLS the certificate would tell.
    """
    try:
        ip_address(host)
    except ValueError:
        return is_loopback(host) or host.endswith(".localhost")
    return True


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        good = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if good else None


def _name_of(page: SplitResult) -> tuple[str, str | None, int | None]:
    return page.scheme, page.hostname, page.port or DEFAULT_PORTS.get(page.scheme)
