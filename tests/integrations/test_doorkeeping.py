"""What the doorkeeper knows of revocations, in simulated time; and its secret."""

import stat
import time
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from nexy.config import DatabaseConfig, SecurityConfig
from nexy.errors import StorageError, Unauthenticated
from nexy.integrations.doorkeeping import seal_of, watch_revocations
from nexy.modules.session_management import Doorkeeper, Seal, new_grant
from nexy.types import Caller, HardwareId

SEAL = Seal(b"a secret of more than thirty-two bytes")
ANNA = HardwareId("anna's device")


class Table:
    """A database that has revoked tokens in it, or fails."""

    def __init__(self, works: bool = True) -> None:
        self.works = works
        self.revoked: set[str] = set()
        self.asked = 0

    async def revoked_tokens(self) -> frozenset[str]:
        self.asked += 1
        if not self.works:
            raise StorageError("is gone")
        return frozenset(self.revoked)


async def test_what_was_known_last_holds_while_the_database_fails(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    table, doorkeeper = Table(), Doorkeeper(SEAL)
    await nursery.start(watch_revocations, table, doorkeeper)
    grant = new_grant(ANNA, 60, time.time())
    shown = f"Bearer {SEAL.sign(grant)}"
    assert doorkeeper.caller(shown, "192.0.2.1") == Caller(ANNA)
    table.revoked.add(grant.id)
    await trio.sleep(2.5)
    with pytest.raises(Unauthenticated, match="revoked"):
        doorkeeper.caller(shown, "192.0.2.1")
    table.works = False
    await trio.sleep(3600)
    with pytest.raises(Unauthenticated, match="revoked"):
        doorkeeper.caller(shown, "192.0.2.1")
    assert doorkeeper.caller(f"Bearer {SEAL.sign(new_grant(None, 60, time.time()))}", "").operator
    table.works = True
    table.revoked.clear()  # it has ended by itself
    await trio.sleep(2.5)
    assert doorkeeper.caller(shown, "192.0.2.1") == Caller(ANNA)


async def test_nobody_is_let_in_before_it_is_known_what_was_revoked(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    table, doorkeeper = Table(works=False), Doorkeeper(SEAL)
    await nursery.start(watch_revocations, table, doorkeeper)  # a server starts all the same
    shown = f"Bearer {SEAL.sign(new_grant(ANNA, 60, time.time()))}"
    with pytest.raises(StorageError):
        doorkeeper.caller(shown, "")
    with pytest.raises(Unauthenticated):  # a stranger learns nothing of it
        doorkeeper.caller("Bearer x", "")
    table.works = True
    await trio.sleep(2.5)
    assert doorkeeper.caller(shown, "") == Caller(ANNA)


async def test_a_token_is_taken_whose_issuer_has_a_clock_that_is_ahead() -> None:
    doorkeeper = Doorkeeper(SEAL)
    doorkeeper.revoked = frozenset()
    for ahead in (-3600, 3600, 86_400):
        token = SEAL.sign(new_grant(ANNA, 7200, time.time() + ahead))
        assert doorkeeper.caller(f"Bearer {token}", "") == Caller(ANNA)
    with pytest.raises(Unauthenticated, match="has ended"):
        doorkeeper.caller(f"Bearer {SEAL.sign(new_grant(ANNA, 60, time.time() - 3600))}", "")


async def test_the_database_is_not_asked_where_no_token_is(nursery: trio.Nursery) -> None:
    table = Table()
    await nursery.start(watch_revocations, table, Doorkeeper(None))
    assert table.asked == 0


@pytest.mark.parametrize(
    ("address", "operator"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("localhost.example.org", False),
        ("?", False),
        ("", False),
    ],
)
def test_without_tokens_anybody_is_any_device_and_who_is_here_an_operator(
    address: str, operator: bool
) -> None:
    caller = Doorkeeper(None).caller("Bearer of bad news", address)
    assert caller == Caller(any_device=True, operator=operator)


def test_a_caller_of_whom_nothing_is_known_may_be_nobody() -> None:
    assert not Caller().may_be(ANNA)
    assert not Caller(ANNA).may_be(HardwareId("anna's devices"))


def seal_beside(folder: Path) -> Seal:
    return seal_of(
        SecurityConfig(), DatabaseConfig.model_validate({"database_url": f"sqlite:///{folder}/x.db"})
    )


def test_the_secret_is_made_once_beside_the_database_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    token = seal_beside(tmp_path).sign(new_grant(ANNA, 60, time.time()))
    assert seal_beside(tmp_path).read(token).device == ANNA
    (file,) = tmp_path.iterdir()
    assert file.name == "nexy.secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().strip()) == 64


def test_a_secret_that_cannot_be_used_is_said_to_be_so(tmp_path: Path) -> None:
    seal_beside(tmp_path)
    file = tmp_path / "nexy.secret"
    file.chmod(0o640)
    with pytest.raises(StorageError, match=r"nexy\.secret: others can read it"):
        seal_beside(tmp_path)
    file.chmod(0o600)
    file.write_text("short")
    with pytest.raises(StorageError, match="32 to 4096 bytes"):
        seal_beside(tmp_path)
    with pytest.raises(StorageError, match="cannot be made"):
        seal_beside(tmp_path / "nowhere")
