"""Ids: which a client may have, and which it is given."""

import re
from uuid import uuid4

from nexy.errors import BadRequest
from nexy.types import HardwareId, SessionId

MOST_CHARS = 256  # of an id; the longest that clients send have 64
NOBODY = frozenset({"", "unknown"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_hardware_id(given: str) -> HardwareId:
    """The id as it is used. Raises BadRequest for one that names no device."""
    if given.strip().lower() in NOBODY:
        raise BadRequest("hardware_id is missing")
    return HardwareId(_check("hardware_id", given.strip()))


def check_session_id(given: str) -> SessionId | None:
    """The id as it is used; None when the client gave none. Raises BadRequest for one that cannot be."""
    return SessionId(_check("session_id", given.strip())) if given.strip() else None


def new_session_id() -> SessionId:
    return SessionId(str(uuid4()))


def _check(name: str, given: str) -> str:
    if len(given) > MOST_CHARS:
        raise BadRequest(f"{name} has {len(given)} characters; at most {MOST_CHARS} are taken")
    if _CONTROL.search(given):
        raise BadRequest(f"{name} has control characters")
    return given
