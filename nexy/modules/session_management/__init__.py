"""Who is here: sessions are opened once, found again, limited, and let go."""

from nexy.modules.session_management.draft import Draft, Part
from nexy.modules.session_management.history import History
from nexy.modules.session_management.identity import check_hardware_id, check_session_id
from nexy.modules.session_management.notes import Notes
from nexy.modules.session_management.sessions import NOBODY, Sessions, Talk

__all__ = [
    "NOBODY",
    "Draft",
    "History",
    "Notes",
    "Part",
    "Sessions",
    "Talk",
    "check_hardware_id",
    "check_session_id",
]
