"""Token accounts: what each device's answers have cost."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from nexy.types import HardwareId

MOST_ACCOUNTS = 100_000  # about 20 MB; beyond it the account that was longest unused is dropped


@dataclass(frozen=True, slots=True)
class Account:
    """Tokens used by one device, from whatever source."""

    input_tokens: int = 0
    output_tokens: int = 0


class UsageAccounts(Protocol):
    """Counts tokens for each device."""

    async def add(self, who: HardwareId, input_tokens: int, output_tokens: int) -> None:
        """Add to the account of `who`; nothing is stored for 0 and 0. Raises StorageError."""
        ...

    async def of(self, who: HardwareId) -> Account:
        """The account of `who`, empty when there is none. Raises StorageError."""
        ...


class MemoryAccounts:
    """Accounts that live as long as the process."""

    def __init__(self, most: int = MOST_ACCOUNTS) -> None:
        self._accounts: OrderedDict[HardwareId, Account] = OrderedDict()
        self._most = most

    async def add(self, who: HardwareId, input_tokens: int, output_tokens: int) -> None:
        if not input_tokens and not output_tokens:
            return
        old = self._accounts.get(who, Account())
        self._accounts[who] = Account(old.input_tokens + input_tokens, old.output_tokens + output_tokens)
        self._accounts.move_to_end(who)
        if len(self._accounts) > self._most:
            self._accounts.popitem(last=False)

    async def of(self, who: HardwareId) -> Account:
        return self._accounts.get(who, Account())
