"""Who is here: sessions are opened once, found again, limited, and let go."""

from nexy.modules.session_management.admission import NOBODY, Admission, Vitals
from nexy.modules.session_management.draft import Draft
from nexy.modules.session_management.history import History
from nexy.modules.session_management.identity import check_hardware_id, check_session_id, new_session_id
from nexy.modules.session_management.notes import Notes
from nexy.modules.session_management.providers.jetstream import JetStreamLimits
from nexy.modules.session_management.sessions import Sessions, Talk
from nexy.modules.session_management.shared import NotShared, SharedLimits
from nexy.modules.session_management.tokens import Doorkeeper, Grant, Seal, new_grant

__all__ = [
    "NOBODY",
    "Admission",
    "Doorkeeper",
    "Draft",
    "Grant",
    "History",
    "JetStreamLimits",
    "NotShared",
    "Notes",
    "Seal",
    "Sessions",
    "SharedLimits",
    "Talk",
    "Vitals",
    "check_hardware_id",
    "check_session_id",
    "new_grant",
    "new_session_id",
]
