"""TLS from PEM files: contexts for servers and clients, and when a certificate ends."""

import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GRPC = ("h2",)  # ALPN, RFC 7301: gRPC is HTTP/2 and nothing else
HTTP = ("http/1.1",)

MOST_FLIGHTS = 8  # of a handshake: TLS 1.2 has four, 1.3 three


@dataclass(frozen=True)
class Files:
    """Where a server's certificate is, and that of those who sign its clients' ones."""

    certificate: Path  # with the chain
    key: Path
    client_ca: Path | None = None  # None: clients need no certificate


def server_context(files: Files, protocols: Sequence[str]) -> ssl.SSLContext:
    """TLS 1.2 or newer for a server. Raises OSError, of which ssl.SSLError is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(list(protocols))
    context.load_cert_chain(files.certificate, files.key, _no_password)
    if files.client_ca is not None:
        context.load_verify_locations(files.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(protocols: Sequence[str], *, ca: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer for a client that trusts `ca`, or else the machine's authorities. Raises OSError."""
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(list(protocols))
    return context


def _no_password() -> str:
    """Nobody is there to type one: without this OpenSSL would ask at the terminal."""
    return ""


def ends_at(files: Files) -> float:
    """When the certificate ends, Unix seconds.

    A handshake with ourselves, in memory, tells: it is seen as clients see it. Raises ssl.SSLError for
    one that no client would take, as when it has ended already.
    """
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(files.certificate)  # it is to be read, not to be trusted
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    asked = server_context(Files(files.certificate, files.key), ()).wrap_bio(
        to_server, to_client, server_side=True
    )
    for _ in range(MOST_FLIGHTS):
        if all([_shakes(asking), _shakes(asked)]):
            break
    return ssl.cert_time_to_seconds(str((asking.getpeercert() or {})["notAfter"]))


def _shakes(end: ssl.SSLObject) -> bool:
    """Go on with the handshake; whether it is done."""
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


@dataclass
class Renewing:
    """Contexts of one certificate that is renewed now and then: those who connect later get the new one."""

    files: Files
    contexts: Sequence[ssl.SSLContext]

    def __post_init__(self) -> None:
        self._seen = self._state()

    def _state(self) -> tuple[tuple[int, int], ...]:
        found = [os.stat(file) for file in (self.files.certificate, self.files.key)]
        return tuple((one.st_mtime_ns, one.st_ino) for one in found)

    def renew(self) -> bool:
        """Take up files that have changed; whether they had. Raises OSError, and then changes nothing."""
        state = self._state()
        if state == self._seen:
            return False
        server_context(self.files, ())  # the two files may be written one after the other
        for context in self.contexts:
            context.load_cert_chain(self.files.certificate, self.files.key, _no_password)
        self._seen = state
        return True
