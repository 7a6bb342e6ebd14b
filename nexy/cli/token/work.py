"""What `nexy token` does: tokens are signed here, and noted in the database."""

import sys
import time

from nexy.cli.configuration import configuration
from nexy.cli.db.work import ask_database, device_of
from nexy.cli.failing import WRONG_USE, fail
from nexy.cli.table import show_table
from nexy.errors import StorageError
from nexy.integrations.doorkeeping import seal_of
from nexy.modules.database import Database, Issued
from nexy.modules.session_management import new_grant

DAY = 86_400  # seconds
MOST_LABEL_CHARS = 100


def issue_one(device: str | None, days: float, label: str) -> None:
    label = label.strip()
    if len(label) > MOST_LABEL_CHARS or not label.isprintable():
        fail(f"--label: at most {MOST_LABEL_CHARS} printable characters", status=WRONG_USE)
    who = None if device is None else device_of(device)
    config, _ = configuration()
    try:
        seal = seal_of(config.security, config.database)
    except StorageError as error:
        fail(str(error))
    grant = new_grant(who, days * DAY, time.time())
    kind = "operator" if who is None else "device"
    issued = Issued(grant.id, kind, label, grant.issued_at, grant.expires_at)

    async def note(database: Database) -> None:
        await database.add_token(who, issued)

    ask_database(note)
    if config.security.auth == "none":
        print("nexy: AUTH is none: nobody is asked for a token until it is tokens", file=sys.stderr)
    print(seal.sign(grant))


def show_all() -> None:
    async def read(database: Database) -> list[Issued]:
        return await database.tokens()

    now = time.time()
    rows = [_row(one, now) for one in ask_database(read)]
    show_table(("ID", "KIND", "LABEL", "ISSUED", "EXPIRES", "REVOKED"), rows)


def _row(one: Issued, now: float) -> tuple[str, ...]:
    ends = _when(one.expires_at) + (" (ended)" if one.expires_at <= now and sys.stdout.isatty() else "")
    return one.id, one.kind, one.label, _when(one.issued_at), ends, _when(one.revoked_at)


def _when(seconds: float | None) -> str:
    """2026-11-26T12:00:00Z; empty for what did not happen."""
    return "" if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def revoke_one(token: str) -> None:
    async def work(database: Database) -> bool:
        return await database.revoke_token(token.strip())

    if not ask_database(work):
        fail("there is no token of this id; see: nexy token list")
    print("it holds no longer")
