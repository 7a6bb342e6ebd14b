"""What was said, what is known, and what it cost: on SQLite or PostgreSQL."""

from nexy.modules.database.database import Database
from nexy.modules.database.earlier import Import, Tidying
from nexy.modules.database.opening import folder_of, is_new, open_store, take_over_earlier
from nexy.modules.database.rows import Change, Figures, Issued, Record, StoredFact, Usage

__all__ = [
    "Change",
    "Database",
    "Figures",
    "Import",
    "Issued",
    "Record",
    "StoredFact",
    "Tidying",
    "Usage",
    "folder_of",
    "is_new",
    "open_store",
    "take_over_earlier",
]
