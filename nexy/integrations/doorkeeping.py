"""Who is let in: the doorkeeper, what it must know of the database, and the door of HTTP."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import trio
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nexy.config import DatabaseConfig, SecurityConfig, make_secret, read_secret
from nexy.errors import Forbidden, NexyError, StorageError, Unauthenticated
from nexy.modules.database import folder_of
from nexy.modules.session_management import Doorkeeper, Seal
from nexy.monitoring import logger

log = logger("nexy.tokens")

SECRET_FILE = "nexy.secret"  # noqa: S105 - its name
REFRESH_SECONDS = 2.0  # a revocation is known after this and the time that the database takes, in 5 at most

OPEN_PATHS = frozenset({"/health", "/ready"})  # balancers have no token


class Revocations(Protocol):
    """The database."""

    async def revoked_tokens(self) -> frozenset[str]:
        """Raises StorageError."""
        ...


def secret_file(security: SecurityConfig, database: DatabaseConfig) -> Path:
    """Where the key of the tokens' signatures is."""
    return Path(security.auth_secret_file) if security.auth_secret_file else folder_of(database) / SECRET_FILE


def seal_of(security: SecurityConfig, database: DatabaseConfig) -> Seal:
    """With the secret that is configured, or else the one beside the database, made if there is none yet.

    Raises StorageError.
    """
    file = secret_file(security, database)
    try:
        if not security.auth_secret_file:
            make_secret(file)
        return Seal(read_secret(file))
    except ValueError as error:
        raise StorageError(f"the secret in {file.name}: {error}") from error
    except OSError as error:
        raise StorageError(f"the secret in {file.name} cannot be made: {error.strerror}") from error


def doorkeeper_of(security: SecurityConfig, database: DatabaseConfig) -> Doorkeeper:
    """Raises StorageError when the secret cannot be read or made."""
    return Doorkeeper(seal_of(security, database) if security.auth == "tokens" else None)


async def watch_revocations(
    database: Revocations,
    doorkeeper: Doorkeeper,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Tell the doorkeeper which tokens were revoked, until cancelled; begun once it was tried.

    While the database fails, what was known last holds.
    """
    told = stale = False
    while doorkeeper.asks_for_tokens:
        try:
            doorkeeper.revoked = await database.revoked_tokens()
            stale = False
        except StorageError:
            if not stale:
                log.warning("it cannot be seen just now which tokens were revoked")
            stale = True
        if not told:
            task_status.started()
            told = True
        await trio.sleep(REFRESH_SECONDS)
    task_status.started()


@dataclass(frozen=True)
class Refusal:
    """Why a page is not shown, as HTTP says it."""

    status: int
    body: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)


Check: TypeAlias = Callable[[str | None, str], Awaitable[Refusal | None]]
"""Why a caller with this header Authorization, from this host, may not see what operators see; or None."""


def refusal(doorkeeper: Doorkeeper, authorization: str | None, host: str) -> Refusal | None:
    """The same, as this doorkeeper sees it."""
    try:
        if not doorkeeper.caller(authorization, host).operator:
            raise doorkeeper.forbidden("this needs an operator's token")
    except Unauthenticated as error:
        return Refusal(401, {"error": str(error)}, {"www-authenticate": "Bearer"})
    except Forbidden as error:
        return Refusal(403, {"error": str(error)})
    except NexyError:
        return Refusal(503, {"error": "it is not known yet who may come in"}, {"retry-after": "2"})
    return None


def guarded(app: ASGIApp, doorkeeper: Doorkeeper, open_paths: Collection[str] = OPEN_PATHS) -> ASGIApp:
    """`app`, where all but the open paths are for operators; all is open where no token is asked for."""
    if not doorkeeper.asks_for_tokens:
        return app

    async def check(authorization: str | None, host: str) -> Refusal | None:
        return refusal(doorkeeper, authorization, host)

    return checked(app, check, open_paths)


def checked(app: ASGIApp, check: Check, open_paths: Collection[str] = OPEN_PATHS) -> ASGIApp:
    """`app`, where all but the open paths are shown only to those of whom `check` says nothing."""

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in open_paths:
            await app(scope, receive, send)
            return
        host = scope["client"][0] if scope.get("client") else ""
        why_not = await check(Headers(scope=scope).get("authorization"), host)
        shown = app if why_not is None else JSONResponse(why_not.body, why_not.status, why_not.headers)
        await shown(scope, receive, send)

    return inside
