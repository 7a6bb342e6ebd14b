"""The tables: one schema for SQLite and PostgreSQL. Times are Unix seconds, UTC.

A user is the keyed hash of a hardware_id, never the id. Of a screenshot its kind and size are kept,
never its pixels. Whatever belongs to a user goes with the user's row.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _user(*, primary_key: bool = False) -> Column[str]:
    """Whose row it is."""
    return Column(
        "user",
        String(64),
        ForeignKey("users.key", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


users = Table(
    "users",
    metadata,
    Column("key", String(64), primary_key=True),  # identity.py
    Column("first_seen", Double, nullable=False),
    Column("last_seen", Double, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    _user(primary_key=True),
    Column("name", String(256), primary_key=True),  # as the client named it
    Column("began_at", Double, nullable=False),
    Column("last_at", Double, nullable=False),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", String(32), primary_key=True),  # hex of a uuid
    _user(),
    Column("session", String(256), nullable=False),
    Column("asked_at", Double, nullable=False, index=True),
    Column("prompt", Text, nullable=False),
    Column("generated", Text, nullable=False),  # all that the model wrote
    Column("heard", Text, nullable=False),  # what of it was heard
    Column("why", String(32), nullable=False),  # it ended; nexy.nursery.session.Why
    Column("model", String(128), nullable=False),
    Column("voice", String(128), nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("image_kind", String(8), nullable=False),  # "" for none
    Column("image_bytes", Integer, nullable=False),
    Index(None, "user", "asked_at"),
)

performance = Table(
    "performance",
    metadata,
    Column("exchange", String(32), ForeignKey("exchanges.id", ondelete="CASCADE"), primary_key=True),
    Column("recall_seconds", Double),  # null for what did not happen
    Column("first_word_seconds", Double),
    Column("first_sound_seconds", Double),
    Column("seconds", Double, nullable=False),
    Column("sound_seconds", Double, nullable=False),
    Column("sentences", Integer, nullable=False),
)

memories = Table(
    "memories",
    metadata,
    Column("id", String(32), primary_key=True),  # hex of a uuid
    _user(),
    Column("subject", String(200), nullable=False),  # what it is about: "name", "likes:tea"
    Column("text", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("source", String(32), nullable=False),  # the exchange's id; the exchange may be gone
    Column("said_at", Double, nullable=False),
    Column("confirmed_at", Double, nullable=False),  # 0 if it was never said again
    Column("superseded_by", String(32)),  # null while it holds
    Index(None, "user", "superseded_by"),
)

gists = Table(
    "gists",
    metadata,
    _user(primary_key=True),
    Column("text", Text, nullable=False),
    Column("written_at", Double, nullable=False),
)

token_usage = Table(
    "token_usage",
    metadata,
    _user(primary_key=True),
    Column("day", String(10), primary_key=True),  # 2026-11-26, UTC
    Column("source", String(32), primary_key=True),  # "answer", "memory", or what ReportUsage names
    Column("model", String(128), primary_key=True),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",  # that were issued; never the token itself
    metadata,
    Column("id", String(32), primary_key=True),  # hex; the token's jti
    # Null for an operator's, and once its user was forgotten. No foreign key: a row that went with its
    # user's would take with it that the token was revoked.
    Column("user", String(64), index=True),
    Column("kind", String(8), nullable=False),  # "device" or "operator"
    Column("label", String(100), nullable=False),
    Column("issued_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("revoked_at", Double),  # null while it holds
)
