"""What Nexy knows of its user: recalled before an answer, remembered after it."""

from nexy.modules.memory_management.extract import Ask
from nexy.modules.memory_management.facts import Changes, Fact
from nexy.modules.memory_management.gist import gist_of
from nexy.modules.memory_management.granting import grant
from nexy.modules.memory_management.memory import Remembering, Sizes
from nexy.modules.memory_management.promise import Memory, MemoryStore, Recollected
from nexy.modules.memory_management.secrets import holds_secret, without_secrets
from nexy.modules.memory_management.wishes import Wish, wish_of

__all__ = [
    "Ask",
    "Changes",
    "Fact",
    "Memory",
    "MemoryStore",
    "Recollected",
    "Remembering",
    "Sizes",
    "Wish",
    "gist_of",
    "grant",
    "holds_secret",
    "wish_of",
    "without_secrets",
]
