"""TLS for all that listens, as configured; renewed certificates are taken up while it listens."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import trio

from nexy.config import SecurityConfig
from nexy.monitoring import logger
from nexy.utils.tls import GRPC, HTTP, Files, Renewing, server_context

LOOK_SECONDS = 60.0  # between looks whether the files have changed

log = logger("nexy.tls")


@dataclass(frozen=True)
class Contexts:
    """One for each kind of listener; None where nothing is encrypted."""

    grpc: ssl.SSLContext | None = None
    http: ssl.SSLContext | None = None
    public: ssl.SSLContext | None = None  # HTTP for those who have no certificate


def files_of(security: SecurityConfig) -> Files | None:
    """None without TLS."""
    if not security.tls_cert_file:
        return None
    authority = Path(security.tls_client_ca_file) if security.tls_client_ca_file else None
    return Files(Path(security.tls_cert_file), Path(security.tls_key_file), authority)


@asynccontextmanager
async def open_tls(security: SecurityConfig) -> AsyncIterator[Contexts]:
    """The contexts, renewed inside the block. Raises OSError when the files cannot be used."""
    files = files_of(security)
    if files is None:
        yield Contexts()
        return
    grpc, http = (server_context(files, protocols) for protocols in (GRPC, HTTP))
    public = server_context(replace(files, client_ca=None), HTTP)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(keep_new, Renewing(files, (grpc, http, public)))
        yield Contexts(grpc, http, public)
        nursery.cancel_scope.cancel()


async def keep_new(renewing: Renewing) -> None:
    """Look at the files now and then, until cancelled. Files that cannot be used change nothing."""
    failing = False
    while True:
        await trio.sleep(LOOK_SECONDS)
        try:
            if renewing.renew():
                log.info("the renewed certificate is used from now on")
            failing = False
        except OSError:
            if not failing:
                log.warning("the renewed certificate cannot be used; the one before it still is")
            failing = True
