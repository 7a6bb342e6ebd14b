"""The doctor's look at the ports: whether a server could listen on every address of its host."""

import errno
import os
import socket
from collections.abc import Iterator
from typing import Any

from nexy.cli.address import Address
from nexy.cli.findings import Finding, bad, ok
from nexy.config import Config
from nexy.integrations.updates import folder_of

HOST = "set GRPC_HOST to an address of this machine"


def check_ports(config: Config) -> Iterator[Finding]:
    server = config.server
    off = folder_of(config.updates) is None
    ports = {
        "gRPC port": ("GRPC_PORT", server.grpc_port),
        "HTTP port": ("HTTP_PORT", server.http_port),
        "WebSocket port": ("WEBSOCKET_PORT", server.websocket_port),
        "update port": ("UPDATE_PORT", None if off else config.updates.update_port),
    }
    taken: dict[int, str] = {}
    for what, (setting, port) in ports.items():
        if port is None:
            yield ok(what, "off")
        elif port and port in taken:
            yield bad(what, f"{port} is the {taken[port]} too; set {setting} to another")
        else:
            taken[port] = what
            yield _check(what, setting, server.grpc_host, port)


def _check(what: str, setting: str, host: str, port: int) -> Finding:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a host's name"
        return bad(what, f"{host}: {why}; {HOST}")
    for family, _, _, _, address in found:
        try:
            _listen(family, address)
        except OSError as error:
            where = Address(str(address[0]), port)
            return bad(what, f"{where}: {os.strerror(error.errno or 0)}; {_mend(error, setting)}")
    return ok(what, f"{Address(host, port)} is free")


def _listen(family: int, address: Any) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as the server does
        probe.bind(address)
        probe.listen(1)


def _mend(error: OSError, setting: str) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"stop what listens there (a Nexy?), or set {setting} to another"
        case errno.EACCES:
            return f"set {setting} to 1024 or more"
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT:
            return HOST
        case _:
            return f"set {setting} to another"
