"""What is stored, and where: the token accounts of devices, in this process's memory."""

from nexy.modules.database.accounts import Account, MemoryAccounts, UsageAccounts

__all__ = ["Account", "MemoryAccounts", "UsageAccounts"]
