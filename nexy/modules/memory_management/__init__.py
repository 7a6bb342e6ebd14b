"""What Nexy knows of its user: recalled before an answer, remembered after it."""

from nexy.modules.memory_management.facts import Changes, Fact
from nexy.modules.memory_management.promise import Forgetful, Memory, MemoryStore
from nexy.modules.memory_management.secrets import holds_secret, without_secrets

__all__ = ["Changes", "Fact", "Forgetful", "Memory", "MemoryStore", "holds_secret", "without_secrets"]
