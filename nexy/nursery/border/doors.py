"""Who is let in: connections counted for the server and for each address, without I/O."""

import ipaddress
from collections import Counter

from nexy.config import ConnectionsConfig


def network_of(address: str) -> str:
    """What one client can call from: its IPv4 address, or the /64 that every IPv6 client has whole."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((ip, 64), strict=False))


class Doors:
    """Counts who is inside, and who was turned away and for what."""

    def __init__(self, limits: ConnectionsConfig) -> None:
        self.turned_away: Counter[str] = Counter()
        self._limits = limits
        self._inside: Counter[str] = Counter()
        self._open = 0

    def __len__(self) -> int:
        return self._open

    def __repr__(self) -> str:
        return f"<Doors open={self._open} networks={len(self._inside)} turned_away={dict(self.turned_away)}>"

    def enter(self, address: str) -> str | None:
        """Let a connection in. Returns what `leave` wants to have, or None when there is no room."""
        network = network_of(address)
        if self._open >= self._limits.max_connections:
            self.turned_away["connections"] += 1
        elif self._inside[network] >= self._limits.max_connections_per_address:
            self.turned_away["address"] += 1
        else:
            self._open += 1
            self._inside[network] += 1
            return network
        return None

    def leave(self, network: str) -> None:
        self._open -= 1
        self._inside[network] -= 1
        if not self._inside[network]:
            del self._inside[network]
