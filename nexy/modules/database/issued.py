"""What is asked of the table of tokens."""

from dataclasses import asdict

from sqlalchemy import Connection, insert, select, update

from nexy.modules.database.rows import Issued
from nexy.modules.database.schema import tokens

DAY = 86_400  # seconds
_COLUMNS = [tokens.c[name] for name in ("id", "kind", "label", "issued_at", "expires_at", "revoked_at")]


def add(connection: Connection, user: str | None, token: Issued) -> None:
    connection.execute(insert(tokens).values(user=user, **asdict(token)))


def every(connection: Connection) -> list[Issued]:
    """All that were ever issued, oldest first."""
    rows = connection.execute(select(*_COLUMNS).order_by(tokens.c.issued_at, tokens.c.id))
    return [Issued(*row) for row in rows]


def revoke(connection: Connection, token: str, now: float) -> bool:
    """It holds no longer; False when there is none of this id. The first time that it was revoked stays."""
    mine = tokens.c.id == token
    connection.execute(update(tokens).where(mine, tokens.c.revoked_at.is_(None)).values(revoked_at=now))
    return connection.execute(select(tokens.c.id).where(mine)).first() is not None


def revoked(connection: Connection, now: float) -> frozenset[str]:
    """The ids of those that were revoked and have not ended by themselves.

    With those of the last day: a token holds a little longer than it says, and clocks differ.
    """
    holding = tokens.c.revoked_at.is_not(None), tokens.c.expires_at > now - DAY
    return frozenset(connection.execute(select(tokens.c.id).where(*holding)).scalars())


def forget(connection: Connection, user: str) -> None:
    """Take out of the user's tokens all that names the user; whether they hold stays."""
    connection.execute(update(tokens).where(tokens.c.user == user).values(user=None, label=""))
