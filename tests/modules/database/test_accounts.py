"""Token accounts are added to, and bounded."""

from nexy.modules.database.accounts import Account, MemoryAccounts
from nexy.types import HardwareId

ANNA, BEN, EVE = map(HardwareId, ("anna", "ben", "eve"))


async def test_tokens_add_up_for_each_device() -> None:
    accounts = MemoryAccounts()
    await accounts.add(ANNA, 1, 2)
    await accounts.add(BEN, 10, 0)
    await accounts.add(ANNA, 3, 4)
    assert await accounts.of(ANNA) == Account(4, 6)
    assert await accounts.of(BEN) == Account(10, 0)
    assert await accounts.of(EVE) == Account(0, 0)


async def test_the_account_that_was_longest_unused_goes_first() -> None:
    accounts = MemoryAccounts(most=2)
    await accounts.add(ANNA, 1, 1)
    await accounts.add(BEN, 1, 1)
    await accounts.add(ANNA, 1, 1)
    await accounts.add(EVE, 0, 0)  # nothing is stored
    assert await accounts.of(BEN) == Account(1, 1)
    await accounts.add(EVE, 1, 1)
    assert [await accounts.of(who) for who in (ANNA, BEN, EVE)] == [Account(2, 2), Account(), Account(1, 1)]
