"""Tokens that were issued, as the database has them."""

import sqlalchemy as sa

from nexy.modules.database.database import Database
from nexy.modules.database.rows import Issued
from nexy.modules.database.schema import tokens
from tests.modules.database.test_database import ANNA, BEN, record

LATER = 4e9  # Unix seconds: it has not ended


def token(name: str, kind: str = "device", **fields: float) -> Issued:
    times = {"issued_at": 1.0, "expires_at": LATER} | fields
    return Issued(name.ljust(32, "0"), kind, f"{name}'s", **times)


async def test_what_was_issued_is_listed_and_no_row_names_the_device(database: Database) -> None:
    await database.add_token(ANNA, token("anna", issued_at=2.0))
    await database.add_token(None, token("boss", "operator"))
    assert await database.tokens() == [token("boss", "operator"), token("anna", issued_at=2.0)]
    stored = (await database.export(ANNA))["tokens"]
    assert [row["label"] for row in stored] == ["anna's"]
    assert ANNA not in repr(stored)


async def test_what_was_revoked_stays_so_and_is_told_until_it_ends(database: Database) -> None:
    await database.add_token(ANNA, token("a"))
    await database.add_token(ANNA, token("b"))
    await database.add_token(ANNA, token("ended", expires_at=2.0))
    assert await database.revoked_tokens() == frozenset()
    assert await database.revoke_token(token("a").id)
    assert await database.revoke_token(token("ended").id)
    first = {one.id: one.revoked_at for one in await database.tokens()}
    assert await database.revoke_token(token("a").id)  # again: nothing changes
    assert {one.id: one.revoked_at for one in await database.tokens()} == first
    assert await database.revoked_tokens() == {token("a").id}
    await database.add_token(ANNA, token("just ended", expires_at=database.now() - 20))
    await database.revoke_token(token("just ended").id)  # it would still be let in, for the clocks' sake
    assert await database.revoked_tokens() == {token("a").id, token("just ended").id}
    assert not await database.revoke_token("no such token")


async def test_forgetting_a_user_takes_the_name_off_the_tokens_and_leaves_whether_they_hold(
    database: Database,
) -> None:
    await database.record(ANNA, record())
    for name, who in (("held", ANNA), ("revoked", ANNA), ("ben", BEN)):
        await database.add_token(who, token(name))
    await database.revoke_token(token("revoked").id)
    assert await database.forget(ANNA) >= 3
    assert not any((await database.export(ANNA)).values())
    assert {one.id[:3]: one.label for one in await database.tokens()} == {
        "hel": "",
        "rev": "",
        "ben": "ben's",
    }
    assert await database.revoked_tokens() == {token("revoked").id}
    assert await database.forget(ANNA) == 0
    with database._engine.connect() as connection:
        users = connection.execute(sa.select(tokens.c.user)).scalars().all()
    assert len([user for user in users if user is None]) == 2
